"""A log view as the page has it, without the page: a socket that comes back with its cursors."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec

from tests.dashboard_process import Client

Obj = dict[str, Any]
AGAIN_S = 0.2
FINAL_CODES = (4401, 4403, 4404, 4429)


@dataclass(slots=True)
class Row:
    """`mark` "" and "late" are lines; everything else is a notice of its stream, or of the view: key ""."""

    key: str
    time_ns: int
    mark: str
    text: str
    connection: int  # counted from 1

    @property
    def is_line(self) -> bool:
        return self.mark in ("", "late")


@dataclass
class Watching:
    """`address`: of the dashboard or of a proxy before it. Everything the page would hold; lines are
    only counted unless it `keeps` them.
    """

    client: Client
    address: str
    query: str
    context: str
    rows: list[Row] = field(default_factory=list)
    delays_ms: list[float] = field(default_factory=list)
    last: dict[str, str] = field(default_factory=dict)  # each stream's newest line
    streams: dict[str, Obj] = field(default_factory=dict)
    states: set[tuple[str, str]] = field(default_factory=set)  # every (state, detail) that was told
    cursors: dict[str, str] = field(default_factory=dict)
    opened: list[bool] = field(default_factory=list)
    notices: list[Obj] = field(default_factory=list)
    behind_s: float = 0.0
    most_behind_s: float = 0.0
    line_count: int = 0
    is_over: bool = False
    closed: int | None = None
    measures: bool = True
    keeps: bool = True
    task: "asyncio.Task[None] | None" = None
    socket: aiohttp.ClientWebSocketResponse | None = None

    async def run(self) -> None:
        """Until the end of all streams, or a close after which the page does not come back."""
        while not self.is_over and self.closed not in FINAL_CODES:
            try:
                async with await self.connect(self.client.http) as self.socket:
                    await self._read(self.socket)
                    self.closed = self.socket.close_code
            except (aiohttp.ClientError, ConnectionError):
                pass
            if not self.is_over:
                await asyncio.sleep(AGAIN_S)  # the page waits longer, and with jitter

    async def skip(self) -> None:
        """To now, as the page's button does."""
        assert self.socket is not None
        await self.socket.send_json({"type": "skip"})

    async def connect(self, http: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        base = self.client.base_url
        headers = {"Origin": base, "Host": base.partition("//")[2]}
        path = f"{self.address}/ws/c/{self.context}/logs/"
        socket = await http.ws_connect(path, headers=headers, max_msg_size=0)
        await socket.send_json(
            {"query": self.query, "cursors": self.cursors, "token": self.client.socket_token}
        )
        return socket

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        names: dict[int, str] = {-1: ""}
        decode = msgspec.json.Decoder().decode
        async for message in socket:
            frame = decode(message.data)
            match frame["type"]:
                case "open":
                    self._open(frame["resumed"])
                case "streams":
                    names |= {stream["id"]: stream["key"] for stream in frame["streams"]}
                    self.streams = {stream["key"]: stream for stream in frame["streams"]}
                    self.states |= {(stream["state"], stream["detail"]) for stream in frame["streams"]}
                case "lines":
                    self._take(frame, names)
                case "notice":
                    self.notices.append(frame)
                case "end":
                    self.is_over = True

    def _open(self, resumed: bool) -> None:
        self.opened.append(resumed)
        if not resumed:
            self.rows.clear()
            self.cursors.clear()
            self.line_count = 0

    def _take(self, frame: Obj, names: dict[int, str]) -> None:
        now_ns, rows = time.time_ns(), frame["rows"]
        if self.keeps:
            self._keep(rows, names)
        else:
            notices = [row for row in rows if row[3] not in ("", "late")]
            self._keep(notices, names)
            self.line_count += len(rows) - len(notices)
        if self.measures and rows:
            self._measure(now_ns, rows[-1])
        self.cursors |= frame["cursors"]
        self.behind_s = frame["behind_s"]
        self.most_behind_s = max(self.most_behind_s, self.behind_s)

    def _keep(self, rows: list[list[Any]], names: dict[int, str]) -> None:
        at = len(self.opened)
        for number, ms, rest, mark, text in rows:
            if number not in names:
                raise AssertionError(f"a row of stream {number}, which was not told: {mark} {text[:80]}")
            row = Row(names[number], ms * 1_000_000 + rest, mark, text, at)
            self.rows.append(row)
            if row.is_line:
                self.last[row.key] = text
                self.line_count += 1

    def _measure(self, now_ns: int, row: list[Any]) -> None:
        """From the container's write to here, of the frame's last line; both clocks are one."""
        words = row[4].split(" ", 3)
        if row[3] == "" and len(words) >= 3 and words[2].isdigit():
            self.delays_ms.append((now_ns - int(words[2])) / 1e6)

    @property
    def told(self) -> str:
        states = {
            key: (s["state"], s["detail"], self.last.get(key, "")[:30]) for key, s in self.streams.items()
        }
        return (
            f"{self.line_count} lines, opened {len(self.opened)} times, closed with {self.closed}, "
            f"notices {self.notices[-2:]}, streams {states}"
        )

    def reached(self, key: str, number: int, run: int = 0) -> bool:
        """Whether the container's line of that number has come, in that instance."""
        words = self.last.get(key, "").split(" ", 2)
        return len(words) > 2 and int(words[0]) == run and int(words[1]) >= number

    def lines(self, key: str) -> list[tuple[int, str]]:
        return [(row.time_ns, row.text) for row in self.rows if row.key == key and row.is_line]

    def marks(self, code: str) -> list[Row]:
        return [row for row in self.rows if row.mark == code]


@asynccontextmanager
async def watching(watch: Watching) -> AsyncIterator[Watching]:
    watch.task = task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until_so(watch: Watching, is_so: Callable[[Watching], object], limit_s: float = 90) -> None:
    end = time.monotonic() + limit_s
    while not is_so(watch):
        assert watch.closed not in FINAL_CODES, (watch.closed, watch.notices)
        if watch.task and watch.task.done() and not watch.is_over:
            watch.task.result()  # a frame that no page would understand
        assert time.monotonic() < end, f"not within {limit_s} s; {watch.told}"
        await asyncio.sleep(0.05)
