"""What the API server fills in, for the kinds served."""

from __future__ import annotations

from typing import Any

from . import poddefaults, quantities, schema
from .discovery import Kind
from .schema import Node

Obj = dict[str, Any]

_STATUS: dict[str, Obj] = {
    "services": {"loadBalancer": {}},
    "statefulsets": {"replicas": 0, "availableReplicas": 0},
    "daemonsets": {
        "currentNumberScheduled": 0,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 0,
        "numberReady": 0,
    },
    "replicasets": {"replicas": 0},
    "poddisruptionbudgets": {
        "disruptionsAllowed": 0,
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "expectedPods": 0,
    },
    "horizontalpodautoscalers": {"desiredReplicas": 0, "currentMetrics": None},
    "namespaces": {"phase": "Active"},
    "deployments": {},
    "jobs": {},
    "cronjobs": {},
    "resourcequotas": {},
    "nodes": {},
}


def fill(kind: Kind, obj: Obj) -> None:
    """Idempotent; alters `obj` in place."""
    canonise(obj, schema.root(kind.schema))
    if kind.plural in _STATUS:
        obj.setdefault("status", dict(_STATUS[kind.plural]))
    filler = _FILLERS.get(kind.plural)
    if filler:
        filler(obj, {} if kind.plural in _NO_SPEC else obj.setdefault("spec", {}))


def canonise(value: Any, node: Node) -> Any:
    """Quantities in their canonical form, structs that are never omitted present."""
    if node["t"] == "quantity":
        return quantities.canonical(value)
    if node["t"] == "list" and isinstance(value, list):
        if node["items"]["t"] in ("ref", "map", "list", "quantity"):
            value[:] = [canonise(item, node["items"]) for item in value]
    elif isinstance(value, dict):
        for name, each in value.items():
            value[name] = canonise(each, schema.child(node, name))
    return value


def _template(spec: Obj) -> None:
    template = spec.setdefault("template", {})
    template.setdefault("metadata", {})
    poddefaults.pod_spec(template.setdefault("spec", {}))


def _pod(obj: Obj, spec: Obj) -> None:
    poddefaults.pod_spec(spec)
    spec.setdefault("enableServiceLinks", True)
    for group in ("initContainers", "containers"):
        for container in spec.get(group) or []:
            resources = container["resources"]
            for name, limit in (resources.get("limits") or {}).items():
                resources.setdefault("requests", {}).setdefault(name, limit)
    status = obj.setdefault("status", {})
    status.setdefault("phase", "Pending")
    status.setdefault("qosClass", poddefaults.qos_class(spec))


def _deployment(obj: Obj, spec: Obj) -> None:
    _template(spec)
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")


def _replicaset(obj: Obj, spec: Obj) -> None:
    _template(spec)
    spec.setdefault("replicas", 1)


def _statefulset(obj: Obj, spec: Obj) -> None:
    _template(spec)
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("podManagementPolicy", "OrderedReady")
    spec.setdefault("serviceName", "")
    strategy = spec.setdefault("updateStrategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        strategy.setdefault("rollingUpdate", {}).setdefault("partition", 0)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    retention.setdefault("whenDeleted", "Retain")
    retention.setdefault("whenScaled", "Retain")
    for claim in spec.get("volumeClaimTemplates") or []:
        claim |= {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
        claim.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
        claim.setdefault("status", {}).setdefault("phase", "Pending")


def _daemonset(obj: Obj, spec: Obj) -> None:
    _template(spec)
    spec.setdefault("revisionHistoryLimit", 10)
    strategy = spec.setdefault("updateStrategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    generation = str(obj["metadata"].get("generation", 1))
    annotations = obj["metadata"].setdefault("annotations", {})
    annotations["deprecated.daemonset.template.generation"] = generation


def _job(obj: Obj, spec: Obj) -> None:
    _template(spec)
    for name, value in (
        ("parallelism", 1),
        ("backoffLimit", 6),
        ("completionMode", "NonIndexed"),
        ("suspend", False),
        ("manualSelector", False),
        ("podReplacementPolicy", "TerminatingOrFailed"),
    ):
        spec.setdefault(name, value)
    if "completions" not in spec and spec["parallelism"] == 1:
        spec["completions"] = 1


def _cronjob(obj: Obj, spec: Obj) -> None:
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    template = spec.setdefault("jobTemplate", {})
    template.setdefault("metadata", {})
    _template(template.setdefault("spec", {}))


def _service(obj: Obj, spec: Obj) -> None:
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    for port in spec.get("ports") or []:
        port.setdefault("protocol", "TCP")
        if spec["type"] != "ExternalName":
            port.setdefault("targetPort", port.get("port"))
    if spec["type"] == "ExternalName":
        return
    spec.setdefault("internalTrafficPolicy", "Cluster")


def allocate(kind: Kind, obj: Obj, old: Obj | None) -> None:
    """What the server itself adds to the spec, after ownership of fields is settled."""
    if kind.plural == "jobs":
        _job_labels(obj, obj["spec"])
    elif kind.plural == "services" and obj["spec"].get("type") != "ExternalName":
        _service_addresses(obj, obj["spec"], (old or {}).get("spec", {}))


def _job_labels(obj: Obj, spec: Obj) -> None:
    if spec["manualSelector"]:
        return
    uid, name = obj["metadata"].get("uid", ""), obj["metadata"].get("name", "")
    labels = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
        "controller-uid": uid,
        "job-name": name,
    }
    metadata = spec["template"]["metadata"]
    metadata["labels"] = (metadata.get("labels") or {}) | labels
    obj["metadata"]["labels"] = labels | (obj["metadata"].get("labels") or {})
    spec.setdefault("selector", {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}})


def _service_addresses(obj: Obj, spec: Obj, before: Obj) -> None:
    for name in ("clusterIP", "clusterIPs"):
        if name in before:
            spec.setdefault(name, before[name])
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    if "clusterIP" not in spec:
        serial = int(obj["metadata"].get("uid", "0")[:4] or "0", 16)
        spec["clusterIP"] = f"10.96.{serial >> 8}.{serial & 255}"
    spec.setdefault("clusterIPs", [spec["clusterIP"]])


def _secret(obj: Obj, spec: Obj) -> None:
    obj.setdefault("type", "Opaque")


def _endpointslice(obj: Obj, spec: Obj) -> None:
    for endpoint in obj.get("endpoints") or []:
        endpoint.setdefault("conditions", {})
    for port in obj.get("ports") or []:
        port.setdefault("name", "")
        port.setdefault("protocol", "TCP")


def _namespace(obj: Obj, spec: Obj) -> None:
    if "deletionTimestamp" not in obj["metadata"]:
        spec.setdefault("finalizers", ["kubernetes"])
    labels = obj["metadata"].setdefault("labels", {})
    labels["kubernetes.io/metadata.name"] = obj["metadata"]["name"]


def _autoscaler(obj: Obj, spec: Obj) -> None:
    spec.setdefault("minReplicas", 1)
    target = {"type": "Utilization", "averageUtilization": 80}
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": target}}
    spec["metrics"] = spec.get("metrics") or [cpu]


def _limits(obj: Obj, spec: Obj) -> None:
    for limit in spec.get("limits") or []:
        if limit.get("type") != "Container":
            continue
        if "max" in limit or "default" in limit:
            limit["default"] = (limit.get("max") or {}) | (limit.get("default") or {})
            lowest = limit["default"] | (limit.get("min") or {})
            limit["defaultRequest"] = lowest | (limit.get("defaultRequest") or {})


_NO_SPEC = ("secrets", "endpointslices")
_FILLERS = {
    "secrets": _secret,
    "endpointslices": _endpointslice,
    "pods": _pod,
    "deployments": _deployment,
    "replicasets": _replicaset,
    "statefulsets": _statefulset,
    "daemonsets": _daemonset,
    "jobs": _job,
    "cronjobs": _cronjob,
    "services": _service,
    "namespaces": _namespace,
    "horizontalpodautoscalers": _autoscaler,
    "limitranges": _limits,
}
