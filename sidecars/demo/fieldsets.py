"""Sets of field paths, and FieldsV1, their form in managedFields.

A path is a tuple of elements as FieldsV1 writes them: `f:spec`, `k:{"name":"web"}`,
`v:"item"`. Source: sigs.k8s.io/structured-merge-diff, fieldpath and typed packages.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from . import schema
from .schema import Node

Obj = dict[str, Any]
Path = tuple[str, ...]
Paths = set[Path]


def item_element(node: Node, item: Any) -> str:
    if node.get("kind") == "set":
        return "v:" + json.dumps(item, separators=(",", ":"))
    key = dict(sorted(schema.item_key(node, item)))
    return "k:" + json.dumps(key, separators=(",", ":"))


def of_value(value: Any, node: Node, path: Path = ()) -> Paths:
    """All fields that an applied configuration names."""
    found: Paths = set()
    _collect(value, node, path, found)
    return found


def _collect(value: Any, node: Node, path: Path, found: Paths) -> None:
    if schema.is_atomic(node):
        found.add(path)
    elif node["t"] == "list" and isinstance(value, list) and value:
        for item in value:
            element = (*path, item_element(node, item))
            found.add(element)
            if node["kind"] == "map":
                _collect(item, node["items"], element, found)
    elif node["t"] in ("ref", "map") and isinstance(value, dict) and value:
        for name, each in value.items():
            element = (*path, f"f:{name}")
            if node["t"] == "map":
                found.add(element)
            _collect(each, schema.child(node, name), element, found)
    elif value != []:
        found.add(path)


class Comparison:
    def __init__(self) -> None:
        self.added: Paths = set()
        self.removed: Paths = set()
        self.modified: Paths = set()


_ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "absent"})()


def compare(before: Any, after: Any, node: Node) -> Comparison:
    found = Comparison()
    _compare(before, after, node, (), found)
    return found


def _is_empty(value: Any) -> bool:
    return value is _ABSENT or value is None or (isinstance(value, dict | list) and not value)


def _compare(before: Any, after: Any, node: Node, path: Path, found: Comparison) -> None:
    if before is after:
        return
    branches = node["t"] in ("ref", "map", "list") and not schema.is_atomic(node)
    if not branches or (_is_empty(before) and _is_empty(after)):
        _compare_leaf(before, after, path, found)
        return
    if node["t"] == "list":
        _compare_items(before, after, node, path, found)
    else:
        left = before if isinstance(before, dict) else {}
        right = after if isinstance(after, dict) else {}
        for name in [*left, *(each for each in right if each not in left)]:
            sub = schema.child(node, name)
            element = (*path, f"f:{name}")
            _compare(left.get(name, _ABSENT), right.get(name, _ABSENT), sub, element, found)
    if path and before is _ABSENT:
        found.added.add(path)
    elif path and after is _ABSENT:
        found.removed.add(path)


def _compare_leaf(before: Any, after: Any, path: Path, found: Comparison) -> None:
    if before is _ABSENT:
        found.added.add(path)
    elif after is _ABSENT:
        found.removed.add(path)
    elif before != after:
        found.modified.add(path)


def _compare_items(before: Any, after: Any, node: Node, path: Path, found: Comparison) -> None:
    left = {item_element(node, item): item for item in before} if _is_list(before) else {}
    right = {item_element(node, item): item for item in after} if _is_list(after) else {}
    sub = node["items"]
    for name in [*left, *(each for each in right if each not in left)]:
        element = (*path, name)
        _compare(left.get(name, _ABSENT), right.get(name, _ABSENT), sub, element, found)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def with_named_parents(paths: Paths, node: Node) -> Paths:
    """Adds every struct field that has a member below it."""
    found = set(paths)
    for path in paths:
        here = node
        for depth, element in enumerate(path[:-1]):
            if element.startswith("f:"):
                name = element[2:]
                if name in (schema.fields_of(here) or {}):
                    found.add(path[: depth + 1])
                here = schema.child(here, name)
            else:
                here = here.get("items", schema.ANY)
    return found


def remove(value: Any, paths: Paths, node: Node) -> Any:
    """`value` without the members of `paths`; what becomes empty becomes None."""
    tree: Obj = {}
    for path in paths:
        here = tree
        for element in path[:-1]:
            here = here.setdefault(element, {})
        here.setdefault(path[-1], {})["."] = True
    return _remove(value, tree, node)


def _remove(value: Any, tree: Obj, node: Node) -> Any:
    if not value or schema.is_atomic(node):
        return value
    if isinstance(value, list) and node["t"] == "list":
        kept_items = []
        for item in value:
            sub = tree.get(item_element(node, item), {})
            if "." not in sub:
                kept_items.append(_remove(item, sub, node["items"]) if sub else item)
        return kept_items or None
    if isinstance(value, dict):
        kept: Obj = {}
        for name, each in value.items():
            sub = tree.get(f"f:{name}", {})
            if "." not in sub:
                kept[name] = _remove(each, sub, schema.child(node, name)) if sub else each
        return kept or None
    return value


def encode(paths: Iterable[Path]) -> Obj:
    tree: Obj = {}
    for path in paths:
        here = tree
        for element in path:
            here = here.setdefault(element, {})
        here["."] = {}
    return _tidy(tree)


def _tidy(tree: Obj) -> Obj:
    """A member without children is `{}`, one with children has a `.`."""
    return {
        name: {} if name == "." or list(sub) == ["."] else _tidy(sub) for name, sub in sorted(tree.items())
    }


def decode(tree: Obj, path: Path = ()) -> Paths:
    found: Paths = set()
    for name, sub in tree.items():
        if name == ".":
            found.add(path)
        elif sub:
            found |= decode(sub, (*path, name))
        else:
            found.add((*path, name))
    return found


def shown(path: Path) -> str:
    """As in conflict messages: `.spec.containers[name="web"].image`."""
    parts = []
    for element in path:
        kind, _, rest = element.partition(":")
        if kind == "f":
            parts.append(f".{rest}")
        elif kind == "k":
            key = ",".join(f"{name}={json.dumps(each)}" for name, each in json.loads(rest).items())
            parts.append(f"[{key}]")
        else:
            parts.append(f"[={rest}]" if kind == "v" else f"[{rest}]")
    return "".join(parts)
