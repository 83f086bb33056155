"""Jobs: pods until enough have succeeded."""

from __future__ import annotations

from ..store import Obj, random_suffix
from .pods import is_ready
from .replicaset import pod_from
from .world import World

COMPONENT = "job-controller"
BACKOFF_S = 10.0


class Jobs:
    def __init__(self, world: World) -> None:
        self._world = world
        world.reconcilers["job"] = self.reconcile

    def reconcile(self, namespace: str, name: str) -> None:
        world = self._world
        job = world.store.find("jobs", namespace, name)
        if job is None or "deletionTimestamp" in job["metadata"]:
            return
        if job.get("status", {}).get("completionTime") or _failed(job):
            return
        pods = world.owned("pods", job)
        succeeded = _in_phase(pods, "Succeeded")
        failed = _in_phase(pods, "Failed")
        active = [each for each in pods if each not in succeeded and each not in failed]
        wanted = job["spec"].get("completions") or 1
        limit = job["spec"].get("backoffLimit", 6)
        if len(failed) > limit:
            self._end(job, "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
            return
        if len(succeeded) >= wanted:
            self._end(job, "Complete", "CompletionsReached", "Reached expected number of succeeded pods")
            return
        if not job["spec"].get("suspend"):
            room = min(job["spec"].get("parallelism", 1), wanted - len(succeeded)) - len(active)
            for _ in range(room):
                active.append(self._create_pod(job))
        self._write(job, active, succeeded, failed)

    def _create_pod(self, job: Obj) -> Obj:
        name = job["metadata"]["name"]
        pod = pod_from(job, f"{name}-{random_suffix()}")
        pod["metadata"]["generateName"] = f"{name}-"
        created = self._world.create("pods", pod)
        text = f"Created pod: {created['metadata']['name']}"
        self._world.events.record(job, COMPONENT, "SuccessfulCreate", text)
        return created

    def _write(self, job: Obj, active: list[Obj], succeeded: list[Obj], failed: list[Obj]) -> None:
        status = self._status(job, active, succeeded, failed)
        self._world.set_status("jobs", self._current(job), status)

    def _status(self, job: Obj, active: list[Obj], succeeded: list[Obj], failed: list[Obj]) -> Obj:
        status: Obj = {"startTime": job.get("status", {}).get("startTime") or self._world.timestamp()}
        counts = {"active": len(active), "succeeded": len(succeeded), "failed": len(failed)}
        status |= {field: count for field, count in counts.items() if count}
        status["ready"] = sum(1 for each in active if is_ready(each))
        return status | {"terminating": 0, "uncountedTerminatedPods": {}}

    def _end(self, job: Obj, type_: str, reason: str, text: str) -> None:
        pods = self._world.owned("pods", job)
        status = self._status(job, [], _in_phase(pods, "Succeeded"), _in_phase(pods, "Failed"))
        now = self._world.timestamp()
        first = "SuccessCriteriaMet" if type_ == "Complete" else "FailureTarget"
        status["conditions"] = [
            {"type": each, "status": "True", "lastProbeTime": now, "lastTransitionTime": now,
             "reason": reason, "message": text}
            for each in (first, type_)
        ]  # fmt: skip
        if type_ == "Complete":
            status["completionTime"] = now
        self._world.set_status("jobs", self._current(job), status)
        if type_ == "Complete":
            self._world.events.record(job, COMPONENT, "Completed", "Job completed")
        else:
            self._world.events.record(job, COMPONENT, reason, text, warning=True)

    def _current(self, job: Obj) -> Obj:
        return self._world.store.get("jobs", job["metadata"]["namespace"], job["metadata"]["name"])


def _failed(job: Obj) -> bool:
    return any(each["type"] == "Failed" for each in job.get("status", {}).get("conditions", []))


def _in_phase(pods: list[Obj], phase: str) -> list[Obj]:
    return [each for each in pods if each.get("status", {}).get("phase") == phase]
