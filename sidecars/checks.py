"""Defects that can be seen in a pod, each with its cure."""

from collections.abc import Iterator

from sidecars.knowledge import repository
from sidecars.messages import gettext_noop as _
from sidecars.topology import Check, Container, Pod, Role, VolumeKind

HELPERS = (Role.SIDECAR, Role.NATIVE_SIDECAR)
SEVERITIES = ("error", "warning", "ok")


def find(pod: Pod) -> tuple[Check, ...]:
    """Errors first, then warnings, then what is well."""
    rules = (_clashes, _endless_jobs, _unlimited_memory, _unlimited_folders, _latest, _order)
    found = [check for rule in rules for check in rule(pod)]
    return tuple(sorted(found, key=lambda check: SEVERITIES.index(check.severity)))


def clashing_ports(pod: Pod) -> dict[tuple[int, str], tuple[str, ...]]:
    """(port, protocol) -> the containers that declare it, where more than one runs at once."""
    claims: dict[tuple[int, str], list[str]] = {}
    for container in pod.containers:
        if container.role in (Role.MAIN, Role.SIDECAR, Role.NATIVE_SIDECAR):
            for port in dict.fromkeys((p.number, p.protocol) for p in container.ports):
                claims.setdefault(port, []).append(container.name)
    return {port: tuple(names) for port, names in claims.items() if len(names) > 1}


def _clashes(pod: Pod) -> Iterator[Check]:
    for (port, protocol), names in clashing_ports(pod).items():
        yield Check(
            id="port-clash",
            severity="error",
            containers=names,
            message=_("%(containers)s declare the same port %(port)s/%(protocol)s."),
            cure=_("Containers of a pod share one address: give all but one another port."),
            parameters=(
                ("containers", ", ".join(names)), ("port", str(port)), ("protocol", protocol)
            ),
        )  # fmt: skip


def _endless_jobs(pod: Pod) -> Iterator[Check]:
    if not pod.owner or pod.owner.kind not in ("Job", "CronJob"):
        return
    for container in pod.containers:
        if container.role is Role.SIDECAR:
            yield _check(
                "job-never-ends", "warning", container,
                _("%(container)s may keep this Job from ending."),
                _("Make it a native sidecar: an init container with restartPolicy Always."),
            )  # fmt: skip


def _unlimited_memory(pod: Pod) -> Iterator[Check]:
    for container in pod.containers:
        if container.role in HELPERS and not container.resources.memory_limit:
            yield _check(
                "no-memory-limit", "warning", container,
                _("%(container)s has no memory limit."),
                _("A sidecar that grows can get the app evicted: set resources.limits.memory."),
            )  # fmt: skip


def _unlimited_folders(pod: Pod) -> Iterator[Check]:
    for volume in pod.volumes:
        if volume.kind is VolumeKind.EMPTY_DIR and not volume.size_limit:
            users = [c.name for c in pod.containers if any(m.volume == volume.name for m in c.mounts)]
            yield Check(
                id="no-size-limit",
                severity="warning",
                containers=tuple(users),
                message=_("Volume %(volume)s has no sizeLimit."),
                cure=_("If it fills the node's disk, the pod is evicted: set emptyDir.sizeLimit."),
                parameters=(("volume", volume.name),),
            )


def _latest(pod: Pod) -> Iterator[Check]:
    for container in pod.containers:
        last = container.image.rsplit("/", 1)[-1]
        if container.image and "@" not in last and (":" not in last or last.endswith(":latest")):
            yield _check(
                "latest-image", "warning", container,
                _("%(container)s runs the latest image of %(image)s."),
                _("Name a version, or two pods of this workload may run different code."),
            )  # fmt: skip


def _order(pod: Pod) -> Iterator[Check]:
    for container in pod.containers:
        if container.role is Role.NATIVE_SIDECAR:
            yield _check(
                "native-order", "ok", container,
                _("%(container)s starts before the app and stops after it."),
                _("A native sidecar: restartPolicy Always on an init container."),
            )  # fmt: skip


def _check(id_: str, severity: str, container: Container, message: str, cure: str) -> Check:
    parameters = (("container", container.name), ("image", repository(container.image)))
    return Check(id_, severity, (container.name,), message, cure, parameters)
