"""What an attachment adds, worked out before any I/O."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sidecars.attach.wiring import wire
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
    app: str = ""  # the container whose folders the sidecar shares
    app_mounts: tuple[Mapping[str, Any], ...] = ()  # ours, on the app's container

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
    app: str = "",
    new_volume: bool = False,
    container_name: str = "",
) -> Plan:
    """`values` are those of `Preset.read_values`. Raises Clash or Unsupported.

    `app` is the container to share folders with, by default the main one. With `new_volume`, a
    folder that it has on no volume becomes an emptyDir on both sides, if the preset offers that.
    `container_name` is the one to keep; else the first free one.
    """
    if not ATTACHMENT_ID.fullmatch(attachment_id):
        raise ValueError("an attachment id has 8 hexadecimal digits")
    check_supported(workload)
    metadata = mapping(workload, "metadata")
    configmap = _build_configmap(workload, preset, values)
    taken = {text(c, "name") for _list, c in containers(pod_spec(workload))}
    name = container_name or free_name(preset.id, taken)
    prefix = f"sd-{attachment_id}-"
    container = _build_container(workload, preset, values, name, prefix, native=native)
    wiring = wire(workload, preset, values, container, prefix, app=app, new_volume=new_volume)
    container["volumeMounts"] = [*items(container, "volumeMounts"), *wiring.mounts]
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
        volumes=(*_build_volumes(preset, values, prefix, configmap), *wiring.volumes),
        annotation=preset.annotation,
        configmap=configmap,
        ports={p.name: values[p.name] for p in preset.parameters if p.type == "port"},
        app=wiring.app,
        app_mounts=wiring.app_mounts,
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
    policy = "IfNotPresent"
    head = {"name": name, "image": preset.image.reference, "imagePullPolicy": policy}
    return head | ({"restartPolicy": "Always"} if native else {}) | spec


def _build_volumes(
    preset: Preset, values: Mapping[str, Any], prefix: str, configmap: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    sources: list[tuple[str, dict[str, Any]]] = []
    for volume in preset.volumes:
        if volume.source == "config":
            sources.append((volume.name, {"configMap": {"name": text(configmap, "metadata", "name")}}))
        elif volume.source == "empty":
            sources.append((volume.name, {"emptyDir": {"sizeLimit": volume.size}}))
        elif name := str(values[volume.parameter]).partition("/")[0]:
            key = str(values[volume.parameter]).partition("/")[2]
            secret = {"secretName": name, "items": [{"key": key, "path": key}]}
            sources.append((volume.name, {"secret": secret}))
    return [{"name": prefix + name} | source for name, source in sources]


def content_mark(files: Mapping[str, Any]) -> str:
    """How the name of a ConfigMap with these files ends."""
    return f"-{hashlib.sha256(_canonical(files)).hexdigest()[:10]}"


def _canonical(files: Mapping[str, Any]) -> bytes:
    return json.dumps(files, sort_keys=True).encode()


def _build_configmap(
    workload: Mapping[str, Any], preset: Preset, values: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Immutable, with its content in its name: another content is another ConfigMap."""
    if not preset.config:
        return None
    files = preset.render_config(values)
    if len(_canonical(files)) > CONFIG_LIMIT_BYTES:
        raise Clash(TOO_LARGE)
    metadata = mapping(workload, "metadata")
    end = f"-{preset.id}{content_mark(files)}"
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
