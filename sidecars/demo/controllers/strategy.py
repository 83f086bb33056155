"""How far a Deployment may go at once, and how far its ReplicaSets are."""

from __future__ import annotations

import math

from ..store import Obj
from .templates import same_template


def find_current(deployment: Obj, replicasets: list[Obj]) -> Obj | None:
    same = [each for each in replicasets if same_template(deployment, each)]
    return min(same, key=lambda each: str(each["metadata"]["creationTimestamp"]), default=None)


def has_moved(deployment: Obj, counts: dict[str, int]) -> bool:
    """More pods updated, ready or available than before, or fewer old ones."""
    before = deployment.get("status", {})
    grown = any(
        counts[field] > before.get(field, 0)
        for field in ("updatedReplicas", "readyReplicas", "availableReplicas")
    )
    old = before.get("replicas", 0) - before.get("updatedReplicas", 0)
    return grown or counts["replicas"] - counts["updatedReplicas"] < old


def share(value: object, of: int, up: bool) -> int:
    if isinstance(value, str) and value.endswith("%"):
        exact = int(value[:-1]) * of / 100
        return int(math.ceil(exact) if up else math.floor(exact))
    return int(str(value))


def surge(deployment: Obj) -> int:
    strategy = deployment["spec"].get("strategy", {})
    if strategy.get("type") == "Recreate":
        return 0
    value = strategy.get("rollingUpdate", {}).get("maxSurge", "25%")
    return share(value, deployment["spec"].get("replicas", 1), True)


def max_unavailable(deployment: Obj) -> int:
    strategy = deployment["spec"].get("strategy", {})
    wanted = deployment["spec"].get("replicas", 1)
    if strategy.get("type") == "Recreate" or not wanted:
        return 0
    value = strategy.get("rollingUpdate", {}).get("maxUnavailable", "25%")
    allowed = share(value, wanted, False)
    if not allowed and not surge(deployment):
        allowed = 1  # both zero would never move
    return min(allowed, int(wanted))


def pod_count(replicaset: Obj) -> int:
    return int(replicaset.get("status", {}).get("replicas", 0))


def available(replicaset: Obj) -> int:
    return int(replicaset.get("status", {}).get("availableReplicas", 0))
