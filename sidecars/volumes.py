"""Volumes and mounts: Kubernetes JSON -> topology values."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sidecars.fields import Json, items, mapping, text, truth
from sidecars.messages import gettext_noop as _
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
# Two volumes of these types are two folders, even if they read alike.
OWN_FOLDER = frozenset({"emptyDir", "ephemeral", "csi", "gitRepo", "image"}) | ALWAYS_READ_ONLY

SOURCE_FIELDS = {
    "awsElasticBlockStore": "volumeID", "azureDisk": "diskName", "azureFile": "shareName",
    "cephfs": "path", "cinder": "volumeID", "configMap": "name", "csi": "driver", "flexVolume": "driver",
    "flocker": "datasetName", "gcePersistentDisk": "pdName", "gitRepo": "repository", "glusterfs": "path",
    "hostPath": "path", "image": "reference", "iscsi": "iqn", "nfs": "server",
    "persistentVolumeClaim": "claimName", "photonPersistentDisk": "pdID", "portworxVolume": "volumeID",
    "quobyte": "volume", "rbd": "image", "scaleIO": "volumeName", "secret": "secretName",
    "storageos": "volumeName", "vsphereVolume": "volumePath",
}  # fmt: skip
DETAIL_FIELDS = {"nfs": "path", "iscsi": "targetPortal", "rbd": "pool", "glusterfs": "endpoints"}

MOUNT_SAYS = _("The mount says readOnly.")
MOUNT_SAYS_ALL = _("The mount says readOnly, also for what is mounted below it.")
VOLUME_SAYS = _("The volume says readOnly.")
BY_TYPE = _("Kubernetes mounts this type of volume read-only.")

# kube-api-access-* are Kubernetes' own; the others are added by the identity webhooks of AWS and Azure.
TOKEN_VOLUMES = re.compile(r"kube-api-access-.*|aws-iam-token|eks-pod-identity-token|azure-identity-token")
# Until Kubernetes 1.24: <service account>-token-<five letters without vowels>, as volume and as Secret.
LEGACY_TOKEN = re.compile(r".+-token-[bcdfghjklmnpqrstvwxz2456789]{5}")


@dataclass(frozen=True, slots=True)
class Shelf:
    """`volumes` with those joined that are one; `names` and `reasons` are by the manifest's name."""

    volumes: tuple[Volume, ...]
    names: Mapping[str, str]
    reasons: Mapping[str, str]


def read_volumes(spec: Json, configmaps: Mapping[str, Json] | None) -> Shelf:
    """The first of several volumes with one hostPath or claim stands for all."""
    volumes: dict[str, Volume] = {}
    names = first_names(spec)
    reasons: dict[str, str] = {}
    for raw in items(spec, "volumes"):
        name = text(raw, "name")
        if name in reasons:
            continue  # the API server refuses a name that stands twice
        type_name = _type(raw)
        reasons[name] = _reason(type_name, mapping(raw, type_name))
        same = names[name]
        if same == name:
            volumes[same] = _read_volume(raw, configmaps)
        else:
            volumes[same] = replace(volumes[same], aliases=(*volumes[same].aliases, name))
    return Shelf(tuple(volumes.values()), names, reasons)


def first_names(spec: Json) -> Mapping[str, str]:
    """The manifest's volume names -> those of `Pod.volumes`, to compare folders by."""
    first: dict[tuple[str, str], str] = {}
    names: dict[str, str] = {}
    for raw in items(spec, "volumes"):
        name = text(raw, "name")
        if name not in names:
            type_name = _type(raw)
            place = _place(type_name, mapping(raw, type_name))
            names[name] = first.setdefault(place, name) if place[1] else name
    return names


def with_claims(spec: Json, workload: Json) -> Json:
    """A template's spec with the volumes that a StatefulSet makes from its volumeClaimTemplates.

    They replace volumes of the same name, as the controller does. The claim's name lacks its
    end, the pod's name.
    """
    names = [text(raw, "metadata", "name") for raw in items(workload, "spec", "volumeClaimTemplates")]
    claims = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in names if name]
    others = [raw for raw in items(spec, "volumes") if text(raw, "name") not in names]
    return {**spec, "volumes": [*others, *claims]} if claims else spec


def _read_volume(raw: Json, configmaps: Mapping[str, Json] | None) -> Volume:
    type_name = _type(raw)
    source = mapping(raw, type_name)
    source_name = text(source, SOURCE_FIELDS.get(type_name, "name"))
    name = text(raw, "name")
    files = _files(source, source_name, configmaps) if type_name == "configMap" else ()
    parts = tuple(_part(part) for part in items(source, "sources")) if type_name == "projected" else ()
    return Volume(
        name=name,
        kind=KINDS.get(type_name, VolumeKind.DISK),
        type_name=type_name,
        source_name=source_name,
        detail=text(source, DETAIL_FIELDS.get(type_name, "")),
        size_limit=text(source, "sizeLimit"),
        in_memory=text(source, "medium") == "Memory",
        keys=_count_keys(type_name, source, files),
        files=files,
        parts=parts,
        is_system=_is_token(name, type_name, source),
    )


def _type(raw: Json) -> str:
    """A volume without a source is an emptyDir: the API server's default."""
    return next((key for key, source in raw.items() if isinstance(source, dict)), "emptyDir")


def _part(raw: Json) -> str:
    kind = _type(raw)
    name = text(raw, kind, "name") or text(raw, kind, "signerName")
    return f"{kind} {name}".strip()


def _place(type_name: str, source: Json) -> tuple[str, str]:
    """What two volumes have in common when they are one folder; "" if they never are."""
    if type_name == "hostPath":
        return type_name, _plain_path(text(source, "path"))
    if type_name == "persistentVolumeClaim":
        return type_name, text(source, "claimName")
    if type_name in OWN_FOLDER:
        return type_name, ""
    rest = {key: value for key, value in source.items() if key != "readOnly"}
    if type_name == "nfs":
        rest["path"] = _plain_path(text(source, "path"))
        rest = {key: value for key, value in rest.items() if value}
    return type_name, repr(sorted(rest.items(), key=lambda item: str(item[0])))[:4096] if rest else ""


def _plain_path(path: str) -> str:
    """/var/log of //var/log/ and /var/./log; POSIX lets two slashes at the start stand for something else."""
    path = path[:4096]
    return posixpath.normpath("/" + path.lstrip("/") if path.startswith("/") else path) if path else ""


def _reason(type_name: str, source: Json) -> str:
    if type_name in ALWAYS_READ_ONLY:
        return BY_TYPE
    return VOLUME_SAYS if truth(source, "readOnly") else ""


def _files(source: Json, name: str, configmaps: Mapping[str, Json] | None) -> tuple[str, ...]:
    if chosen := items(source, "items"):
        return tuple(text(item, "path") for item in chosen)
    found = mapping(configmaps, name) if configmaps else {}
    return tuple(str(key) for field in ("data", "binaryData") for key in mapping(found, field))


def _count_keys(type_name: str, source: Json, files: tuple[str, ...]) -> int | None:
    if type_name == "projected":
        return len(items(source, "sources"))
    if type_name in ("secret", "downwardAPI"):
        return len(items(source, "items")) or None
    return len(files) or None


def _is_token(name: str, type_name: str, source: Json) -> bool:
    if type_name == "projected" and TOKEN_VOLUMES.fullmatch(name):
        return any("serviceAccountToken" in part for part in items(source, "sources"))
    return type_name == "secret" and bool(LEGACY_TOKEN.fullmatch(text(source, "secretName")))


def read_mounts(container: Json, shelf: Shelf) -> tuple[Mount, ...]:
    """Mounts in the manifest's order, then raw block devices."""
    mounts = [_read_mount(raw, shelf) for raw in items(container, "volumeMounts")]
    devices = [_read_device(raw, shelf) for raw in items(container, "volumeDevices")]
    return tuple(mounts + devices)


def _read_mount(raw: Json, shelf: Shelf) -> Mount:
    name = text(raw, "name")
    # The kubelet itself keeps these read-only, so that is the stronger reason.
    reason = shelf.reasons.get(name, "") or _mount_reason(raw)
    propagation = text(raw, "mountPropagation")
    return Mount(
        volume=shelf.names.get(name, name),
        path=text(raw, "mountPath"),
        read_only=bool(reason),
        sub_path=text(raw, "subPath") or text(raw, "subPathExpr"),
        reason=reason,
        alias=_alias(name, shelf),
        propagation=propagation if propagation != "None" else "",
    )


def _mount_reason(raw: Json) -> str:
    """recursiveReadOnly (KEP-3857) counts only beside readOnly; IfPossible may not hold."""
    if not truth(raw, "readOnly"):
        return ""
    return MOUNT_SAYS_ALL if text(raw, "recursiveReadOnly") == "Enabled" else MOUNT_SAYS


def _read_device(raw: Json, shelf: Shelf) -> Mount:
    name = text(raw, "name")
    reason = shelf.reasons.get(name, "")
    return Mount(
        volume=shelf.names.get(name, name),
        path=text(raw, "devicePath"),
        read_only=bool(reason),
        reason=reason,
        alias=_alias(name, shelf),
        is_device=True,
    )


def _alias(name: str, shelf: Shelf) -> str:
    return name if shelf.names.get(name, name) != name else ""


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
