"""Which Services would have to be pointed at an attached proxy, and the command for it. Pure advice."""

import json
from dataclasses import dataclass

from sidecars.topology import Pod, ServicePort


@dataclass(frozen=True, slots=True)
class Repointing:
    """One port of a Service that leads to the app's own port."""

    service: str
    port: int
    command: str


def find_repointings(pod: Pod, *, app_port: int, proxy_port: int) -> tuple[Repointing, ...]:
    """A headless Service only names pods: its callers choose the port themselves."""
    return tuple(
        Repointing(service.name, port.port, _command(pod.namespace, service.name, index, port, proxy_port))
        for service in pod.services
        if service.type_name != "headless"
        for index, port in enumerate(service.ports)
        if port.protocol == "TCP" and _target(port) == app_port
    )


def _target(port: ServicePort) -> int | None:
    if port.container_port is not None:
        return port.container_port
    return int(port.target) if port.target.isdecimal() else None


def _command(namespace: str, name: str, index: int, port: ServicePort, proxy_port: int) -> str:
    """The test refuses the patch if the list of ports has moved since."""
    place = f"/spec/ports/{index}"
    operations = [
        {"op": "test", "path": f"{place}/port", "value": port.port},
        {"op": "replace", "path": f"{place}/targetPort", "value": proxy_port},
    ]
    patch = json.dumps(operations, separators=(",", ":"))
    return f"kubectl -n {namespace} patch service {name} --type=json -p '{patch}'"
