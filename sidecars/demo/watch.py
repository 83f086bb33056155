"""WATCH: changes from a resourceVersion on, bookmarks, the end of the history."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from . import reads, schema, status
from .discovery import Kind
from .records import Change, Feed, Record
from .requests import Request, Stream

Obj = dict[str, Any]

BOOKMARK_S = 60.0
# The real server sends a last bookmark this long before it ends a watch.
LAST_BOOKMARK_S = 2.0
INITIAL_END = {"k8s.io/initial-events-end": "true"}


class Watchers:
    """Open watches, so that a hook or the end of the server can end them."""

    def __init__(self) -> None:
        self.ending = False
        self.round = 0
        self.bookmark_s = BOOKMARK_S
        self._feeds: set[Feed] = set()

    def add(self, feed: Feed) -> None:
        self._feeds.add(feed)

    def discard(self, feed: Feed) -> None:
        self._feeds.discard(feed)

    def close_all(self) -> None:
        self.round += 1
        for feed in self._feeds:
            feed.wake()


def open_watch(request: Request, kind: Kind, watchers: Watchers) -> Stream:
    text = request.option("resourceVersion")
    try:
        since = reads.version(text)
    except ValueError as error:
        message = f'resourceVersion: Invalid value: "{text}": {error}'
        raise status.ApiError(500, message, reason="") from error
    picks = reads.picker(request, kind)
    timeout_s = reads.number(request, "timeoutSeconds") or random.uniform(1800, 3600)
    watch = _Watch(request, kind, watchers, picks, timeout_s)
    return Stream(watch.chunks(since))


def event(type_: str, raw: bytes) -> bytes:
    return b'{"type":"' + type_.encode() + b'","object":' + raw + b"}\n"


def error_event(error: status.ApiError) -> bytes:
    return event("ERROR", msgspec.json.encode(error.body))


class _Watch:
    def __init__(
        self,
        request: Request,
        kind: Kind,
        watchers: Watchers,
        picks: reads.Picker | None,
        timeout_s: float,
    ) -> None:
        self.records = request.store.records
        self.kind = kind
        self.namespace = request.target.namespace
        self.watchers = watchers
        self.picks = picks
        self.timeout_s = timeout_s
        self.bookmarks = request.flag("allowWatchBookmarks")
        self.initial = request.flag("sendInitialEvents")

    async def chunks(self, since: int | None) -> AsyncIterator[bytes]:
        feed = self.records.open(self.kind.plural)
        self.watchers.add(feed)
        try:
            seen = since or 0
            if not since or self.initial:
                seen = self.records.rv
                yield self._initial()
            else:
                missed = self.records.since(self.kind.plural, since)
                if missed is None:
                    oldest = self.records.compacted_rv
                    text = f"too old resource version: {since} ({oldest})"
                    yield error_event(status.expired(text))
                    return
                seen = max(since, self.records.rv)
                yield self._encode(missed)
            async for chunk in self._follow(feed, seen):
                yield chunk
        finally:
            self.records.close(feed)
            self.watchers.discard(feed)

    def _initial(self) -> bytes:
        found = self.records.select(self.kind.plural, self.namespace or None)
        lines = [event("ADDED", each.raw) for each in found if self.picks is None or self.picks(each.obj)]
        if self.initial and self.bookmarks:
            lines.append(self._bookmark(INITIAL_END))
        return b"".join(lines)

    async def _follow(self, feed: Feed, seen: int) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        end = loop.time() + self.timeout_s
        bookmark_at = self._next_bookmark(loop.time(), end)
        round_ = self.watchers.round
        while not self.watchers.ending and round_ == self.watchers.round:
            now = loop.time()
            if now >= end:
                return
            changes = await feed.take(max(0.0, min(end, bookmark_at) - now))
            yield self._encode([change for change in changes if change.rv > seen])
            if loop.time() >= bookmark_at:
                bookmark_at = self._next_bookmark(loop.time(), end)
                yield self._bookmark()

    def _next_bookmark(self, now: float, end: float) -> float:
        if not self.bookmarks:
            return math.inf
        regular = now + self.watchers.bookmark_s
        last = end - LAST_BOOKMARK_S
        return min(regular, last) if last > now else max(regular, end)

    def _bookmark(self, annotations: Obj | None = None) -> bytes:
        body = schema.skeleton(self.kind.schema)
        metadata: Obj = {"resourceVersion": str(self.records.rv)}
        if annotations:
            metadata["annotations"] = annotations
        head = {"kind": self.kind.kind, "apiVersion": self.kind.api_version}
        return event("BOOKMARK", msgspec.json.encode(head | body | {"metadata": metadata}))

    def _encode(self, changes: list[Change]) -> bytes:
        return b"".join(filter(None, map(self._line, changes)))

    def _line(self, change: Change) -> bytes:
        if self.namespace and change.key[0] != self.namespace:
            return b""
        was = change.before is not None and self._picks(change.before)
        now = change.type != "DELETED" and self._picks(change.record)
        if now:
            return event("MODIFIED" if was else "ADDED", change.record.raw)
        if was:
            return event("DELETED", _stamped(change))
        return b""

    def _picks(self, record: Record) -> bool:
        return self.picks is None or self.picks(record.obj)


def _stamped(change: Change) -> bytes:
    """An object that leaves a selection is its last selected state, newly stamped."""
    if change.type == "DELETED" or change.before is None:
        return change.record.raw
    metadata = change.before.obj["metadata"] | {"resourceVersion": str(change.rv)}
    return msgspec.json.encode(change.before.obj | {"metadata": metadata})
