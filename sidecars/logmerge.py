"""The lines of many streams in the order of their times.

Inside a stream the order is exact: a line's key is the running maximum of the times. Between
streams a line waits until every stream that is open has shown a later one, at most `WINDOW_S`; while
a stream has yet to reach its end for the first time, the others wait for it up to `CATCH_UP_S`.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, repeat
from operator import attrgetter, itemgetter

from sidecars.loglines import LogLine

WINDOW_S = 0.5
CATCH_UP_S = 10.0
ROUNDING_S = 1e-6

Row = tuple[int, int, LogLine]  # key, stream, line
_KEY = itemgetter(0)
_TIME = attrgetter("time_ns")
_TEXT = attrgetter("text")


@dataclass(slots=True)
class _Batch:
    arrived: float
    keys: Sequence[int]
    lines: Sequence[LogLine]
    characters: int
    start: int = 0


@dataclass(slots=True)
class _Stream:
    top_ns: int = 0  # the key of the last line fed
    is_behind: bool = True  # has not reached its end yet
    has_more: bool = True  # lines lie ready that were not fed
    batches: deque[_Batch] = field(default_factory=deque)
    waiting: int = 0


class Merge:
    """`now` is any clock that only goes forward, in seconds."""

    def __init__(self, shown_ns: int = 0) -> None:
        """`shown_ns`: the latest time that was shown before; earlier lines are late."""
        self.waiting = 0
        self.characters = 0  # of what waits, roughly
        self._streams: dict[int, _Stream] = {}
        self._rest: dict[int, _Stream] = {}  # closed, with lines still to be taken
        self._tops: dict[int, int] = {}
        self._shown_ns = shown_ns

    def open(self, stream: int) -> None:
        """From now on the others wait for this one. Nothing happens if they do already."""
        if stream not in self._streams:
            fresh = _Stream(top_ns=self._tops.pop(stream, 0))
            self._streams[stream] = self._rest.pop(stream, fresh)

    def close(self, stream: int) -> None:
        closed = self._streams.pop(stream, None)
        if closed is None:
            return
        self._tops[stream] = closed.top_ns
        if closed.batches:
            self._rest[stream] = closed

    def note(self, stream: int, *, is_behind: bool, has_more: bool) -> None:
        found = self._streams.get(stream)
        if found is not None:
            found.is_behind, found.has_more = is_behind, has_more

    def waiting_of(self, stream: int) -> int:
        found = self._streams.get(stream)
        return found.waiting if found else 0

    def feed(self, stream: int, lines: Sequence[LogLine], now: float) -> None:
        if not lines:
            return
        found = self._streams.get(stream)
        if found is None:
            found = self._rest.setdefault(stream, _Stream(top_ns=self._tops.get(stream, 0)))
        keys = list(accumulate(map(_TIME, lines), max, initial=found.top_ns))
        del keys[0]
        found.top_ns = keys[-1]
        characters = sum(map(len, map(_TEXT, lines)))
        found.batches.append(_Batch(now, keys, lines, characters))
        self.characters += characters
        found.waiting += len(lines)
        self.waiting += len(lines)

    def take(self, now: float) -> tuple[list[Row], int]:
        """What may leave, in order; and how many of the first of them are late."""
        if not self.waiting:
            return [], 0
        bound = self._bound(now)
        rows: list[Row] = []
        parts = 0
        for streams in (self._rest, self._streams):
            for number, stream in streams.items():
                before = len(rows)
                self._take_until(bound, number, stream, rows)
                parts += len(rows) > before
        if parts > 1:
            rows.sort(key=_KEY)  # stable, and made for parts that are in order already
        self._rest = {number: stream for number, stream in self._rest.items() if stream.batches}
        if not rows:
            return rows, 0
        late = bisect_left(rows, self._shown_ns, key=_KEY)
        self._shown_ns = max(self._shown_ns, rows[-1][0])
        return rows, late

    def drop(self, stream: int) -> list[LogLine]:
        """What waits of one stream is given up: its lines, for the count."""
        found = self._streams.get(stream)
        if found is None:
            return []
        lines = [line for batch in found.batches for line in batch.lines[batch.start :]]
        self.characters -= sum(batch.characters for batch in found.batches)
        found.batches.clear()
        self.waiting -= found.waiting
        found.waiting = 0
        return lines

    def due(self, now: float) -> float | None:
        """When to look again although nothing came; None: nothing waits."""
        heads = [s.batches[0].arrived for s in self._all() if s.batches]
        if not heads:
            return None
        due = min(heads) + WINDOW_S
        return due if due > now else now + WINDOW_S / 10

    def _all(self) -> list[_Stream]:
        return [*self._rest.values(), *self._streams.values()]

    def _take_until(self, bound: int | None, number: int, stream: _Stream, rows: list[Row]) -> None:
        while stream.batches:
            batch = stream.batches[0]
            start, count = batch.start, len(batch.keys)
            end = count if bound is None else bisect_right(batch.keys, bound, start)
            keys, lines = batch.keys, batch.lines
            if end - start < count:
                keys, lines = keys[start:end], lines[start:end]
            rows += zip(keys, repeat(number), lines)
            stream.waiting -= end - start
            self.waiting -= end - start
            if end < count:
                batch.start = end
                return
            self.characters -= stream.batches.popleft().characters

    def _bound(self, now: float) -> int | None:
        """The key up to which no open stream can bring anything earlier; None: everything may go."""
        bound: int | None = None
        waited: dict[float, int] = {}
        for stream in self._streams.values():
            limit = stream.top_ns
            if not stream.has_more:
                wait_s = CATCH_UP_S if stream.is_behind else WINDOW_S
                if wait_s not in waited:
                    waited[wait_s] = self._top_of_arrived(now - wait_s + ROUNDING_S)
                limit = max(limit, waited[wait_s])
            if bound is None or limit < bound:
                bound = limit
        return bound

    def _top_of_arrived(self, before: float) -> int:
        """The highest key among the lines that have waited since `before`."""
        top = 0
        for stream in self._all():
            for batch in stream.batches:
                if batch.arrived > before:
                    break
                top = max(top, batch.keys[-1])
        return top
