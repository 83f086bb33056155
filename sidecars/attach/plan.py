"""What an attachment adds, worked out before any I/O."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sidecars.attach import clashes
from sidecars.attach.workload import check_supported, containers, pod_spec
from sidecars.errors import Clash
from sidecars.fields import items, mapping, text
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import Preset

MANAGER_PREFIX = "sidecar-dash."  # never begins with "kubectl": Flux strips such managers
ANNOTATION_PREFIX = "attach.sidecar-dash.io/"
CONFIG_LIMIT_BYTES = 256 * 1024
ATTACHMENT_ID = re.compile(r"[0-9a-f]{8}")
TOO_LARGE = _("The configuration is larger than 256 KiB.")


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything of ours, by name. JSON-serialisable; it survives a restart."""

    attachment_id: str
    resource: str
    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str
    is_native: bool
    container_name: str
    container: Mapping[str, Any]
    volumes: tuple[Mapping[str, Any], ...]
    annotation: str
    configmap: Mapping[str, Any] | None
    ports: Mapping[str, int]  # port parameter -> number

    @property
    def field_manager(self) -> str:
        return MANAGER_PREFIX + self.attachment_id

    @property
    def annotation_key(self) -> str:
        return ANNOTATION_PREFIX + self.attachment_id

    @property
    def container_list(self) -> str:
        return "initContainers" if self.is_native else "containers"

    @property
    def configmap_name(self) -> str:
        return text(self.configmap, "metadata", "name")


def plan(
    workload: Mapping[str, Any],
    preset: Preset,
    values: Mapping[str, Any],
    *,
    attachment_id: str,
    native: bool = True,
    resource: str = "deployments",
) -> Plan:
    """`values` are those of `Preset.read_values`. Raises Clash or Unsupported."""
    if not ATTACHMENT_ID.fullmatch(attachment_id):
        raise ValueError("an attachment id has 8 hexadecimal digits")
    check_supported(workload)
    metadata = mapping(workload, "metadata")
    configmap = _build_configmap(workload, preset, values)
    taken = {text(c, "name") for _list, c in containers(pod_spec(workload))}
    name = free_name(preset.id, taken)
    prefix = f"sd-{attachment_id}-"
    container = _build_container(workload, preset, values, name, prefix, native=native)
    return Plan(
        attachment_id=attachment_id,
        resource=resource,
        api_version=text(workload, "apiVersion"),
        kind=text(workload, "kind"),
        namespace=text(metadata, "namespace"),
        name=text(metadata, "name"),
        uid=text(metadata, "uid"),
        is_native=native,
        container_name=name,
        container=container,
        volumes=tuple(_build_volume(volume, prefix, configmap) for volume in preset.volumes),
        annotation=preset.annotation,
        configmap=configmap,
        ports={p.name: values[p.name] for p in preset.parameters if p.type == "port"},
    )


def free_name(wanted: str, taken: set[str], limit: int = 63) -> str:
    """The name itself, else with -2, -3, … after it."""
    name, number = wanted[:limit], 1
    while name in taken:
        number += 1
        end = f"-{number}"
        name = wanted[: limit - len(end)] + end
    return name


def _build_container(
    workload: Mapping[str, Any],
    preset: Preset,
    values: Mapping[str, Any],
    name: str,
    prefix: str,
    *,
    native: bool,
) -> dict[str, Any]:
    spec = preset.render_container(values)
    port_names = {text(p, "name") for _l, c in containers(pod_spec(workload)) for p in items(c, "ports")}
    for port in spec.get("ports", ()):
        port.setdefault("protocol", "TCP")  # without it the merge key is ambiguous
        if port.get("name"):
            port["name"] = free_name(port["name"], port_names, 15)
    for mount in spec.get("volumeMounts", ()):
        mount["name"] = prefix + mount["name"]
    spec["volumeMounts"] = [*spec.get("volumeMounts", ()), *_shared_mounts(workload, preset, values, spec)]
    policy = "IfNotPresent"
    head = {"name": name, "image": preset.image.reference, "imagePullPolicy": policy}
    return head | ({"restartPolicy": "Always"} if native else {}) | spec


def _shared_mounts(
    workload: Mapping[str, Any], preset: Preset, values: Mapping[str, Any], spec: Mapping[str, Any]
) -> list[dict[str, Any]]:
    taken = [text(mount, "mountPath") for mount in items(spec, "volumeMounts")]
    found = []
    for folder in preset.shared:
        if values[folder.parameter] and (not folder.when or values[folder.when]):
            where = (workload, values[folder.parameter], taken, folder.parameter)
            mount = clashes.find_shared_mount(*where)
            found.append(mount | ({"readOnly": True} if folder.read_only else {}))
    return found


def _build_volume(volume: Any, prefix: str, configmap: Mapping[str, Any] | None) -> dict[str, Any]:
    if volume.source == "config":
        source = {"configMap": {"name": text(configmap, "metadata", "name")}}
    else:
        source = {"emptyDir": {"sizeLimit": volume.size}}
    return {"name": prefix + volume.name} | source


def _build_configmap(
    workload: Mapping[str, Any], preset: Preset, values: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Immutable, with its content in its name: another content is another ConfigMap."""
    if not preset.config:
        return None
    files = preset.render_config(values)
    content = json.dumps(files, sort_keys=True).encode()
    if len(content) > CONFIG_LIMIT_BYTES:
        raise Clash(TOO_LARGE)
    metadata = mapping(workload, "metadata")
    end = f"-{preset.id}-{hashlib.sha256(content).hexdigest()[:10]}"
    owner = {
        "apiVersion": text(workload, "apiVersion"),
        "kind": text(workload, "kind"),
        "name": text(metadata, "name"),
        "uid": text(metadata, "uid"),
        "controller": False,  # and no blockOwnerDeletion, which needs the right to set finalizers
    }
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": text(metadata, "name")[: 253 - len(end)] + end,
            "namespace": text(metadata, "namespace"),
            "ownerReferences": [owner],
        },
        "immutable": True,
        "data": files,
    }
