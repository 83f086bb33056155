"""How far a rollout is, read from the workload and its pods. New and old differ by our annotation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sidecars.attach.plan import Plan
from sidecars.attach.workload import replicas
from sidecars.fields import integer, items, mapping, text, truth
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _

Stage = Literal["waiting", "progressing", "paused", "complete", "failed"]
BAD_REASONS = (
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "ErrImageNeverPull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
)
DEFAULT_DEADLINE_S = 600


@dataclass(frozen=True, slots=True)
class RolloutPod:
    name: str
    is_new: bool
    status: str
    ready: str  # "2/2"
    container: str = ""  # the failing one
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rollout:
    stage: Stage
    sentence: Sentence
    desired: int
    updated: int
    ready: int
    available: int
    old: int
    pods: tuple[RolloutPod, ...] = ()


def read_rollout(
    workload: Mapping[str, Any],
    pods: Sequence[Mapping[str, Any]] | None,
    plan: Plan,
    *,
    attached: bool,
    generation: int = 0,
) -> Rollout:
    """`attached`: whether new pods carry our annotation. `pods` None: not permitted to list them."""
    status = mapping(workload, "status")
    shown = tuple(_read_pod(pod, plan, attached=attached) for pod in pods or ())
    counts = {
        "desired": replicas(workload),
        "updated": integer(status, "updatedReplicas") or 0,
        "ready": integer(status, "readyReplicas") or 0,
        "available": integer(status, "availableReplicas") or 0,
    }
    counts["old"] = (integer(status, "replicas") or 0) - counts["updated"]
    stage, sentence = _stage(workload, counts, generation)
    failing = next((pod for pod in shown if pod.is_new and pod.reason), None)
    if failing and stage == "progressing":
        why = _("%(container)s in %(pod)s does not start: %(reason)s.")
        names = {"container": failing.container, "pod": failing.name, "reason": failing.reason}
        sentence = Sentence(why, names)
    return Rollout(stage, sentence, **counts, pods=shown)


def deadline_s(workload: Mapping[str, Any]) -> int:
    return integer(workload, "spec", "progressDeadlineSeconds") or DEFAULT_DEADLINE_S


def _stage(workload: Mapping[str, Any], counts: Mapping[str, int], generation: int) -> tuple[Stage, Sentence]:
    status = mapping(workload, "status")
    wanted = max(generation, integer(workload, "metadata", "generation") or 0)
    if (integer(status, "observedGeneration") or 0) < wanted:
        return "waiting", Sentence(_("Waiting for the controller to see the change."))
    conditions = {text(c, "type"): c for c in items(status, "conditions")}
    progressing = conditions.get("Progressing", {})
    if text(progressing, "reason") == "ProgressDeadlineExceeded":
        late = _("The rollout made no progress within %(seconds)s s.")
        return "failed", Sentence(late, {"seconds": deadline_s(workload)})
    desired = counts["desired"]
    if counts["updated"] >= desired and counts["available"] >= desired and counts["old"] <= 0:
        done = _("%(count)s of %(count)s pods are new and ready.")
        return "complete", Sentence(done, {"count": desired})
    if truth(workload, "spec", "paused"):
        return "paused", Sentence(_("The rollout is paused. It goes on once it is resumed."))
    failure = conditions.get("ReplicaFailure", {})
    if text(failure, "status") == "True":
        refused = _("New pods are refused: %(cause)s")
        return "progressing", Sentence(refused, {"cause": text(failure, "message")[:256]})
    moving = _("%(updated)s of %(desired)s pods are new, %(ready)s ready, %(old)s old left.")
    return "progressing", Sentence(moving, counts)


def _read_pod(pod: Mapping[str, Any], plan: Plan, *, attached: bool) -> RolloutPod:
    carries = is_carrier(pod, plan)
    statuses = items(pod, "status", "initContainerStatuses") + items(pod, "status", "containerStatuses")
    natives = {
        text(c, "name") for c in items(pod, "spec", "initContainers") if text(c, "restartPolicy") == "Always"
    }
    names = natives | {text(c, "name") for c in items(pod, "spec", "containers")}
    ready = sum(truth(s, "ready") for s in statuses if text(s, "name") in names)
    container, reason = _failing(statuses)
    status = text(pod, "status", "phase")
    if mapping(pod, "metadata").get("deletionTimestamp"):
        status = "Terminating"
    return RolloutPod(
        name=text(pod, "metadata", "name"),
        is_new=carries == attached,
        status=reason or status,
        ready=f"{ready}/{len(names)}",
        container=container,
        reason=reason,
    )


def is_carrier(pod: Mapping[str, Any], plan: Plan) -> bool:
    """Whether the pod was made from a template with our annotation."""
    annotations = mapping(pod, "metadata", "annotations")
    return annotations.get(plan.annotation_key) == plan.annotation


def _failing(statuses: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    for status in statuses:
        reason = text(status, "state", "waiting", "reason")
        if reason in BAD_REASONS:
            return text(status, "name"), reason
        code = integer(status, "state", "terminated", "exitCode")
        if code:
            why = text(status, "state", "terminated", "reason") or "Error"
            return text(status, "name"), f"{why} · exit {code}"
    return "", ""
