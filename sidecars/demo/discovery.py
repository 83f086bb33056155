"""The kinds served: one row each, and the discovery documents made from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Obj = dict[str, Any]

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Kind:
    plural: str
    kind: str
    group: str
    version: str
    namespaced: bool
    schema: str
    subresources: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    has_generation: bool = False
    verbs: tuple[str, ...] = ALL_VERBS

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


_CORE = "io.k8s.api.core.v1."
_APPS = "io.k8s.api.apps.v1."
_BATCH = "io.k8s.api.batch.v1."


def _core(plural: str, kind: str, *subresources: str, **more: Any) -> Kind:
    more.setdefault("namespaced", True)
    return Kind(plural, kind, "", "v1", schema=_CORE + kind, subresources=subresources, **more)


def _apps(plural: str, kind: str, short: str, *subresources: str) -> Kind:
    return Kind(
        plural,
        kind,
        "apps",
        "v1",
        True,
        _APPS + kind,
        subresources,
        (short,) if short else (),
        ("all",) if short else (),
        bool(short),
    )


def _batch(plural: str, kind: str, *short: str) -> Kind:
    return Kind(plural, kind, "batch", "v1", True, _BATCH + kind, ("status",), short, ("all",), True)


_POD = ("attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward",
        "proxy", "resize", "status")  # fmt: skip

KINDS: dict[str, Kind] = {
    kind.plural: kind
    for kind in (
        _core("pods", "Pod", *_POD, short=("po",), categories=("all",), has_generation=True),
        _core("nodes", "Node", "proxy", "status", short=("no",), namespaced=False),
        _core("namespaces", "Namespace", "finalize", "status", short=("ns",), namespaced=False),
        _core("configmaps", "ConfigMap", short=("cm",)),
        _core("secrets", "Secret"),
        _core("services", "Service", "proxy", "status", short=("svc",), categories=("all",)),
        _core("events", "Event", short=("ev",)),
        _core("serviceaccounts", "ServiceAccount", "token", short=("sa",)),
        _core("resourcequotas", "ResourceQuota", "status", short=("quota",)),
        _core("limitranges", "LimitRange", short=("limits",)),
        _apps("deployments", "Deployment", "deploy", "scale", "status"),
        _apps("replicasets", "ReplicaSet", "rs", "scale", "status"),
        _apps("statefulsets", "StatefulSet", "sts", "scale", "status"),
        _apps("daemonsets", "DaemonSet", "ds", "status"),
        _apps("controllerrevisions", "ControllerRevision", ""),
        _batch("jobs", "Job"),
        _batch("cronjobs", "CronJob", "cj"),
        Kind("horizontalpodautoscalers", "HorizontalPodAutoscaler", "autoscaling", "v2", True,
             "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler", ("status",), ("hpa",), ("all",)),
        Kind("poddisruptionbudgets", "PodDisruptionBudget", "policy", "v1", True,
             "io.k8s.api.policy.v1.PodDisruptionBudget", ("status",), ("pdb",), (), True),
        Kind("endpointslices", "EndpointSlice", "discovery.k8s.io", "v1", True,
             "io.k8s.api.discovery.v1.EndpointSlice", has_generation=True),
    )
}  # fmt: skip

# Reviews are only created; nothing of them is stored.
REVIEWS: dict[str, Kind] = {
    kind.plural: kind
    for kind in (
        Kind("selfsubjectaccessreviews", "SelfSubjectAccessReview", "authorization.k8s.io", "v1",
             False, "", verbs=("create",)),
        Kind("selfsubjectrulesreviews", "SelfSubjectRulesReview", "authorization.k8s.io", "v1",
             False, "", verbs=("create",)),
        Kind("selfsubjectreviews", "SelfSubjectReview", "authentication.k8s.io", "v1",
             False, "", verbs=("create",)),
    )
}  # fmt: skip

# Measured when asked for, as by metrics-server; nothing of it is stored.
METRICS = Kind("pods", "PodMetrics", "metrics.k8s.io", "v1beta1", True, "", verbs=("get", "list"))

_SUBRESOURCE_KINDS = {
    "scale": ("autoscaling", "v1", "Scale", ("get", "patch", "update")),
    "eviction": ("policy", "v1", "Eviction", ("create",)),
    "binding": ("", "", "Binding", ("create",)),
    "token": ("authentication.k8s.io", "v1", "TokenRequest", ("create",)),
    "exec": ("", "", "PodExecOptions", ("create", "get")),
    "attach": ("", "", "PodAttachOptions", ("create", "get")),
    "portforward": ("", "", "PodPortForwardOptions", ("create", "get")),
    "log": ("", "", "", ("get",)),
    "finalize": ("", "", "", ("update",)),
}


def served(group: str, version: str) -> list[Kind]:
    every = [*KINDS.values(), *REVIEWS.values(), METRICS]
    return [kind for kind in every if (kind.group, kind.version) == (group, version)]


def find(group: str, version: str, plural: str) -> Kind | None:
    if (group, plural) == (METRICS.group, METRICS.plural):
        return METRICS if version == METRICS.version else None
    kind = KINDS.get(plural) or REVIEWS.get(plural)
    return kind if kind and (kind.group, kind.version) == (group, version) else None


def groups() -> dict[str, str]:
    """Group to its version, in the order of the table; without the core group."""
    every = [*KINDS.values(), *REVIEWS.values(), METRICS]
    return {kind.group: kind.version for kind in every if kind.group}


def _resource(kind: Kind) -> Obj:
    row: Obj = {
        "name": kind.plural,
        "singularName": kind.kind.lower(),
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
    }
    if kind.short:
        row["shortNames"] = list(kind.short)
    if kind.categories:
        row["categories"] = list(kind.categories)
    return row


def _subresource(kind: Kind, name: str) -> Obj:
    group, version, shown, verbs = _SUBRESOURCE_KINDS.get(
        name, ("", "", kind.kind, ("get", "patch", "update"))
    )
    if name == "proxy":
        shown = f"{kind.kind}ProxyOptions"
        verbs = ("create", "delete", "get", "patch", "update")
    row: Obj = {
        "name": f"{kind.plural}/{name}",
        "singularName": "",
        "namespaced": kind.namespaced,
        "kind": shown or kind.kind,
        "verbs": list(verbs),
    }
    if group:
        row |= {"group": group, "version": version}
    return row


def resource_list(group: str, version: str) -> Obj | None:
    kinds = served(group, version)
    if not kinds:
        return None
    rows: list[Obj] = []
    for kind in sorted(kinds, key=lambda each: each.plural):
        rows.append(_resource(kind))
        rows.extend(_subresource(kind, name) for name in kind.subresources)
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group}/{version}" if group else version,
        "resources": rows,
    }


def group_of(group: str) -> Obj | None:
    version = groups().get(group)
    if version is None:
        return None
    entry = {"groupVersion": f"{group}/{version}", "version": version}
    return {"name": group, "versions": [entry], "preferredVersion": entry}


def group_list() -> Obj:
    found = [group_of(group) for group in groups()]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


VERSION: Obj = {
    "major": "1",
    "minor": "34",
    "emulationMajor": "1",
    "emulationMinor": "34",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "33",
    "gitVersion": "v1.34.4+demo",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2026-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "python",
    "platform": "demo/any",
}
