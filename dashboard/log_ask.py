"""What a log page shows, as its address says it. The server keeps all of it in links."""

import re
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, QueryDict

from dashboard.log_range import TAIL, moment_ns, read_since, read_tail, read_until, span_s
from sidecars.cluster import LogSource
from sidecars.cluster.logs import SELECTOR
from sidecars.errors import BadAddress
from sidecars.loglines import SECOND_NS
from sidecars.messages import gettext_noop as _
from sidecars.query import label_test

SOURCES_MOST = 50
TIMES = ("local", "utc", "off")
MODES = ("filter", "highlight")
LEVELS = ("error", "warn", "info", "debug")
CONTEXT_MOST = 10
NAMES_MOST = 50
COLUMNS_MOST = 20
TEXT_MOST = 1000
NO_SELECTOR = _("“%(labels)s” is not a label selector.")
SELECTORS = _("Write labels as kubectl takes them: app=web,tier!=test.")

_SOURCE = re.compile(
    r"(?:(?P<resource>pods|deployments|statefulsets|daemonsets|replicasets|jobs|cronjobs)"
    r"/(?P<namespace>[a-z0-9-]{1,63})/(?P<name>[a-z0-9.-]{1,253})"
    r"|selector/(?P<among>[a-z0-9-]{1,63})/(?P<labels>[^:]{0,500}))"
    r"(?::(?P<containers>\*|[a-z0-9-]{1,63}(?:,[a-z0-9-]{1,63}){0,49}))?"
)
_NAME = re.compile(r"[a-z0-9.-]{1,253}")
_AT = re.compile(r"[a-z0-9.-]{1,253}/[a-z0-9-]{1,63}@\d{1,14}\.\d{1,6}")


@dataclass(frozen=True, slots=True)
class LogAsk:
    """`tail` "": as many as is usual. `hidden` and `solo` are names of containers.

    All below `is_previous` is the browser's business; the server only hands it on.
    """

    sources: tuple[LogSource, ...]
    tail: str = ""
    since: str = ""
    until: str = ""
    is_previous: bool = False
    times: str = "local"
    is_wrapped: bool = True
    hidden: tuple[str, ...] = ()
    solo: str = ""
    search: str = ""
    is_regex: bool = False
    has_case: bool = False
    is_inverted: bool = False
    mode: str = "filter"
    level: str = ""
    context: int = 0
    columns: tuple[str, ...] = ()
    at: str = ""

    @staticmethod
    def read(params: QueryDict) -> "LogAsk":
        """Raises Http404 when the address names nothing, BadAddress for labels or a range that say nothing.

        What else is odd in it is left out.
        """
        sources = tuple(dict.fromkeys(_read_source(text) for text in params.getlist("src")[:SOURCES_MOST]))
        if not sources:
            raise Http404("src")
        context = params.get("context", "")
        tail, until = read_tail(params.get("tail", "")), read_until(params.get("until", ""))
        return LogAsk(
            sources,
            tail="" if until else tail,  # the node counts it from the log's end, behind the range
            since=read_since(params.get("since", "")),
            until=until,
            is_previous=params.get("previous") == "1",
            times=_one_of(params.get("times", ""), TIMES) or "local",
            is_wrapped=params.get("wrap") != "0",
            hidden=_names(params.getlist("hide")),
            solo=next(iter(_names([params.get("solo", "")])), ""),
            search=params.get("q", "")[:TEXT_MOST],
            is_regex=params.get("re") == "1",
            has_case=params.get("case") == "1",
            is_inverted=params.get("invert") == "1",
            mode=_one_of(params.get("mode", ""), MODES) or "filter",
            level=_one_of(params.get("level", ""), LEVELS),
            context=int(context) if context in map(str, range(CONTEXT_MOST + 1)) else 0,
            columns=tuple(dict.fromkeys(c[:100] for c in params.getlist("cols")[:COLUMNS_MOST] if c)),
            at=at if _AT.fullmatch(at := params.get("at", "")) else "",
        )

    @property
    def tail_lines(self) -> int | None:
        """Per container; None: all. A span of time is shown whole unless a tail is asked for."""
        if self.tail == "all" or self.until or (not self.tail and self.since):
            return None
        return int(self.tail) if self.tail else TAIL

    def since_ns(self, now_s: float) -> int | None:
        """`now_s` by the cluster's clock."""
        if seconds := span_s(self.since):
            return int((now_s - seconds) * SECOND_NS)
        return moment_ns(self.since) if self.since else None

    @property
    def until_ns(self) -> int | None:
        return moment_ns(self.until) if self.until else None

    def query_string(self) -> str:
        params = QueryDict(mutable=True)
        params.setlist("src", [write_source(source) for source in self.sources])
        said = {
            "tail": self.tail,
            "since": self.since,
            "until": self.until,
            "previous": _flag(self.is_previous),
            "times": "" if self.times == "local" else self.times,
            "wrap": "" if self.is_wrapped else "0",
            "hide": self.hidden,
            "solo": self.solo,
            "q": self.search,
            "re": _flag(self.is_regex),
            "case": _flag(self.has_case),
            "invert": _flag(self.is_inverted),
            "mode": "" if self.mode == "filter" else self.mode,
            "level": self.level,
            "context": str(self.context or ""),
            "cols": self.columns,
            "at": self.at,
        }
        for key, value in said.items():
            if value:
                params.setlist(key, [value] if isinstance(value, str) else list(value))
        return f"?{params.urlencode(safe='/:*,@')}"

    def link(self, **changes: Any) -> str:
        return replace(self, **changes).query_string()

    def shows(self, container: str) -> bool:
        """Whether the viewer has it among the shown names: downloads leave the hidden ones out."""
        return container == self.solo if self.solo else container not in self.hidden


def _read_source(text: str) -> LogSource:
    match = _SOURCE.fullmatch(text)
    if match is None:
        raise Http404("src")
    names = (match["containers"] or "").split(",")
    containers = tuple(dict.fromkeys(name for name in names if name))
    if match["among"]:
        return LogSource(SELECTOR, match["among"], _selector(match["labels"]), containers)
    return LogSource(match["resource"], match["namespace"], match["name"], containers)


def _selector(labels: str) -> str:
    """Raises BadAddress."""
    try:
        label_test(labels)
    except ValueError:
        raise BadAddress("src", NO_SELECTOR, advice=SELECTORS, labels=labels[:100]) from None
    return labels


def is_source(text: str) -> bool:
    """Whether an address may hold it: labels in parentheses may hold a colon."""
    return _SOURCE.fullmatch(text) is not None


def write_source(source: LogSource) -> str:
    text = f"{source.resource}/{source.namespace}/{source.name}"
    return f"{text}:{','.join(source.containers)}" if source.containers else text


def _one_of(text: str, known: tuple[str, ...]) -> str:
    return text if text in known else ""


def _names(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts[:NAMES_MOST] if _NAME.fullmatch(text)))


def _flag(value: bool) -> str:
    return "1" if value else ""
