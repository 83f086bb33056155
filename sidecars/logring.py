"""The newest lines of one container, as they came: every viewer reads them at its own place.

No queue per viewer: one that does not read only falls behind, and then out of the ring.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from sidecars.loglines import LogLine

LINES_MOST = 20_000
SIZE_MOST_BYTES = 4 * 1024 * 1024
LINE_BYTES = 100  # of a line beside its text: the object, its time, its key


@dataclass(frozen=True, slots=True)
class Chunk:
    """`before`: how many lines the ring had seen before these; `top_ns`: the latest time in them.

    `keys`: what a reader's Position needs, made once for all of them.
    """

    lines: tuple[LogLine, ...]
    keys: Sequence[int]
    instance: str
    count: int  # lines without notices
    before: int
    bytes_before: int
    top_ns: int


@dataclass(slots=True)
class Ring:
    """Chunks with numbers from `first` up to, without, `next`."""

    chunks: deque[Chunk] = field(default_factory=deque)
    first: int = 0
    next: int = 0
    total: int = 0  # lines ever
    size_bytes: int = 0  # ever
    top_ns: int = 0

    def append(self, lines: tuple[LogLine, ...], keys: Sequence[int], instance: str) -> None:
        own = [line for line in lines if line.kind == "line"] if len(keys) != len(lines) else lines
        top_ns = max((line.time_ns for line in own), default=0)
        chunk = Chunk(lines, keys, instance, len(own), self.total, self.size_bytes, top_ns)
        self.chunks.append(chunk)
        self.next += 1
        self.total += len(own)
        self.size_bytes += LINE_BYTES * len(lines) + sum(line.text.__sizeof__() for line in lines)
        self.top_ns = max(self.top_ns, top_ns)
        while len(self.chunks) > 1 and self._is_too_big():
            self.chunks.popleft()
            self.first += 1

    def at(self, number: int) -> Chunk:
        """Raises IndexError for one that is not held."""
        if not self.first <= number < self.next:
            raise IndexError(number)
        return self.chunks[number - self.first]

    def lines_before(self, number: int) -> int:
        return self.total if number >= self.next else self.at(number).before

    def unread(self, number: int) -> float:
        """How much of the ring's room the chunks from `number` on take."""
        if number >= self.next:
            return 0.0
        chunk = self.at(max(number, self.first))
        size_bytes = self.size_bytes - chunk.bytes_before
        return max((self.total - chunk.before) / LINES_MOST, size_bytes / SIZE_MOST_BYTES)

    def near_the_end(self, share: float) -> int:
        """The first chunk of the last ones that fill that share of its room; never the first that is held."""
        number = max(self.next - 1, self.first + 1)
        while number - 1 > self.first and self.unread(number - 1) < share:
            number -= 1
        return number

    def find(self, time_ns: int) -> int:
        """The first chunk that may hold lines of that time or later."""
        number = self.first
        for chunk in self.chunks:
            if chunk.top_ns >= time_ns:
                break
            number += 1
        return number

    def _is_too_big(self) -> bool:
        oldest = self.chunks[0]
        size_bytes = self.size_bytes - oldest.bytes_before
        lines = max(self.total - oldest.before, len(self.chunks))  # notices count where nothing else is
        return lines > LINES_MOST or size_bytes > SIZE_MOST_BYTES
