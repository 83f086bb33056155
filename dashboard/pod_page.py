"""What the pod page shows, read in one go. What may not be read is said, never left blank."""

import asyncio
from dataclasses import dataclass
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
from sidecars import wire
from sidecars.cluster import Cluster
from sidecars.manifests import configmap_names, read_pod
from sidecars.rows import PodRow, pod_row
from sidecars.topology import Pod

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PodReading:
    """`chosen_main` is the viewer's own choice for `known_as`; "" if the rules decide."""

    pod: Pod
    row: PodRow
    workload: Workload | None
    known_as: WorkloadName
    chosen_main: str = ""


async def read_pod_page(
    cluster: Cluster, namespace: str, name: str, *, choices: Choices = NONE
) -> PodReading:
    """Raises NotFound, Forbidden… for the pod itself; everything beside it may be missing."""
    manifest = await cluster.get("pods", namespace, name)
    services, configmaps, workload = await asyncio.gather(
        allowed(cluster.list("services", namespace)),
        read_configmaps(cluster, namespace, configmap_names(manifest)),
        find_workload(cluster, namespace, manifest),
    )
    known_as = name_of(workload, namespace, name)
    chosen = choices.get((known_as.resource, known_as.name), "")
    pod = read_pod(
        manifest,
        services=services,
        configmaps=configmaps,
        template_names=template_names(workload),
        chosen_main=chosen,
    )
    row = pod_row(msgspec.convert(manifest, wire.Pod, strict=False))
    chosen = chosen if any(container.name == chosen for container in pod.containers) else ""
    return PodReading(pod, row, workload, known_as, chosen)
