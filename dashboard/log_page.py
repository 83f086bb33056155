"""The values of the log page: what else could be shown, and why there may be no line."""

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from dashboard.error_pages import Problem, problem_of, sentence_of
from dashboard.log_ask import LogAsk, write_source
from dashboard.log_links import ALL, RESOURCES
from dashboard.log_range import SPANS, TAILS, span_s
from dashboard.log_view import LogView, Subject
from dashboard.workload_page import KINDS
from sidecars.cluster import LogSource, LogStream
from sidecars.cluster.logs import CRON_JOBS, SELECTOR, STREAMS_MOST
from sidecars.diagram.words import Words
from sidecars.topology import Container, State

FORMATS = ("text", "jsonl", "zip")
PODS_SHOWN = 20
KUBECTL_MOST = 5
NAMED_MOST = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """`link` shows it alone in place of its source, `toggle` adds it to the others or takes it away."""

    name: str
    link: str
    is_current: bool
    role: str = ""
    toggle: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """Of one source. `pods`: of a workload, each alone; `workload`: of a pod, all its fellows."""

    kind: str
    namespace: str
    name: str
    page: str  # its address
    containers: tuple[Choice, ...]
    all: Choice
    pods: tuple[Choice, ...] = ()
    workload: Choice | None = None
    without: str = ""  # the view without this source
    problem: Problem | None = None

    @property
    def chosen(self) -> str:
        """The one container that is shown of several: else nothing on the page names it."""
        current = [choice.name for choice in self.containers if choice.is_current]
        return current[0] if len(current) == 1 and len(self.containers) > 1 else ""


@dataclass(frozen=True, slots=True)
class StreamView:
    """`number` is that of its lines on this page; the socket numbers anew."""

    number: int
    key: str
    namespace: str
    pod: str
    container: str
    role: str
    node: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Download:
    format: str  # text | jsonl | zip
    link: str


def page_values(ctx: str, view: LogView) -> dict[str, Any]:
    """For `logs/viewer.html`, beside the lines.

    `sources`: a Menu each; `tails`, `spans`: (value, link); `empty`: (code, sentence).
    """
    ask = view.ask
    single = view.subjects[0] if len(view.subjects) == 1 else None
    return {
        "ctx": ctx,
        "ask": ask,
        "title": title_of(view),
        "sources": [menu_of(ctx, ask, subject, view.streams) for subject in view.subjects],
        "single": menu_of(ctx, ask, single, view.streams) if single else None,
        "streams": [_stream_view(number, stream, ask) for number, stream in enumerate(view.streams)],
        "available": view.available,
        "empty": emptiness_of(view),
        "tails": [(tail, ask.link(since="", until="", tail=tail)) for tail in TAILS],
        "spans": [(span, ask.link(since=span, until="", tail="")) for span in SPANS],
        "restarts": sum(container.restarts for container in _containers_shown(view)),
        "is_same_instance": ask.is_previous and any(map(_waits_to_restart, _containers_shown(view))),
        "previous_link": ask.link(is_previous=not ask.is_previous),
        "downloads": downloads_of(ctx, ask),
        "in_file": in_file(ask),
        "kubectl": kubectl_of(ask, view.streams),
    }


def downloads_of(ctx: str, ask: LogAsk) -> list[Download]:
    """Of the shown names and the time range: all that the nodes keep, unless a tail is asked for.

    The menu says in words what `in_file` and this decide.

    What only the browser can apply, a regular expression, is left out.
    """
    kept = replace(ask, tail=_tail_in_file(ask), at="", columns=(), level="", context=0)
    if ask.is_regex or ask.mode != "filter":
        kept = replace(kept, search="", is_regex=False, mode="filter")
    base = reverse("logs-download", args=[ctx]) + kept.query_string()
    return [Download(name, f"{base}&format={name}") for name in FORMATS]


def _tail_in_file(ask: LogAsk) -> str:
    """A file of only new lines would be empty."""
    return ask.tail if ask.tail not in ("", "0") else "all"


def in_file(ask: LogAsk) -> str:
    """From where to where, in words."""
    whole = _("All that the nodes keep, not only the lines of this page.")
    tail = _tail_in_file(ask)
    within = whole if tail == "all" else _("The last %(count)s lines of each container.") % {"count": tail}
    if ask.is_previous:
        return _("Of the previous instance.") + f" {within}"
    if (ask.since or ask.until) and tail == "all":
        return _("All of the range that is chosen.")
    if ask.since or ask.until:
        return _("Of the range that is chosen.") + f" {within}"
    return within


def missing_of(view: LogView) -> list[str]:
    """What of the address is not among the streams, in words."""
    said = [
        f"{write_source(subject.source)}: {sentence_of(subject.problem)}"
        for subject in view.subjects
        if subject.problem
    ]
    if view.available > len(view.streams):
        counts = {"count": len(view.streams), "all": view.available}
        said.append(_("%(count)s of %(all)s containers, the newest pods first") % counts)
    return said


def _stream_view(number: int, stream: LogStream, ask: LogAsk) -> StreamView:
    target = stream.target
    return StreamView(
        number, stream.key, target.namespace, target.pod, target.container,
        stream.role, stream.node, ask.shows(target.container),
    )  # fmt: skip


def menu_of(ctx: str, ask: LogAsk, subject: Subject, streams: Sequence[LogStream]) -> Menu:
    source = subject.source
    others = tuple(one for one in ask.sources if one != source)
    pods = () if source.resource == "pods" else _pods_of(source, streams)
    return Menu(
        kind=_("Labels") if source.resource == SELECTOR else KINDS.get(source.resource, "Pod"),
        namespace=source.namespace,
        name=source.name,
        page=_page(ctx, source),
        containers=_containers(ask, subject),
        all=_instead(ask, source, ALL, replace(source, containers=(ALL,))),
        pods=tuple(_instead(ask, source, pod, replace(source, resource="pods", name=pod)) for pod in pods),
        workload=_fellows(ask, subject),
        without=ask.link(sources=others) if others else "",
        problem=problem_of(subject.problem) if subject.problem else None,
    )


def _instead(ask: LogAsk, source: LogSource, name: str, wanted: LogSource) -> Choice:
    sources = tuple(dict.fromkeys(wanted if one == source else one for one in ask.sources))
    return Choice(name, ask.link(sources=sources), wanted == source)


def _containers(ask: LogAsk, subject: Subject) -> tuple[Choice, ...]:
    source, found = subject.source, subject.pod.containers if subject.pod else ()
    shown = [c.name for c in found] if source.containers == (ALL,) else list(source.containers)
    words = Words().translated(_)
    choices = []
    for container in found:
        name = container.name
        rest = tuple(one for one in shown if one != name) if name in shown else (*shown, name)
        toggled = _instead(ask, source, name, replace(source, containers=rest)).link if rest else ""
        alone = _instead(ask, source, name, replace(source, containers=(name,)))
        choices.append(
            replace(alone, is_current=name in shown, role=words.role(container.role), toggle=toggled)
        )
    return tuple(choices)


def _pods_of(source: LogSource, streams: Sequence[LogStream]) -> list[str]:
    """Those that have a stream. With several sources of one namespace a pod may be another's."""
    own = (s.target for s in streams if s.target.namespace == source.namespace)
    start = "" if source.resource == SELECTOR else f"{source.name}-"
    names = dict.fromkeys(target.pod for target in own if target.pod.startswith(start))
    return list(names)[:PODS_SHOWN]


def _fellows(ask: LogAsk, subject: Subject) -> Choice | None:
    """All pods of the pod's workload."""
    above, source = subject.workload, subject.source
    if above is None or above.object is None or above.resource not in RESOURCES or source.resource != "pods":
        return None
    wanted = replace(source, resource=above.resource, name=above.name)
    return replace(_instead(ask, source, f"{above.kind}/{above.name}", wanted), role=above.kind)


def _page(ctx: str, source: LogSource) -> str:
    """ "" for a name that no page has."""
    try:
        if source.resource == "pods":
            return reverse("pod", args=[ctx, source.namespace, source.name])
        return reverse("workload", args=[ctx, source.resource, source.namespace, source.name])
    except NoReverseMatch:
        return ""


def emptiness_of(view: LogView) -> tuple[str, str]:
    """A code and a sentence: why there may be no line."""
    if not view.streams:
        return "no-pods", _("There are no pods yet. New ones appear here by themselves.")
    found = _containers_shown(view)
    is_whole = len(found) == len(view.streams)
    if view.ask.is_previous and is_whole and not any(c.restarts for c in found):
        return "no-previous", _("It has not been restarted: there is no log before this one.")
    waiting = [c for c in found if _never_ran(c)]
    if is_whole and len(waiting) == len(found):
        reason = next((c.state_reason for c in waiting if c.state_reason), "")
        told = _("It has not started yet (%(reason)s).") % {"reason": reason} if reason else ""
        return "not-started", told or _("It has not started yet. Its lines appear here by themselves.")
    return "silent", _("No lines yet. New ones appear here by themselves.")


def _containers_shown(view: LogView) -> list[Container]:
    """Of the pods that the address names themselves: their state is known."""
    shown = {(s.target.namespace, s.target.pod, s.target.container) for s in view.streams}
    pods = [subject.pod for subject in view.subjects if subject.source.resource == "pods" and subject.pod]
    return [c for pod in pods for c in pod.containers if (pod.namespace, pod.name, c.name) in shown]


def _never_ran(container: Container) -> bool:
    is_waiting = container.state in (State.PENDING, State.UNKNOWN)
    is_stuck = container.state is State.FAILED and container.exit_code is None
    return (is_waiting or is_stuck) and not container.restarts


def _waits_to_restart(container: Container) -> bool:
    """Until it runs again its last instance's log is both the current and the previous one."""
    return container.restarts > 0 and container.state_reason == "CrashLoopBackOff"


def title_of(view: LogView) -> str:
    """The container's name of a pod where there is one, else what the address names."""
    sources = view.ask.sources
    names = list(dict.fromkeys(stream.target.container for stream in view.streams))
    if len(sources) == 1 and len(names) == 1 and sources[0].resource == "pods":
        return names[0]
    more = f" +{len(sources) - NAMED_MOST}" if len(sources) > NAMED_MOST else ""
    return ", ".join(dict.fromkeys(source.name for source in sources[:NAMED_MOST])) + more


def kubectl_of(ask: LogAsk, streams: Sequence[LogStream]) -> str:
    """One command for each container that the address names, side by side.

    kubectl knows no logs of a CronJob: they are those of its pods.
    """
    known = [one for source in ask.sources for one in _known_to_kubectl(source, streams)]
    commands = [_kubectl(ask, source, name) for source in known for name in source.containers or ("",)]
    return " & ".join(commands[:KUBECTL_MOST])


def _known_to_kubectl(source: LogSource, streams: Sequence[LogStream]) -> list[LogSource]:
    if source.resource != CRON_JOBS:
        return [source]
    return [replace(source, resource="pods", name=pod) for pod in _pods_of(source, streams)]


def _kubectl(ask: LogAsk, source: LogSource, container: str) -> str:
    words = ["kubectl logs", "--previous" if ask.is_previous else "" if ask.until else "-f"]
    if ask.tail_lines is not None:
        words.append(f"--tail={ask.tail_lines}")
    if seconds := span_s(ask.since):  # kubectl knows no days
        words.append(f"--since={math.ceil(seconds)}s" if "d" in ask.since else f"--since={ask.since}")
    elif ask.since:
        words.append(f"--since-time={ask.since}")
    words.append(f"-n {source.namespace}")
    if source.resource == "pods":
        words.append(source.name)
    elif source.resource == SELECTOR:
        words.append(f"-l {shlex.quote(source.name)} --prefix --max-log-requests={STREAMS_MOST}")
    else:
        words.append(f"{KINDS[source.resource].lower()}/{source.name} --all-pods --prefix")
    if container:
        words.append("--all-containers" if container == ALL else f"-c {container}")
    return " ".join(word for word in words if word)
