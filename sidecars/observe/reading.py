"""From the samples of one pod to its observation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.observe.calling import find_calls, with_known_callers
from sidecars.observe.contradictions import settled_of
from sidecars.observe.listening import find_listeners
from sidecars.observe.matching import Matcher, Sample, Surroundings
from sidecars.observe.observation import ContainerRead, Observation
from sidecars.observe.sockets_by_path import find_unix_calls
from sidecars.topology import Pod

HIDDEN = _("Some of its processes run as another user or group (%(users)s) and hide their files.")
NO_LS = _("It has no ls: whose sockets are whose cannot be read there.")
CUT = _("Its answer was cut: it took too long or was too large.")


def observe(
    pod: Pod,
    around: Surroundings,
    samples: Sequence[Sample],
    failed: Mapping[str, ContainerRead],
    now_s: float,
) -> Observation:
    """`failed`: the containers in which the script could not run, and why."""
    readable = [sample for sample in samples if sample.readout.has_tables]
    matcher = Matcher(around, samples)
    declared = frozenset(p.number for c in pod.containers for p in c.ports)
    listeners = find_listeners(matcher, declared)
    runners = [runner for runner in around.runners if not runner.helps]
    names = [runner.name for runner in runners]
    calls = with_known_callers(find_calls(matcher, listeners), names if not around.host_network else ())
    return Observation(
        time_s=now_s,
        uid=pod.uid,
        containers=tuple(_read(matcher, name, samples, failed) for name in _in_order(pod, names, failed)),
        listeners=listeners,
        calls=(*calls, *find_unix_calls(matcher, listeners, _neighbours(pod))),
        host_network=around.host_network,
        has_tables=bool(readable),
        settled=settled_of(pod),
    )


def _in_order(pod: Pod, names: Sequence[str], failed: Mapping[str, ContainerRead]) -> list[str]:
    known = {*names, *(read.name for read in failed.values())}
    return [c.name for c in pod.containers if c.name in known]


def _read(
    matcher: Matcher, name: str, samples: Iterable[Sample], failed: Mapping[str, ContainerRead]
) -> ContainerRead:
    helper = next(
        (
            r.name
            for r in matcher.around.runners
            if r.helps == name and any(s.container == r.name for s in samples)
        ),
        "",
    )
    hidden = tuple(sorted(matcher.hidden.get(name, ())))
    own = [sample.readout for sample in samples if sample.container in (name, helper)]
    if name not in matcher.seen:
        read = failed.get(name, ContainerRead(name, "not-read", failure="other"))
        return replace(read, helper=helper)
    if hidden:
        text = ", ".join(f"{uid}:{gid}" for uid, gid in hidden)
        reason = Sentence(HIDDEN, {"users": text}) if any(r.can_list for r in own) else Sentence(NO_LS)
        return ContainerRead(name, "partly", reason, hidden=hidden, helper=helper)
    if own and not any(readout.is_complete for readout in own):
        return ContainerRead(name, "partly", Sentence(CUT), hidden=hidden, helper=helper)
    return ContainerRead(name, "read", hidden=hidden, helper=helper)


def _neighbours(pod: Pod) -> dict[str, frozenset[str]]:
    """Container -> those that share a volume with it."""
    by_volume: dict[str, set[str]] = {}
    for container in pod.containers:
        for mount in container.mounts:
            by_volume.setdefault(mount.volume, set()).add(container.name)
    found: dict[str, frozenset[str]] = {}
    for container in pod.containers:
        sharing = (by_volume[mount.volume] for mount in container.mounts)
        found[container.name] = frozenset().union(*sharing) - {container.name}
    return found
