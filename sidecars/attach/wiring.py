"""Folders that the sidecar and the app share: a volume that the app has, or a new one on both sides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sidecars.attach.workload import containers, main_container, pod_spec
from sidecars.errors import Clash
from sidecars.fields import items, text
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import Preset

NO_VOLUME = _("%(path)s is on no volume of %(container)s: there is nothing to share.")
NO_VOLUME_YET = _(
    "%(path)s is on no volume of %(container)s: there is nothing to share. Choose a folder on one, "
    "or let a new volume be made."
)
NO_CONTAINER = _("The workload has no container %(container)s.")
TAKEN_PATH = _("The sidecar needs %(path)s for itself.")
BLOCKED_PATH = _("A mount at %(path)s would hide files that the sidecar needs.")
HIDING_PATH = _("A new volume at %(path)s would hide files that %(container)s needs.")
NOT_ORDINARY = _("A new volume can be shared with an ordinary container only, not with %(container)s.")
READ_ONLY = _("%(container)s mounts %(path)s read-only: nothing can be written there.")
HIDDEN_PATHS = (
    "/",
    "/etc",
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib64",
    "/proc",
    "/dev",
    "/sys",
    "/var/run/secrets",
)
SHAREABLE = ("emptyDir", "persistentVolumeClaim", "configMap")


@dataclass(frozen=True, slots=True)
class Wiring:
    app: str
    mounts: tuple[Mapping[str, Any], ...] = ()  # of the sidecar
    app_mounts: tuple[Mapping[str, Any], ...] = ()  # new ones, of the app
    volumes: tuple[Mapping[str, Any], ...] = ()  # new ones


def wire(
    workload: Mapping[str, Any],
    preset: Preset,
    values: Mapping[str, Any],
    sidecar: Mapping[str, Any],
    prefix: str,
    *,
    app: str = "",
    new_volume: bool = False,
) -> Wiring:
    """Raises Clash with the parameter that cures it."""
    beside = find_app(workload, app)
    taken = [text(mount, "mountPath") for mount in items(sidecar, "volumeMounts")]
    mounts: dict[str, Mapping[str, Any]] = {}
    volumes: list[dict[str, Any]] = []
    app_mounts: list[dict[str, Any]] = []
    for shared, folder in preset.folders(values):
        field = shared.parameter
        try:
            mount = find_shared_mount(workload, beside, folder, taken, field)
            if not shared.read_only and mount.get("readOnly"):
                raise Clash(READ_ONLY, field=field, path=folder, container=text(beside, "name"))
            mount = {k: v for k, v in mount.items() if k != "readOnly"}
        except NoVolume:
            if not shared.create:
                raise
            if not new_volume:
                raise Clash(NO_VOLUME_YET, field=field, path=folder, container=text(beside, "name")) from None
            _check_ordinary(workload, beside, field)
            path = _check_new(beside, folder, taken, field)
            name = f"{prefix}shared" + (f"-{len(volumes) + 1}" if volumes else "")
            volumes.append({"name": name, "emptyDir": {"sizeLimit": shared.size}})
            app_mounts.append({"name": name, "mountPath": path})
            mount = {"name": name, "mountPath": path}
        found = mounts.get(mount["mountPath"])
        if found is None or (found.get("readOnly") and not shared.read_only):
            mounts[mount["mountPath"]] = mount | ({"readOnly": True} if shared.read_only else {})
    name = text(beside, "name") if preset.shared else ""
    return Wiring(name, tuple(mounts.values()), tuple(app_mounts), tuple(volumes))


class NoVolume(Clash):
    """A new volume would cure it."""


def find_app(workload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if not name:
        return main_container(workload)
    for _list, container in containers(pod_spec(workload)):
        if text(container, "name") == name:
            return container
    raise Clash(NO_CONTAINER, container=name)


def find_shared_mount(
    workload: Mapping[str, Any], app: Mapping[str, Any], folder: str, taken: Sequence[str], field: str
) -> dict[str, Any]:
    """The app's mount that holds the folder, for use by the sidecar. Raises Clash."""
    wanted = folder.rstrip("/") + "/"
    holding = [m for m in items(app, "volumeMounts") if _holds(text(m, "mountPath"), wanted)]
    # The deepest mount is what a process sees at the path.
    for mount in sorted(holding, key=lambda m: -len(text(m, "mountPath").rstrip("/")))[:1]:
        path = text(mount, "mountPath").rstrip("/")
        if "subPathExpr" in mount:  # the sidecar cannot expand it, and the whole volume is too much
            break
        if not _is_shareable(workload, text(mount, "name")):
            break
        if _covers(path, HIDDEN_PATHS):
            raise Clash(BLOCKED_PATH, field=field, path=path or "/")
        if any(path == t or t.startswith(path + "/") or path.startswith(t + "/") for t in taken):
            raise Clash(TAKEN_PATH, field=field, path=path)
        kept = {key: mount[key] for key in ("name", "mountPath", "subPath", "readOnly") if mount.get(key)}
        return dict(kept)
    raise NoVolume(NO_VOLUME, field=field, path=folder, container=text(app, "name"))


def _holds(path: str, wanted: str) -> bool:
    return wanted.startswith(path.rstrip("/") + "/")


def _check_ordinary(workload: Mapping[str, Any], app: Mapping[str, Any], field: str) -> None:
    """Our mounts are applied to `spec.containers`: another name there would be a new container."""
    name = text(app, "name")
    if name not in [text(container, "name") for container in items(pod_spec(workload), "containers")]:
        raise Clash(NOT_ORDINARY, field=field, container=name)


def _check_new(app: Mapping[str, Any], folder: str, taken: Sequence[str], field: str) -> str:
    """Where the new volume is mounted on both sides. Raises Clash where it would hide something."""
    path = folder.rstrip("/")
    if _covers(path, HIDDEN_PATHS):
        raise Clash(HIDING_PATH, field=field, path=path or "/", container=text(app, "name"))
    for mount in items(app, "volumeMounts"):
        there = text(mount, "mountPath").rstrip("/")
        if there.startswith(path + "/") or path == there or path.startswith(there + "/"):
            raise Clash(HIDING_PATH, field=field, path=path, container=text(app, "name"))
    if any(path == t or t.startswith(path + "/") or path.startswith(t + "/") for t in taken):
        raise Clash(TAKEN_PATH, field=field, path=path)
    return path


def _covers(path: str, hidden: Sequence[str]) -> bool:
    return (path or "/") in hidden or any(path.startswith(h + "/") for h in hidden if h != "/")


def _is_shareable(workload: Mapping[str, Any], volume: str) -> bool:
    """Only folders made for data: never a Secret, a token or the node's files."""
    for found in items(pod_spec(workload), "volumes"):
        if text(found, "name") == volume:
            return any(key in found for key in SHAREABLE)
    return False
