"""Containers that stand side by side and have nothing to do with each other."""

import re
from collections.abc import Iterator

from sidecars.checks.findings import check, lasting
from sidecars.knowledge import recognise
from sidecars.messages import gettext_noop as _
from sidecars.topology import Check, Pod

# Known helpers work unasked; these names are usual for the unknown ones.
HELPER = re.compile(
    r"agent|collector|exporter|filebeat|fluent|log|metrics|monitor|otel|proxy|reload|sidecar|sync|vector|watch"
)


def find_strangers(pod: Pod) -> Iterator[Check]:
    """Silent where something may be unseen: known helpers work unasked, ConfigMaps may be unread."""
    running = lasting(pod)
    if len(running) < 2 or pod.host_network or pod.stops_sidecars or "configmaps" in pod.unreadable:
        return
    names = {container.name for container in running}
    calls = any(edge.source in names for edge in pod.edges)
    known = any(
        recognise(c.image, c.name) or c.origin != "template" or HELPER.search(c.name) for c in running
    )
    if calls or known or _share_a_volume(pod, names):
        return
    yield check(
        "nothing-shared", "warning", tuple(container.name for container in running),
        _("%(containers)s share nothing that the manifest shows: no call on localhost, no volume."),
        _("If one should call the other, attach the API gateway preset; else give each its own pod."),
    )  # fmt: skip


def _share_a_volume(pod: Pod, names: set[str]) -> bool:
    for volume in pod.volumes:
        if volume.is_system:
            continue
        users = {c.name for c in pod.containers for m in c.mounts if m.volume == volume.name}
        if len(users & names) > 1:
            return True
    return False
