"""Keeps a RowStore equal to a resource: LIST in pages, then WATCH, for ever, with backoff.

Source of the rules: client-go's reflector. The watch begins at the version of the *list*;
versions are opaque; 410 comes as an HTTP status or as an ERROR event; after a relist the
store is changed in one step, so that pages never flash empty.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from sidecars import errors, wire
from sidecars.cluster import failures
from sidecars.cluster.failures import Asked
from sidecars.cluster.resources import Resource, build_path
from sidecars.cluster.transport import LIST_S, Request, Transport, backoff
from sidecars.messages import gettext_noop as _
from sidecars.store import Phase, ReflectorState, RowStore

log = logging.getLogger(__name__)

PAGE_SIZE = 500
SILENCE_S = 70.0  # a bookmark comes about every 60 s
WATCH_S = (300, 600)
HEALTHY_S = 120.0
SLOW_RETRY_S = 30.0
SHORT_OUTAGE_S = 15.0  # so long the waits stay short, and the page is right again within 5 s
SHORT_OUTAGE_DELAY_S = 4.0
LIST_TRIES = 10
LINE_LIMIT_BYTES = 32 << 20

_ENVELOPE = msgspec.json.Decoder(wire.WatchEvent)
_VERSION = msgspec.json.Decoder(wire.VersionOnly)
_STATUS = msgspec.json.Decoder(wire.Status)


class _Broken(Exception):
    """The stream cannot be trusted any further: resume at the last version."""


@dataclass(frozen=True, slots=True)
class _Batch:
    updated: list[Any]
    removed: list[str]
    version: str


class Reflector:
    """`timing` may be shortened by tests; nobody else changes it."""

    def __init__(self, transport: Transport, resource: Resource, namespace: str) -> None:
        assert resource.items is not None and resource.item is not None and resource.row is not None
        self.store: RowStore[Any] = RowStore()
        self.reconnects = 0
        self._transport, self._resource, self._namespace = transport, resource, namespace
        self._path = build_path(resource, namespace)
        self._page = msgspec.json.Decoder(resource.items)
        self._item = msgspec.json.Decoder(resource.item)
        self._row = resource.row
        self._version = ""  # of the last list, bookmark or event
        self._listed = False  # a watch from _version makes sense
        self._contact = 0.0

    async def run(self) -> None:
        """Never returns, never raises but CancelledError."""
        attempt = 0
        while True:
            began = time.monotonic()
            try:
                if self._listed:
                    await self._check_version()
                else:
                    await self._list()
                await self._watch()
                attempt = 0  # the server ended the watch as agreed
                continue
            except (errors.ClusterError, errors.BadConfiguration, _Broken) as error:
                failure: Exception = error
            except Exception as error:  # a mistake of ours: rows must not look live for ever
                log.exception("The reflector of %s failed", self._resource.plural)
                failure = error
            if time.monotonic() - began > HEALTHY_S:
                attempt = 0
            delay_s = self._judge(failure, attempt)
            attempt += 1
            self.reconnects += 1
            await asyncio.sleep(delay_s)

    def _judge(self, failure: Exception, attempt: int) -> float:
        """What the failure means for the rows and how long to wait before the next try."""
        delay_s = backoff(attempt)
        if isinstance(failure, _Broken):
            self._say("catching-up" if attempt == 0 else "stale", None, delay_s)
        elif isinstance(failure, errors.Expired):
            self._listed = False
            self._say("catching-up", None, delay_s)
        elif isinstance(failure, errors.Forbidden):
            self._listed = False
            delay_s = SLOW_RETRY_S * (1.0 + random.random() / 4)  # noqa: S311  no secret
            self._say("forbidden", failure, delay_s)
        elif isinstance(failure, errors.Busy):
            delay_s = max(delay_s, failure.retry_after_s)
            self._say("stale", failure, delay_s)
        elif isinstance(failure, errors.Unreachable):
            if time.time() - self._contact < SHORT_OUTAGE_S:
                delay_s = min(delay_s, SHORT_OUTAGE_DELAY_S)
            self._say("stale", failure, delay_s)
        else:
            delay_s = max(delay_s, SLOW_RETRY_S)
            known = failure if isinstance(failure, errors.SidecarsError) else errors.SidecarsError()
            self._say("failed", known, delay_s)
        return delay_s

    def _say(self, phase: Phase, error: errors.SidecarsError | None, retry_in_s: float | None = None) -> None:
        before = self.store.state
        since = self._contact or before.since
        if phase == "live":
            since = before.since if before.phase == "live" else self._contact
        self.store.set_state(replace(before, phase=phase, since=since, error=error, retry_in_s=retry_in_s))

    def _live(self) -> None:
        self._contact = time.time()
        if self.store.state.phase != "live":
            self._say("live", None)

    async def _list(self) -> None:
        """At the last version first: another replica of the API server may lag behind it."""
        if self._version:
            try:
                await self._list_from(self._version)
                return
            except errors.Expired:
                self._version = ""
        try:
            await self._list_from("")
        except errors.Expired as error:
            raise _Broken from error  # `continue` expired: begin the list again

    async def _check_version(self) -> None:
        """Raises Expired when the server is behind us, as after a restored etcd snapshot.

        A watch from a version of the future says nothing at all, without an error; a list
        of one item does. Versions are never compared here.
        """
        await self._read_page({"limit": "1", **_not_older_than(self._version)}, tries=1)

    async def _list_from(self, version: str) -> None:
        """The very first list shows each page as it comes; later ones swap the store."""
        first = not self.store.state.complete
        rows: dict[str, Any] = {}
        params = {"limit": str(PAGE_SIZE)}
        if version:
            params |= _not_older_than(version)
        while True:
            metadata, found = await self._read_page(params)
            rows |= {row.uid: row for row in found}
            if first:
                self.store.change(found)
            if not metadata.continue_:
                break
            params = {"limit": str(PAGE_SIZE), "continue": metadata.continue_}
            await asyncio.sleep(0)
        self._version, self._listed = metadata.resource_version, True
        self._contact = time.time()
        self.store.swap(rows)
        self.store.set_state(ReflectorState("live", self._contact, None, complete=True))

    async def _read_page(
        self, params: dict[str, str], tries: int = LIST_TRIES
    ) -> tuple[wire.ListMetadata, list[Any]]:
        asked = Asked("list", self._resource.plural, self._namespace)
        request = Request("GET", self._path, asked, params)
        answer = await self._transport.read(request, limit_s=LIST_S, tries=tries)
        try:
            page = self._page.decode(answer.body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise errors.Unreachable(
                server=self._transport.credentials.server, cause=_("its answer is not JSON")
            ) from error
        return page.metadata, [self._row(item) for item in page.items or ()]

    async def _watch(self) -> None:
        seconds = random.randint(*WATCH_S)  # noqa: S311  no secret
        params = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(seconds),
            "resourceVersion": self._version,
        }
        request = Request("GET", self._path, Asked("watch", self._resource.plural, self._namespace), params)
        began = time.monotonic()
        async with self._transport.stream(request, silence_s=SILENCE_S) as stream:
            self._live()
            try:
                async for lines in split_lines(stream.iter_any()):
                    batch = self._read_events(lines)
                    self._version = batch.version
                    self._contact = time.time()
                    if batch.updated or batch.removed:
                        self.store.change(batch.updated, batch.removed)
                    await asyncio.sleep(0)
            except Exception as error:
                if failures.is_ended_by_peer(error):  # until now nothing had been missed
                    self._contact = time.time()
                raise
        if time.monotonic() - began < min(seconds, 5):
            raise _Broken  # a server that closes at once must not be asked in a loop

    def _read_events(self, lines: list[bytes]) -> _Batch:
        """Later events of one object win; order between objects does not matter to rows."""
        updated: dict[str, Any] = {}
        removed: dict[str, None] = {}
        version = self._version
        try:
            for kind, raw in self._envelopes(lines):
                if kind == "BOOKMARK":
                    version = _VERSION.decode(raw).metadata.resource_version or version
                    continue
                row = self._row(self._item.decode(raw))
                version = row.resource_version or version
                if kind == "DELETED":
                    updated.pop(row.uid, None)
                    removed[row.uid] = None
                else:
                    removed.pop(row.uid, None)
                    updated[row.uid] = row
        except (_Broken, errors.ClusterError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            # What came before the bad line is right: keep it, so that the resume is exact.
            self.store.change(list(updated.values()), list(removed))
            self._version = version
            if isinstance(error, _Broken | errors.ClusterError):
                raise
            raise _Broken from error
        return _Batch(list(updated.values()), list(removed), version)

    def _envelopes(self, lines: list[bytes]) -> Iterator[tuple[str, msgspec.Raw]]:
        for line in lines:
            event = _ENVELOPE.decode(line)
            if event.type in ("ADDED", "MODIFIED", "DELETED", "BOOKMARK"):
                yield event.type, event.object
            elif event.type == "ERROR":
                self._raise_error_event(_STATUS.decode(event.object))
            else:
                raise _Broken

    def _raise_error_event(self, status: wire.Status) -> None:
        asked = Asked("watch", self._resource.plural, self._namespace)
        raise failures.from_status(status, status.code or 500, asked)


def _not_older_than(version: str) -> dict[str, str]:
    return {"resourceVersion": version, "resourceVersionMatch": "NotOlderThan"}


async def split_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """The complete lines of each chunk; a last line without its end is dropped.

    Each byte is looked at once, however long a line is.
    """
    parts: list[bytes] = []
    size_bytes = 0
    async for chunk in chunks:
        head, newline, rest = chunk.partition(b"\n")
        parts.append(head)
        size_bytes += len(head)
        if size_bytes > LINE_LIMIT_BYTES:
            raise _Broken
        if not newline:
            continue
        lines = [b"".join(parts), *rest.split(b"\n")]
        last = lines.pop()
        parts, size_bytes = [last], len(last)
        whole = [line for line in lines if line.strip()]
        if whole:
            yield whole
