"""The log of one container instance, as a kubelet keeps it: a bounded file of stamped lines."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

LINES_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class Entry:
    time_ns: int
    text: str

    @property
    def stamped(self) -> str:
        moment = datetime.fromtimestamp(self.time_ns // 10**9, UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{self.time_ns % 10**9:09d}Z {self.text}"


class LogFile:
    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=LINES_KEPT)
        self.count = 0  # of all lines ever written
        self.closed = False
        self.cuts = 0  # how often readers were sent away (hooks)
        self._waiting: set[asyncio.Event] = set()

    def append(self, time_ns: int, text: str) -> None:
        """Lines keep their order: a clock that stands still is helped on."""
        if self.entries and time_ns <= self.entries[-1].time_ns:
            time_ns = self.entries[-1].time_ns + 731
        self.append_exactly(time_ns, text)

    def append_exactly(self, time_ns: int, text: str) -> None:
        self.entries.append(Entry(time_ns, text))
        self.count += 1
        self._tell()

    def close(self) -> None:
        self.closed = True
        self._tell()

    def rotate(self) -> None:
        """Only the newest file is read: what was written before is gone for readers."""
        self.entries.clear()

    def cut(self) -> None:
        self.cuts += 1
        self._tell()

    def since(self, count: int) -> list[Entry]:
        """Entries after the first `count` lines ever written, as far as still there."""
        fresh = self.count - count
        if fresh <= 0:
            return []
        return list(self.entries)[-fresh:] if fresh < len(self.entries) else list(self.entries)

    async def changed(self, count: int, cuts: int) -> None:
        """Returns when there is more than `count` lines, or the file is closed or cut."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            while self.count == count and not self.closed and self.cuts == cuts:
                event.clear()
                await event.wait()
        finally:
            self._waiting.discard(event)

    def _tell(self) -> None:
        for event in self._waiting:
            event.set()
