"""The status of a pod, from its containers."""

from __future__ import annotations

from ...store import Obj
from ..conditions import condition, put_condition
from .container import Container, Part

_ORDER = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


def phase_of(mains: list[Container], initialised: bool, policy: str) -> str:
    if not initialised:
        return "Pending"
    ended = [each for each in mains if each.is_done]
    if len(ended) == len(mains):
        if all(each.exit_code == 0 for each in ended) and policy != "Always":
            return "Succeeded"
        if policy == "Never":
            return "Failed"
    begun = [each for each in mains if each.instance is not None]
    blocked = [each for each in mains if each.instance is None]
    return "Pending" if not begun or blocked else "Running"


def build_status(pod: Obj, containers: list[Container], *, has_network: bool, phase: str, now: str) -> Obj:
    before = pod.get("status", {})
    kept_fields = ("qosClass", "startTime", "hostIP", "hostIPs")
    status: Obj = {key: before[key] for key in kept_fields if key in before}
    status["phase"] = phase
    status["observedGeneration"] = pod["metadata"].get("generation", 1)
    lists = (
        ("initContainerStatuses", (Part.INIT, Part.SIDECAR)),
        ("containerStatuses", (Part.MAIN,)),
        ("ephemeralContainerStatuses", (Part.EPHEMERAL,)),
    )
    for name, parts in lists:
        entries = [each.status() for each in containers if each.part in parts]
        if entries:
            status[name] = entries
    kept = list(before.get("conditions", []))
    for entry in _conditions(containers, has_network, phase):
        entry["lastProbeTime"] = None
        entry["observedGeneration"] = status["observedGeneration"]
        kept = put_condition(kept, entry, now)
    status["conditions"] = sorted(kept, key=_rank)
    return status


def _rank(entry: Obj) -> int:
    return _ORDER.index(entry["type"]) if entry["type"] in _ORDER else len(_ORDER)


def _conditions(containers: list[Container], has_network: bool, phase: str) -> list[Obj]:
    inits = [each for each in containers if each.part in (Part.INIT, Part.SIDECAR)]
    waiting = [each.name for each in inits if not _is_initialised(each)]
    serving = [each for each in containers if each.part in (Part.MAIN, Part.SIDECAR)]
    unready = [each.name for each in serving if not each.ready]
    over = phase in ("Succeeded", "Failed")
    built = [condition("PodReadyToStartContainers", has_network and not over)]
    if over:
        reason = "PodCompleted" if phase == "Succeeded" else "PodFailed"
        built.append(condition("Initialized", True, "PodCompleted" if phase == "Succeeded" else ""))
        return [*built, condition("Ready", False, reason), condition("ContainersReady", False, reason),
                condition("PodScheduled", True)]  # fmt: skip
    if waiting:
        text = f"containers with incomplete status: [{' '.join(waiting)}]"
        built.append(condition("Initialized", False, "ContainersNotInitialized", text))
    else:
        built.append(condition("Initialized", True))
    text = f"containers with unready status: [{' '.join(unready)}]"
    for type_ in ("Ready", "ContainersReady"):
        if unready:
            built.append(condition(type_, False, "ContainersNotReady", text))
        else:
            built.append(condition(type_, True))
    return [*built, condition("PodScheduled", True)]


def _is_initialised(container: Container) -> bool:
    if container.part is Part.SIDECAR:
        return container.started or container.restarts > 0
    return container.is_done and container.exit_code == 0
