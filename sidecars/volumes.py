"""Volumes and mounts: Kubernetes JSON -> topology values."""

from collections.abc import Mapping

from sidecars.fields import Json, items, mapping, text, truth
from sidecars.topology import Mount, Volume, VolumeKind

KINDS = {
    "emptyDir": VolumeKind.EMPTY_DIR,
    "configMap": VolumeKind.CONFIG_MAP,
    "secret": VolumeKind.SECRET,
    "hostPath": VolumeKind.HOST_PATH,
    "projected": VolumeKind.OTHER,
    "downwardAPI": VolumeKind.OTHER,
    "image": VolumeKind.OTHER,
    "gitRepo": VolumeKind.OTHER,
}  # every other type is storage of its own: PVC, CSI, NFS, iSCSI, cloud disks

# The kubelet mounts these read-only whatever the mount says.
ALWAYS_READ_ONLY = frozenset({"configMap", "secret", "downwardAPI", "projected", "image"})

SOURCE_FIELDS = {
    "configMap": "name",
    "secret": "secretName",
    "persistentVolumeClaim": "claimName",
    "hostPath": "path",
    "csi": "driver",
    "nfs": "server",
    "image": "reference",
}

TOKEN_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105  a path


def read_volumes(spec: Json, configmaps: Mapping[str, Json] | None) -> tuple[Volume, ...]:
    return tuple(_read_volume(raw, configmaps) for raw in items(spec, "volumes"))


def _read_volume(raw: Json, configmaps: Mapping[str, Json] | None) -> Volume:
    type_name = next((key for key in raw if key != "name"), "emptyDir")
    source = mapping(raw, type_name)
    source_name = text(source, SOURCE_FIELDS.get(type_name, "name"))
    name = text(raw, "name")
    return Volume(
        name=name,
        kind=KINDS.get(type_name, VolumeKind.DISK),
        type_name=type_name,
        source_name=source_name,
        detail=text(source, "path") if type_name == "nfs" else "",
        size_limit=text(source, "sizeLimit"),
        in_memory=text(source, "medium") == "Memory",
        keys=_count_keys(type_name, source, source_name, configmaps),
        is_system=_is_token(name, type_name, source),
    )


def _count_keys(type_name: str, source: Json, name: str, configmaps: Mapping[str, Json] | None) -> int | None:
    if type_name == "projected":
        return len(items(source, "sources"))
    if chosen := items(source, "items"):
        return len(chosen)
    found = mapping(configmaps, name) if type_name == "configMap" and configmaps else {}
    return len(mapping(found, "data")) + len(mapping(found, "binaryData")) if found else None


def _is_token(name: str, type_name: str, source: Json) -> bool:
    if type_name == "projected" and name.startswith("kube-api-access-"):
        return any("serviceAccountToken" in part for part in items(source, "sources"))
    return type_name == "secret" and "-token-" in text(source, "secretName")


def read_mounts(container: Json, volumes: tuple[Volume, ...]) -> tuple[Mount, ...]:
    """Mounts in the manifest's order, then raw block devices."""
    types = {volume.name: volume.type_name for volume in volumes}
    mounts = [
        Mount(
            volume=text(raw, "name"),
            path=text(raw, "mountPath"),
            read_only=truth(raw, "readOnly") or types.get(text(raw, "name")) in ALWAYS_READ_ONLY,
            sub_path=text(raw, "subPath") or text(raw, "subPathExpr"),
        )
        for raw in items(container, "volumeMounts")
    ]
    devices = [
        Mount(volume=text(raw, "name"), path=text(raw, "devicePath"), read_only=False)
        for raw in items(container, "volumeDevices")
    ]
    return tuple(mounts + devices)


def mounted_configmaps(spec: Json) -> list[tuple[str, str, dict[str, str]]]:
    """(volume, ConfigMap, {file: key}) for plain and projected volumes; {} means every key."""
    found = []
    for raw in items(spec, "volumes"):
        sources = [mapping(raw, "configMap")] if mapping(raw, "configMap") else []
        sources += [mapping(part, "configMap") for part in items(raw, "projected", "sources")]
        for source in sources:
            if name := text(source, "name"):
                chosen = {text(i, "path"): text(i, "key") for i in items(source, "items")}
                found.append((text(raw, "name"), name, chosen))
    return found
