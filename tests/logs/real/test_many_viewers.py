"""200 viewers of one noisy container, of ten sign-in sessions: one upstream, one who reads nothing."""

import socket
import statistics
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.logs.real.desk import Desk
from tests.logs.real.watching import Watching, until_so, watching
from tests.logs.real.writing import Ground, Writing
from tests.summary import Tell

pytestmark = pytest.mark.cluster
SESSIONS, VIEWS = 10, 20
RATE = 500
MB_A_VIEWER = 1.5
NOISE_BYTES = 100_000  # a stream of this container passes so much in less than 2 s


@pytest.mark.timeout(300)
async def test_two_hundred_viewers_share_one_upstream_and_a_stalled_one_harms_nobody(
    desk: Desk, ground: Ground, tell: Tell
) -> None:
    await ground.start("noisy", Writing("app", RATE, 10**9, width=60))
    query = f"?src=pods/{ground.namespace}/noisy:app&tail=0"
    clients = [await desk.sign_in() for _ in range(SESSIONS)]
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(watching(desk.watch(clients[0], query, keeps=False)))
        await until_so(first, lambda w: w.line_count > RATE)
        memory_mb = desk.memory_mb
        lazy = await stack.enter_async_context(stalled(desk.watch(clients[-1], query)))
        watches = [first]
        for number in range(1, SESSIONS * VIEWS - 1):
            watch = desk.watch(clients[number // VIEWS], query, keeps=False)
            watches.append(await stack.enter_async_context(watching(watch)))
        for watch in watches:
            await until_so(watch, lambda w: w.line_count > 0)
        begins = [watch.line_count for watch in watches]
        bytes_before = passed(desk)
        await until_so(first, lambda w: w.line_count > begins[0] + 20 * RATE)
        noisy = [grown for link, size in passed(desk).items() if (grown := size - bytes_before.get(link, 0))
                 > NOISE_BYTES]  # fmt: skip
        for watch, begin in zip(watches, begins, strict=True):
            await until_so(watch, lambda w, b=begin: w.line_count >= b + 19 * RATE)  # type: ignore[misc]
        grown_mb = desk.memory_mb - memory_mb
        lazy._response.connection.transport.resume_reading()  # type: ignore[union-attr]
        while (message := await lazy.receive()).type is aiohttp.WSMsgType.TEXT:
            del message
    delays = sorted(delay for watch in watches for delay in watch.delays_ms)
    tell(
        f"{len(watches) + 1} viewers, {SESSIONS} sessions, one stalled, {RATE} lines/s: "
        f"{len(noisy)} upstream; "
        f"{grown_mb:.0f} MB more, {grown_mb / len(watches):.2f} MB a viewer; delay p50 "
        f"{statistics.median(delays):.0f} ms, p99 {delays[int(len(delays) * 0.99)]:.0f} ms"
    )

    assert lazy.close_code == 1013
    assert len(noisy) == 1
    assert grown_mb / len(watches) <= MB_A_VIEWER
    assert not [row for watch in watches for row in watch.rows if row.mark in ("gap", "skipped")]


@asynccontextmanager
async def stalled(watch: Watching) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
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
        opened._response.connection.transport.pause_reading()  # type: ignore[union-attr]
        yield opened


def passed(desk: Desk) -> dict[int, int]:
    """Bytes of answers so far, by connection to the API server."""
    return {id(link): link.passed_bytes for link in desk.upstream._links.values() if link is not None}
