"""What the pod page shows, read in one go. What may not be read is said, never left blank."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from dashboard.workload_page import (
    NONE,
    Choices,
    Workload,
    WorkloadName,
    allowed,
    find_workload,
    name_of,
    read_configmaps,
    template_names,
)
from sidecars import errors, wire
from sidecars.cluster import Cluster
from sidecars.manifests import configmap_names, read_pod
from sidecars.messages import gettext_noop as _
from sidecars.rows import PodRow, pod_row
from sidecars.topology import Pod, Usage
from sidecars.usage import read_usage

Object = dict[str, Any]
METRICS_S = 1.5  # a picture does not wait longer for what is only a number in it
NO_METRICS = _("The cluster has no metrics of it.")
NOT_PERMITTED = _("Not permitted: get pods.metrics.k8s.io")


@dataclass(frozen=True, slots=True)
class Measured:
    """What each container uses, by its name; `problem` says why nothing is known."""

    usage: Mapping[str, Usage] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PodReading:
    """`chosen_main` is the viewer's own choice for `known_as`; "" if the rules decide."""

    pod: Pod
    row: PodRow
    workload: Workload | None
    known_as: WorkloadName
    chosen_main: str = ""
    measured: Measured = Measured()


async def read_pod_page(
    cluster: Cluster, namespace: str, name: str, *, choices: Choices = NONE
) -> PodReading:
    """Raises NotFound, Forbidden… for the pod itself; everything beside it may be missing."""
    manifest = await cluster.get("pods", namespace, name)
    services, configmaps, workload, own, measured = await asyncio.gather(
        allowed(cluster.list("services", namespace)),
        read_configmaps(cluster, namespace, configmap_names(manifest)),
        find_workload(cluster, namespace, manifest),
        allowed(cluster.get("namespaces", "", namespace)),
        _measure(cluster, namespace, name),
    )
    known_as = name_of(workload, namespace, name)
    chosen = choices.get((known_as.resource, known_as.name), "")
    pod = read_pod(
        manifest,
        services=services,
        configmaps=configmaps,
        template_names=template_names(workload),
        chosen_main=chosen,
        namespace_object=own,
    )
    row = pod_row(msgspec.convert(manifest, wire.Pod, strict=False))
    chosen = chosen if any(container.name == chosen for container in pod.containers) else ""
    return PodReading(pod, row, workload, known_as, chosen, measured)


async def _measure(cluster: Cluster, namespace: str, name: str) -> Measured:
    """Whatever fails here, the pod is shown: many clusters have no metrics API, or a broken one."""
    try:
        async with asyncio.timeout(METRICS_S):
            return Measured(read_usage(await cluster.get("pods.metrics.k8s.io", namespace, name)))
    except errors.Forbidden:
        return Measured(problem=NOT_PERMITTED)
    except (errors.ClusterError, TimeoutError):
        return Measured(problem=NO_METRICS)
