"""Containers that stand side by side and have nothing to do with each other."""

import re
from collections.abc import Iterator

from sidecars.checks.findings import check, lasting
from sidecars.checks.probes import find_misplaced
from sidecars.knowledge import is_official, recognise
from sidecars.messages import gettext_noop as _
from sidecars.roles.ranks import helping_word
from sidecars.topology import Check, Container, Pod

# Known helpers work unasked; these words are usual in the names of the unknown ones. A blog is no log.
HELPER = re.compile(
    r"(?:^|[-_.])(?:agent|collector|exporter|filebeat|fluent[a-z]*|logs?|logg(?:er|ing)|metrics?|monitor[a-z]*"
    r"|otel|proxy|reload[a-z]*|sidecar|sync[a-z]*|vector|watch[a-z]*)(?:$|[-_.])"
)


def find_strangers(pod: Pod) -> Iterator[Check]:
    """Silent where something may be unseen: known helpers work unasked, ConfigMaps may be unread.

    Who is probed in place of another has to do with it.
    """
    running = lasting(pod)
    if len(running) < 2 or pod.host_network or pod.stops_sidecars or pod.is_fragment:
        return
    if pod.cut or "configmaps" in pod.unreadable:
        return
    if "probe-elsewhere" in {found.id for found in find_misplaced(pod)}:
        return
    names = {container.name for container in running}
    calls = any(edge.source in names for edge in pod.edges)
    systems = {volume.name for volume in pod.volumes if volume.is_system}
    if calls or any(_may_help(c, systems) for c in running) or _share_a_volume(pod, names):
        return
    yield check(
        "nothing-shared", "warning", tuple(container.name for container in running),
        _("%(containers)s share nothing that the manifest shows: no call on localhost, no volume."),
        _("If one should call the other, attach the API gateway preset; else give each its own pod."),
    )  # fmt: skip


def _may_help(container: Container, systems: set[str]) -> bool:
    """Known helpers work unasked. A web server from its own image without any file serves a welcome page."""
    if container.origin != "template" or HELPER.search(container.name) or helping_word(container):
        return True
    product = recognise(container.image, container.name)
    if not product or product.rank == 0:
        return False
    has_files = any(mount.volume not in systems for mount in container.mounts)
    return not (product.kind == "proxy" and is_official(container.image) and not has_files)


def _share_a_volume(pod: Pod, names: set[str]) -> bool:
    for volume in pod.volumes:
        if volume.is_system:
            continue
        users = {c.name for c in pod.containers for m in c.mounts if m.volume == volume.name}
        if len(users & names) > 1:
            return True
    return False
