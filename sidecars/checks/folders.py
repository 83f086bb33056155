"""Volumes: mounted but not there, two on one path, two writers of one file, users shut out."""

import posixpath
from collections import Counter
from collections.abc import Iterator

from sidecars.checks.findings import check, lasting
from sidecars.messages import gettext_noop as _
from sidecars.topology import Check, Container, Mount, Pod, Role
from sidecars.volumes import ALWAYS_READ_ONLY

# Others add volumes of their own to the templates in them.
COMPLETE = (
    "",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
)
ROOT = 0


def find_unknown_volumes(pod: Pod) -> Iterator[Check]:
    if pod.is_fragment or (pod.owner and pod.owner.kind not in COMPLETE):
        return
    known = {volume.name for volume in pod.volumes}
    for container in pod.containers:
        for name in dict.fromkeys(m.volume for m in container.mounts if m.volume and m.volume not in known):
            yield check(
                "unknown-volume", "error", (container.name,),
                _("%(container)s mounts volume %(volume)s, which the pod does not have."),
                _("Add it to spec.volumes, or correct the name: the API server refuses this pod."),
                volume=name,
            )  # fmt: skip


def find_mount_clashes(pod: Pod) -> Iterator[Check]:
    for container in pod.containers:
        paths = Counter(mount.path for mount in container.mounts if not mount.is_device)
        for path in (path for path, count in paths.items() if count > 1 and path):
            yield check(
                "mount-clash", "error", (container.name,),
                _("%(container)s mounts two volumes at %(path)s."),
                _("Give each a path of its own: the API server refuses this pod."),
                path=path,
            )  # fmt: skip


def find_two_writers(pod: Pod) -> Iterator[Check]:
    writers: dict[tuple[str, str], list[str]] = {}
    for container in lasting(pod):
        places = dict.fromkeys(place_of(container, written.path) for written in container.written)
        for place in places:
            if place:
                writers.setdefault(place, []).append(container.name)
    for (volume, path), names in writers.items():
        if len(names) > 1:
            yield check(
                "two-writers", "warning", tuple(names),
                _("%(containers)s write the same file %(path)s in volume %(volume)s."),
                _("Lines of one cut into lines of the other: give each a file of its own."),
                volume=volume, path=path,
            )  # fmt: skip


def place_of(container: Container, path: str) -> tuple[str, str] | None:
    """(volume, path inside it) of a file that the container can write; None if it is in no volume."""
    inside = [m for m in container.mounts if not m.is_device and _holds(m.path, path)]
    if not inside:
        return None
    mount = max(inside, key=lambda m: len(m.path))
    if mount.read_only or "$(" in mount.sub_path:
        return None
    rest = path[len(mount.path.rstrip("/")) :].lstrip("/")
    return mount.volume, posixpath.normpath(posixpath.join("/", mount.sub_path, rest))


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def find_user_clashes(pod: Pod) -> Iterator[Check]:
    """Only users that the manifest names; fsGroup makes a folder common to all."""
    if pod.fs_group is not None:
        return
    for volume in pod.volumes:
        if volume.type_name in ALWAYS_READ_ONLY or volume.is_system:
            continue
        sharers = [(c, m) for c in pod.containers for m in c.mounts if m.volume == volume.name]
        names = _shut_out(sharers)
        if names:
            yield check(
                "user-clash", "warning", names,
                _("%(containers)s share volume %(volume)s as different users, without an fsGroup."),
                _("One may not be able to read or change the other's files: set securityContext.fsGroup."),
                volume=volume.name,
            )  # fmt: skip


def _shut_out(sharers: list[tuple[Container, Mount]]) -> tuple[str, ...]:
    """A writer and another of a different user. Root shuts nobody out of reading and is not shut out."""
    counted = [(c, m) for c, m in sharers if c.user is not None and not _prepares(c)]
    for writer, mount in counted:
        for other, its in counted:
            if mount.read_only or writer.user == other.user or _apart(mount, its):
                continue
            if writer.role is Role.INIT and its.read_only:
                continue  # what it left is there to be read
            one_is_root = ROOT in (writer.user, other.user)
            if not one_is_root or (not its.read_only and other.user != ROOT):
                return tuple(dict.fromkeys((writer.name, other.name)))
    return ()


def _prepares(container: Container) -> bool:
    """An init container as root, or a debugger: what it does to a folder is its purpose."""
    return container.role is Role.EPHEMERAL or (container.role is Role.INIT and container.user == ROOT)


def _apart(one: Mount, other: Mount) -> bool:
    """Two folders of one volume, neither inside the other."""
    a, b = one.sub_path.strip("/"), other.sub_path.strip("/")
    return not (_holds("/" + a, "/" + b) or _holds("/" + b, "/" + a))
