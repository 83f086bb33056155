"""What goes when its owner goes, and what a namespace takes along."""

from __future__ import annotations

from functools import partial

from .. import discovery
from ..status import ApiError
from ..store import Obj
from .world import World

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


class GarbageCollector:
    def __init__(self, world: World) -> None:
        self._world = world
        world.reconcilers["owner"] = self._reconcile_owner
        world.reconcilers["namespace"] = self._reconcile_namespace
        world.listeners.append(self._changed)

    def _changed(self, kind: str, old: Obj | None, new: Obj | None) -> None:
        if new is None and old is not None:
            self._owner_gone(old)
        elif new is not None and _is_leaving(new):
            metadata = new["metadata"]
            self._world.mark("owner", kind, f"{metadata.get('namespace', '')}/{metadata['name']}")
        if kind == "namespaces" and new is not None:
            self._world.mark("namespace", "", new["metadata"]["name"])

    def _owner_gone(self, owner: Obj) -> None:
        world, uid = self._world, owner["metadata"]["uid"]
        for kind, namespace, name in world.dependents(uid):
            dependent = world.store.find(kind, namespace, name)
            if dependent is None:
                continue
            others = [each for each in dependent["metadata"]["ownerReferences"] if each["uid"] != uid]
            if others:
                world.edit(kind, dependent, partial(_set_owners, owners=others))
            else:
                world.delete(kind, dependent)
        for reference in owner["metadata"].get("ownerReferences", []):
            self._look_at_owner(reference, owner["metadata"].get("namespace", ""))

    def _look_at_owner(self, reference: Obj, namespace: str) -> None:
        for kind in discovery.KINDS.values():
            if kind.kind == reference["kind"]:
                self._world.mark("owner", kind.plural, f"{namespace}/{reference['name']}")

    def _reconcile_owner(self, kind: str, place: str) -> None:
        namespace, _, name = place.partition("/")
        owner = self._world.store.find(kind, namespace, name)
        if owner is None or "deletionTimestamp" not in owner["metadata"]:
            return
        finalizers = owner["metadata"].get("finalizers", [])
        dependents = self._world.dependents(owner["metadata"]["uid"])
        if ORPHAN in finalizers:
            self._orphan(owner, dependents)
            self._drop_finalizer(kind, owner, ORPHAN)
        elif FOREGROUND in finalizers:
            for each in dependents:
                dependent = self._world.store.find(*each)
                if dependent and "deletionTimestamp" not in dependent["metadata"]:
                    self._world.delete(each[0], dependent)
            if not self._world.dependents(owner["metadata"]["uid"]):
                self._drop_finalizer(kind, owner, FOREGROUND)

    def _orphan(self, owner: Obj, dependents: list[tuple[str, str, str]]) -> None:
        uid = owner["metadata"]["uid"]
        for each in dependents:
            dependent = self._world.store.find(*each)
            if dependent:
                kept = [ref for ref in dependent["metadata"]["ownerReferences"] if ref["uid"] != uid]
                self._world.edit(each[0], dependent, partial(_set_owners, owners=kept))

    def _drop_finalizer(self, kind: str, owner: Obj, finalizer: str) -> None:
        self._world.edit(kind, owner, lambda copy: copy["metadata"]["finalizers"].remove(finalizer))

    # Namespaces

    def _reconcile_namespace(self, _: str, name: str) -> None:
        namespace = self._world.store.find("namespaces", "", name)
        if namespace is None:
            return
        if "deletionTimestamp" in namespace["metadata"]:
            self._empty(namespace)
        else:
            self._furnish(name)

    def _furnish(self, name: str) -> None:
        metadata = {"namespace": name}
        wanted: list[tuple[str, Obj]] = [
            ("serviceaccounts", {"metadata": {**metadata, "name": "default"}}),
            ("configmaps", {"metadata": {**metadata, "name": "kube-root-ca.crt"}, "data": {"ca.crt": ""}}),
        ]
        for kind, obj in wanted:
            if self._world.store.find(kind, name, obj["metadata"]["name"]) is None:
                self._world.create(kind, obj)

    def _empty(self, namespace: Obj) -> None:
        name = namespace["metadata"]["name"]
        left = 0
        for kind in discovery.KINDS.values():
            if not kind.namespaced:
                continue
            for obj in self._world.store.list(kind.plural, name):
                left += 1
                if "deletionTimestamp" not in obj["metadata"]:
                    try:
                        self._world.store.delete(kind.plural, name, obj["metadata"]["name"])
                        self._world.notice(kind.plural, obj)
                    except ApiError:
                        pass
        if left:
            self._world.mark_after(0.4, "namespace", "", name)
        elif namespace["spec"].get("finalizers"):
            self._world.store.edit("namespaces", "", name, lambda copy: copy["spec"].pop("finalizers"), "")
            self._world.notice("namespaces", namespace)


def _is_leaving(obj: Obj) -> bool:
    return bool(obj["metadata"].get("finalizers")) and "deletionTimestamp" in obj["metadata"]


def _set_owners(obj: Obj, owners: list[Obj]) -> None:
    if owners:
        obj["metadata"]["ownerReferences"] = owners
    else:
        obj["metadata"].pop("ownerReferences", None)
