"""The whole log of a view: every container's lines in one order, and how each stream stands."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from sidecars import errors
from sidecars.cluster.logs.collecting import collect
from sidecars.cluster.logs.reader import Reader
from sidecars.cluster.logs.sources import LogSources
from sidecars.cluster.logs.targets import STREAMS_MOST, LogSource, LogStream, LogWish
from sidecars.loglines import SECOND_NS, LogLine
from sidecars.logmerge import Merge, Row
from sidecars.logplace import Cursor

if TYPE_CHECKING:
    from sidecars.cluster.cluster import Cluster

FRAME_S = 0.05
VIEWS_EASY = 50  # of a process; with more of them, frames are fewer and larger
FRAME_CHARACTERS = 64 * 1024
STATES_S = 0.5  # the list of streams is told at most so often
UNTIL_S = 2.0  # a line may come so long after its time
BEHIND_S = 1.0  # what a viewer is told
LEFT_MOST = 100  # streams of pods that are gone
OF_ALL = -1  # a notice of the whole view


@dataclass(frozen=True, slots=True)
class StreamState:
    number: int
    stream: LogStream
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LogFrame:
    """`rows`: (key, stream, line), the first `late` of them after a later one. `streams` None: as before."""

    rows: tuple[Row, ...] = ()
    problems: tuple[tuple[int, errors.SidecarsError], ...] = ()  # of streams that were refused just now
    lost: tuple[tuple[LogSource, errors.SidecarsError], ...] = ()  # sources whose pods are not known any more
    late: int = 0
    cursors: Mapping[str, Cursor] = field(default_factory=dict)
    behind_s: float = 0.0
    has_more: bool = False
    streams: tuple[StreamState, ...] | None = None
    available: int = 0


class MergedLog:
    """`async with MergedLog(…) as log: async for frame in log.frames(): …`

    `cursors`: by stream key, what a viewer had before; its other streams then go on from about there.
    """

    open_views: ClassVar[int] = 0

    def __init__(
        self,
        cluster: "Cluster",
        sources: LogSources,
        wish: LogWish,
        cursors: Mapping[str, Cursor] | None = None,
    ) -> None:
        self._cluster, self._sources, self._wish = cluster, sources, wish
        self._cursors = dict(cursors or {})
        self._readers: dict[str, Reader] = {}
        self._by_number: dict[int, Reader] = {}
        self._left: set[str] = set()
        self._refused: set[int] = set()
        self._noted: set[str] = set()
        self._there: set[str] | None = None  # streams at the beginning; None: not all of them are known
        self._told_problems: set[LogSource] = set()
        self._numbers = 0
        self._merge = Merge(max((cursor.time_ns for cursor in self._cursors.values()), default=0))
        self._wake = sources.changed
        self._out: list[Row] = []  # may leave, in order
        self._out_late = 0
        self._notices: list[LogLine] = []
        self._told: tuple[tuple[StreamState, ...], int] = ((), 0)
        self._told_at = 0.0
        self._available = 0
        self._is_first = True

    async def __aenter__(self) -> "MergedLog":
        self._stack = AsyncExitStack()
        await self._stack.enter_async_context(self._sources)
        found = self._sources.found
        self._told_problems = {source for source, _error in found.problems}
        if not found.problems:
            self._there = {stream.key for stream in found.streams}
        MergedLog.open_views += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        MergedLog.open_views -= 1
        for reader in self._readers.values():
            reader.leave()  # before anything is waited for: who waits may be cancelled again
        try:
            await asyncio.gather(*(reader.close() for reader in self._readers.values()))
        finally:
            await self._stack.aclose()

    def skip(self) -> None:
        """Everything up to now is left out, counted. A view with an end is not late for anything."""
        if self._wish.is_finite:
            return
        rows, self._out, self._out_late = self._out, [], 0
        for reader in self._readers.values():
            taken = [line for _key, number, line in rows if number == reader.number]
            reader.skip((*taken, *self._merge.drop(reader.number)))

    def pod_of(self, number: int) -> str:
        return self._by_number[number].stream.target.pod

    def followed(self) -> dict[str, str]:
        """Namespace → one of the pods whose log is being read there."""
        targets = [r.stream.target for r in self._readers.values() if not r.is_over]
        return {target.namespace: target.pod for target in targets}

    async def frames(self) -> AsyncGenerator[LogFrame, None]:
        """Until every stream has ended and none can join. Raises what refuses all of them."""
        sent_at = 0.0
        while True:
            self._wake.clear()
            self._join_and_leave()
            has_more = collect(self._merge, self._by_number.values())
            now = time.monotonic()
            frame = self._next_frame(now, has_more)
            if frame is not None:
                sent_at = now
                yield frame
                if frame.has_more:
                    await asyncio.sleep(0)
                    continue
            if self._is_over():
                return
            await self._rest(sent_at)

    async def _rest(self, sent_at: float) -> None:
        """Until there is something to do, but a frame's time after the last frame at least."""
        now = time.monotonic()
        due = self._merge.due(now)
        if self._states_are_new():
            told = self._told_at + STATES_S
            due = told if due is None else min(due, told)
        if (left_s := self._until_s()) is not None:
            due = now + left_s if due is None else min(due, now + left_s)
        try:
            async with asyncio.timeout(None if due is None else max(due - now, 0.005)):
                await self._wake.wait()
        except TimeoutError:
            pass
        pause_s = sent_at + FRAME_S * (1 + MergedLog.open_views // VIEWS_EASY) - time.monotonic()
        if pause_s > 0:
            await asyncio.sleep(pause_s)

    def _join_and_leave(self) -> None:
        found = self._sources.found
        keys = {stream.key for stream in found.streams}
        # A place that a finished one leaves is none for those above the cap: in the end all would have come.
        near = {stream.key for stream in found.streams[:STREAMS_MOST]} | self._cursors.keys()
        self._available = len(found.streams)
        for stream in sorted(found.streams, key=lambda one: one.key not in self._cursors):
            if stream.key in self._readers or stream.key not in near:
                continue
            if sum(not r.is_over for r in self._readers.values()) >= STREAMS_MOST:
                break
            self._open(stream)
        for key, reader in self._readers.items():
            if not reader.is_over:
                continue
            reader.end()
            if key not in keys and key not in self._left:
                self._left.add(key)
                self._tell(reader, "leave")
        self._is_first = False
        self._note_once("leave", "", bool(self._cursors.keys() - keys))
        self._note_once("cap", f"{STREAMS_MOST}/{self._available}", self._available > STREAMS_MOST)
        self._note_once("clocks", "", len({s.node for s in found.streams if s.node}) > 1)
        while len(self._left) > LEFT_MOST:
            gone = next(key for key in self._readers if key in self._left)
            self._left.discard(gone)
            self._by_number.pop(self._readers.pop(gone).number)

    def _note_once(self, code: str, text: str, is_so: bool) -> None:
        if is_so and code not in self._noted:
            self._noted.add(code)
            self._notices.append(LogLine(0, text, "notice", code))

    def _open(self, stream: LogStream) -> None:
        number, self._numbers = self._numbers, self._numbers + 1
        cursor = self._cursors.pop(stream.key, None)
        wish = self._wish
        if self._there is not None and stream.key not in self._there:
            # It is new: nothing of it was before the view.
            wish = replace(wish, tail_lines=None, since_ns=None)
        reader = Reader(self._cluster, number, stream, wish, cursor, self._wake.set)
        self._readers[stream.key] = self._by_number[number] = reader
        self._merge.open(number)
        if not self._is_first:
            self._tell(reader, "join")

    def _tell(self, reader: Reader, code: str) -> None:
        target = reader.stream.target
        self._notices.append(LogLine(0, f"{target.pod}/{target.container}", "notice", code=code))

    def _next_frame(self, now: float, has_more: bool) -> LogFrame | None:
        if not self._out:
            self._out, self._out_late = self._merge.take(now)
        rows = self._cut()
        late, self._out_late = min(self._out_late, len(rows)), max(self._out_late - len(rows), 0)
        has_more = has_more or bool(self._out)
        if self._notices:
            rows = [(0, OF_ALL, line) for line in self._notices] + rows
            late += len(self._notices)
            self._notices = []
        by_stream: dict[int, list[LogLine]] = {}
        for _key, number, line in rows:
            by_stream.setdefault(number, []).append(line)
        streams = self._streams_to_tell(now, by_stream)
        problems = self._new_problems()
        lost = self._new_lost()
        ended = [reader for reader in self._by_number.values() if reader.tells_end]
        if not (rows or problems or lost or ended or streams is not None):
            return None
        cursors = {}
        for number, lines in by_stream.items():
            if (reader := self._by_number.get(number)) is not None:
                reader.note_shown(lines)
                cursors[reader.stream.key] = reader.cursor()
        cursors |= {reader.stream.key: reader.cursor() for reader in ended}
        lag_s = max((reader.lag_s for reader in self._by_number.values()), default=0.0)
        behind_s = lag_s if lag_s >= BEHIND_S else 0.0
        return LogFrame(
            tuple(rows), problems, lost, late, cursors, behind_s, has_more, streams, self._available
        )

    def _streams_to_tell(self, now: float, shown: Iterable[int]) -> tuple[StreamState, ...] | None:
        """Now and then, and always before the first row of a stream."""
        is_named = {state.number for state in self._told[0]}.union((OF_ALL,)).issuperset(shown)
        if not self._states_are_new() or (is_named and now < self._told_at + STATES_S):
            return None
        self._told, self._told_at = self._states(), now
        return self._told[0]

    def _new_problems(self) -> tuple[tuple[int, errors.SidecarsError], ...]:
        """Raises what concerns the whole view: nobody is signed in, or no log may be read."""
        refused = {n: r.problem for n, r in self._by_number.items() if r.is_over and r.problem}
        kinds = {type(problem) for problem in refused.values()}
        if errors.Unauthorized in kinds or (
            kinds == {errors.Forbidden} and len(refused) == len(self._by_number)
        ):
            raise next(p for p in refused.values() if isinstance(p, errors.Unauthorized | errors.Forbidden))
        new = tuple((number, p) for number, p in refused.items() if number not in self._refused)
        self._refused |= refused.keys()
        return new

    def _new_lost(self) -> tuple[tuple[LogSource, errors.SidecarsError], ...]:
        """Without a word a view that nothing can join would look like one that nothing does."""
        problems = self._sources.found.problems
        new = tuple(one for one in problems if one[0] not in self._told_problems)
        self._told_problems = {source for source, _error in problems}
        return new

    def _cut(self) -> list[Row]:
        """As much of what is ready as a frame carries."""
        size = 0
        for index, (_key, _number, line) in enumerate(self._out):
            size += len(line.text) + 40
            if size > FRAME_CHARACTERS:
                rows, self._out = self._out[: index + 1], self._out[index + 1 :]
                return rows
        rows, self._out = self._out, []
        return rows

    def _states(self) -> tuple[tuple[StreamState, ...], int]:
        states = tuple(StreamState(r.number, r.stream, r.state, r.detail) for r in self._readers.values())
        return states, self._available

    def _states_are_new(self) -> bool:
        return self._states() != self._told

    def _until_s(self) -> float | None:
        """How long the log is followed yet, by the cluster's clock."""
        if self._wish.until_ns is None or self._wish.is_finite:
            return None
        now_s = time.time() + self._cluster.clock_offset_s
        return max(self._wish.until_ns / SECOND_NS + UNTIL_S - now_s, 0.0)

    def _is_over(self) -> bool:
        readers = self._readers.values()
        if self._until_s() == 0.0 and not any(reader.has_more for reader in readers):
            return not self._merge.waiting and not self._out
        if not self._sources.found.is_final or not all(reader.is_over for reader in readers):
            return False
        problems = [reader.problem for reader in readers]
        if problems and all(problems):
            raise next(filter(None, problems))
        return not self._merge.waiting and not self._out and not self._states_are_new()
