"""Merging an applied configuration into the live object, list keys respected.

Source: sigs.k8s.io/structured-merge-diff, typed/merge.go (order of list items since 1.24).
"""

from __future__ import annotations

from typing import Any

from . import fieldsets, schema
from .schema import Node

Obj = dict[str, Any]


def merge(live: Any, applied: Any, node: Node) -> Any:
    if schema.is_atomic(node):
        return applied
    if not applied and live and node["t"] in ("ref", "map", "list"):
        # A null or empty list or map owns the field, yet takes nothing away.
        return live
    if isinstance(applied, dict) and node["t"] in ("ref", "map"):
        merged = dict(live) if isinstance(live, dict) else {}
        for name, value in applied.items():
            merged[name] = merge(merged.get(name), value, schema.child(node, name))
        return merged
    if isinstance(applied, list) and node["t"] == "list":
        return _merge_items(live if isinstance(live, list) else [], applied, node)
    return applied


def _merge_items(live: list[Any], applied: list[Any], node: Node) -> list[Any]:
    left = [(fieldsets.item_element(node, item), item) for item in live]
    right = [(fieldsets.item_element(node, item), item) for item in applied]
    had = dict(reversed(left))
    wanted = dict(right)
    shared = [element for element, _ in right if element in had]
    merged: list[Any] = []
    at = 0
    for element, item in right:
        while at < len(left) and left[at][0] not in wanted:
            merged.append(left[at][1])
            at += 1
        if element in had:
            merged.append(_merge_item(had[element], item, node))
            shared.remove(element)
            while at < len(left) and left[at][0] in wanted and left[at][0] not in shared:
                at += 1
        else:
            merged.append(item)
    return merged + [item for element, item in left[at:] if element not in wanted]


def _merge_item(live: Any, applied: Any, node: Node) -> Any:
    return merge(live, applied, node["items"]) if node["kind"] == "map" else applied
