"""Versioned records: objects, one global resourceVersion, a bounded history, feeds."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

Obj = dict[str, Any]
Key = tuple[str, str]  # namespace ("" for cluster scope), name

HISTORY = 20_000


class Record:
    """One version of one object, encoded at most once however many watchers it has."""

    __slots__ = ("_raw", "obj", "rv")

    def __init__(self, obj: Obj, rv: int) -> None:
        self.obj = obj
        self.rv = rv
        self._raw: bytes | None = None

    @property
    def raw(self) -> bytes:
        if self._raw is None:
            self._raw = msgspec.json.encode(self.obj)
        return self._raw

    @property
    def raw_item(self) -> bytes:
        """As in a list: without kind and apiVersion, which `put` makes the first fields."""
        head = {"kind": self.obj["kind"], "apiVersion": self.obj["apiVersion"]}
        return b"{" + self.raw[len(msgspec.json.encode(head)) :]


@dataclass(frozen=True, slots=True)
class Change:
    rv: int
    type: str
    kind: str
    key: Key
    record: Record
    before: Record | None


class Feed:
    """Changes for one reader, from the moment it was opened."""

    def __init__(self, kind: str | None) -> None:
        self.kind = kind
        self._waiting: deque[Change] = deque()
        self._filled = asyncio.Event()

    def push(self, change: Change) -> None:
        self._waiting.append(change)
        self._filled.set()

    def wake(self) -> None:
        self._filled.set()

    async def take(self, timeout_s: float | None = None) -> list[Change]:
        """What has come; empty after the time limit or a wake."""
        if not self._waiting:
            self._filled.clear()
            try:
                await asyncio.wait_for(self._filled.wait(), timeout_s)
            except TimeoutError:
                return []
        taken = list(self._waiting)
        self._waiting.clear()
        return taken


class Records:
    def __init__(self, kinds: Iterable[str], first_rv: int = 100) -> None:
        self.rv = first_rv
        self.compacted_rv = first_rv
        self._objects: dict[str, dict[Key, Record]] = {kind: {} for kind in kinds}
        self._sorted: dict[str, list[Key]] = {}
        self._history: dict[str, deque[Change]] = {kind: deque(maxlen=HISTORY) for kind in self._objects}
        self._feeds: set[Feed] = set()

    def find(self, kind: str, key: Key) -> Record | None:
        return self._objects[kind].get(key)

    def count(self, kind: str) -> int:
        return len(self._objects[kind])

    def select(self, kind: str, namespace: str | None = None) -> list[Record]:
        """In the order of etcd's keys."""
        objects = self._objects[kind]
        keys = self._sorted.get(kind)
        if keys is None:
            keys = self._sorted[kind] = sorted(objects, key=lambda key: "/".join(key))
        return [objects[key] for key in keys if namespace is None or key[0] == namespace]

    def put(self, kind: str, key: Key, obj: Obj) -> Record:
        self.rv += 1
        obj["metadata"]["resourceVersion"] = str(self.rv)
        ordered = {"kind": obj["kind"], "apiVersion": obj["apiVersion"], "metadata": {}} | obj
        record = Record(ordered, self.rv)
        before = self._objects[kind].get(key)
        self._objects[kind][key] = record
        if before is None:
            self._sorted.pop(kind, None)
        self._publish("MODIFIED" if before else "ADDED", kind, key, record, before)
        return record

    def drop(self, kind: str, key: Key) -> Record:
        """The last state, stamped with the resourceVersion of the deletion."""
        before = self._objects[kind].pop(key)
        self._sorted.pop(kind, None)
        self.rv += 1
        metadata = before.obj["metadata"] | {"resourceVersion": str(self.rv)}
        record = Record(before.obj | {"metadata": metadata}, self.rv)
        self._publish("DELETED", kind, key, record, before)
        return record

    def since(self, kind: str, rv: int) -> list[Change] | None:
        """None when the history no longer reaches back to `rv`."""
        history = self._history[kind]
        full = len(history) == history.maxlen
        if rv < self.compacted_rv or (full and rv < history[0].rv - 1):
            return None
        return [change for change in history if change.rv > rv]

    def compact(self) -> None:
        self.compacted_rv = self.rv
        for history in self._history.values():
            history.clear()

    def rewind(self, by: int) -> None:
        """As after a restored snapshot: versions go back, readers have seen the future."""
        self.rv = max(1, self.rv - by)
        self.compacted_rv = min(self.compacted_rv, self.rv)
        for history in self._history.values():
            history.clear()

    def open(self, kind: str | None) -> Feed:
        feed = Feed(kind)
        self._feeds.add(feed)
        return feed

    def close(self, feed: Feed) -> None:
        self._feeds.discard(feed)

    def _publish(self, type_: str, kind: str, key: Key, record: Record, before: Record | None) -> None:
        change = Change(record.rv, type_, kind, key, record, before)
        self._history[kind].append(change)
        for feed in self._feeds:
            if feed.kind is None or feed.kind == kind:
                feed.push(change)
