"""What no sidecar may bring into a pod, and what each must have.

Judged twice: on a preset when it is read, and on what the API server's dry run would store.
"""

from collections.abc import Mapping
from typing import Any

from sidecars.fields import items, mapping

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105  a path, not a token
POD_FIELDS = (
    "hostNetwork",
    "hostPID",
    "hostIPC",
    "hostUsers",
    "serviceAccountName",
    "serviceAccount",
    "shareProcessNamespace",
    "nodeName",
    "automountServiceAccountToken",
)
VOLUME_SOURCES = ("emptyDir", "configMap")
REQUIRED = {
    ("securityContext", "runAsNonRoot"): True,
    ("securityContext", "allowPrivilegeEscalation"): False,
    ("securityContext", "readOnlyRootFilesystem"): True,
    ("securityContext", "capabilities", "drop"): ["ALL"],
    ("securityContext", "seccompProfile", "type"): "RuntimeDefault",
}


# Written by the plan alone: a template with its own would get past names, pins and clashes.
PLANNED = ("name", "image", "imagePullPolicy", "restartPolicy")


def find_unsafe(container: Mapping[str, Any]) -> list[str]:
    """Paths inside the container's spec that a preset may not set."""
    found = [f"ports[].hostPort {p['hostPort']}" for p in items(container, "ports") if "hostPort" in p]
    context = mapping(container, "securityContext")
    if context.get("privileged"):
        found.append("securityContext.privileged")
    if mapping(context, "capabilities").get("add"):
        found.append("securityContext.capabilities.add")
    if context.get("procMount", "Default") != "Default":
        found.append("securityContext.procMount")
    found += [f"securityContext.{key} 0" for key in ("runAsUser", "runAsGroup") if context.get(key) == 0]
    if mapping(context, "appArmorProfile").get("type", "RuntimeDefault") != "RuntimeDefault":
        found.append("securityContext.appArmorProfile")
    found += [f"securityContext.{key}" for key in ("seLinuxOptions", "windowsOptions") if context.get(key)]
    for mount in items(container, "volumeMounts"):
        if ".." in str(mount.get("subPath", "")).split("/") or "subPathExpr" in mount:
            found.append("volumeMounts[].subPath")
        if mount.get("mountPropagation", "None") != "None":
            found.append("volumeMounts[].mountPropagation")
    found += ["lifecycle"] if "lifecycle" in container else []
    found += ["volumeDevices"] if container.get("volumeDevices") else []
    return found


def find_secrets(node: Any) -> set[str]:
    """Secrets that an environment is read from, by name, anywhere in a container or its template.

    In a template only a parameter may name one: then the person who attaches chose it.
    """
    if isinstance(node, list):
        return {name for child in node for name in find_secrets(child)}
    if not isinstance(node, Mapping):
        return set()
    found = {name for child in node.values() for name in find_secrets(child)}
    named = (mapping(node, key).get("name") for key in ("secretKeyRef", "secretRef"))
    return found | {name for name in named if isinstance(name, str)}


def find_missing(container: Mapping[str, Any]) -> list[str]:
    """What a preset's container must have and has not, as sentences' ends."""
    found = find_not_required(container)
    context = mapping(container, "securityContext")
    found += [f"no numeric {k}" for k in ("runAsUser", "runAsGroup") if not _is_number(context.get(k))]
    requests, limits = (mapping(container, "resources", key) for key in ("requests", "limits"))
    if not {"cpu", "memory"} <= set(requests) or "memory" not in limits:
        found.append("no requests and memory limit")
    if TOKEN_PATH not in [mount.get("mountPath") for mount in items(container, "volumeMounts")]:
        found.append("no empty mount over the token path")
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def find_not_required(container: Mapping[str, Any]) -> list[str]:
    """What the restricted context must say and does not. A template must say it without a condition."""
    found = []
    for path, wanted in REQUIRED.items():
        value: Any = container
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value != wanted:
            found.append(f"no {'.'.join(path)}: {wanted}")
    return found


def find_unsafe_volume(volume: Mapping[str, Any]) -> list[str]:
    return [key for key in volume if key not in ("name", *VOLUME_SOURCES)]
