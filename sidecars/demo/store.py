"""The objects of the demo cluster and the rules of writing them.

The interface for controllers, subresources and scenes (all in the event loop, all sync;
kind keys are plurals: "pods", "deployments"; cluster-scoped kinds take namespace ""):

    store.create(kind, obj, manager) -> obj            fills metadata, defaults, admission
    store.get(kind, namespace, name) -> obj            raises ApiError 404
    store.find(kind, namespace, name) -> obj | None
    store.list(kind, namespace=None) -> list[obj]      None: all namespaces; sorted by key
    store.update(kind, obj, manager, subresource=None) -> obj
    store.edit(kind, namespace, name, change, manager, subresource=None) -> obj
                                                       change(copy) alters the copy in place
    store.delete(kind, namespace, name, grace_s=None) -> obj
    store.subscribe(kind=None)                         async iterator of (type, kind, obj) from
                                                       the call on: ADDED MODIFIED DELETED

What it returns is shared: never alter it in place (`edit` hands you a copy).
`subresource="status"` writes status alone, None everything but status
(`create` keeps a status that it is given). `obj.metadata.resourceVersion`, if there,
is a precondition (ApiError 409). A write that changes nothing keeps its resourceVersion.
An empty `manager` skips the tracking of managedFields: for thousands of simulated pods.
A pod with a node is deleted gracefully: deletionTimestamp first; `grace_s=0` removes it.
An object with finalizers goes when the last finalizer has gone.
"""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable
from typing import Any

from . import admission, defaults, discovery, lifecycle, managedfields, status
from .discovery import Kind
from .lifecycle import random_suffix, timestamp
from .records import Change, Feed, Key, Record, Records

__all__ = ["Store", "Subscription", "key_of", "random_suffix", "timestamp"]

Obj = dict[str, Any]
Objects = list[Obj]
Check = Callable[[Kind, Obj, Obj | None], None]

_WRONG_UID = (
    "StorageError: invalid object, Code: 4, Key: /registry/{key}, ResourceVersion: 0, "
    "AdditionalErrorMsg: Precondition failed: UID in precondition: {asked}, "
    "UID in object meta: {have}"
)
_DELETE_WRONG_UID = (
    "the UID in the precondition ({asked}) does not match the UID in record ({have}). "
    "The object might have been deleted and then recreated"
)
_DELETE_WRONG_RV = (
    "the ResourceVersion in the precondition ({asked}) does not match the ResourceVersion in "
    "record ({have}). The object might have been modified"
)


def key_of(kind: Kind, obj: Obj) -> Key:
    metadata = obj["metadata"]
    return (metadata.get("namespace", "") if kind.namespaced else "", metadata["name"])


class Subscription(AsyncIterator[tuple[str, str, Obj]]):
    def __init__(self, records: Records, feed: Feed) -> None:
        self._records = records
        self._feed = feed
        self._ready: list[Change] = []

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> tuple[str, str, Obj]:
        while not self._ready:
            self._ready = (await self._feed.take())[::-1]
        change = self._ready.pop()
        return change.type, change.kind, change.record.obj

    async def aclose(self) -> None:
        self._records.close(self._feed)


class Store:
    def __init__(self) -> None:
        self.records = Records(discovery.KINDS)

    # Reading

    def find(self, kind: str, namespace: str, name: str) -> Obj | None:
        record = self.records.find(kind, (namespace, name))
        return record.obj if record else None

    def get(self, kind: str, namespace: str, name: str) -> Obj:
        return self._record(kind, namespace, name).obj

    def list(self, kind: str, namespace: str | None = None) -> Objects:
        return [record.obj for record in self.records.select(kind, namespace)]

    def subscribe(self, kind: str | None = None) -> Subscription:
        return Subscription(self.records, self.records.open(kind))

    # Writing

    def create(
        self,
        kind: str,
        obj: Obj,
        manager: str,
        *,
        check: Check | None = None,
        dry_run: bool = False,
        managed: Objects | None = None,
    ) -> Obj:
        """`managed`: managedFields already computed, by server-side apply."""
        entry = discovery.KINDS[kind]
        new = copy.deepcopy(obj)
        lifecycle.name(new)
        key = key_of(entry, new)
        self._require_namespace(entry, key)
        lifecycle.stamp_created(entry, new)
        if self.records.find(kind, key):
            raise status.already_exists(kind, entry.group, key[1])
        defaults.fill(entry, new)
        new["metadata"].pop("managedFields", None)
        fields = managed
        if fields is None and manager:
            fields = managedfields.after_create(entry, new, manager, timestamp())
        defaults.allocate(entry, new, None)
        admission.admit(self, entry, new, None)
        if check:
            check(entry, new, None)
        if fields:
            new["metadata"]["managedFields"] = fields
        return self._commit(kind, key, new, dry_run)

    def update(
        self,
        kind: str,
        obj: Obj,
        manager: str,
        subresource: str | None = None,
        *,
        check: Check | None = None,
        dry_run: bool = False,
        managed: Objects | None = None,
    ) -> Obj:
        entry = discovery.KINDS[kind]
        key = key_of(entry, obj)
        old = self._record(kind, *key).obj
        self._require_same(entry, old, obj["metadata"])
        new = lifecycle.merge_subresource(old, obj, subresource)
        lifecycle.keep_server_fields(old, new)
        defaults.fill(entry, new)
        if subresource is None:
            defaults.allocate(entry, new, old)
        if subresource in (None, "ephemeralcontainers"):
            admission.admit(self, entry, new, old)
        if subresource not in ("status", "binding"):
            lifecycle.bump_generation(entry, old, new)
        if check:
            check(entry, new, old)
        if managed is None:
            asked = obj["metadata"].get("managedFields")
            managed = managedfields.after_update(
                entry, old, new, asked, manager, subresource or "", timestamp()
            )
        lifecycle.set_managed(new, managed)
        if lifecycle.same(old, new):
            return old
        if lifecycle.is_finished(new):
            return self._remove(kind, key, dry_run)
        return self._commit(kind, key, new, dry_run)

    def edit(
        self,
        kind: str,
        namespace: str,
        name: str,
        change: Callable[[Obj], object],
        manager: str,
        subresource: str | None = None,
    ) -> Obj:
        edited = copy.deepcopy(self.get(kind, namespace, name))
        change(edited)
        return self.update(kind, edited, manager, subresource)

    def delete(
        self,
        kind: str,
        namespace: str,
        name: str,
        grace_s: int | None = None,
        *,
        preconditions: Obj | None = None,
        finalizers: tuple[str, ...] = (),
        dry_run: bool = False,
    ) -> Obj:
        """The last state; its deletionTimestamp is set if it stays for a while."""
        entry = discovery.KINDS[kind]
        old = self._record(kind, namespace, name).obj
        self._require_same(entry, old, preconditions or {}, deleting=True)
        metadata = old["metadata"]
        wait_s = lifecycle.grace(kind, old, grace_s)
        keep = [*metadata.get("finalizers", []), *finalizers]
        if kind == "namespaces":
            keep = keep or list(old.get("spec", {}).get("finalizers", []))
        if not keep and not wait_s:
            return self._remove(kind, (namespace, name), dry_run)
        if "deletionTimestamp" in metadata and wait_s >= metadata["deletionGracePeriodSeconds"]:
            return old
        new = copy.deepcopy(old)
        lifecycle.mark_deleted(kind, new, wait_s, finalizers)
        lifecycle.bump_generation(entry, old, new)
        return self._commit(kind, (namespace, name), new, dry_run)

    # Parts

    def _record(self, kind: str, namespace: str, name: str) -> Record:
        record = self.records.find(kind, (namespace, name))
        if record is None:
            raise status.not_found(kind, discovery.KINDS[kind].group, name)
        return record

    def _commit(self, kind: str, key: Key, new: Obj, dry_run: bool) -> Obj:
        return new if dry_run else self.records.put(kind, key, new).obj

    def _remove(self, kind: str, key: Key, dry_run: bool) -> Obj:
        if dry_run:
            return self._record(kind, *key).obj
        return self.records.drop(kind, key).obj

    def _require_namespace(self, entry: Kind, key: Key) -> None:
        if not entry.namespaced:
            return
        namespace = self.find("namespaces", "", key[0])
        if namespace is None:
            raise status.not_found("namespaces", "", key[0])
        if "deletionTimestamp" in namespace["metadata"]:
            why = f"unable to create new content in namespace {key[0]} because it is being terminated"
            raise status.forbidden(entry.plural, entry.group, key[1], why)

    def _require_same(self, entry: Kind, old: Obj, expected: Obj, *, deleting: bool = False) -> None:
        have = old["metadata"]
        name, uid, rv = have["name"], expected.get("uid"), expected.get("resourceVersion")
        subject, of_uid, of_rv = entry.plural, _WRONG_UID, status.MODIFIED
        if deleting:
            subject, of_uid, of_rv = entry.kind, _DELETE_WRONG_UID, _DELETE_WRONG_RV
        if uid and uid != have["uid"]:
            key = "/".join(filter(None, (entry.plural, *key_of(entry, old))))
            why = of_uid.format(asked=uid, have=have["uid"], key=key)
            raise status.conflict(subject, entry.group, name, why)
        if rv and rv not in ("0", have["resourceVersion"]):
            why = of_rv.format(asked=rv, have=have["resourceVersion"])
            raise status.conflict(subject, entry.group, name, why)
