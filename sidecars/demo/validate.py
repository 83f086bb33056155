"""Decoding bodies: JSON or YAML, types, unknown and duplicate fields."""

from __future__ import annotations

import json
from typing import Any

import yaml

from . import schema, status
from .discovery import Kind
from .schema import Node

Obj = dict[str, Any]

_GO = {"string": "string", "boolean": "bool", "number": "float64", "bytes": "[]uint8",
       "time": "string", "quantity": "resource.Quantity"}  # fmt: skip


class _Fields(dict[str, Any]):
    """A JSON object that remembers which names came twice."""

    repeated: tuple[str, ...] = ()


def _pairs(pairs: list[tuple[str, Any]]) -> _Fields:
    built = _Fields(pairs)
    if len(built) != len(pairs):
        seen: set[str] = set()
        repeated = [name for name, _ in pairs if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
        built.repeated = tuple(dict.fromkeys(repeated))
    return built


def read_object(body: bytes, content_type: str, kind: Kind) -> Obj:
    """Raises ApiError 400 for what is no object."""
    try:
        if "yaml" in content_type:
            loaded = yaml.safe_load(body)
        else:
            loaded = json.loads(body, object_pairs_hook=_pairs)
    except (ValueError, yaml.YAMLError) as error:
        shown = body[:80].decode(errors="replace") or "<empty>"
        reason = json_reason(body)
        raise status.bad_request(
            f"the object provided is unrecognized (must be of type {kind.kind}): couldn't get "
            f"version/kind; json parse error: {reason} ({shown})"
        ) from error
    if not isinstance(loaded, dict):
        raise status.bad_request(
            f"the object provided is unrecognized (must be of type {kind.kind}): couldn't get "
            "version/kind; json parse error: json: cannot unmarshal value"
        )
    return loaded


def json_reason(body: bytes) -> str:
    if not body.strip():
        return "unexpected end of JSON input"
    try:
        json.loads(body)
    except json.JSONDecodeError as error:
        if error.pos >= len(error.doc):
            return "unexpected end of JSON input"
        where = "object key string" if "property name" in error.msg else "value"
        return f"invalid character '{error.doc[error.pos]}' looking for beginning of {where}"
    except ValueError:
        pass
    return "invalid character"


def require_kind(obj: Obj, kind: Kind) -> None:
    """An absent kind is the endpoint's; a wrong one is 400."""
    given, version = obj.get("kind") or kind.kind, obj.get("apiVersion") or kind.api_version
    if version != kind.api_version:
        raise status.bad_request(
            f'{given} in version "{version.rpartition("/")[2]}" cannot be handled as a {kind.kind}: '
            f'no kind "{given}" is registered for version "{version}" in scheme '
            '"pkg/runtime/scheme.go:110"'
        )
    if given != kind.kind:
        group = kind.group.partition(".")[0] or "core"
        raise status.bad_request(
            f'{given} in version "{kind.version}" cannot be handled as a {kind.kind}: converting '
            f"({kind.version}.{given}) to ({group}.{kind.kind}): unknown conversion"
        )


def check_types(obj: Obj, kind: Kind) -> None:
    """Raises ApiError 400 for the first value of a wrong type."""
    problem = _wrong_type(obj, schema.root(kind.schema), [])
    if problem:
        raise status.bad_request(
            f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: {problem}'
        )


def unknown_fields(obj: Any, kind: Kind) -> list[str]:
    """The strict decoder's complaints: duplicates first, then unknown fields."""
    repeated: list[str] = []
    _collect_repeated(obj, "", repeated)
    unknown: list[str] = []
    _collect_unknown(obj, schema.root(kind.schema), "", unknown)
    return [f'duplicate field "{each}"' for each in repeated] + [
        f'unknown field "{each}"' for each in unknown
    ]


def strict(obj: Any, kind: Kind, mode: str) -> list[str]:
    """Warnings; raises ApiError 400 under Strict."""
    if mode == "Ignore":
        return []
    found = unknown_fields(obj, kind)
    if found and mode == "Strict":
        raise status.bad_request(
            f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: '
            f"strict decoding error: {', '.join(found)}"
        )
    return found


def _collect_repeated(value: Any, path: str, found: list[str]) -> None:
    if isinstance(value, _Fields):
        found.extend(f"{path}.{name}".lstrip(".") for name in value.repeated)
    if isinstance(value, dict):
        for name, each in value.items():
            _collect_repeated(each, f"{path}.{name}", found)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _collect_repeated(each, f"{path}[{index}]", found)


def _collect_unknown(value: Any, node: Node, path: str, found: list[str]) -> None:
    if isinstance(value, list) and node["t"] == "list":
        for index, each in enumerate(value):
            _collect_unknown(each, node["items"], f"{path}[{index}]", found)
    elif isinstance(value, dict) and node["t"] in ("ref", "map"):
        fields = schema.fields_of(node)
        for name, each in value.items():
            here = f"{path}.{name}".lstrip(".")
            if fields is not None and name not in fields:
                found.append(here)
            else:
                _collect_unknown(each, schema.child(node, name), here, found)


def _json_name(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else "number"


def _fits(value: Any, node: Node) -> bool:
    kind = node["t"]
    if value is None or kind == "any":
        return True
    if kind in ("string", "bytes", "time"):
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind in ("quantity", "intstr"):
        return isinstance(value, int | float | str) and not isinstance(value, bool)
    return isinstance(value, list if kind == "list" else dict)


def _go_type(node: Node) -> str:
    kind = node["t"]
    if kind == "integer":
        return f"int{node.get('bits', 32)}"
    if kind == "list":
        return "[]" + _go_type(node["items"])
    if kind == "map":
        return "map[string]" + _go_type(node["items"])
    if kind == "ref":
        parts = node["ref"].split(".")
        return f"{parts[-2]}.{parts[-1]}"
    return _GO.get(kind, "interface {}")


def _wrong_type(value: Any, node: Node, path: list[str], owner: str = "") -> str:
    if not _fits(value, node):
        field = f"{owner}.{'.'.join(path)}"
        return (
            f"json: cannot unmarshal {_json_name(value)} into Go struct field {field} "
            f"of type {_go_type(node)}"
        )
    if isinstance(value, list) and node["t"] == "list":
        found = (_wrong_type(each, node["items"], path, owner) for each in value)
        return next(filter(None, found), "")
    if isinstance(value, dict):
        name = node["ref"].rpartition(".")[2] if node["t"] == "ref" else owner
        found = (
            _wrong_type(each, schema.child(node, key), [*path, key], name) for key, each in value.items()
        )
        return next(filter(None, found), "")
    return ""


def typed_patch_problem(value: Any, node: Node, path: str = "") -> str:
    """What server-side apply says of a body outside the schema; empty if it fits."""
    if not _fits(value, node):
        wanted = {"integer": "numeric (int or float)", "string": "string", "boolean": "boolean",
                  "list": "list", "ref": "map", "map": "map"}.get(node["t"], node["t"])  # fmt: skip
        given = {"string": "string", "number": "int", "bool": "boolean", "object": "map",
                 "array": "list"}[_json_name(value)]  # fmt: skip
        return f"{path}: expected {wanted}, got {given}"
    if isinstance(value, dict) and node["t"] in ("ref", "map"):
        fields = schema.fields_of(node)
        for name, each in value.items():
            if fields is not None and name not in fields:
                return f"{path}.{name}: field not declared in schema"
            problem = typed_patch_problem(each, schema.child(node, name), f"{path}.{name}")
            if problem:
                return problem
    if isinstance(value, list) and node["t"] == "list":
        return _list_problem(value, node, path)
    return ""


def _list_problem(items: list[Any], node: Node, path: str) -> str:
    seen = set()
    for index, item in enumerate(items):
        here = f"{path}[{index}]"
        if node.get("kind") == "map":
            key = schema.item_key(node, item)
            shown = ",".join(f"{name}={json.dumps(each)}" for name, each in sorted(key))
            if key in seen:
                return f"{path}: duplicate entries for key [{shown}]"
            seen.add(key)
            here = f"{path}[{shown}]"
        problem = typed_patch_problem(item, node["items"], here)
        if problem:
            return problem
    return ""
