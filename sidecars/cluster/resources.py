"""A line per resource, and the paths that are built from them.

Secrets are not in the table: no code path can read one. Every path segment is checked and
quoted here, so that a hostile name never reaches the API server.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sidecars import rows, wire
from sidecars.errors import NotFound


@dataclass(frozen=True, slots=True)
class Resource:
    group: str  # "" is the core group
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    item: type[Any] | None = None  # Struct of one object, if the resource is reflected
    items: type[Any] | None = None  # Struct of a list page
    row: Callable[[Any], Any] | None = None

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def prefix(self) -> str:
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"


_TABLE = (
    Resource("", "v1", "pods", "Pod", item=wire.Pod, items=wire.PodList, row=rows.pod_row),
    Resource("", "v1", "services", "Service"),
    Resource("", "v1", "configmaps", "ConfigMap"),
    Resource("", "v1", "events", "Event"),
    Resource("", "v1", "namespaces", "Namespace", namespaced=False),
    Resource("", "v1", "nodes", "Node", namespaced=False),
    Resource("", "v1", "resourcequotas", "ResourceQuota"),
    Resource("", "v1", "limitranges", "LimitRange"),
    Resource(
        "apps",
        "v1",
        "deployments",
        "Deployment",
        item=wire.Deployment,
        items=wire.DeploymentList,
        row=rows.deployment_row,
    ),
    Resource("apps", "v1", "replicasets", "ReplicaSet"),
    Resource("apps", "v1", "statefulsets", "StatefulSet"),
    Resource("apps", "v1", "daemonsets", "DaemonSet"),
    Resource("apps", "v1", "controllerrevisions", "ControllerRevision"),
    Resource("batch", "v1", "jobs", "Job"),
    Resource("batch", "v1", "cronjobs", "CronJob"),
    Resource("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
    Resource("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget"),
    Resource("networking.k8s.io", "v1", "ingresses", "Ingress"),
    Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"),
    Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
)
RESOURCES = {resource.plural: resource for resource in _TABLE}
# By its full name, as for kubectl: another group has pods too.
RESOURCES["pods.metrics.k8s.io"] = Resource("metrics.k8s.io", "v1beta1", "pods", "PodMetrics")

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", re.ASCII)
_SUBRESOURCE = re.compile(r"[a-z]{1,63}", re.ASCII)


def resource_of(plural: str) -> Resource:
    resource = RESOURCES.get(plural)
    if resource is None:
        raise NotFound(resource="resource", name=plural[:63])
    return resource


def is_label(name: str) -> bool:
    """RFC 1123 label: namespaces and containers."""
    return _LABEL.fullmatch(name) is not None


def is_name(name: str) -> bool:
    """RFC 1123 subdomain: everything else that this program names."""
    return len(name) <= 253 and _SUBDOMAIN.fullmatch(name) is not None


def build_path(resource: Resource, namespace: str = "", name: str = "", subresource: str = "") -> str:
    """Raises NotFound, without a request, for names that no object can have."""
    parts = [resource.prefix]
    if namespace and resource.namespaced:
        if not is_label(namespace):
            raise NotFound(resource="namespaces", name=namespace[:253])
        parts += ["namespaces", quote(namespace, safe="")]
    parts.append(resource.plural)
    if name:
        if not is_name(name):
            raise NotFound(resource=resource.plural, name=name[:253])
        parts.append(quote(name, safe=""))
    if subresource:
        if _SUBRESOURCE.fullmatch(subresource) is None:
            raise NotFound(resource=resource.plural, name=subresource[:63])
        parts.append(subresource)
    return "/".join(parts)
