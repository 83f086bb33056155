"""What the pod page shows, read in one go. What may not be read is said, never left blank."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from sidecars import errors, wire
from sidecars.cluster import Cluster
from sidecars.manifests import configmap_names, read_pod
from sidecars.rows import PodRow, pod_row
from sidecars.topology import Pod

Object = dict[str, Any]
T = TypeVar("T")

OWNER_RESOURCES = {  # by group and kind: other groups have Jobs and StatefulSets of their own
    ("apps", "ReplicaSet"): "replicasets",
    ("apps", "Deployment"): "deployments",
    ("apps", "StatefulSet"): "statefulsets",
    ("apps", "DaemonSet"): "daemonsets",
    ("batch", "Job"): "jobs",
    ("batch", "CronJob"): "cronjobs",
}
LONGEST_CHAIN = 3
CONFIG_MAPS_MOST = 40


@dataclass(frozen=True, slots=True)
class Workload:
    """The owner whose template makes the pod; `resource` is "" for a kind we do not know."""

    kind: str
    name: str
    resource: str
    object: Object | None = None


@dataclass(frozen=True, slots=True)
class PodReading:
    pod: Pod
    row: PodRow
    workload: Workload | None


async def read_pod_page(cluster: Cluster, namespace: str, name: str, *, chosen_main: str = "") -> PodReading:
    """Raises NotFound, Forbidden… for the pod itself; everything beside it may be missing."""
    manifest = await cluster.get("pods", namespace, name)
    services, configmaps, workload = await asyncio.gather(
        _allowed(cluster.list("services", namespace)),
        _read_configmaps(cluster, namespace, configmap_names(manifest)),
        find_workload(cluster, namespace, manifest),
    )
    pod = read_pod(
        manifest,
        services=services,
        configmaps=configmaps,
        template_names=_template_names(workload),
        chosen_main=chosen_main,
    )
    row = pod_row(msgspec.convert(manifest, wire.Pod, strict=False))
    return PodReading(pod, row, workload)


async def find_workload(cluster: Cluster, namespace: str, manifest: Object) -> Workload | None:
    """Up the controllers: Pod → ReplicaSet → Deployment, Pod → Job → CronJob."""
    found: Workload | None = None
    child = manifest
    for _step in range(LONGEST_CHAIN):
        owner = next((o for o in child["metadata"].get("ownerReferences") or () if o.get("controller")), None)
        if owner is None:
            break
        group = str(owner.get("apiVersion", "")).partition("/")[0]
        resource = OWNER_RESOURCES.get((group, owner["kind"]), "")
        read = await _allowed(cluster.get(resource, namespace, owner["name"])) if resource else None
        found = Workload(owner["kind"], owner["name"], resource, read)
        if read is None:
            break
        child = read
    return found


async def _read_configmaps(cluster: Cluster, namespace: str, names: list[str]) -> dict[str, Object] | None:
    """None: not permitted. A ConfigMap that is not there is left out."""
    asked = names[:CONFIG_MAPS_MOST]
    answers = await asyncio.gather(
        *(cluster.get("configmaps", namespace, name) for name in asked), return_exceptions=True
    )
    found: dict[str, Object] = {}
    for name, answer in zip(asked, answers, strict=True):
        if isinstance(answer, errors.Forbidden):
            return None
        if isinstance(answer, errors.NotFound):
            continue
        if isinstance(answer, BaseException):
            raise answer
        found[name] = answer
    return found


async def _allowed(call: Awaitable[T]) -> T | None:
    try:
        return await call
    except (errors.Forbidden, errors.NotFound):
        return None


def _template_names(workload: Workload | None) -> frozenset[str] | None:
    if workload is None or workload.object is None:
        return None
    spec = workload.object["spec"]
    spec = (spec.get("jobTemplate") or {}).get("spec") or spec
    template = (spec.get("template") or {}).get("spec") or {}
    kinds = ("containers", "initContainers")
    return frozenset(c["name"] for kind in kinds for c in template.get(kind) or ())
