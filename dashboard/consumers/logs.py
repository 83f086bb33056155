"""The log of a view, live: lines of all its containers in one order, and how each stream stands.

Lines are sent as they come, many in a frame. A browser that reads slowly slows its upstream: the node's
log file is the buffer, so nothing is dropped until it is half a minute behind, and then counted.
"""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import msgspec
from django.http import QueryDict

from dashboard.clusters import clusters
from dashboard.consumers.base import ViewerConsumer
from dashboard.consumers.closing import TOO_MANY, Closed
from dashboard.log_ask import LogAsk
from dashboard.log_cursor import read_cursors, write_cursor
from dashboard.log_frames import lines_frame, problem_rows, rows_of, source_rows, streams_frame
from dashboard.log_views import TooManyViews, hold_view
from dashboard.log_wish import main_of, wish_of
from sidecars import errors
from sidecars.cluster import Cluster
from sidecars.cluster.logs import LogFrame, LogSources, MergedLog
from sidecars.logplace import Cursor

QUERY_MOST = 16 * 1024
ACCESS_S = 60.0
_ENCODER = msgspec.json.Encoder()


class LogsConsumer(ViewerConsumer):
    """First frame: {"query": "?src=…", "cursors": {"<uid>/<container>": token}}; later {"type": "skip"}."""

    log: MergedLog | None = None

    async def run(self, params: dict[str, Any]) -> None:
        ask = LogAsk.read(QueryDict(str(params.get("query", ""))[:QUERY_MOST].removeprefix("?")))
        cursors = read_cursors(params.get("cursors", {})) or {}
        try:
            with hold_view(self.identity.session_hash):
                async with clusters.hold(self.identity, self.kwargs["ctx"]) as cluster:
                    await self._follow(cluster, ask, cursors)
        except TooManyViews:
            raise Closed(TOO_MANY) from None

    async def frame_received(self, frame: dict[str, Any]) -> None:
        if frame.get("type") == "skip" and self.log is not None:
            self.log.skip()

    async def send_frame(self, frame: Mapping[str, Any]) -> None:
        await self._send_text(_ENCODER.encode(frame).decode())

    async def _follow(self, cluster: Cluster, ask: LogAsk, cursors: Mapping[str, Cursor]) -> None:
        main = await main_of(self.identity, self.kwargs["ctx"], ask)
        sources = LogSources(cluster, ask.sources, main)
        async with MergedLog(
            cluster, sources, wish_of(ask, cluster, cursors, live=True), cursors
        ) as self.log:
            # Not resumed: the end of the logs is sent anew, so the page drops what it shows.
            await self.send_frame({"type": "open", "resumed": bool(cursors)})
            if rows := source_rows(sources.found.problems):
                await self.send_frame(lines_frame(rows))
            await _first_of(self._show_all(self.log), _recheck(cluster, self.log))
        await self.send_frame({"type": "end"})

    async def _show_all(self, log: MergedLog) -> None:
        async with aclosing(log.frames()) as frames:
            async for frame in frames:
                await self._show(frame)

    async def _show(self, frame: LogFrame) -> None:
        if frame.streams is not None:
            await self.send_frame(streams_frame(frame.streams, frame.available))
        rows = [*source_rows(frame.lost), *problem_rows(frame), *rows_of(frame)]
        if rows or frame.cursors:
            cursors = {key: write_cursor(key, cursor) for key, cursor in frame.cursors.items()}
            await self.send_frame(lines_frame(rows, cursors, frame.behind_s, frame.has_more))


async def _recheck(cluster: Cluster, log: MergedLog) -> None:
    """A stream outlives the right to it: the API server checks only at its beginning (W11)."""
    while True:
        await asyncio.sleep(ACCESS_S)
        for namespace, pod in log.followed().items():
            try:
                may = await cluster.may("get", "pods", namespace, name=pod, subresource="log")
            except (errors.Unreachable, errors.Busy, errors.Rejected):
                continue  # the next round asks again
            if not may:
                raise errors.Forbidden("get", "pods/log", namespace)


async def _first_of(*works: Any) -> None:
    """Until the first of them ends; its error, if any, is raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
