"""One table: how a status is shown, always as icon, word and tone together (R3)."""

from dataclasses import dataclass

from sidecars.rows import PodRow
from sidecars.topology import State

_STARTING = ("Pending", "ContainerCreating", "PodInitializing", "SchedulingGated")
_FAILING = (
    "BackOff",
    "Error",
    "Err",
    "Killed",
    "Failed",
    "Evicted",
    "ExitCode",
    "Signal",
    "Cannot",
    "Invalid",
)


@dataclass(frozen=True, slots=True)
class Look:
    """`tone` is a CSS class's ending: ok, warn, err, accent or "" for quiet."""

    icon: str
    tone: str


STATES: dict[str, Look] = {
    State.RUNNING: Look("circle-check", "ok"),
    State.STARTING: Look("clock", "accent"),
    State.PENDING: Look("clock", "accent"),
    State.FAILED: Look("octagon-x", "err"),
    State.COMPLETED: Look("check", ""),
    State.TERMINATING: Look("hourglass", "warn"),
    State.UNKNOWN: Look("circle-question-mark", ""),
}


def look_of(row: PodRow) -> Look:
    """The look of a row's STATUS, which is the word `kubectl get pods` prints."""
    status = row.status
    if status == "Running":
        return STATES[State.RUNNING if row.ready == row.total else State.STARTING]
    if status in ("Completed", "Succeeded"):
        return STATES[State.COMPLETED]
    if status == "Terminating":
        return STATES[State.TERMINATING]
    if any(word in status for word in _FAILING):
        return STATES[State.FAILED]
    if status in _STARTING or status.startswith("Init:"):
        return STATES[State.STARTING]
    if status == "NotReady":
        return Look("triangle-alert", "warn")
    return STATES[State.UNKNOWN]
