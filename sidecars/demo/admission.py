"""Admission of pods and templates: service account, priority, limits, Pod Security."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from . import defaults, podsecurity, quota, status
from .discovery import Kind

if TYPE_CHECKING:
    from .store import Store

Obj = dict[str, Any]

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def admit(store: Store, kind: Kind, new: Obj, old: Obj | None) -> None:
    """Alters `new` as the admission plug-ins would. Raises ApiError 403."""
    if kind.plural != "pods":
        return
    spec = new["spec"]
    if old is None:
        _service_account(spec)
        _tolerations(spec)
        spec.setdefault("priority", 0)
        spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
        quota.apply_limits(store, new)
        defaults.fill(kind, new)
        _enforce(store, kind, new)
        quota.check(store, kind, new)
    elif spec.get("ephemeralContainers") != old["spec"].get("ephemeralContainers"):
        _enforce(store, kind, new)


def warnings(store: Store, kind: Kind, obj: Obj) -> list[str]:
    """What a workload's template would violate: a warning, never a refusal."""
    template = obj.get("spec", {}).get("template")
    if kind.plural == "cronjobs":
        template = obj["spec"]["jobTemplate"]["spec"]["template"]
    if not template or kind.plural == "pods":
        return []
    namespace = store.find("namespaces", "", obj["metadata"].get("namespace", ""))
    found = podsecurity.violations(template["spec"], podsecurity.level(namespace, "warn"))
    return [f"would {found}"] if found else []


def _enforce(store: Store, kind: Kind, pod: Obj) -> None:
    namespace = store.find("namespaces", "", pod["metadata"].get("namespace", ""))
    found = podsecurity.violations(pod["spec"], podsecurity.level(namespace, "enforce"))
    if found:
        why = found.replace("violate ", "violates ", 1)
        raise status.forbidden(kind.plural, kind.group, pod["metadata"]["name"], why)


def _service_account(spec: Obj) -> None:
    name = spec.get("serviceAccountName") or "default"
    spec["serviceAccountName"] = spec["serviceAccount"] = name
    if spec.get("automountServiceAccountToken") is False:
        return
    wanting = [
        container
        for group in ("initContainers", "containers")
        for container in spec.get(group) or []
        if all(mount["mountPath"] != TOKEN_PATH for mount in container.get("volumeMounts") or [])
    ]
    if not wanting:
        return
    suffix = "".join(secrets.choice(_LETTERS) for _ in range(5))
    volume = f"kube-api-access-{suffix}"
    spec["volumes"] = [*(spec.get("volumes") or []), _token_volume(volume)]
    mount = {"name": volume, "readOnly": True, "mountPath": TOKEN_PATH}
    for container in wanting:
        container["volumeMounts"] = [*(container.get("volumeMounts") or []), dict(mount)]


def _token_volume(name: str) -> Obj:
    namespace = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": namespace}]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 420}}


def _tolerations(spec: Obj) -> None:
    present = spec.setdefault("tolerations", [])
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if any(
            each.get("key") in (key, None) and each.get("effect") in ("NoExecute", None) for each in present
        ):
            continue
        present.append({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300})
