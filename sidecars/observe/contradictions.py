"""Where the observation and the manifest disagree, as checks."""

from collections.abc import Iterator

from sidecars.messages import gettext_noop as _
from sidecars.observe.observation import Listener, Observation
from sidecars.topology import Check, Container, Pod, Port, Role, State

CLOSED = "port-declared-closed"
ELSEWHERE = "port-declared-elsewhere"
LOOPBACK = "port-loopback-only"
UNDECLARED = "port-undeclared"

IDS = (CLOSED, ELSEWHERE, LOOPBACK, UNDECLARED)
UNDECLARED_MOST = 20
# A mesh or queue proxy listens on a dozen ports of its own: they say nothing about the app.
QUIET_REACHES = ("loopback", "unix")


def find(observation: Observation, pod: Pod) -> tuple[Check, ...]:
    """One check for each declared port that is not open as declared, and for open undeclared ones.

    Says nothing of a container that was not ready then, is not now, or has been started again since.
    """
    if not observation.has_tables or pod.is_template:
        return ()
    still = set(observation.settled) & set(settled_of(pod))
    declaring = [c for c in pod.containers if (c.name, c.restarts) in still]
    found = [check for c in declaring for check in _of_declared(observation, pod, c)]
    return (*found, *_of_undeclared(observation, pod))


def settled_of(pod: Pod) -> tuple[tuple[str, int], ...]:
    """(name, restarts) of the containers whose ports should be open by now."""
    return tuple((c.name, c.restarts) for c in pod.containers if _is_settled(c))


def _is_settled(container: Container) -> bool:
    return (
        container.role not in (Role.INIT, Role.EPHEMERAL)
        and container.state is State.RUNNING
        and container.ready
    )


def _of_declared(observation: Observation, pod: Pod, container: Container) -> Iterator[Check]:
    for port in container.ports:
        protocol = port.protocol.lower()
        if protocol not in ("tcp", "udp"):
            continue  # SCTP has tables of its own
        there = [e for e in observation.listeners if (e.protocol, e.port) == (protocol, port.number)]
        named = (("container", container.name), ("port", str(port.number)), ("protocol", port.protocol))
        if not there:
            if not observation.host_network:
                yield _closed(container, named)
            continue
        owners = {each.container for each in there}
        if None not in owners and container.name not in owners:
            yield _elsewhere(container, sorted(o for o in owners if o), named)
        elif all(each.reach == "loopback" for each in there) and _is_wanted_outside(pod, container, port):
            yield _loopback(container, there[0], named)


def _closed(container: Container, named: tuple[tuple[str, str], ...]) -> Check:
    return Check(
        CLOSED,
        "error",
        (container.name,),
        _("%(container)s declares port %(port)s, but nothing listens there."),
        _("Correct containerPort, or make the program listen on it. Seen when the pod was observed."),
        named,
    )


def _elsewhere(container: Container, owners: list[str], named: tuple[tuple[str, str], ...]) -> Check:
    return Check(
        ELSEWHERE,
        "warning",
        (container.name, *owners),
        _("%(container)s declares port %(port)s, but %(listener)s listens there."),
        _("Declare the port in the container that listens on it."),
        (*named, ("listener", ", ".join(owners))),
    )


def _loopback(container: Container, listener: Listener, named: tuple[tuple[str, str], ...]) -> Check:
    return Check(
        LOOPBACK,
        "error",
        (container.name,),
        _("%(container)s listens on %(address)s only: a Service or probe cannot reach port %(port)s."),
        _("Make the program listen on all addresses (0.0.0.0), or send the Service to a proxy beside it."),
        (*named, ("address", listener.address)),
    )


def _is_wanted_outside(pod: Pod, container: Container, port: Port) -> bool:
    """A Service leads to it. A port that only neighbours call is right on loopback."""
    here = (container.name, port.number, port.protocol)
    leads = (
        (e.container, e.container_port, e.protocol) == here for service in pod.services for e in service.ports
    )
    return any(leads)


def _of_undeclared(observation: Observation, pod: Pod) -> Iterator[Check]:
    declared = {(p.number, p.protocol.lower()) for c in pod.containers for p in c.ports}
    by_container: dict[str, list[str]] = {}
    for listener in observation.listeners:
        is_new = listener.port is not None and (listener.port, listener.protocol) not in declared
        if is_new and listener.container and listener.reach not in QUIET_REACHES:
            word = f"{listener.port}/{listener.protocol.upper()}"
            by_container.setdefault(listener.container, []).append(word)
    for name, words in by_container.items():
        ports = ", ".join(dict.fromkeys(words[:UNDECLARED_MOST]))
        yield Check(
            UNDECLARED,
            "warning",
            (name,),
            _("%(container)s listens on ports that it does not declare: %(ports)s."),
            _("Declare them, so that others see them, or make the program listen on 127.0.0.1 only."),
            (("container", name), ("ports", ports)),
        )
