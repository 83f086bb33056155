"""Images without a version, and image content that a volume hides."""

from collections.abc import Iterator

from sidecars.checks.findings import check
from sidecars.knowledge import repository
from sidecars.knowledge.contents import contents
from sidecars.messages import gettext_noop as _
from sidecars.topology import Check, Container, Mount, Pod, Role, Volume

# What a program needs to start at all.
SYSTEM = frozenset({
    "/", "/bin", "/etc", "/lib", "/lib64", "/sbin", "/usr", "/usr/bin", "/usr/lib", "/usr/local",
    "/usr/local/bin", "/usr/local/lib", "/usr/sbin",
})  # fmt: skip
EMPTY = ("emptyDir", "ephemeral")
# Replaced before the pod starts: by Istio's injector, by ko, by a template tool.
PLACEHOLDERS = ("auto", "ko://", "$", "{")


def find_unversioned(pod: Pod) -> Iterator[Check]:
    for container in pod.containers:
        image = container.image
        last = image.rsplit("/", 1)[-1]
        is_known = container.role is not Role.EPHEMERAL and image and not _is_placeholder(image)
        if is_known and "@" not in last and (":" not in last or last.endswith(":latest")):
            yield check(
                "latest-image", "warning", (container.name,),
                _("%(container)s runs the latest image of %(image)s."),
                _("Name a version, or two pods of this workload may run different code."),
                image=repository(image),
            )  # fmt: skip


def _is_placeholder(image: str) -> bool:
    return image == PLACEHOLDERS[0] or image.startswith(PLACEHOLDERS[1:])


def find_shadowed(pod: Pod) -> Iterator[Check]:
    volumes = {volume.name: volume for volume in pod.volumes}
    for container in pod.containers:
        for mount in container.mounts:
            volume = volumes.get(mount.volume)
            if volume is None or mount.is_device or mount.sub_path:
                continue
            if _hides_program(pod, container, mount, volume):
                yield check(
                    "shadowed-program", "error", (container.name,),
                    _("Empty volume %(volume)s at %(path)s hides %(program)s, which %(container)s starts."),
                    _("Mount it elsewhere, or fill it in an init container."),
                    volume=volume.name, path=mount.path, program=container.program,
                )  # fmt: skip
            elif hidden := _hides(pod, container, mount, volume):
                yield check(
                    "shadowed-content", "warning", (container.name,),
                    _("Volume %(volume)s at %(path)s hides files of the image of %(container)s: %(hidden)s."),
                    _("Mount elsewhere, mount single files with subPath, or copy them in an init container."),
                    volume=volume.name, path=mount.path, hidden=hidden,
                )  # fmt: skip


def _hides_program(pod: Pod, container: Container, mount: Mount, volume: Volume) -> bool:
    inside = container.program.startswith(mount.path.rstrip("/") + "/")
    return inside and volume.type_name in EMPTY and not _is_filled(pod, container, volume)


def _hides(pod: Pod, container: Container, mount: Mount, volume: Volume) -> str:
    """What is missing there; "" if nothing is, or nobody can tell."""
    path = mount.path.rstrip("/") or "/"
    is_empty = volume.type_name in EMPTY
    hidden = ""
    if path in SYSTEM and (is_empty or volume.type_name in ("configMap", "secret")):
        hidden = path
    for content in contents():
        if content.path == path and repository(container.image) in content.images:
            lost = [file for file in content.files if file not in volume.files]
            if is_empty or (volume.files and lost):
                hidden = ", ".join(content.files)
    return "" if hidden and is_empty and _is_filled(pod, container, volume) else hidden


def _is_filled(pod: Pod, container: Container, volume: Volume) -> bool:
    """Another container may write the content there."""
    return any(
        mount.volume == volume.name and not mount.read_only
        for other in pod.containers
        if other is not container
        for mount in other.mounts
    )
