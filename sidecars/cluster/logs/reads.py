"""One container's log, read by one who shares it with nobody."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from sidecars import errors
from sidecars.cluster.logs.follow import WAIT_TOP_S, Follower, start
from sidecars.cluster.logs.stretch import Batch, Piece
from sidecars.cluster.logs.targets import LogTarget, LogWish
from sidecars.cluster.transport import backoff
from sidecars.loglines import LogLine
from sidecars.logplace import Cursor

if TYPE_CHECKING:
    from sidecars.cluster.cluster import Cluster

BATCH_LINES = 1000
READ_TRIES = 4


async def follow(
    cluster: "Cluster",
    target: LogTarget,
    since: Cursor | None = None,
    *,
    tail_lines: int | None = None,
    previous: bool = False,
) -> AsyncGenerator[Batch, None]:
    """Batches of at most 1,000 lines, in the order of the container's file, until its end.

    Raises NotFound when there is no such pod or container, Forbidden without
    `get pods/log`, Unauthorized. Everything else is waited out, with notices.
    """
    wish = LogWish(tail_lines, is_previous=previous)
    if previous:
        pieces = read_whole(cluster, target, wish, since)
    else:
        pieces = Follower(cluster, target, start(wish, target, since), wish).run()
    # aclosing: a viewer that leaves closes the upstream now, not when garbage is collected.
    async with aclosing(pieces):
        async for piece in pieces:
            for begin in range(0, len(piece.lines), BATCH_LINES):
                yield piece.lines[begin : begin + BATCH_LINES]


async def read_whole(
    cluster: "Cluster", target: LogTarget, wish: LogWish, since: Cursor | None = None
) -> AsyncGenerator[Piece, None]:
    """What there is now, without following; empty while the container has not started.

    A connection that breaks is taken up where it broke, a few times. Raises what follow raises.
    """
    follower = Follower(cluster, target, start(wish, target, since), wish)
    for attempt in range(READ_TRIES):
        try:
            pieces = follower.read(follow=False, previous=wish.is_previous)
            async with aclosing(pieces):
                async for piece in pieces:
                    if piece.lines and piece.lines[0].code == "gap" and await _has_no_previous(follower):
                        yield follower.notice("end", "no-previous")
                        return
                    kept = until(wish.until_ns, piece.lines)
                    if kept:
                        yield replace(piece, lines=kept)
                    if len(kept) < len(piece.lines):
                        return
        except (errors.Unreachable, errors.Busy):
            if attempt == READ_TRIES - 1:
                raise
        else:
            break
        await asyncio.sleep(backoff(attempt, top_s=WAIT_TOP_S))
    if wish.is_previous:
        yield follower.notice("end", "previous")


async def _has_no_previous(follower: Follower) -> bool:
    """Asked only where its log is not there: who may read logs need not be allowed to read pods."""
    if not follower.wish.is_previous:
        return False
    try:
        instance = await follower.look(must_exist=False)
    except errors.ClusterError:
        return False
    return instance is not None and not instance.has_restarted


def until(until_ns: int | None, lines: Batch) -> Batch:
    if until_ns is None or all(line.time_ns <= until_ns for line in lines):
        return lines
    return lines[: next(i for i, line in enumerate(lines) if line.time_ns > until_ns)]


async def read_tail(
    cluster: "Cluster", target: LogTarget, *, tail_lines: int, previous: bool = False
) -> Batch:
    """The last lines now, without following. Empty while the container has not started."""
    wish = LogWish(tail_lines, is_previous=previous)
    found: list[LogLine] = []
    async with aclosing(read_whole(cluster, target, wish)) as pieces:
        async for piece in pieces:
            found += (line for line in piece.lines if line.code != "end")
    return tuple(found)
