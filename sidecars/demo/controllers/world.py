"""What the controllers see: the store, who owns what, and the work that is due.

Writes go through here, so that a controller sees its own writes at once; writes of clients
come in by the store's feed. Both end in `notice`, which compares with the store's present
state: an event that is late does no harm.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator

from .. import status
from ..store import Obj, Store, timestamp
from .clock import Clock
from .programs.http import Server
from .records import EventRecorder

logger = logging.getLogger(__name__)

Place = tuple[str, str, str]  # kind, namespace, name
Reconcile = Callable[[str, str], None]
Listener = Callable[[str, Obj | None, Obj | None], None]

CONTROLLER_MANAGER = "kube-controller-manager"
SIMULATED = "sim-"  # nodes whose pods are only records
RETRY_S = 1.0
LONGEST_RETRY_S = 64.0
ROUNDS = 100  # of one object in one go: more means that it never settles


class World:
    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.events = EventRecorder(store, clock)
        self.reconcilers: dict[str, Reconcile] = {}
        self.listeners: list[Listener] = []
        self.flushes: list[Callable[[], None]] = []
        # The pods' network: a server behind a Service, as seen from a namespace.
        self.reach: Callable[[str, str, int], Server | None] = lambda _namespace, _host, _port: None
        self._seen: dict[Place, Obj] = {}
        self._owned: dict[str, dict[Place, None]] = {}
        self._pods: dict[str, dict[str, None]] = {}
        self._due: dict[tuple[str, str, str], None] = {}
        self._refused: dict[tuple[str, str, str], int] = {}  # in a row

    # Reading

    def timestamp(self) -> str:
        return timestamp(self.clock.now())

    def owned(self, kind: str, owner: Obj) -> list[Obj]:
        places = self._owned.get(owner["metadata"]["uid"], {})
        return [self._seen[place] for place in places if place[0] == kind]

    def dependents(self, uid: str) -> list[Place]:
        return list(self._owned.get(uid, {}))

    def pods(self, namespace: str) -> Iterator[Obj]:
        """All but the simulated ones."""
        for name in self._pods.get(namespace, {}):
            yield self._seen[("pods", namespace, name)]

    # Writing

    def create(self, kind: str, obj: Obj, manager: str = CONTROLLER_MANAGER) -> Obj:
        obj["metadata"].setdefault("creationTimestamp", self.timestamp())
        new = self.store.create(kind, obj, manager)
        self.notice(kind, new)
        return new

    def edit(
        self,
        kind: str,
        obj: Obj,
        change: Callable[[Obj], object],
        manager: str = CONTROLLER_MANAGER,
        subresource: str | None = None,
    ) -> Obj:
        namespace, name = _key(obj)
        new = self.store.edit(kind, namespace, name, change, manager, subresource)
        self.notice(kind, obj)
        return new

    def set_status(self, kind: str, obj: Obj, wanted: Obj, manager: str = CONTROLLER_MANAGER) -> None:
        if obj.get("status") == wanted:
            return
        self.edit(kind, obj, lambda copy: copy.update(status=wanted), manager, "status")

    def delete(self, kind: str, obj: Obj, grace_s: int | None = None) -> None:
        namespace, name = _key(obj)
        current = self.store.find(kind, namespace, name)
        if current is None or current["metadata"]["uid"] != obj["metadata"]["uid"]:
            return
        self.store.delete(kind, namespace, name, grace_s)
        self.notice(kind, obj)

    # Following

    def mark(self, controller: str, namespace: str, name: str) -> None:
        self._due[(controller, namespace, name)] = None

    def mark_after(self, delay_s: float, controller: str, namespace: str, name: str) -> None:
        self.clock.after(delay_s, lambda: self.mark(controller, namespace, name))

    def notice(self, kind: str, obj: Obj) -> None:
        if kind == "events":
            return
        if is_simulated(kind, obj):
            if "deletionTimestamp" in obj["metadata"]:
                self.clock.after(1.0, lambda: self.delete(kind, obj, 0))
            return
        namespace, name = _key(obj)
        place = (kind, namespace, name)
        old, new = self._seen.get(place), self.store.find(kind, namespace, name)
        if new is old:
            return
        if old and new and old["metadata"]["uid"] != new["metadata"]["uid"]:
            self._index(place, old, None)
            self._tell(kind, old, None)
            old = None
        self._index(place, old, new)
        self._tell(kind, old, new)

    @property
    def has_work(self) -> bool:
        return bool(self._due)

    def settle(self) -> None:
        """Until nothing is due. An object that keeps changing waits: it must not stop all others."""
        rounds: Counter[tuple[str, str, str]] = Counter()
        while True:
            while self._due:
                key = next(iter(self._due))
                del self._due[key]
                rounds[key] += 1
                if rounds[key] <= ROUNDS:
                    self._reconcile(key)
                elif rounds[key] == ROUNDS + 1:
                    logger.warning("%s does not settle", key)
                    self.mark_after(RETRY_S, *key)
            for flush in self.flushes:
                flush()
            if not self._due:
                return

    def _reconcile(self, key: tuple[str, str, str]) -> None:
        try:
            self.reconcilers[key[0]](key[1], key[2])
        except status.ApiError as problem:
            logger.debug("%s: %s", key, problem)
            if problem.code != 404:
                self._retry(key)
        else:
            self._refused.pop(key, None)

    def _retry(self, key: tuple[str, str, str]) -> None:
        """Ever later, as the real controllers do."""
        times = self._refused[key] = self._refused.get(key, 0) + 1
        self.mark_after(min(RETRY_S * 2 ** min(times - 1, 10), LONGEST_RETRY_S), *key)

    def _tell(self, kind: str, old: Obj | None, new: Obj | None) -> None:
        for listener in self.listeners:
            listener(kind, old, new)

    def _index(self, place: Place, old: Obj | None, new: Obj | None) -> None:
        for reference in _owners(old):
            self._owned.get(reference, {}).pop(place, None)
        for reference in _owners(new):
            self._owned.setdefault(reference, {})[place] = None
        if new is None:
            self._seen.pop(place, None)
        else:
            self._seen[place] = new
        if place[0] == "pods":
            names = self._pods.setdefault(place[1], {})
            if new is None:
                names.pop(place[2], None)
            else:
                names[place[2]] = None


def is_simulated(kind: str, obj: Obj) -> bool:
    return kind == "pods" and str(obj["spec"].get("nodeName", "")).startswith(SIMULATED)


def _key(obj: Obj) -> tuple[str, str]:
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def _owners(obj: Obj | None) -> list[str]:
    if obj is None:
        return []
    return [reference["uid"] for reference in obj["metadata"].get("ownerReferences", [])]


def controller_of(obj: Obj) -> Obj | None:
    for reference in obj["metadata"].get("ownerReferences", []):
        if reference.get("controller"):
            return dict(reference)
    return None


def reference_to(owner: Obj) -> Obj:
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
