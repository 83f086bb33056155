"""From left to right: what runs before, the way in, the app, its other helpers, debugging."""

import re
from collections import Counter

from sidecars.topology import Container, Pod, Role, Volume

NUMBERS = re.compile(r"([0-9]+)")
Natural = tuple[tuple[int, str], ...]


def _natural(name: str) -> Natural:
    """worker-2 before worker-10."""
    return tuple((int(part[:18]), "") if part.isdecimal() else (-1, part) for part in NUMBERS.split(name))


def order_containers(pod: Pod) -> tuple[Container, ...]:
    served = {port.container for service in pod.services for port in service.ports} - {None}
    calls = Counter(edge.source for edge in pod.edges)
    mains = {c.name for c in pod.containers if c.role is Role.MAIN}
    calls_main = {edge.source for edge in pod.edges if edge.target in mains}

    def rank(container: Container) -> tuple[int, int, Natural]:
        natural = _natural(container.name)
        if container.role is Role.INIT:
            return 0, container.start_order or 0, natural
        if container.role is Role.MAIN:
            return 2, 0, natural
        if container.role is Role.EPHEMERAL:
            return 4, 0, natural
        # Without a Service that leads anywhere, a helper with a port that calls the app is the way in.
        fronts = container.name in served or (
            not served and container.name in calls_main and bool(container.ports)
        )
        return (1 if fronts else 3), -calls[container.name], natural

    return tuple(sorted(pod.containers, key=rank))


def order_volumes(pod: Pod) -> tuple[Volume, ...]:
    """Most shared first, then as in the manifest; system volumes are folded elsewhere."""
    users = Counter(volume for c in pod.containers for volume in {m.volume for m in c.mounts})
    shown = [volume for volume in pod.volumes if not volume.is_system]
    return tuple(sorted(shown, key=lambda volume: -users[volume.name]))
