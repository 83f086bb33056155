"""What a container is doing now, from its status."""

from dataclasses import dataclass

from sidecars.fields import Json, integer, items, mapping, text, truth
from sidecars.topology import State

# Waiting with one of these is the ordinary way to a running container.
ORDINARY = frozenset({"", "ContainerCreating", "PodInitializing"})
STATUS_LISTS = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")


@dataclass(frozen=True, slots=True)
class Condition:
    state: State = State.UNKNOWN
    reason: str = ""
    exit_code: int | None = None
    last_reason: str = ""
    ready: bool = False
    restarts: int = 0


def read_conditions(pod: Json) -> dict[str, Condition]:
    """By container name; a container the kubelet has not reported is left out."""
    status = mapping(pod, "status")
    deleting = bool(text(pod, "metadata", "deletionTimestamp"))
    return {text(raw, "name"): _read(raw, deleting) for field in STATUS_LISTS for raw in items(status, field)}


def _read(raw: Json, deleting: bool) -> Condition:
    last = mapping(raw, "lastState", "terminated")
    state, reason, exit_code = _judge(raw, deleting)
    return Condition(
        state=state,
        reason=reason,
        exit_code=integer(last, "exitCode") if exit_code is None else exit_code,
        last_reason=text(last, "reason"),
        ready=truth(raw, "ready"),
        restarts=integer(raw, "restartCount") or 0,
    )


def _judge(raw: Json, deleting: bool) -> tuple[State, str, int | None]:
    state = mapping(raw, "state")
    if "running" in state:
        if deleting:
            return State.TERMINATING, "", None
        started = raw.get("started") is not False
        return (State.RUNNING, "", None) if started else (State.STARTING, "", None)
    if "terminated" in state:
        ended = mapping(state, "terminated")
        code = integer(ended, "exitCode")
        is_fine = code == 0 or (code is None and text(ended, "reason") == "Completed")
        outcome = State.COMPLETED if is_fine else State.FAILED
        return outcome, text(ended, "reason"), code
    if "waiting" in state:
        reason = text(state, "waiting", "reason")
        return (State.PENDING if reason in ORDINARY else State.FAILED), reason, None
    return State.UNKNOWN, "", None
