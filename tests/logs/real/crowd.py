"""Many viewers of one noisy container, of several sign-in sessions; the last of them reads nothing."""

import socket
import statistics
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.logs.real.desk import Desk
from tests.logs.real.watching import Watching, until_so, watching
from tests.logs.real.writing import Ground, Writing

VIEWS = 20  # of a session
RATE = 500
LONG_S = 15  # longer than a viewer may take nothing
NOISE_BYTES = 100_000  # a stream of this container passes so much in less than 2 s
BACKLOG = 60_000  # lines, more than the buffers between here and there hold


@dataclass(frozen=True)
class Crowd:
    viewers: int
    sessions: int
    upstreams: int
    grown_mb: float
    delays_ms: list[float]
    alone_ms: list[float]  # the same of one viewer before the others came
    before_ms: list[float]  # of all, before the stalled one came
    holes: int

    @property
    def mb_a_viewer(self) -> float:
        return self.grown_mb / self.viewers

    @property
    def p99_ms(self) -> float:
        return sorted(self.delays_ms)[int(len(self.delays_ms) * 0.99)]

    def __str__(self) -> str:
        alone, before, beside = map(statistics.median, (self.alone_ms, self.before_ms, self.delays_ms))
        return (
            f"{self.viewers} viewers of {self.sessions} sessions, {RATE} lines/s: {self.upstreams} upstream; "
            f"{self.grown_mb:.0f} MB more, {self.mb_a_viewer:.2f} MB a viewer; delay p50 of one viewer "
            f"{alone:.0f} ms, of all {before:.0f} ms, beside a stalled one {beside:.0f} ms, "
            f" p99 {self.p99_ms:.0f} ms; {self.holes} holes"
        )


async def gather_crowd(desk: Desk, ground: Ground, sessions: int = 10) -> Crowd:
    """The stalled one also looks at a second container, whose backlog fills every buffer at once."""
    backlog = Writing("backlog", 0, BACKLOG, width=80, exits=-1)
    await ground.start("noisy", Writing("app", RATE, 0, width=60), backlog, restartPolicy="Never")
    query = f"?src=pods/{ground.namespace}/noisy:app&tail=0"
    clients = [await desk.sign_in() for _ in range(sessions)]
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(watching(desk.watch(clients[0], query, keeps=False)))
        await until_so(first, lambda w: w.line_count > 4 * RATE)
        memory_mb, alone_ms = desk.memory_mb, list(first.delays_ms)
        watches = [first]
        for number in range(1, sessions * VIEWS - 1):
            watch = desk.watch(clients[number // VIEWS], query, keeps=False)
            watches.append(await stack.enter_async_context(watching(watch)))
        for watch in watches:
            await until_so(watch, lambda w: w.line_count > 0)
        before_ms, upstreams = await _watch_on(desk, watches)
        everything = desk.watch(clients[-1], query.replace(":app&tail=0", ":*&tail=all"))
        await stack.enter_async_context(_stalled(everything))
        delays_ms, _also_backlog = await _watch_on(desk, watches)
        grown_mb = desk.memory_mb - memory_mb
    return Crowd(
        viewers=len(watches) + 1,
        sessions=sessions,
        upstreams=upstreams,
        grown_mb=grown_mb,
        delays_ms=delays_ms,
        alone_ms=alone_ms,
        before_ms=before_ms,
        holes=sum(row.mark in ("gap", "skipped") for watch in watches for row in watch.rows),
    )


async def _watch_on(desk: Desk, watches: list[Watching]) -> tuple[list[float], int]:
    """Everybody reads on for LONG_S: their delays, and how many upstreams carried the noise."""
    wanted = [(watch, watch.line_count + LONG_S * RATE) for watch in watches]
    for watch in watches:
        watch.delays_ms.clear()
    before = _passed(desk)
    for watch, count in wanted:
        await until_so(watch, lambda w, n=count: w.line_count >= n)  # type: ignore[misc]
    carried = [size - before.get(link, 0) for link, size in _passed(desk).items()]
    delays_ms = [delay for watch in watches for delay in watch.delays_ms]
    return delays_ms, sum(size > NOISE_BYTES for size in carried)


def _passed(desk: Desk) -> dict[int, int]:
    """Bytes of answers so far, by connection to the API server."""
    return {id(link): link.passed_bytes for link in desk.upstream._links.values() if link is not None}


@asynccontextmanager
async def _stalled(watch: Watching) -> AsyncIterator[None]:
    """Says hello and then reads nothing; its kernel takes little, so that it is felt at once."""

    def make_socket(address: Any) -> socket.socket:
        made = socket.socket(address[0], socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.setblocking(False)
        return made

    connector = aiohttp.TCPConnector(socket_factory=make_socket)
    cookies = watch.client.http.cookie_jar
    async with aiohttp.ClientSession(cookie_jar=cookies, connector=connector) as http:
        opened = await watch.connect(http)
        connection = opened._response.connection
        assert connection is not None and connection.transport is not None
        connection.transport.pause_reading()
        yield
