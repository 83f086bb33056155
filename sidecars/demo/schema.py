"""The types of the kinds served, as data (`schema.json`), and walks over values by type."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

Obj = dict[str, Any]
Node = dict[str, Any]

ANY: Node = {"t": "any"}


@functools.cache
def types() -> dict[str, Obj]:
    loaded: dict[str, Obj] = json.loads(Path(__file__).with_name("schema.json").read_text())
    return loaded


def root(type_name: str) -> Node:
    return {"t": "ref", "ref": type_name}


def fields_of(node: Node) -> dict[str, Node] | None:
    """The fields of a struct; None for anything else."""
    if node["t"] != "ref":
        return None
    fields: dict[str, Node] = types()[node["ref"]]["fields"]
    return fields


def child(node: Node, name: str) -> Node:
    fields = fields_of(node)
    if fields is not None:
        return fields.get(name, ANY)
    if node["t"] == "map":
        items: Node = node["items"]
        return items
    return ANY


def is_atomic(node: Node) -> bool:
    if node.get("atomic"):
        return True
    if node["t"] == "ref":
        return bool(types()[node["ref"]].get("atomic"))
    return bool(node["t"] == "list" and node.get("kind", "atomic") == "atomic")


def item_key(node: Node, item: Any) -> tuple[tuple[str, Any], ...]:
    """The key fields of an item of a map list, defaults filled in (protocol TCP)."""
    fields = fields_of(node["items"]) or {}
    required = types()[node["items"]["ref"]].get("required", ())
    found = []
    for name in node["keys"]:
        value = item.get(name) if isinstance(item, dict) else None
        if value is None and name in required:
            value = "" if fields[name]["t"] == "string" else 0
        if value is None:
            value = fields.get(name, {}).get("default")
        if value is not None:
            found.append((name, value))
    return tuple(found)


@functools.cache
def _skeleton(type_name: str) -> str:
    built: Obj = {}
    entry = types()[type_name]
    for name, node in entry["fields"].items():
        if node.get("struct"):
            built[name] = json.loads(_skeleton(node["ref"]))
        elif name in entry.get("required", ()):
            built[name] = None
    return json.dumps(built)


def skeleton(type_name: str) -> Obj:
    """The empty object as the server holds it: fields that are never omitted."""
    built: Obj = json.loads(_skeleton(type_name))
    return built


def without_nulls(value: Any) -> Any:
    """A null in a typed object is the absence of the field."""
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nulls(each) for each in value]
    return value
