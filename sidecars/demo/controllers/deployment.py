"""Deployments: revisions as ReplicaSets, rolled as the strategy says."""

from __future__ import annotations

from ..store import Obj
from .conditions import condition, find_condition, put_condition
from .pods import epoch_s
from .strategy import available, find_current, has_moved, max_unavailable, pod_count, surge
from .templates import new_replicaset, revision_of, set_revision
from .world import World

COMPONENT = "deployment-controller"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAX = "deployment.kubernetes.io/max-replicas"


class Deployments:
    def __init__(self, world: World) -> None:
        self._world = world
        world.reconcilers["deployment"] = self.reconcile

    def reconcile(self, namespace: str, name: str) -> None:
        deployment = self._world.store.find("deployments", namespace, name)
        if deployment is None:
            return
        if "deletionTimestamp" not in deployment["metadata"]:
            replicasets = self._world.owned("replicasets", deployment)
            current = find_current(deployment, replicasets)
            paused = deployment["spec"].get("paused", False)
            reason = ""
            if current is None and not paused:
                current = self._begin_revision(deployment, replicasets)
                reason = "NewReplicaSetCreated"
            elif current is not None and not paused:
                self._keep_revision(deployment, current, replicasets)
            self._roll(deployment, current, paused)
            self._forget_history(deployment, current)
            self._write_status(namespace, name, current, reason)

    # Revisions

    def _begin_revision(self, deployment: Obj, replicasets: list[Obj]) -> Obj:
        revision = max((revision_of(each) for each in replicasets), default=0) + 1
        replicaset = new_replicaset(deployment, revision)
        wanted = deployment["spec"].get("replicas", 1)
        replicaset["metadata"]["annotations"] |= self._sizes(deployment)
        created = self._world.create("replicasets", replicaset)
        self._annotate_revision(deployment, revision)
        others = [each for each in replicasets if each["spec"].get("replicas", 0)]
        if not others and wanted:
            return self._scale(deployment, created, wanted)
        return created

    def _keep_revision(self, deployment: Obj, current: Obj, replicasets: list[Obj]) -> None:
        """An old revision that is wanted again becomes the newest: a rollback."""
        others = [revision_of(each) for each in replicasets if each is not current]
        revision = revision_of(current)
        if others and revision <= max(others):
            revision = max(others) + 1
            self._world.edit("replicasets", current, lambda copy: set_revision(copy, revision))
        self._annotate_revision(deployment, revision)

    def _annotate_revision(self, deployment: Obj, revision: int) -> None:
        if revision_of(deployment) != revision:
            self._world.edit(
                "deployments", deployment, lambda copy: set_revision(copy, revision), subresource="status"
            )

    def _forget_history(self, deployment: Obj, current: Obj | None) -> None:
        limit = deployment["spec"].get("revisionHistoryLimit", 10)
        uid = current["metadata"]["uid"] if current else ""
        empty = [
            each
            for each in self._world.owned("replicasets", deployment)
            if each["metadata"]["uid"] != uid and not pod_count(each)
        ]
        for each in sorted(empty, key=revision_of)[: max(0, len(empty) - limit)]:
            self._world.delete("replicasets", each)

    # Rolling

    def _roll(self, deployment: Obj, current: Obj | None, paused: bool) -> None:
        world = self._world
        old = [each for each in world.owned("replicasets", deployment) if not _same(each, current)]
        if paused:
            if current and not any(each["spec"].get("replicas") for each in old):
                self._scale(deployment, current, deployment["spec"].get("replicas", 1))
            return
        assert current is not None
        if deployment["spec"].get("strategy", {}).get("type") == "Recreate":
            self._recreate(deployment, current, old)
            return
        current = self._grow(deployment, current, old)
        self._shrink(deployment, current, old)

    def _recreate(self, deployment: Obj, current: Obj, old: list[Obj]) -> None:
        for each in old:
            self._scale(deployment, each, 0)
        if not any(self._world.owned("pods", each) for each in old):
            self._scale(deployment, current, deployment["spec"].get("replicas", 1))

    def _grow(self, deployment: Obj, current: Obj, old: list[Obj]) -> Obj:
        wanted = deployment["spec"].get("replicas", 1)
        have = current["spec"].get("replicas", 0)
        if have > wanted:
            return self._scale(deployment, current, wanted)
        total = have + sum(each["spec"].get("replicas", 0) for each in old)
        room = wanted + surge(deployment) - total
        more = min(room, wanted - have)
        return self._scale(deployment, current, have + more) if more > 0 else current

    def _shrink(self, deployment: Obj, current: Obj, old: list[Obj]) -> None:
        wanted = deployment["spec"].get("replicas", 1)
        everything = [current, *old]
        total = sum(each["spec"].get("replicas", 0) for each in everything)
        least = wanted - max_unavailable(deployment)
        missing = current["spec"].get("replicas", 0) - available(current)
        spare = total - least - missing
        by_age = sorted(old, key=lambda each: str(each["metadata"]["creationTimestamp"]))
        for each in by_age:  # unhealthy pods first: they serve nobody
            broken = each["spec"].get("replicas", 0) - available(each)
            spare -= self._take(deployment, each, min(spare, broken))
        serving = sum(available(each) for each in everything)
        spare = min(spare, serving - least)
        for each in by_age:
            spare -= self._take(deployment, each, spare)

    def _take(self, deployment: Obj, replicaset: Obj, count: int) -> int:
        replicaset = self._world.store.get("replicasets", *_key(replicaset))
        have = replicaset["spec"].get("replicas", 0)
        count = min(count, have)
        if count <= 0:
            return 0
        self._scale(deployment, replicaset, have - count)
        return count

    def _scale(self, deployment: Obj, replicaset: Obj, size: int) -> Obj:
        world = self._world
        have = replicaset["spec"].get("replicas", 0)
        sizes = self._sizes(deployment)

        def change(copy: Obj) -> None:
            copy["spec"]["replicas"] = size
            copy["metadata"].setdefault("annotations", {}).update(sizes)

        scaled = world.edit("replicasets", replicaset, change)
        if have != size:
            verb = "up" if size > have else "down"
            name = replicaset["metadata"]["name"]
            text = f"Scaled {verb} replica set {name} from {have} to {size}"
            world.events.record(deployment, COMPONENT, "ScalingReplicaSet", text)
        return scaled

    def _sizes(self, deployment: Obj) -> dict[str, str]:
        wanted = deployment["spec"].get("replicas", 1)
        return {DESIRED: str(wanted), MAX: str(wanted + surge(deployment))}

    # Status

    def _write_status(self, namespace: str, name: str, current: Obj | None, reason: str) -> None:
        world = self._world
        deployment = world.store.get("deployments", namespace, name)
        replicasets = world.owned("replicasets", deployment)
        uid = current["metadata"]["uid"] if current else ""
        updated = sum(pod_count(each) for each in replicasets if each["metadata"]["uid"] == uid)
        total = sum(pod_count(each) for each in replicasets)
        ready = sum(each.get("status", {}).get("readyReplicas", 0) for each in replicasets)
        serving = sum(available(each) for each in replicasets)
        desired = sum(each["spec"].get("replicas", 0) for each in replicasets)
        counts = {
            "replicas": total,
            "updatedReplicas": updated,
            "readyReplicas": ready,
            "availableReplicas": serving,
            "unavailableReplicas": max(0, desired - serving),
        }
        wanted: Obj = {"observedGeneration": deployment["metadata"]["generation"]}
        wanted |= {field: count for field, count in counts.items() if count}
        wanted["conditions"] = self._conditions(deployment, current, counts, replicasets, reason)
        world.set_status("deployments", deployment, wanted)

    def _conditions(
        self,
        deployment: Obj,
        current: Obj | None,
        counts: dict[str, int],
        replicasets: list[Obj],
        reason: str,
    ) -> list[Obj]:
        world = self._world
        now = world.timestamp()
        kept = list(deployment.get("status", {}).get("conditions", []))
        least = deployment["spec"].get("replicas", 1) - max_unavailable(deployment)
        if counts["availableReplicas"] >= least:
            text = "Deployment has minimum availability."
            entry = condition("Available", True, "MinimumReplicasAvailable", text)
        else:
            text = "Deployment does not have minimum availability."
            entry = condition("Available", False, "MinimumReplicasUnavailable", text)
        kept = put_condition(kept, entry, now, updated=True)
        kept = [each for each in kept if each["type"] != "ReplicaFailure"]
        for each in replicasets:
            failure = find_condition(each, "ReplicaFailure")
            if failure and _same(each, current):
                failure.pop("lastTransitionTime")
                kept = put_condition(kept, failure, now, updated=True)
        progress = self._progress(deployment, current, counts, reason)
        if progress:
            kept = put_condition(kept, progress, now, updated=True)
            kept = self._touch(deployment, kept, counts, now)
        return kept

    def _progress(
        self, deployment: Obj, current: Obj | None, counts: dict[str, int], reason: str
    ) -> Obj | None:
        before = find_condition(deployment, "Progressing")
        if deployment["spec"].get("paused"):
            if before and before.get("reason") == "ProgressDeadlineExceeded":
                return None
            return {"type": "Progressing", "status": "Unknown", "reason": "DeploymentPaused",
                    "message": "Deployment is paused"}  # fmt: skip
        if current is None:
            return None
        name = current["metadata"]["name"]
        if reason:
            return condition("Progressing", True, reason, f'Created new replica set "{name}"')
        wanted = deployment["spec"].get("replicas", 1)
        if counts["updatedReplicas"] == counts["replicas"] == counts["availableReplicas"] == wanted:
            text = f'ReplicaSet "{name}" has successfully progressed.'
            return condition("Progressing", True, "NewReplicaSetAvailable", text)
        return self._unfinished(deployment, name, before, counts)

    def _unfinished(
        self, deployment: Obj, name: str, before: Obj | None, counts: dict[str, int]
    ) -> Obj | None:
        text = f'ReplicaSet "{name}" is progressing.'
        progressing = condition("Progressing", True, "ReplicaSetUpdated", text)
        if before is None or has_moved(deployment, counts):
            self._look_again(deployment, self._deadline_s(deployment))
            return progressing
        if before.get("reason") == "NewReplicaSetAvailable":
            # Pods of a finished rollout that fell ill do not reopen it.
            finished = name in str(before.get("message", ""))
            return None if finished else progressing
        if before.get("reason") == "ProgressDeadlineExceeded":
            return None
        left_s = epoch_s(before["lastUpdateTime"]) + self._deadline_s(deployment) - self._world.clock.now()
        if left_s > 0:
            self._look_again(deployment, left_s)
            return None if before.get("reason") == "ReplicaSetUpdated" else progressing
        text = f'ReplicaSet "{name}" has timed out progressing.'
        return condition("Progressing", False, "ProgressDeadlineExceeded", text)

    def _touch(self, deployment: Obj, kept: list[Obj], counts: dict[str, int], now: str) -> list[Obj]:
        """Progress renews the time from which the deadline counts."""
        if not has_moved(deployment, counts):
            return kept
        return [
            each | {"lastUpdateTime": now} if each.get("reason") == "ReplicaSetUpdated" else each
            for each in kept
        ]

    def _deadline_s(self, deployment: Obj) -> float:
        return float(deployment["spec"].get("progressDeadlineSeconds", 600)) / self._world.clock.speed

    def _look_again(self, deployment: Obj, wait_s: float) -> None:
        wait_s = max(1.0, wait_s + 1) * self._world.clock.speed
        self._world.mark_after(wait_s, "deployment", *_key(deployment))


def _same(one: Obj, other: Obj | None) -> bool:
    return other is not None and one["metadata"]["uid"] == other["metadata"]["uid"]


def _key(obj: Obj) -> tuple[str, str]:
    return obj["metadata"]["namespace"], obj["metadata"]["name"]
