"""Which Services lead to a pod, and to which container's port."""

from collections.abc import Iterable, Sequence

from sidecars.fields import Json, integer, items, mapping, pairs, text
from sidecars.topology import Container, Port, Role, Service, ServicePort


def read_services(
    services: Sequence[Json], namespace: str, labels: Json, containers: Sequence[Container]
) -> tuple[Service, ...]:
    """Those whose selector matches; one without a selector leads to no pod."""
    found = [_read_service(raw, containers) for raw in services if _selects(raw, namespace, labels)]
    return tuple(sorted(found, key=lambda service: service.name))


def _selects(service: Json, namespace: str, labels: Json) -> bool:
    if text(service, "metadata", "namespace") not in ("", namespace):
        return False
    if text(service, "spec", "type") == "ExternalName":
        return False
    selector = list(pairs(service, "spec", "selector"))
    return bool(selector) and all(labels.get(name) == value for name, value in selector)


def _read_service(raw: Json, containers: Sequence[Container]) -> Service:
    spec = mapping(raw, "spec")
    address = text(spec, "clusterIP")
    headless = address == "None"
    return Service(
        name=text(raw, "metadata", "name"),
        type_name="headless" if headless else text(spec, "type") or "ClusterIP",
        cluster_ip="" if headless else address,
        ports=tuple(_read_port(port, containers) for port in items(spec, "ports")),
    )


def _read_port(raw: Json, containers: Sequence[Container]) -> ServicePort:
    number = integer(raw, "port") or 0
    target = text(raw, "targetPort") or str(number)
    protocol = text(raw, "protocol") or "TCP"
    found = _resolve(target, protocol, containers)
    return ServicePort(
        port=number,
        target=target,
        protocol=protocol,
        name=text(raw, "name"),
        container=found[0].name if found else None,
        container_port=found[1].number if found else None,
    )


def _resolve(target: str, protocol: str, containers: Sequence[Container]) -> tuple[Container, Port] | None:
    """As Kubernetes does: the first declared port of this name, else of this number."""
    for container, port in _served(containers):
        wanted = str(port.number) if target.isdigit() else port.name
        if target == wanted and port.protocol == protocol:
            return container, port
    return None


def _served(containers: Iterable[Container]) -> Iterable[tuple[Container, Port]]:
    for container in containers:
        if container.role not in (Role.INIT, Role.EPHEMERAL):
            for port in container.ports:
                yield container, port
