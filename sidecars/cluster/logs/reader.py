"""One viewer's way through one container's log: what is ready to be shown now, and how it stands."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from sidecars import errors
from sidecars.cluster.logs.follow import Batch, LogWish, follow, read_whole
from sidecars.cluster.logs.targets import LogStream
from sidecars.loglines import Cursor, LogLine, Position

if TYPE_CHECKING:
    from sidecars.cluster.cluster import Cluster

AHEAD = 2  # batches read before they are taken


class Reader:
    def __init__(
        self,
        cluster: "Cluster",
        number: int,
        stream: LogStream,
        wish: LogWish,
        cursor: Cursor | None,
        wake: asyncio.Event,
    ) -> None:
        self.number, self.stream = number, stream
        self.state, self.detail = "connecting", ""
        self.shown = Position(cursor or Cursor(stream.target.uid, stream.target.container))
        self.error: errors.SidecarsError | None = None
        self._cluster, self._wish, self._cursor, self._wake = cluster, wish, cursor, wake
        self._ready: deque[Batch] = deque()
        self._room = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="log reader")

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    @property
    def is_over(self) -> bool:
        return self.state in ("ended", "refused") and not self._ready

    @property
    def has_more(self) -> bool:
        return bool(self._ready)

    @property
    def is_behind(self) -> bool:
        return self.state in ("connecting", "catching-up")

    @property
    def lag_s(self) -> float:
        return 0.0

    def pull(self) -> Batch:
        if not self._ready:
            return ()
        batch = self._ready.popleft()
        self._room.set()
        return batch

    def note_shown(self, lines: list[LogLine]) -> None:
        for line in lines:
            if line.kind == "line":
                self.shown.admits(line.time_ns, line.text)

    def cursor(self) -> Cursor:
        return self.shown.cursor()

    async def _run(self) -> None:
        upstream = self._upstream()
        try:
            async with aclosing(upstream):
                async for batch in upstream:
                    await self._hand_over(batch)
            self.state = "ended"
        except errors.SidecarsError as error:
            self.error, self.state = error, "refused"
        finally:
            self._wake.set()

    def _upstream(self) -> AsyncGenerator[Batch, None]:
        target, wish = self.stream.target, self._wish
        if wish.is_finite:
            return read_whole(self._cluster, target, wish, self._cursor)
        tail = None if self._cursor else wish.tail_lines
        return follow(self._cluster, target, self._cursor, tail_lines=tail)

    async def _hand_over(self, batch: Batch) -> None:
        for line in batch:
            self._note_state(line)
        while len(self._ready) >= AHEAD:
            self._room.clear()
            await self._room.wait()
        self._ready.append(batch)
        self._wake.set()

    def _note_state(self, line: LogLine) -> None:
        if line.kind == "line" or line.code == "back":
            self.state, self.detail = "live", ""
        elif line.code == "reconnect" and line.text != "stalled":
            self.state, self.detail = "cut", ""
        elif line.code == "waiting":
            self.state, self.detail = "waiting", line.text
