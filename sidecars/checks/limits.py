"""Helpers without a memory limit, folders without a size."""

from collections.abc import Iterator

from sidecars.checks.findings import HELPERS, check
from sidecars.messages import gettext_noop as _
from sidecars.topology import Check, Pod, Role, VolumeKind


def find_unlimited_memory(pod: Pod) -> Iterator[Check]:
    """A limit of the whole pod (KEP-2837) holds for each container."""
    if pod.memory_limit:
        return
    names = tuple(c.name for c in pod.containers if c.role in HELPERS and not c.resources.memory_limit)
    if names:  # one finding for all: the cure is the same, and eleven of them would hide the others
        message = (
            _("%(container)s has no memory limit.")
            if len(names) == 1
            else _("Sidecars without a memory limit: %(containers)s.")
        )
        cure = _("A sidecar that grows can get the app evicted: set resources.limits.memory.")
        yield check("no-memory-limit", "warning", names, message, cure)


def find_unlimited_folders(pod: Pod) -> Iterator[Check]:
    """Folders that are written to; limits of ephemeral storage on all their writers bound them too."""
    for volume in pod.volumes:
        if volume.kind is not VolumeKind.EMPTY_DIR or volume.size_limit:
            continue
        users = [c for c in pod.containers if any(m.volume == volume.name for m in c.mounts)]
        writers = [c for c in users if any(m.volume == volume.name and not m.read_only for m in c.mounts)]
        lasting = [c for c in writers if c.role not in (Role.INIT, Role.EPHEMERAL)]
        if not lasting or (not volume.in_memory and all(c.resources.storage_limit for c in writers)):
            continue
        cure = (
            _("It is memory of its containers: set emptyDir.sizeLimit, or it takes all that they may have.")
            if volume.in_memory
            else _("If it fills the node's disk, the pod is evicted: set emptyDir.sizeLimit.")
        )
        names = tuple(container.name for container in users)
        message = _("Volume %(volume)s has no sizeLimit.")
        yield check("no-size-limit", "warning", names, message, cure, volume=volume.name)
