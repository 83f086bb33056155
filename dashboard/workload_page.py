"""The workloads above a pod, and what the page of one shows: the topology of its template."""

import asyncio
from collections.abc import Awaitable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sidecars import errors
from sidecars.cluster import Cluster
from sidecars.fields import integer, mapping, pairs, text
from sidecars.manifests import configmap_names, read_template
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
KINDS = {resource: kind for (_group, kind), resource in OWNER_RESOURCES.items()}
Choices = Mapping[tuple[str, str], str]  # (resource, name) -> main container, in one namespace
NONE: Choices = {}
LONGEST_CHAIN = 3
CONFIG_MAPS_MOST = 40


@dataclass(frozen=True, slots=True)
class WorkloadName:
    """`resource` is "pods" for a pod whose owner is none of Kubernetes' own workloads."""

    resource: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Workload:
    """The owner whose template makes the pod; `resource` is "" for a kind we do not know.

    Without `object` it was not read, and its name may be any text: an owner reference is not checked.
    """

    kind: str
    name: str
    resource: str
    object: Object | None = None


@dataclass(frozen=True, slots=True)
class Replicas:
    """None where the kind does not count it."""

    ready: int | None
    wanted: int | None


@dataclass(frozen=True, slots=True)
class WorkloadReading:
    """`pod` is the template's; `above` owns the workload itself: a ReplicaSet's Deployment."""

    pod: Pod
    workload: Workload
    above: Workload | None
    known_as: WorkloadName
    chosen_main: str
    selector: str  # of its pods, as `-l` takes it; "" if it has none that simple
    replicas: Replicas
    created: str
    deleting: bool


async def read_workload_page(
    cluster: Cluster, resource: str, namespace: str, name: str, *, choices: Choices = NONE
) -> WorkloadReading:
    """Raises NotFound, Forbidden… for the workload itself; everything beside it may be missing."""
    found = await cluster.get(resource, namespace, name)
    body = {"kind": KINDS[resource], **found}
    services, configmaps, above = await asyncio.gather(
        allowed(cluster.list("services", namespace)),
        read_configmaps(cluster, namespace, configmap_names(body)),
        find_workload(cluster, namespace, body),
    )
    own = Workload(KINDS[resource], name, resource, body)
    known_as = name_of(above if above and above.object else own, namespace, name)
    chosen = choices.get((known_as.resource, known_as.name), "")
    pod = read_template(body, services=services, configmaps=configmaps, chosen_main=chosen)
    return WorkloadReading(
        pod=pod,
        workload=own,
        above=above,
        known_as=known_as,
        chosen_main=chosen if any(container.name == chosen for container in pod.containers) else "",
        selector=",".join(_selector(body)),
        replicas=_replicas(body),
        created=text(body, "metadata", "creationTimestamp"),
        deleting=bool(text(body, "metadata", "deletionTimestamp")),
    )


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
        read = await allowed(cluster.get(resource, namespace, owner["name"])) if resource else None
        found = Workload(owner["kind"], owner["name"], resource, read)
        if read is None:
            break
        child = read
    return found


def name_of(workload: Workload | None, namespace: str, pod: str) -> WorkloadName:
    """What a viewer's choice is kept under: the topmost workload, else the pod itself."""
    if workload is None or workload.object is None:
        return WorkloadName("pods", namespace, pod)
    return WorkloadName(workload.resource, namespace, workload.name)


async def read_configmaps(cluster: Cluster, namespace: str, names: list[str]) -> dict[str, Object] | None:
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


async def allowed(call: Awaitable[T]) -> T | None:
    try:
        return await call
    except (errors.Forbidden, errors.NotFound):
        return None


def template_names(workload: Workload | None) -> frozenset[str] | None:
    if workload is None or workload.object is None:
        return None
    spec = workload.object["spec"]
    spec = (spec.get("jobTemplate") or {}).get("spec") or spec
    template = (spec.get("template") or {}).get("spec") or {}
    kinds = ("containers", "initContainers")
    return frozenset(c["name"] for kind in kinds for c in template.get(kind) or ())


def _selector(body: Object) -> Iterator[str]:
    if mapping(body, "spec", "selector").get("matchExpressions"):
        return
    for key, value in pairs(body, "spec", "selector", "matchLabels"):
        yield f"{key}={value}"


def _replicas(body: Object) -> Replicas:
    """As `kubectl get` counts them for each kind."""
    status, spec = mapping(body, "status"), mapping(body, "spec")
    kind = body["kind"]
    if kind == "DaemonSet":
        return Replicas(integer(status, "numberReady") or 0, integer(status, "desiredNumberScheduled"))
    if kind == "Job":
        wanted = integer(spec, "completions")
        return Replicas(integer(status, "succeeded") or 0, 1 if wanted is None else wanted)
    if kind == "CronJob":
        return Replicas(None, None)
    wanted = integer(spec, "replicas")
    return Replicas(integer(status, "readyReplicas") or 0, 1 if wanted is None else wanted)
