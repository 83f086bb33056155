"""The door's rollout state, read into what the page shows."""

from sidecars.attach.rollout import Rollout, RolloutEvent, RolloutPod, Stage
from sidecars.cluster.rollout import PodProgress, RolloutState
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _

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
TEXTS: dict[Stage, str] = {
    "waiting": _("Waiting for the controller to see the change."),
    "progressing": _(
        "New pods made: %(updated)s of %(desired)s; of them ready: %(new_ready)s. Old pods left: %(old)s."
    ),
    "paused": _("The rollout is paused. It goes on once it is resumed."),
    "complete": _("All pods are new and ready: %(desired)s."),
    "failed": _("The rollout made no progress within its deadline."),
}
# Without the right to list pods and ReplicaSets nobody knows which of the ready ones are new.
BY_COUNTS = _(
    "New pods made: %(updated)s of %(desired)s. Ready, old and new together: %(ready)s. "
    "Old pods left: %(old)s."
)
NOT_STARTING = _("%(container)s in %(pod)s does not start: %(reason)s.")
REFUSED = _("New pods are refused: %(cause)s")


def read_rollout(state: RolloutState) -> Rollout:
    stage = _stage(state)
    counts = {
        "desired": state.desired,
        "updated": state.updated,
        "ready": state.ready,
        "available": state.available,
        "old": max(state.total - state.updated, 0),
    }
    pods = tuple(_read_pod(pod) for pod in state.pods)
    events = tuple(RolloutEvent(e.time, e.type, e.reason, e.message, e.object, e.count) for e in state.events)
    sentence = _explain(state, pods) if stage in ("progressing", "failed") else None
    return Rollout(
        stage,
        sentence or _sentence(stage, state, counts),
        **counts,
        pods=pods,
        events=events,
        unreadable=state.unreadable,
    )


def _stage(state: RolloutState) -> Stage:
    if state.observed_generation < state.generation:
        return "waiting"
    if state.done:
        return "complete"
    if state.paused:
        return "paused"
    return "failed" if state.deadline_exceeded else "progressing"


def _sentence(stage: Stage, state: RolloutState, counts: dict[str, int]) -> Sentence:
    if stage == "progressing" and {"pods", "replicasets"}.intersection(state.unreadable):
        return Sentence(BY_COUNTS, counts)
    ready = sum(pod.is_new and not pod.deleting and pod.ready == pod.total for pod in state.pods)
    return Sentence(TEXTS[stage], {**counts, "new_ready": min(ready, state.updated)})


def _explain(state: RolloutState, pods: tuple[RolloutPod, ...]) -> Sentence | None:
    """Why it does not go on, if that is known."""
    if state.failure:
        return Sentence(REFUSED, {"cause": state.failure})
    for pod in pods:
        if pod.is_new and pod.reason:
            names = {"container": pod.container, "pod": pod.name, "reason": pod.reason}
            return Sentence(NOT_STARTING, names)
    return None


def _read_pod(pod: PodProgress) -> RolloutPod:
    failing = [c for c in pod.containers if c.state == "failed" or c.reason in BAD_REASONS]
    return RolloutPod(
        name=pod.name,
        is_new=pod.is_new,
        status=pod.status,
        ready=f"{pod.ready}/{pod.total}",
        container=failing[0].name if failing else "",
        reason=(failing[0].reason or pod.status) if failing else "",
        message=pod.message,
    )
