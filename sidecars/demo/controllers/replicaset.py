"""ReplicaSets: as many pods as wanted."""

from __future__ import annotations

import copy

from ..selectors import matches
from ..status import ApiError
from ..store import Obj, random_suffix
from .conditions import condition, put_condition
from .pods import age_rank, is_active, is_ready, ready_since_s
from .world import World, reference_to

COMPONENT = "replicaset-controller"
FAILED_RETRY_S = 5.0
LONGEST_RETRY_S = 40.0


class ReplicaSets:
    def __init__(self, world: World) -> None:
        self._world = world
        # uid: when to try again, the pause before it, why
        self._refused: dict[str, tuple[float, float, ApiError]] = {}
        world.reconcilers["replicaset"] = self.reconcile

    def reconcile(self, namespace: str, name: str) -> None:
        world = self._world
        replicaset = world.store.find("replicasets", namespace, name)
        if replicaset is None:
            return
        failure: ApiError | None = None
        if "deletionTimestamp" not in replicaset["metadata"]:
            failure = self._try_to_scale(replicaset)
        self._write_status(replicaset, self._pods(replicaset), failure)

    def _try_to_scale(self, replicaset: Obj) -> ApiError | None:
        """A refusal names a new pod each time: without a pause the status would never settle."""
        uid, now = replicaset["metadata"]["uid"], self._world.clock.now()
        again_s, pause_s, earlier = self._refused.get(uid, (0.0, 0.0, None))
        if now < again_s:
            return earlier
        failure = self._scale(replicaset)
        self._refused.pop(uid, None)
        if failure:
            pause_s = min(max(FAILED_RETRY_S, pause_s * 2), LONGEST_RETRY_S)
            self._refused[uid] = (now + pause_s / self._world.clock.speed, pause_s, failure)
            self._world.mark_after(pause_s + 0.1, "replicaset", *_key(replicaset))
        return failure

    def _pods(self, replicaset: Obj) -> list[Obj]:
        return [pod for pod in self._world.owned("pods", replicaset) if is_active(pod)]

    def _scale(self, replicaset: Obj) -> ApiError | None:
        pods = self._pods(replicaset)
        missing = replicaset["spec"].get("replicas", 1) - len(pods)
        try:
            for _ in range(missing):
                self._create_pod(replicaset)
        except ApiError as problem:
            text = f"Error creating: {problem.message}"
            self._world.events.record(replicaset, COMPONENT, "FailedCreate", text, warning=True)
            return problem
        for pod in sorted(pods, key=age_rank)[: max(0, -missing)]:
            self._world.delete("pods", pod)
            text = f"Deleted pod: {pod['metadata']['name']}"
            self._world.events.record(replicaset, COMPONENT, "SuccessfulDelete", text)
        return None

    def _create_pod(self, replicaset: Obj) -> None:
        pod = pod_from(replicaset, replicaset["metadata"]["name"] + "-" + random_suffix())
        pod["metadata"]["generateName"] = replicaset["metadata"]["name"] + "-"
        created = self._world.create("pods", pod)
        text = f"Created pod: {created['metadata']['name']}"
        self._world.events.record(replicaset, COMPONENT, "SuccessfulCreate", text)

    def _write_status(self, replicaset: Obj, pods: list[Obj], failure: ApiError | None) -> None:
        world = self._world
        current = world.store.find("replicasets", *_key(replicaset))
        if current is None:
            return
        labels = current["spec"]["template"]["metadata"].get("labels", {})
        ready = [pod for pod in pods if is_ready(pod)]
        available = self._available(current, ready)
        wanted: Obj = {
            "replicas": len(pods),
            "observedGeneration": current["metadata"]["generation"],
        }
        full = [pod for pod in pods if matches({"matchLabels": labels}, pod["metadata"].get("labels", {}))]
        counts = {
            "fullyLabeledReplicas": len(full),
            "readyReplicas": len(ready),
            "availableReplicas": available,
        }
        wanted |= {field: count for field, count in counts.items() if count}
        if failure:
            kept = current.get("status", {}).get("conditions", [])
            entry = condition("ReplicaFailure", True, "FailedCreate", failure.message)
            wanted["conditions"] = put_condition(kept, entry, world.timestamp())
        world.set_status("replicasets", current, wanted)

    def _available(self, replicaset: Obj, ready: list[Obj]) -> int:
        """Ready for `minReadySeconds`; asks to look again when that is still to come."""
        least_s = replicaset["spec"].get("minReadySeconds", 0)
        if not least_s:
            return len(ready)
        now = self._world.clock.now()
        waits = [ready_since_s(pod) + least_s - now for pod in ready]
        for wait_s in waits:
            if wait_s > 0:
                speed = self._world.clock.speed
                self._world.mark_after(wait_s * speed, "replicaset", *_key(replicaset))
        return sum(1 for wait_s in waits if wait_s <= 0)


def pod_from(owner: Obj, name: str, template: Obj | None = None) -> Obj:
    template = copy.deepcopy(template or owner["spec"]["template"])
    metadata = template.get("metadata") or {}
    pod_metadata: Obj = {
        "name": name,
        "namespace": owner["metadata"]["namespace"],
        "ownerReferences": [reference_to(owner)],
    }
    for field in ("labels", "annotations", "finalizers"):
        if metadata.get(field):
            pod_metadata[field] = metadata[field]
    return {"metadata": pod_metadata, "spec": template["spec"]}


def _key(obj: Obj) -> tuple[str, str]:
    return obj["metadata"]["namespace"], obj["metadata"]["name"]
