"""Questions about a pod that several controllers ask."""

from __future__ import annotations

import calendar
import time

from ..store import Obj
from .conditions import find_condition


def is_active(pod: Obj) -> bool:
    phase = pod.get("status", {}).get("phase")
    return "deletionTimestamp" not in pod["metadata"] and phase not in ("Succeeded", "Failed")


def is_ready(pod: Obj) -> bool:
    found = find_condition(pod, "Ready")
    return found is not None and found["status"] == "True"


def ready_since_s(pod: Obj) -> float:
    found = find_condition(pod, "Ready")
    return epoch_s(found["lastTransitionTime"]) if found else 0.0


def epoch_s(text: str) -> float:
    return float(calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")))


def age_rank(pod: Obj) -> tuple[bool, bool, float]:
    """First to go: not scheduled, then not ready, then the youngest."""
    created = epoch_s(pod["metadata"]["creationTimestamp"])
    return (bool(pod["spec"].get("nodeName")), is_ready(pod), -created)
