"""Ports: declared twice, led to by a Service but declared by nobody, called but opened by nobody."""

from collections.abc import Iterator

from sidecars.checks.findings import check, lasting
from sidecars.knowledge import recognise
from sidecars.messages import gettext_noop as _
from sidecars.topology import Check, Confidence, Container, Pod


def clashing_ports(pod: Pod) -> dict[tuple[int, str], tuple[str, ...]]:
    """(port, protocol) -> the containers that declare it, where more than one runs at once."""
    claims: dict[tuple[int, str], list[str]] = {}
    for container in lasting(pod):
        for port in dict.fromkeys((p.number, p.protocol) for p in container.ports):
            claims.setdefault(port, []).append(container.name)
    return {port: tuple(names) for port, names in claims.items() if len(names) > 1}


def find_clashes(pod: Pod) -> Iterator[Check]:
    for (port, protocol), names in clashing_ports(pod).items():
        yield check(
            "port-clash", "error", names,
            _("%(containers)s declare the same port %(port)s/%(protocol)s."),
            _("Containers of a pod share one address: give all but one another port."),
            port=port, protocol=protocol,
        )  # fmt: skip


def find_node_clashes(pod: Pod) -> Iterator[Check]:
    """Two container ports on one hostPort; the same container port twice is told above."""
    if pod.host_network:
        return
    claims: dict[tuple[int, str], dict[tuple[str, int], None]] = {}
    for container in lasting(pod):
        for port in container.ports:
            if port.host_port:
                claims.setdefault((port.host_port, port.protocol), {})[container.name, port.number] = None
    for (number, protocol), users in claims.items():
        if len({port for _name, port in users}) > 1:
            names = tuple(dict.fromkeys(name for name, _port in users))
            yield check(
                "host-port-clash", "error", names,
                _("hostPort %(port)s/%(protocol)s is asked for twice."),
                _("A port of the node leads to one place: change or remove one hostPort."),
                port=number, protocol=protocol,
            )  # fmt: skip


def find_lost_services(pod: Pod) -> Iterator[Check]:
    """By name it leads nowhere. By number it may be well, where a container declares no ports at all."""
    declared = all(container.ports for container in lasting(pod))
    opened = {edge.port for edge in pod.edges if edge.target}
    for service in pod.services:
        for port in service.ports:
            if port.container is not None:
                continue
            is_named = not (port.target.isascii() and port.target.isdigit())
            if is_named:
                yield check(
                    "service-port", "error", (),
                    _("Service %(service)s leads to the port named %(port)s, which no container declares."),
                    _("Give a container port this name, or correct the Service's targetPort."),
                    service=service.name, port=port.target,
                )  # fmt: skip
            elif declared and int(port.target[:6]) not in opened:
                yield check(
                    "service-port", "warning", (),
                    _("Service %(service)s leads to port %(port)s, which no container declares."),
                    _("Correct the Service's targetPort, or declare the port where the program listens."),
                    service=service.name, port=port.target,
                )  # fmt: skip


def find_unknown_listeners(pod: Pod) -> Iterator[Check]:
    """Silent where a container declares no ports: any may be its. With hostNetwork, localhost is the node.

    Known helpers open more ports than they declare (Fluent Bit's forward, a mesh's upstreams).
    """
    running = lasting(pod)
    if pod.host_network or not all(container.ports for container in running):
        return
    names = {container.name for container in running}
    for edge in pod.edges:
        sure = edge.target is None and edge.port and edge.confidence is Confidence.HIGH
        others = [c for c in running if c.name != edge.source or _looks_into_others(c)]
        if sure and edge.source in names and not any(_opens_more(c) for c in others):
            yield check(
                "unknown-listener", "warning", (edge.source,),
                _("%(container)s calls localhost:%(port)s, where no container is known to listen."),
                _("Correct the address, or declare the port in the container that opens it."),
                port=edge.port or 0,
            )  # fmt: skip


def _looks_into_others(container: Container) -> bool:
    """An exporter or auth proxy asks ports that the app need not declare: they are not for others."""
    product = recognise(container.image, container.name)
    return bool(product and product.rank > 3)


def _opens_more(container: Container) -> bool:
    product = recognise(container.image, container.name)
    return bool(product and product.rank > 0) or container.origin != "template"
