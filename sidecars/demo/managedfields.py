"""Who owns which field: updates tracked, applies merged, conflicts found.

Source: sigs.k8s.io/structured-merge-diff, merge/update.go, and the field manager of
apimachinery; `tests/contract` holds both servers to the same answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from . import fieldsets, merge, schema, status
from .discovery import Kind
from .fieldsets import Comparison, Paths
from .schema import Node

Obj = dict[str, Any]

UPDATES_KEPT = 10
BEFORE_FIRST_APPLY = "before-first-apply"
_UNTRACKED = ("name", "namespace", "creationTimestamp", "selfLink", "uid", "generation",
              "generateName", "managedFields", "resourceVersion", "deletionTimestamp",
              "deletionGracePeriodSeconds")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owner:
    manager: str
    operation: str
    subresource: str = ""


@dataclass(slots=True)
class Managed:
    """managedFields, decoded."""

    sets: dict[Owner, Paths] = field(default_factory=dict)
    times: dict[Owner, str] = field(default_factory=dict)


def decode(entries: list[Obj]) -> Managed:
    managed = Managed()
    for entry in entries:
        owner = Owner(entry["manager"], entry["operation"], entry.get("subresource", ""))
        managed.sets[owner] = fieldsets.decode(entry.get("fieldsV1") or {})
        managed.times[owner] = entry.get("time", "")
    return managed


def encode(kind: Kind, managed: Managed) -> list[Obj]:
    entries = []
    for owner, paths in managed.sets.items():
        entry = {
            "manager": owner.manager,
            "operation": owner.operation,
            "apiVersion": kind.api_version,
            "fieldsType": "FieldsV1",
            "fieldsV1": fieldsets.encode(paths),
        }
        if managed.times.get(owner):
            entry["time"] = managed.times[owner]
        if owner.subresource:
            entry["subresource"] = owner.subresource
        entries.append(entry)
    entries.sort(key=lambda each: (each["operation"], each.get("time", ""), each["manager"]))
    return entries


def after_create(kind: Kind, obj: Obj, manager: str, now: str) -> list[Obj]:
    managed = Managed()
    _update(kind, schema.skeleton(kind.schema), obj, managed, Owner(manager, "Update"), now)
    return encode(kind, managed)


def after_update(
    kind: Kind,
    old: Obj,
    new: Obj,
    asked: list[Obj] | None,
    manager: str,
    subresource: str,
    now: str,
) -> list[Obj]:
    """`asked`: managedFields in the body; `[{}]` resets them, as on the real server."""
    live: list[Obj] = old["metadata"].get("managedFields", [])
    if asked == [{}]:
        return []
    entries = asked if asked and not subresource and _is_valid(asked) else live
    if not entries or not manager:
        return entries
    managed = decode(entries)
    _update(kind, old, new, managed, Owner(manager, "Update", subresource), now)
    _collapse(managed)
    return encode(kind, managed)


def apply(
    kind: Kind,
    live: Obj | None,
    body: Obj,
    manager: str,
    *,
    force: bool,
    now: str,
    subresource: str = "",
) -> tuple[Obj, list[Obj]]:
    """The merged object and its managedFields. Raises ApiError 409 on a conflict."""
    node = schema.root(kind.schema)
    base = live if live is not None else schema.skeleton(kind.schema)
    managed = decode(base["metadata"].get("managedFields", []))
    if live is not None and not managed.sets:
        before = Owner(BEFORE_FIRST_APPLY, "Update")
        _update(kind, schema.skeleton(kind.schema), live, managed, before, now)
    owner = Owner(manager, "Apply", subresource)
    last = managed.sets.get(owner)
    wanted = _tracked(fieldsets.of_value(body, node), subresource)
    merged = merge.merge(_bare(base), _bare(body), node)
    managed.sets[owner] = wanted
    if last:
        merged = _prune(merged, managed, last, node)
    comparison = _compare(_bare(base), merged, node, subresource)
    _settle_others(kind, managed, owner, comparison, force)
    if not wanted:
        managed.sets.pop(owner)
    elif live is None or merged != _bare(base):
        # The real server leaves the time alone when nothing changed in the object.
        managed.times[owner] = now
    return schema.without_nulls(merged), encode(kind, managed)


def _bare(obj: Obj) -> Obj:
    metadata = {name: each for name, each in obj["metadata"].items() if name != "managedFields"}
    return obj | {"metadata": metadata}


def _is_valid(entries: list[Obj]) -> bool:
    return all(
        entry.get("operation") in ("Apply", "Update") and entry.get("fieldsType") == "FieldsV1"
        for entry in entries
    )


def _tracked(paths: Paths, subresource: str) -> Paths:
    """Without identity, and without what this endpoint resets."""
    kept = set()
    for path in paths:
        top = path[0] if path else ""
        if top in ("", "f:apiVersion", "f:kind") or path == ("f:metadata",):
            continue
        if top == "f:metadata" and path[1][2:] in _UNTRACKED:
            continue
        if subresource == "status" and top != "f:status":
            continue
        if not subresource and top == "f:status":
            continue
        kept.add(path)
    return kept


def _compare(before: Obj, after: Obj, node: Node, subresource: str) -> Comparison:
    found = fieldsets.compare(before, after, node)
    found.added = _tracked(found.added, subresource)
    found.modified = _tracked(found.modified, subresource)
    found.removed = _tracked(found.removed, subresource)
    return found


def _update(kind: Kind, old: Obj, new: Obj, managed: Managed, owner: Owner, now: str) -> None:
    node = schema.root(kind.schema)
    found = _compare(_bare(old), _bare(new), node, owner.subresource)
    changed = found.added | found.modified
    if not changed and not found.removed:
        return
    for other in list(managed.sets):
        if other != owner:
            managed.sets[other] = managed.sets[other] - changed - found.removed
    had = managed.sets.get(owner, set())
    managed.sets[owner] = (had - found.removed) | changed
    if changed:
        managed.times[owner] = now
    _drop_empty(managed)


def _settle_others(kind: Kind, managed: Managed, owner: Owner, found: Comparison, force: bool) -> None:
    changed = found.added | found.modified
    conflicts: dict[Owner, Paths] = {}
    for other, paths in managed.sets.items():
        if other != owner and paths & changed:
            conflicts[other] = paths & changed
    if conflicts and not force:
        raise _conflict(kind, conflicts)
    for other in list(managed.sets):
        if other != owner:
            managed.sets[other] = managed.sets[other] - changed - found.removed
    _drop_empty(managed, owner)


def _drop_empty(managed: Managed, keep: Owner | None = None) -> None:
    for owner in [each for each, paths in managed.sets.items() if not paths and each != keep]:
        del managed.sets[owner]


def _prune(merged: Obj, managed: Managed, last: Paths, node: Node) -> Obj:
    """Takes away what only the last apply of this manager had asked for."""
    named = fieldsets.with_named_parents
    pruned = fieldsets.remove(merged, named(last, node), node) or {}
    everyone: Paths = set().union(*managed.sets.values())
    in_merged = named(fieldsets.of_value(merged, node), node)
    in_pruned = named(fieldsets.of_value(pruned, node), node)
    lost = in_merged - in_pruned - named(everyone, node)
    pruned = fieldsets.remove(merged, lost, node) or {}
    in_pruned = named(fieldsets.of_value(pruned, node), node)
    dangling = (in_merged - in_pruned) & named(last, node)
    result: Obj = fieldsets.remove(merged, dangling, node) or {}
    return result


def _collapse(managed: Managed) -> None:
    """At most ten updaters are told apart; older ones become `ancient-changes`."""
    updates = [owner for owner in managed.sets if owner.operation == "Update"]
    surplus = len(updates) - UPDATES_KEPT
    if surplus <= 0:
        return
    updates.sort(key=lambda owner: (managed.times.get(owner, ""), owner.manager))
    ancient = Owner("ancient-changes", "Update")
    for owner in updates[: surplus + 1]:
        paths = managed.sets.pop(owner)
        managed.sets[ancient] = managed.sets.get(ancient, set()) | paths
        managed.times[ancient] = managed.times.pop(owner, "")


def _described(owner: Owner, kind: Kind) -> str:
    text = json.dumps(owner.manager)
    if owner.subresource:
        text += f" with subresource {json.dumps(owner.subresource)}"
    return f"{text} using {kind.api_version}" if owner.operation == "Update" else text


def _conflict(kind: Kind, conflicts: dict[Owner, Paths]) -> status.ApiError:
    causes = []
    groups: dict[str, list[str]] = {}
    for owner in sorted(conflicts, key=lambda each: each.manager):
        described = _described(owner, kind)
        for path in sorted(conflicts[owner]):
            shown = fieldsets.shown(path)
            message = f"conflict with {described}"
            causes.append(status.cause("FieldManagerConflict", message, shown))
            groups.setdefault(described, []).append(shown)
    total = len(causes)
    parts = []
    for described, fields in groups.items():
        if total == 1:
            parts.append(f"conflict with {described}: {fields[0]}")
        else:
            listed = "".join(f"\n- {each}" for each in fields)
            parts.append(f"conflicts with {described}:{listed}")
    noun = "conflict" if total == 1 else "conflicts"
    text = f"Apply failed with {total} {noun}: " + "\n".join(parts)
    return status.ApiError(409, text, details={"causes": causes})
