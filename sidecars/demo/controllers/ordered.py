"""StatefulSets and DaemonSets: pods with fixed names or fixed places."""

from __future__ import annotations

from ..status import ApiError
from ..store import Obj, random_suffix
from .pods import is_active, is_ready
from .replicaset import pod_from
from .templates import template_hash
from .world import World

REVISION_LABEL = "controller-revision-hash"


class StatefulSets:
    """One pod after the other; an update goes from the last ordinal to the first."""

    def __init__(self, world: World) -> None:
        self._world = world
        world.reconcilers["statefulset"] = self.reconcile

    def reconcile(self, namespace: str, name: str) -> None:
        world = self._world
        owner = world.store.find("statefulsets", namespace, name)
        if owner is None or "deletionTimestamp" in owner["metadata"]:
            return
        revision = f"{name}-{template_hash(owner['spec']['template'])}"
        pods = {each["metadata"]["name"]: each for each in world.owned("pods", owner)}
        try:
            self._move(owner, pods, revision)
        finally:
            self._write_status(owner, revision)

    def _move(self, owner: Obj, pods: dict[str, Obj], revision: str) -> None:
        spec, name = owner["spec"], owner["metadata"]["name"]
        wanted = [f"{name}-{ordinal}" for ordinal in range(spec.get("replicas", 1))]
        parallel = spec.get("podManagementPolicy") == "Parallel"
        for each in wanted:
            if each not in pods:
                self._create(owner, each, revision)
            if not parallel and not is_ready(pods.get(each, {"status": {}})):
                return
        extra = sorted((each for each in pods if each not in wanted), key=_ordinal)
        if extra:
            self._world.delete("pods", pods[extra[-1]])
            return
        strategy = spec.get("updateStrategy", {})
        if strategy.get("type") == "OnDelete":
            return
        first = strategy.get("rollingUpdate", {}).get("partition", 0)
        for each in reversed(wanted[first:]):
            pod = pods[each]
            if pod["metadata"]["labels"].get(REVISION_LABEL) != revision:
                if is_active(pod):
                    self._world.delete("pods", pod)
                return

    def _create(self, owner: Obj, name: str, revision: str) -> None:
        pod = pod_from(owner, name)
        labels = pod["metadata"].setdefault("labels", {})
        labels |= {
            "statefulset.kubernetes.io/pod-name": name,
            "apps.kubernetes.io/pod-index": name.rpartition("-")[2],
            REVISION_LABEL: revision,
        }
        pod["spec"]["hostname"] = name
        if owner["spec"].get("serviceName"):
            pod["spec"]["subdomain"] = owner["spec"]["serviceName"]
        for claim in owner["spec"].get("volumeClaimTemplates", []):
            volume = claim["metadata"]["name"]
            source = {"persistentVolumeClaim": {"claimName": f"{volume}-{name}"}}
            pod["spec"].setdefault("volumes", []).append({"name": volume, **source})
        _create_pod(self._world, owner, pod, "statefulset-controller",
                    f"create Pod {name} in StatefulSet {owner['metadata']['name']} successful")  # fmt: skip

    def _write_status(self, owner: Obj, revision: str) -> None:
        world = self._world
        current = world.store.find("statefulsets", owner["metadata"]["namespace"], owner["metadata"]["name"])
        if current is None:
            return
        pods = world.owned("pods", current)
        ready = sum(1 for each in pods if is_ready(each))
        updated = [each for each in pods if each["metadata"]["labels"].get(REVISION_LABEL) == revision]
        done = len(updated) == current["spec"].get("replicas", 1)
        before = current.get("status", {}).get("currentRevision", revision)
        wanted: Obj = {
            "observedGeneration": current["metadata"]["generation"],
            "replicas": len(pods),
            "currentRevision": revision if done else before,
            "updateRevision": revision,
            "collisionCount": 0,
            "availableReplicas": ready,
        }
        counts = {"readyReplicas": ready, "updatedReplicas": len(updated),
                  "currentReplicas": len(pods) if done else len(pods) - len(updated)}  # fmt: skip
        wanted |= {field: count for field, count in counts.items() if count}
        world.set_status("statefulsets", current, wanted)


class DaemonSets:
    """A pod on every node."""

    def __init__(self, world: World) -> None:
        self._world = world
        world.reconcilers["daemonset"] = self.reconcile

    def reconcile(self, namespace: str, name: str) -> None:
        world = self._world
        owner = world.store.find("daemonsets", namespace, name)
        if owner is None or "deletionTimestamp" in owner["metadata"]:
            return
        digest = template_hash(owner["spec"]["template"])
        nodes = [node["metadata"]["name"] for node in world.store.list("nodes")
                 if not node["metadata"]["name"].startswith("sim-")]  # fmt: skip
        pods = world.owned("pods", owner)
        served = {_wanted_node(each) for each in pods}
        for node in nodes:
            if node not in served:
                self._create(owner, node, digest)
        active = [each for each in pods if is_active(each)]
        old = [each for each in active if each["metadata"]["labels"].get(REVISION_LABEL) != digest]
        # One at a time, the default of maxUnavailable.
        if old and len(active) == len(nodes) and all(is_ready(each) for each in active if each not in old):
            world.delete("pods", old[0])
        self._write_status(owner, nodes, digest)

    def _create(self, owner: Obj, node: str, digest: str) -> None:
        name = f"{owner['metadata']['name']}-{random_suffix()}"
        pod = pod_from(owner, name)
        pod["metadata"]["generateName"] = f"{owner['metadata']['name']}-"
        pod["metadata"].setdefault("labels", {})[REVISION_LABEL] = digest
        pod["spec"]["nodeName"] = node
        _create_pod(self._world, owner, pod, "daemonset-controller", f"Created pod: {name}")

    def _write_status(self, owner: Obj, nodes: list[str], digest: str) -> None:
        world = self._world
        current = world.store.find("daemonsets", owner["metadata"]["namespace"], owner["metadata"]["name"])
        if current is None:
            return
        pods = [each for each in world.owned("pods", current) if is_active(each)]
        ready = sum(1 for each in pods if is_ready(each))
        updated = [each for each in pods if each["metadata"]["labels"].get(REVISION_LABEL) == digest]
        wanted: Obj = {
            "observedGeneration": current["metadata"]["generation"],
            "currentNumberScheduled": len(pods),
            "desiredNumberScheduled": len(nodes),
            "numberMisscheduled": 0,
            "numberReady": ready,
        }
        counts = {"numberAvailable": ready, "updatedNumberScheduled": len(updated),
                  "numberUnavailable": len(nodes) - ready}  # fmt: skip
        wanted |= {field: count for field, count in counts.items() if count}
        world.set_status("daemonsets", current, wanted)


def _create_pod(world: World, owner: Obj, pod: Obj, component: str, done: str) -> None:
    """Raises ApiError once it has been told as an event."""
    try:
        world.create("pods", pod)
    except ApiError as problem:
        text = f"Error creating: {problem.message}"
        world.events.record(owner, component, "FailedCreate", text, warning=True)
        raise
    world.events.record(owner, component, "SuccessfulCreate", done)


def _ordinal(name: str) -> int:
    text = name.rpartition("-")[2]
    return int(text) if text.isdigit() else 0


def _wanted_node(pod: Obj) -> str:
    return str(pod["spec"].get("nodeName", ""))
