"""Which instance of a container there is, as the pod's status says."""

from dataclasses import dataclass
from typing import Any

from sidecars.loglines import read_time


@dataclass(frozen=True, slots=True)
class Instance:
    """What the pod's status says about the container at one moment."""

    id: str  # of the running or last terminated instance; "" before the first
    previous_id: str
    started_ns: int
    waiting: str  # reason, "" unless waiting
    is_running: bool
    is_over: bool  # it will not run again
    has_restarted: bool = False  # there was an instance before this one, whether or not its log is left


ID_CHARACTERS = 16  # of a container's id: enough to tell two instances apart, and small in a cursor

_STATUSES = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
_SPECS = ("containers", "initContainers", "ephemeralContainers")


def container_names(pod: dict[str, Any]) -> set[str]:
    return {c["name"] for key in _SPECS for c in pod["spec"].get(key) or ()}


def read_instance(pod: dict[str, Any], container: str) -> Instance:
    status = pod.get("status") or {}
    found: dict[str, Any] = next(
        (c for key in _STATUSES for c in status.get(key) or () if c.get("name") == container), {}
    )
    state = found.get("state") or {}
    ended = (found.get("lastState") or {}).get("terminated") or {}
    began = (state.get("running") or state.get("terminated") or {}).get("startedAt") or ""
    is_over = status.get("phase") in ("Succeeded", "Failed")
    if "terminated" in state and not is_over:
        is_over = _never_again(pod, container, state["terminated"])
    return Instance(
        id=_short(str(found.get("containerID") or "")),
        previous_id=_short(str(ended.get("containerID") or "")),
        started_ns=read_time(str(began).encode()),
        is_running="running" in state,
        waiting=str((state.get("waiting") or {}).get("reason") or ""),
        is_over=is_over,
        has_restarted=bool(ended or found.get("restartCount")),
    )


def _short(container_id: str) -> str:
    """`containerd://0123…` without its runtime."""
    return container_id.rpartition("//")[2][:ID_CHARACTERS]


def _never_again(pod: dict[str, Any], container: str, ended: dict[str, Any]) -> bool:
    """A terminated container of a pod that lives on: an init container, or `Never`."""
    spec = pod["spec"]
    if any(c["name"] == container for c in spec.get("ephemeralContainers") or ()):
        return True
    own = next((c for c in spec.get("initContainers") or () if c["name"] == container), None)
    policy = spec.get("restartPolicy", "Always")
    if own is not None:
        if own.get("restartPolicy") == "Always":
            return False
        return ended.get("exitCode") == 0 or policy == "Never"
    return policy == "Never" or (policy == "OnFailure" and ended.get("exitCode") == 0)
