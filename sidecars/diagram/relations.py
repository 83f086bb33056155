"""Which elements belong together when one is hovered, focused or pinned."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from sidecars.diagram import names
from sidecars.diagram.streams import flows_of, ways_of
from sidecars.topology import Container, Pod

Link = Callable[..., None]


def relate(pod: Pod, folded: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """By element id: itself first, then its neighbours."""
    related: dict[str, set[str]] = defaultdict(set)
    # A folded socket or flow is not drawn; a folded call still has its wire.
    sockets = {hidden: shown for hidden, shown in folded.items() if not hidden.startswith("w-")}

    def link(*ids: str | None) -> None:
        """Joins the first to the others, both ways."""
        first, *others = (sockets.get(i, i) for i in ids if i)
        related[first].add(first)
        for other in others:
            related[first].add(other)
            related[other].add(first)

    volumes = {
        volume.name: names.SYSTEM_VOLUMES if volume.is_system else names.volume_id(volume.name)
        for volume in pod.volumes
    }
    for id_ in volumes.values():
        link(id_)
    first: dict[str, Container] = {}
    for container in pod.containers:
        own = names.container_id(container.name)
        link(own, *(names.port_id(container.name, p.number, p.protocol) for p in container.ports))
        _link_mounts(first.setdefault(container.name, container), volumes, link)
    for edge in pod.edges:
        call, socket = names.call_id(edge), names.target_id(edge)
        source = names.container_id(edge.source)
        target = names.container_id(edge.target) if edge.target else None
        link(call, source, socket, target)
        if target:
            link(target, source, socket)
            link(source, socket)
    for call, plug in folded.items():
        if call not in sockets:
            link(plug, call)
    for volume_name, flows in flows_of(pod).items():
        for flow in flows:
            ways = ways_of(pod, flow)
            ends = (names.container_id(flow.source), names.container_id(flow.target))
            link(names.flow_id(flow), *ends, names.volume_id(volume_name), *ways.down, *ways.up)
            link(*ends)
    for service in pod.services:
        own = names.service_id(service.name)
        link(own)
        for port in service.ports:
            if port.container and port.container_port:
                socket = names.port_id(port.container, port.container_port, port.protocol)
                link(own, socket, names.container_id(port.container))
    return {key: (key, *sorted(others - {key})) for key, others in related.items()}


def _link_mounts(container: Container, volumes: Mapping[str, str], link: Link) -> None:
    """`volumes` are the ids by name."""
    own = names.container_id(container.name)
    seen: dict[str, int] = {}
    for mount in container.mounts:
        volume = volumes.get(mount.volume)
        if volume == names.SYSTEM_VOLUMES:
            link(own, volume)
        elif volume:
            nth = seen.get(mount.volume, 0)
            seen[mount.volume] = nth + 1
            joint = names.mount_id(container.name, mount.volume, nth)
            link(own, joint, volume)
            link(volume, joint)
