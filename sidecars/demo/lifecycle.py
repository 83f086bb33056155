"""The life of an object: its birth, what an update may not touch, its graceful end."""

from __future__ import annotations

import copy
import secrets
import time
import uuid
from typing import Any

from .discovery import Kind

Obj = dict[str, Any]

SERVER_FIELDS = ("uid", "creationTimestamp", "generation", "selfLink")
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def timestamp(epoch_s: float | None = None) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch_s))


def random_suffix(length: int = 5) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def name(obj: Obj) -> None:
    metadata = obj.setdefault("metadata", {})
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"][:58] + random_suffix()


def stamp_created(entry: Kind, obj: Obj) -> None:
    metadata = obj["metadata"]
    for field in ("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"):
        metadata.pop(field, None)
    metadata["uid"] = str(uuid.uuid4())
    metadata.setdefault("creationTimestamp", timestamp())
    if entry.has_generation:
        metadata["generation"] = 1
    obj["apiVersion"], obj["kind"] = entry.api_version, entry.kind


def merge_subresource(old: Obj, obj: Obj, subresource: str | None) -> Obj:
    if subresource == "status":
        new = copy.deepcopy(old)
        new.pop("status", None)
        if "status" in obj:
            new["status"] = copy.deepcopy(obj["status"])
        if new["kind"] == "Deployment":  # the real strategy keeps spec and labels only
            new["metadata"]["annotations"] = copy.deepcopy(obj["metadata"].get("annotations", {}))
        return new
    if subresource == "ephemeralcontainers":
        new = copy.deepcopy(old)
        wanted = obj.get("spec", {}).get("ephemeralContainers", [])
        new["spec"]["ephemeralContainers"] = copy.deepcopy(wanted)
        return new
    new = copy.deepcopy(obj)
    new.pop("status", None)
    if "status" in old:
        new["status"] = old["status"]
    return new


def keep_server_fields(old: Obj, new: Obj) -> None:
    before, after = old["metadata"], new["metadata"]
    kept = (*SERVER_FIELDS, "deletionTimestamp", "deletionGracePeriodSeconds", "generateName")
    for field in kept:
        after.pop(field, None)
        if field in before:
            after[field] = before[field]
    after["resourceVersion"] = before["resourceVersion"]
    after.pop("managedFields", None)
    new["apiVersion"], new["kind"] = old["apiVersion"], old["kind"]


def bump_generation(entry: Kind, old: Obj, new: Obj) -> None:
    if not entry.has_generation:
        return
    changed = old.get("spec") != new.get("spec")
    if entry.plural == "deployments":
        changed |= old["metadata"].get("annotations") != new["metadata"].get("annotations")
    changed |= "deletionTimestamp" in new["metadata"] and ("deletionTimestamp" not in old["metadata"])
    new["metadata"]["generation"] = old["metadata"].get("generation", 1) + int(changed)


def set_managed(new: Obj, managed: list[Obj]) -> None:
    if managed:
        new["metadata"]["managedFields"] = managed


def same(old: Obj, new: Obj) -> bool:
    """Equal but for the times at which fields were last managed."""
    if {**old, "metadata": None} != {**new, "metadata": None}:
        return False
    before, after = dict(old["metadata"]), dict(new["metadata"])
    entries = before.pop("managedFields", []), after.pop("managedFields", [])
    timeless = [[{**entry, "time": ""} for entry in each] for each in entries]
    return before == after and timeless[0] == timeless[1]


def is_finished(obj: Obj) -> bool:
    metadata = obj["metadata"]
    if "deletionTimestamp" not in metadata or metadata.get("finalizers"):
        return False
    if obj["kind"] == "Namespace":
        return not obj.get("spec", {}).get("finalizers")
    return not metadata.get("deletionGracePeriodSeconds")


def grace(kind: str, obj: Obj, asked_s: int | None) -> int:
    if kind != "pods" or not obj["spec"].get("nodeName"):
        return 0
    if obj.get("status", {}).get("phase") in ("Succeeded", "Failed"):
        return 0
    if asked_s is not None:
        return asked_s
    return int(obj["spec"].get("terminationGracePeriodSeconds", 30))


def mark_deleted(kind: str, obj: Obj, wait_s: int, finalizers: tuple[str, ...]) -> None:
    metadata = obj["metadata"]
    metadata["deletionTimestamp"] = timestamp(time.time() + wait_s)
    metadata["deletionGracePeriodSeconds"] = wait_s
    if finalizers:
        metadata["finalizers"] = [*metadata.get("finalizers", []), *finalizers]
    if kind == "namespaces":
        obj.setdefault("status", {})["phase"] = "Terminating"
