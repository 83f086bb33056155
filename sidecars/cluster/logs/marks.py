"""How far a viewer has been shown a stream: what its cursor is made of."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sidecars.cluster.logs.targets import LogTarget
from sidecars.loglines import LogLine
from sidecars.logplace import Cursor, Place
from sidecars.logring import Ring


@dataclass(frozen=True, slots=True)
class RingPlace:
    """`offset` lines of chunk `seq` were shown."""

    ring: str
    seq: int
    offset: int = 0


@dataclass(slots=True)
class _Mark:
    """Lines that were taken and not all shown. `place`: where the log stands behind them, after a jump."""

    first_ns: int
    left: int
    instance: str
    at: RingPlace | None
    place: Place | None


def place_behind(ring: Ring, number: int, target: LogTarget, since_ns: int) -> Place:
    """Behind that chunk, for somebody who had come to `since_ns`: no line up to there is new to him."""
    chunk = ring.at(number)
    top_ns = max(since_ns, *(ring.at(one).top_ns for one in range(ring.first, number + 1)))
    place = Place(Cursor(target.uid, target.container, chunk.instance, top_ns, before_ns=top_ns))
    own = [line for line in chunk.lines if line.kind == "line"]
    place.advance([line.time_ns for line in own], [line.text for line in own])
    return place


class Marks:
    def __init__(self, cursor: Cursor) -> None:
        self.place = Place(cursor)
        self.pending = 0
        self._marks: deque[_Mark] = deque()
        self._at: RingPlace | None = None

    def add(
        self, lines: Sequence[LogLine], instance: str, at: RingPlace | None = None, place: Place | None = None
    ) -> None:
        """Taken, to be shown. `at`: where the first of them is in a ring, if they stand there like this."""
        if lines:
            first_ns = next((line.time_ns for line in lines if line.time_ns), 0)
            self._marks.append(_Mark(first_ns, len(lines), instance, at, place))
            self.pending += len(lines)

    @property
    def next_ns(self) -> int:
        """About the time of the next line to be shown; 0: nothing was taken that is not shown."""
        return max(self._marks[0].first_ns, self.place.time_ns) if self._marks else 0

    def shown(self, lines: Sequence[LogLine]) -> None:
        """The next of them, in order."""
        begin = 0
        self.pending -= len(lines)
        while begin < len(lines) and self._marks:
            mark = self._marks[0]
            count = min(len(lines) - begin, mark.left)
            self._advance(mark.instance, lines[begin : begin + count])
            mark.left -= count
            begin += count
            if mark.at is not None:
                mark.at = replace(mark.at, offset=mark.at.offset + count)
            self._at = mark.at
            if mark.left == 0:
                self._marks.popleft()
                if mark.place is not None:
                    self.place = mark.place

    def _advance(self, instance: str, lines: Sequence[LogLine]) -> None:
        own = [line for line in lines if line.kind == "line"]
        self.place.enter(instance)
        self.place.advance([line.time_ns for line in own], [line.text for line in own])

    def give_up(self) -> None:
        """What was taken will not be shown."""
        self._marks.clear()
        self.pending = 0

    def cursor(self) -> Cursor:
        cursor = self.place.cursor()
        at = self._at
        return replace(cursor, ring=at.ring, seq=at.seq, offset=at.offset) if at else cursor
