"""The log of a view, live: lines of all its containers in one order, and how each stream stands.

The frames are described in docs/architecture.md, "Logs". Lines are sent as they come, many in a frame.
"""

import time
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import msgspec
from django.http import QueryDict

from dashboard.clusters import clusters
from dashboard.consumers.base import ViewerConsumer
from dashboard.error_pages import say
from dashboard.log_ask import LogAsk
from dashboard.log_cursor import read_cursors, write_cursor
from dashboard.log_words import words_of
from sidecars.ansi import keep_colours
from sidecars.cluster import Cluster
from sidecars.cluster.logs import OF_ALL, LogFrame, LogSources, LogWish, MergedLog, StreamState
from sidecars.loglines import SECOND_NS, LogLine
from sidecars.logplace import Cursor

QUERY_MOST = 16 * 1024
_ENCODER = msgspec.json.Encoder()


class LogsConsumer(ViewerConsumer):
    """First frame: {"query": "?src=…", "cursors": {"<uid>/<container>": token}}; later {"type": "skip"}."""

    log: MergedLog | None = None

    async def run(self, params: dict[str, Any]) -> None:
        ask = LogAsk.read(QueryDict(str(params.get("query", ""))[:QUERY_MOST].removeprefix("?")))
        cursors = read_cursors(params.get("cursors", {}))
        async with clusters.hold(self.identity, self.kwargs["ctx"]) as cluster:
            sources = LogSources(cluster, ask.sources)
            wish = _wish_of(ask, cluster, cursors or {})
            async with MergedLog(cluster, sources, wish, cursors) as self.log:
                # Not resumed: the end of the logs is sent anew, so the page drops what it shows.
                await self.send_frame({"type": "open", "resumed": bool(cursors)})
                await self._tell_problems(sources)
                async with aclosing(self.log.frames()) as frames:
                    async for frame in frames:
                        await self._show(frame)
        await self.send_frame({"type": "end"})

    async def frame_received(self, frame: dict[str, Any]) -> None:
        if frame.get("type") == "skip" and self.log is not None:
            self.log.skip()

    async def _tell_problems(self, sources: LogSources) -> None:
        rows = [
            (OF_ALL, 0, 0, "refused", f"{source.resource}/{source.namespace}/{source.name}: {words}")
            for source, error in sources.found.problems
            if (words := _say_refused(say(error.sentence, error.parameters)))
        ]
        if rows:
            await self.send_frame(_lines_frame(rows))

    async def _show(self, frame: LogFrame) -> None:
        if frame.streams is not None:
            states = [_state(state) for state in frame.streams]
            await self.send_frame({"type": "streams", "streams": states, "available": frame.available})
        if frame.rows or frame.problems:
            cursors = {key: write_cursor(key, cursor) for key, cursor in frame.cursors.items()}
            await self.send_frame(_lines_frame(_rows(frame), cursors, frame.behind_s, frame.has_more))

    async def send_frame(self, frame: Mapping[str, Any]) -> None:
        await self._send_text(_ENCODER.encode(frame).decode())


def _wish_of(ask: LogAsk, cluster: Cluster, cursors: Mapping[str, Cursor]) -> LogWish:
    since_ns = ask.since_ns(time.time() + cluster.clock_offset_s)
    if cursors:
        # A stream without a cursor had shown nothing: it is new, or was silent until now.
        oldest = min(cursor.time_ns for cursor in cursors.values())
        since_ns = max(since_ns or 0, oldest - SECOND_NS)
    tail = None if cursors else ask.tail_lines
    return LogWish(tail, since_ns, ask.until_ns, ask.is_previous)


def _state(state: StreamState) -> dict[str, Any]:
    stream = state.stream
    return {
        "id": state.number,
        "key": stream.key,
        "namespace": stream.target.namespace,
        "pod": stream.target.pod,
        "container": stream.target.container,
        "role": stream.role,
        "node": stream.node,
        "state": state.state,
        "detail": state.detail,
    }


def _lines_frame(
    rows: list[Any],
    cursors: Mapping[str, str] | None = None,
    behind_s: float = 0.0,
    has_more: bool = False,
) -> dict[str, Any]:
    return {
        "type": "lines",
        "rows": rows,
        "cursors": cursors or {},
        "behind_s": round(behind_s, 1),
        "more": has_more,
    }


def _rows(frame: LogFrame) -> list[tuple[int, int, int, str, str]]:
    rows = [
        (number, 0, 0, "refused", _say_refused(say(error.sentence, error.parameters)))
        for number, error in frame.problems
    ]
    late = frame.late
    for index, (_key, number, line) in enumerate(frame.rows):
        ms, ns = divmod(line.time_ns, 1_000_000)
        if line.code:
            rows.append((number, ms, ns, line.code, words_of(line)))
        else:
            mark = "late" if index < late and ms else ""
            rows.append((number, ms, ns, mark, keep_colours(line.text)))
    return rows


def _say_refused(reason: str) -> str:
    return words_of(LogLine(0, reason, "notice", "refused"))
