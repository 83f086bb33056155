"""At most three sentences that say how a pod works."""

from collections.abc import Iterator

from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.topology import Confidence, Edge, Evidence, Pod, Role

LONGEST = 3
Users = tuple[tuple[str, ...], tuple[str, ...]]
NOBODY: Users = ((), ())


def tell(pod: Pod) -> list[Sentence]:
    """What comes in, who calls whom, what is shared; else that nothing is."""
    parts = (list(_incoming(pod)), list(_calls(pod)), [*_flows(pod), *_shared(pod)])
    told = [part[0] for part in parts if part]
    rest = [sentence for part in parts for sentence in part[1:]]
    told += rest[: LONGEST - len(told)]
    return told or list(_alone(pod))


def _incoming(pod: Pod) -> Iterator[Sentence]:
    for service in pod.services:
        for port in service.ports:
            values = {"service": service.name, "port": port.container_port or port.target}
            if port.container:
                message = _("Traffic from Service %(service)s reaches %(container)s on port %(port)s.")
                yield Sentence(message, values | {"container": port.container})
            else:
                message = _("Service %(service)s leads to port %(port)s, which no container declares.")
                yield Sentence(message, values)
            break


def _calls(pod: Pod) -> Iterator[Sentence]:
    for edge in pod.edges:
        written = _written(edge)
        values = {
            "source": edge.source,
            "target": edge.target or "",
            "address": edge.path or f"localhost:{edge.port}",
            "evidence": written[0].source if written else "",
        }
        yield Sentence(_call_message(edge, bool(written)), values)


def _written(edge: Edge) -> list[Evidence]:
    """What says so in the manifest; not the sockets of an observation."""
    return [each for each in edge.evidence if not each.source.startswith("/proc/")]


def _call_message(edge: Edge, is_written: bool) -> str:
    if edge.kind == "observed" and not is_written:
        if edge.target is None:
            return _("%(source)s calls %(address)s, where nobody listens: seen when the pod was observed.")
        return _("%(source)s calls %(target)s at %(address)s: seen when the pod was observed.")
    if edge.target is None:
        return _("%(source)s calls %(address)s, where no container declares a port (%(evidence)s).")
    if edge.kind == "inferred":
        return _("%(source)s probably calls %(target)s at %(address)s (%(evidence)s).")
    return _("%(source)s calls %(target)s at %(address)s, set in %(evidence)s.")


def _flows(pod: Pod) -> Iterator[Sentence]:
    for flow in pod.flows:
        values = {
            "source": flow.source, "target": flow.target, "path": flow.path, "volume": flow.volume
        }  # fmt: skip
        if flow.confidence is Confidence.HIGH:
            yield Sentence(_("%(source)s writes %(path)s into %(volume)s; %(target)s reads it."), values)
        else:
            message = _("%(source)s probably writes %(path)s into %(volume)s; %(target)s reads it.")
            yield Sentence(message, values)


def _shared(pod: Pod) -> Iterator[Sentence]:
    flowing = {flow.volume for flow in pod.flows}
    using = users_by_volume(pod)
    for volume in pod.volumes:
        writers, readers = using.get(volume.name, NOBODY)
        if len({*writers, *readers}) < 2 or volume.is_system or volume.name in flowing:
            continue
        values = {
            "volume": volume.name, "writers": ", ".join(writers), "readers": ", ".join(readers)
        }  # fmt: skip
        if writers and readers:
            yield Sentence(_("%(writers)s can write to %(volume)s; %(readers)s can read it."), values)
        elif writers:
            yield Sentence(_("%(volume)s is shared by %(writers)s; each can write to it."), values)
        else:
            yield Sentence(_("%(volume)s is shared by %(readers)s; each can only read it."), values)


def _alone(pod: Pod) -> Iterator[Sentence]:
    lasting = [c.name for c in pod.containers if c.role not in (Role.INIT, Role.EPHEMERAL)]
    inits = [c.name for c in pod.containers if c.role is Role.INIT]
    if len(lasting) == 1 and inits:
        values = {"container": lasting[0], "inits": ", ".join(inits)}
        yield Sentence(_("%(container)s runs alone, after %(inits)s."), values)
    elif len(lasting) == 1:
        yield Sentence(_("%(container)s runs alone."), {"container": lasting[0]})
    elif lasting:
        yield Sentence(_("The containers share the network address and nothing else that is declared."))


def users(pod: Pod, volume: str) -> Users:
    return users_by_volume(pod).get(volume, NOBODY)


def users_by_volume(pod: Pod) -> dict[str, Users]:
    """(writers, readers) by container name; who may write is no reader."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for container in pod.containers:
        only_reads: dict[str, bool] = {}
        for mount in container.mounts:
            only_reads[mount.volume] = only_reads.get(mount.volume, True) and mount.read_only
        for volume, is_reader in only_reads.items():
            found.setdefault(volume, ([], []))[is_reader].append(container.name)
    return {volume: (tuple(writers), tuple(readers)) for volume, (writers, readers) in found.items()}
