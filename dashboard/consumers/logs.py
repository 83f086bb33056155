"""One container's log, live.

Lines are sent as they come, many in a frame. A browser that reads slowly slows its upstream:
the node's log file is the buffer, so nothing is dropped. A browser that comes back goes on
at its cursor.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from django.http import Http404, QueryDict

from dashboard.clusters import clusters
from dashboard.consumers.base import ViewerConsumer
from dashboard.log_lines import to_lines
from dashboard.log_source import LogAsk, advance, find_place, read_cursor, write_cursor
from sidecars import errors
from sidecars.cluster import Cluster
from sidecars.loglines import Cursor, LogLine, Position

FRAME_S = 0.05
FRAME_LINES = 2000
Upstream = AsyncGenerator[tuple[LogLine, ...], None]


class LogsConsumer(ViewerConsumer):
    """First frame: {"query": "?src=…", "cursor": "…"}; frames out: {"lines": [[ms, text, notice]…]}."""

    async def run(self, params: dict[str, Any]) -> None:
        ask = LogAsk.read(QueryDict(str(params.get("query", ""))[:4096].removeprefix("?")))
        if not ask.container:
            raise Http404("container")
        cursor = read_cursor(str(params.get("cursor", "")), ask.container)
        async with clusters.hold(self.identity, self.kwargs["ctx"]) as cluster:
            await self._send_all(cluster, ask, cursor)

    async def _send_all(self, cluster: Cluster, ask: LogAsk, cursor: Cursor | None) -> None:
        place = cursor or await find_place(cluster, ask)
        position = Position(place)
        target, tail = ask.target(place.pod_uid), None if cursor else ask.tail
        upstream = cluster.follow_log(target, cursor, tail_lines=tail, previous=ask.is_previous)
        # Not resumed: the end of the log is sent anew, so the page drops what it shows.
        await self.send_frame({"type": "open", "resumed": cursor is not None})
        async with aclosing(_gather(upstream)) as frames:
            async for lines in frames:
                await _note_instance(cluster, ask, position, lines)
                advance(position, lines)
                rows = [[line.time_ms, line.text, line.notice] for line in to_lines(lines)]
                token = write_cursor(position.cursor())
                frame = {"type": "lines", "lines": rows, "cursor": token, "is_cut": _is_cut(lines)}
                await self.send_frame(frame)
        await self.send_frame({"type": "end"})


def _is_cut(lines: tuple[LogLine, ...]) -> bool:
    """After the last of the lines: the cluster does not answer, and it is tried again."""
    last = next(
        (line for line in reversed(lines) if line.kind == "line" or line.code in ("reconnect", "back")), None
    )
    return last is not None and last.code == "reconnect" and last.text != "stalled"


async def _note_instance(
    cluster: Cluster, ask: LogAsk, position: Position, lines: tuple[LogLine, ...]
) -> None:
    """The cursor names the instance: one that comes back after a restart gets the rest of the old one."""
    if ask.is_previous:
        return
    if any(line.code == "restart" for line in lines) or not position.container_id:
        try:
            position.container_id = (await find_place(cluster, ask)).container_id
        except errors.ClusterError:
            position.container_id = ""


async def _gather(upstream: Upstream) -> Upstream:
    """Joins batches that come within FRAME_S; reads at most one frame ahead of the browser."""
    queue: asyncio.Queue[tuple[LogLine, ...] | None] = asyncio.Queue(maxsize=2)

    async def pump() -> None:
        try:
            async with aclosing(upstream):
                async for batch in upstream:
                    await queue.put(batch)
        finally:
            if not (current := asyncio.current_task()) or not current.cancelling():
                await queue.put(None)

    task = asyncio.create_task(pump(), name="log upstream")
    try:
        while (batch := await queue.get()) is not None:
            joined, is_over = list(batch), False
            await asyncio.sleep(FRAME_S)
            while len(joined) < FRAME_LINES and not queue.empty() and not is_over:
                more = queue.get_nowait()
                is_over = more is None
                joined += more or ()
            yield tuple(joined)
            if is_over:
                break
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
