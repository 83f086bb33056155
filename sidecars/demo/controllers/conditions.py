"""Conditions that keep the time of their last transition."""

from __future__ import annotations

from collections.abc import Iterable

from ..store import Obj


def condition(type_: str, holds: bool, reason: str = "", message: str = "") -> Obj:
    built: Obj = {"type": type_, "status": "True" if holds else "False"}
    if reason:
        built["reason"] = reason
    if message:
        built["message"] = message
    return built


def find_condition(obj: Obj, type_: str) -> Obj | None:
    for entry in obj.get("status", {}).get("conditions", []):
        if entry["type"] == type_:
            return dict(entry)
    return None


def put_condition(conditions: Iterable[Obj], entry: Obj, now: str, *, updated: bool = False) -> list[Obj]:
    """`updated`: with a lastUpdateTime, as Deployments have, which moves with the reason."""
    kept = list(conditions)
    for position, old in enumerate(kept):
        if old["type"] != entry["type"]:
            continue
        same_status = old["status"] == entry["status"]
        same_reason = old.get("reason") == entry.get("reason")
        if same_status and same_reason and old.get("message") == entry.get("message"):
            return kept
        changed = old["lastTransitionTime"] if same_status else now
        kept[position] = entry | {"lastTransitionTime": changed}
        if updated:
            kept[position]["lastUpdateTime"] = now
        return kept
    new = entry | {"lastTransitionTime": now}
    if updated:
        new["lastUpdateTime"] = now
    return [*kept, new]
