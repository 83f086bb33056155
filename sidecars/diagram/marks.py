"""What a change adds, alters and removes, by element id."""

from sidecars.diagram import names
from sidecars.topology import Pod

Facts = dict[str, object]


def compare(before: Pod, after: Pod) -> dict[str, str]:
    """Only what differs; state and roles' reasons are no change."""
    old, new = _facts(before), _facts(after)
    marks = {key: "removed" for key in old if key not in new}
    for key, value in new.items():
        if key not in old:
            marks[key] = "added"
        elif old[key] != value:
            marks[key] = "changed"
    return marks


def _facts(pod: Pod) -> Facts:
    facts: Facts = {}
    for container in pod.containers:
        own = (container.image, container.role, container.resources)
        facts[names.container_id(container.name)] = own
        for port in container.ports:
            facts[names.port_id(container.name, port.number, port.protocol)] = port
        counted: dict[str, int] = {}
        for mount in container.mounts:
            nth = counted.get(mount.volume, 0)
            counted[mount.volume] = nth + 1
            facts[names.mount_id(container.name, mount.volume, nth)] = mount
    for volume in pod.volumes:
        if not volume.is_system:
            facts[names.volume_id(volume.name)] = (volume.type_name, volume.source_name, volume.size_limit)
    for edge in pod.edges:
        facts[names.call_id(edge)] = (edge.target, edge.kind)
        if target := names.target_id(edge):
            facts.setdefault(target, edge.target)
    for flow in pod.flows:
        facts[names.flow_id(flow)] = flow.confidence
    for service in pod.services:
        facts[names.service_id(service.name)] = service.ports
    return facts
