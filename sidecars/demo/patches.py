"""JSON patch, merge patch and the part of strategic merge that kubectl uses."""

from __future__ import annotations

import copy
import json
from typing import Any

from . import schema, validate
from .schema import Node
from .status import ApiError, bad_request

Obj = dict[str, Any]

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


def refused() -> ApiError:
    text = "the server rejected our request due to an error in our request"
    return ApiError(422, text, details={})


def decode(content_type: str, body: bytes) -> Any:
    """Raises ApiError 400 as the real server words it."""
    try:
        patch = json.loads(body)
    except ValueError as error:
        raise bad_request(f"error decoding patch: {validate.json_reason(body)}") from error
    if content_type == JSON_PATCH and not isinstance(patch, list):
        kind = "object" if isinstance(patch, dict) else type(patch).__name__
        raise bad_request(
            f"error decoding patch: json: cannot unmarshal {kind} into Go value of type "
            "[]handlers.jsonPatchOp"
        )
    if content_type != JSON_PATCH and not isinstance(patch, dict):
        raise bad_request("error decoding patch: json: cannot unmarshal into Go value")
    return patch


def apply_patch(content_type: str, live: Obj, body: bytes, node: Node | None = None) -> Obj:
    """The patched copy. `node`: the schema, for strategic merge."""
    patch = decode(content_type, body)
    if content_type == JSON_PATCH:
        patched = json_patch(live, patch)
    elif content_type == STRATEGIC and node is not None:
        patched = strategic(live, patch, node)
    else:
        patched = merge_patch(live, patch)
    if not isinstance(patched, dict):
        raise refused()
    return patched


def merge_patch(live: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = dict(live) if isinstance(live, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def json_patch(live: Obj, operations: list[Obj]) -> Any:
    """RFC 6902. Raises ApiError 422 for an operation that does not apply."""
    if len(operations) > 10_000:
        raise ApiError(
            413,
            f"The allowed maximum operations in a JSON patch is 10000, got {len(operations)}",
            reason="RequestEntityTooLarge",
        )
    document: Any = copy.deepcopy(live)
    try:
        for operation in operations:
            document = _operate(document, operation)
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise refused() from error
    return document


def _operate(document: Any, operation: Obj) -> Any:
    name, path = operation["op"], _pointer(operation["path"])
    if name == "test":
        if _read(document, path) != operation.get("value"):
            raise ValueError("test failed")
        return document
    if name in ("move", "copy"):
        source = _pointer(operation["from"])
        value = copy.deepcopy(_read(document, source))
        if name == "move":
            _remove(document, source)
        return _add(document, path, value)
    if name == "remove":
        _remove(document, path)
        return document
    if name == "replace":
        _read(document, path)
        if path and isinstance(_read(document, path[:-1]), list):
            _remove(document, path)
        return _add(document, path, operation["value"])
    if name == "add":
        return _add(document, path, operation["value"])
    raise ValueError(name)


def _pointer(path: str) -> list[str]:
    if path and not path.startswith("/"):
        raise ValueError(path)
    return [each.replace("~1", "/").replace("~0", "~") for each in path.split("/")[1:]]


def _index(items: list[Any], part: str) -> int:
    index = int(part)
    if not -len(items) <= index < len(items):
        raise IndexError(part)
    return index


def _read(document: Any, path: list[str]) -> Any:
    for part in path:
        document = document[_index(document, part) if isinstance(document, list) else part]
    return document


def _remove(document: Any, path: list[str]) -> None:
    parent = _read(document, path[:-1])
    del parent[_index(parent, path[-1]) if isinstance(parent, list) else path[-1]]


def _add(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent = _read(document, path[:-1])
    if isinstance(parent, list):
        at = len(parent) if path[-1] == "-" else int(path[-1])
        if not 0 <= at <= len(parent):
            raise IndexError(path[-1])
        parent.insert(at, value)
    else:
        parent[path[-1]] = value
    return document


def strategic(live: Any, patch: Any, node: Node) -> Any:
    """Maps merge, lists merge by their patch key; `$patch` and `$deleteFromPrimitiveList`."""
    if isinstance(patch, dict):
        return _strategic_map(live if isinstance(live, dict) else {}, patch, node)
    if isinstance(patch, list) and node.get("merge") is not None:
        return _strategic_list(live if isinstance(live, list) else [], patch, node)
    return copy.deepcopy(patch)


def _strategic_map(live: Obj, patch: Obj, node: Node) -> Obj:
    if patch.get("$patch") == "replace":
        return {name: each for name, each in patch.items() if name != "$patch"}
    merged = dict(live)
    if "$retainKeys" in patch:
        merged = {name: each for name, each in merged.items() if name in patch["$retainKeys"]}
    for name, value in patch.items():
        if name.startswith("$deleteFromPrimitiveList/"):
            field = name.partition("/")[2]
            merged[field] = [each for each in merged.get(field) or [] if each not in value]
        elif name.startswith("$"):
            continue
        elif value is None:
            merged.pop(name, None)
        else:
            merged[name] = strategic(merged.get(name), value, schema.child(node, name))
    return merged


def _strategic_list(live: list[Any], patch: list[Any], node: Node) -> list[Any]:
    key = node["merge"]
    if not key:
        return live + [each for each in patch if each not in live]
    if any(each.get("$patch") == "replace" for each in patch):
        return [each for each in patch if "$patch" not in each]
    merged = list(live)
    for item in patch:
        at = next((n for n, each in enumerate(merged) if each.get(key) == item.get(key)), None)
        if item.get("$patch") == "delete":
            merged = [each for each in merged if each.get(key) != item.get(key)]
        elif at is None:
            # New items go first: so does the real server's merge of the two lists.
            fresh = sum(each is not old for each, old in zip(merged, live, strict=False))
            merged.insert(_place(merged, live, fresh), strategic({}, item, node["items"]))
        else:
            merged[at] = strategic(merged[at], item, node["items"])
    return merged


def _place(merged: list[Any], live: list[Any], fresh: int) -> int:
    return min(len(merged) - len(live), fresh) if live else len(merged)
