"""One viewer's way through one container's log: what is ready to be shown now, and how it stands.

Either it is joined to the shared upstream and reads its ring, or it catches up: it reads the log itself,
with back-pressure, until what it has read reaches into the ring.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sidecars import errors
from sidecars.cluster.logs.follow import Follower, start
from sidecars.cluster.logs.marks import Marks, RingPlace, place_behind
from sidecars.cluster.logs.reads import read_whole, until
from sidecars.cluster.logs.replay import count_lines, new_of
from sidecars.cluster.logs.shared import SharedLog
from sidecars.cluster.logs.slots import slots
from sidecars.cluster.logs.standing import Standing
from sidecars.cluster.logs.stretch import Batch, Piece
from sidecars.cluster.logs.targets import LogStream, LogWish
from sidecars.cluster.transport import backoff
from sidecars.loglines import SECOND_NS, LogLine
from sidecars.logplace import Cursor, Place
from sidecars.logring import Ring

if TYPE_CHECKING:
    from sidecars.cluster.cluster import Cluster

log = logging.getLogger(__name__)

AHEAD = 2  # pieces that are read before they are taken
FAR_S = 30.0  # behind: from there on lines are left out, counted
KEPT = 0.1  # of the ring is still shown after a jump
SKIP_S = 5.0  # a skip of the viewer's ends then, even if the log is not read to its end
RETRY_TOP_S = 5.0
LOOK_TOP_S = 20.0


class _TooFar(Exception):
    """Behind by so much that reading everything makes no sense any more."""


class Reader(Standing):
    """`number` is the stream's in its view; `wake` is called when there is something new."""

    def __init__(
        self,
        cluster: "Cluster",
        number: int,
        stream: LogStream,
        wish: LogWish,
        cursor: Cursor | None,
        wake: Callable[[], None],
    ) -> None:
        self.number, self.stream = number, stream
        self.error: errors.SidecarsError | None = None
        self.is_joined = False
        self.seq = 0  # of the next chunk, once joined
        self.marks = Marks(cursor or Cursor(stream.target.uid, stream.target.container))
        self._cluster, self._wish, self._wake = cluster, wish, wake
        self._position = start(wish, stream.target, cursor)
        self._ready: deque[tuple[Batch, str, RingPlace | None, Place | None]] = deque()
        self._own: Follower | None = None
        self._count: int | None = None  # lines read, in the ring's numbering; None: not known there
        self._is_done = False
        self._ended_id = ""
        self._told_end = cursor.container_id if cursor and cursor.is_ended else ""
        self._skip_ends: float | None = None
        self._skipped = 0
        self._waits_for_slot = False
        self._is_resumed = cursor is not None
        self._was_live = False  # has stood at the log's end once: until then it reads what was asked for
        self._room, self._stirred = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._shared: SharedLog | None = None
        if wish.is_finite:
            self._begin(cursor)
        else:
            self._enter(cursor)

    def leave(self) -> None:
        """Lets the upstream go at once, whatever becomes of the caller."""
        self._let_go()
        if self._task is not None:
            self._task.cancel()

    async def close(self) -> None:
        self.leave()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    def end(self) -> None:
        """It is over, and stays so: a view that goes on needs neither its upstream nor that one's ring."""
        self._ended_id = self._read_ended_id
        self.error, self._is_done = self.problem, True
        self._let_go()

    def _let_go(self) -> None:
        shared, self._shared = self._shared, None
        if shared is not None:
            self._cluster.logs.leave(self, self.stream.target, shared)

    def pull(self) -> Batch:
        """The next lines, at most what came in one piece; () if there are none yet."""
        if self._ready:
            lines, instance, at, place = self._ready.popleft()
            self._room.set()
            self.marks.add(lines, instance, at, place)
            return lines
        shared = self._shared
        if shared is None or not self.is_joined:
            return ()
        if self._skip_ends is not None:
            return self._skip_on(shared)
        if self.seq < shared.ring.first:
            return self._fall_out(shared)
        return self._pull_chunk(shared) if self.seq < shared.ring.next else ()

    def skip(self, taken: Sequence[LogLine]) -> None:
        """Everything up to now is left out, also what came by `pull` and was not shown; later `pull`
        gives the notice with the count. Other notices stay: a gap is not less of one."""
        if self._shared is None:
            return
        self._shared.fall_behind()
        self._skip_ends = time.monotonic() + SKIP_S
        asyncio.get_running_loop().call_later(SKIP_S, self._wake)
        left = [*taken, *(line for lines, *_rest in self._ready for line in lines)]
        self._skipped += count_lines(left)
        self.marks.give_up()
        self._ready.clear()
        self._keep_notices(left)
        self._room.set()
        self._wake()

    def _keep_notices(self, lines: Iterable[LogLine]) -> None:
        if kept := tuple(line for line in lines if line.kind != "line"):
            self._ready.append((kept, "", None, None))

    def stir(self) -> None:
        """The shared upstream has changed."""
        self._note_live()
        self._stirred.set()
        self._wake()

    def _note_live(self) -> None:
        shared = self._shared
        if shared is not None and self.is_joined and self.seq >= shared.ring.next:
            self._was_live = self._was_live or shared.state == "live"

    # In the ring

    def _enter(self, cursor: Cursor | None) -> None:
        shared, is_new = self._cluster.logs.enter(self, self.stream.target, self._wish, cursor)
        self._shared = shared
        if is_new:
            self.is_joined, self._count = True, 0
        elif cursor and cursor.ring == shared.id and shared.ring.first <= cursor.seq < shared.ring.next:
            self._resume(shared, cursor)
        else:
            self._begin(None)

    def _resume(self, shared: SharedLog, cursor: Cursor) -> None:
        """At the very place that the cursor names; the first lines of the chunk were shown."""
        ring = shared.ring
        # Where the clock stepped back no chunk may be of that time any more.
        begin = min(ring.find(self._position.since_ns), cursor.seq)
        first = ring.at(begin).lines
        known_from_ns = first[0].time_ns if begin == ring.first and first else 0
        self._position.jump(replace(cursor, held=()), known_from_ns)
        for number in range(begin, cursor.seq + 1):
            chunk = ring.at(number)
            self._position.follow(chunk.top_ns, chunk.keys)
        self.is_joined, self.seq = True, cursor.seq + 1
        self._count = ring.lines_before(self.seq)
        self._position.container_id = chunk.instance
        if lines := chunk.lines[cursor.offset :]:
            at = RingPlace(shared.id, cursor.seq, cursor.offset)
            self._ready.append((lines, chunk.instance, at, None))

    def _pull_chunk(self, shared: SharedLog) -> Batch:
        number, position = self.seq, self._position
        chunk = shared.ring.at(number)
        self.seq, self._count = number + 1, chunk.before + chunk.count
        shared.note_read()
        self._note_live()
        if position.is_replaying:
            lines = new_of(position, chunk)
        else:
            lines = chunk.lines
            position.follow(chunk.top_ns, chunk.keys)
        position.container_id = chunk.instance
        at = RingPlace(shared.id, number) if lines is chunk.lines else None
        lines = self._until(lines)
        self.marks.add(lines, chunk.instance, at)
        return lines

    def _fall_out(self, shared: SharedLog) -> Batch:
        """Its lines are gone from the ring: it reads them from the node, or leaves them out if too many."""
        self.is_joined = False
        if self._is_too_far():
            self._keep_notices_of(shared.ring, shared.ring.near_the_end(KEPT))
            self._jump(shared, shared.ring.near_the_end(KEPT))
            return self.pull()
        self._begin(None)
        return ()

    def _is_too_far(self) -> bool:
        """Never while it reads the history that was asked for."""
        if self._shared is None or self._count is None or not self._was_live:
            return False
        return (self._shared.newest_ns - self._position.time_ns) / SECOND_NS >= FAR_S

    def _jump(self, shared: SharedLog, number: int) -> None:
        """On to that chunk, past at least one that is held; the lines in between are counted."""
        ring = shared.ring
        last = ring.at(number - 1)
        if self._count is not None:
            self._skipped += max(ring.lines_before(number) - self._count, 0)
        place = place_behind(ring, number - 1, self.stream.target, self._position.time_ns)
        self._position.jump(place.cursor(), place.time_ns + 1)
        self.is_joined, self.seq, self._count = True, number, ring.lines_before(number)
        shared.note_read()
        if self._skip_ends is None and self._skipped:
            notice = LogLine(place.time_ns, str(self._skipped), "notice", "skipped")
            at = RingPlace(shared.id, number - 1, len(last.lines) - 1)  # once shown: behind the chunk
            self._ready.append(((notice,), last.instance, at, place))
            self._skipped = 0

    def _keep_notices_of(self, ring: Ring, number: int) -> None:
        """Of the chunks up to that one, which are about to be left out."""
        chunks = map(ring.at, range(max(self.seq, ring.first), number))
        self._keep_notices(line for chunk in chunks if chunk.count < len(chunk.lines) for line in chunk.lines)

    def _skip_on(self, shared: SharedLog) -> Batch:
        """What is there is counted and left out, until the upstream has reached the log's end."""
        if self._may_end_skip(shared):
            self._skip_ends = None
        ring = shared.ring
        while self._position.is_replaying and ring.first <= self.seq < ring.next:
            # Of these chunks it has read, and counted, a part by itself.
            read = self._pull_chunk(shared)
            self._skipped += count_lines(read)
            self.marks.give_up()
            self._keep_notices(read)
        if ring.next > ring.first:
            self._keep_notices_of(ring, ring.next)
            self._jump(shared, ring.next)
        if self._ready:
            return self.pull()
        return ()

    # On its own

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """One of the process's. While it waits for one, the other streams do not wait for it."""
        try:
            async with slots.take(self._note_waiting):
                self._waits_for_slot = False
                yield
        finally:
            self._waits_for_slot = False

    def _note_waiting(self) -> None:
        self._waits_for_slot = True
        self._wake()

    def _begin(self, cursor: Cursor | None) -> None:
        work = self._read_whole(cursor) if self._wish.is_finite else self._catch_up()
        self._task = asyncio.create_task(self._guard(work), name="log reader")

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except errors.SidecarsError as error:
            self.error, self._is_done = error, True
        except Exception:  # a mistake of ours: the stream must not look live for ever
            log.exception("A log reader failed")
            self.error, self._is_done = errors.SidecarsError(), True
        finally:
            self._wake()

    async def _read_whole(self, cursor: Cursor | None) -> None:
        async with (
            self._slot(),
            aclosing(read_whole(self._cluster, self.stream.target, self._wish, cursor)) as pieces,
        ):
            async for piece in pieces:
                await self._hand_over(piece)
        self._is_done = True

    async def _catch_up(self) -> None:
        """Joins the ring when nothing can lie between it and what was read: the ring's first chunk is not
        newer than the moment at which the last read, up to the log's end, began."""
        shared = self._shared
        assert shared is not None
        attempt = 0
        own = self._own = Follower(
            self._cluster, self.stream.target, self._position, self._wish, on_change=self._wake
        )
        while not self._is_done:
            self._stirred.clear()
            begun_at = shared.ring.next if shared.has_begun else None
            try:
                await self._read_on(own)
            except (errors.Unreachable, errors.Busy, errors.Rejected) as error:
                if not own.is_cut:
                    own.is_cut = True
                    await self._hand_over(own.notice("reconnect", type(error).__name__))
                own.say("cut", type(error).__name__)
                await asyncio.sleep(backoff(attempt, top_s=RETRY_TOP_S))
                attempt += 1
                continue
            except _TooFar:
                self._jump(shared, shared.ring.near_the_end(KEPT))
                return
            if shared.is_over and not own.reached_end:
                begun_at = shared.ring.first  # the log is gone: what the ring holds is all there is
            elif begun_at is None or not own.reached_end or self._cannot_tell(shared):
                own.say("live" if own.state in ("connecting", "catching-up") else own.state, own.detail)
                await self._wait_for_change(attempt)
                attempt += 1
                continue
            if shared.ring.first <= begun_at:
                self._join(shared, begun_at)
                return

    def _cannot_tell(self, shared: SharedLog) -> bool:
        """Somebody reads history there, of which nothing was wished for here: it would look new."""
        return not self._position.time_ns and shared.state in ("connecting", "catching-up")

    async def _wait_for_change(self, attempt: int) -> None:
        """Of the shared upstream; but the log may be there again before that says so."""
        with suppress(TimeoutError):
            async with asyncio.timeout(backoff(attempt, top_s=LOOK_TOP_S)):
                await self._stirred.wait()

    async def _read_on(self, own: Follower) -> None:
        async with self._slot(), aclosing(own.catch_up()) as pieces:
            async for piece in pieces:
                await self._hand_over(piece)
                if self._is_too_far():
                    raise _TooFar
                if self._is_done:
                    return

    def _join(self, shared: SharedLog, number: int) -> None:
        """Lines of chunks before `number` were read for sure; those behind it perhaps, which shows."""
        ring, position = shared.ring, self._position
        position.begin_replay()
        for earlier in range(max(min(ring.find(position.since_ns), number), ring.first), number):
            lines = [line for line in ring.at(earlier).lines if line.kind == "line"]
            position.recall([line.time_ns for line in lines], [line.text for line in lines])
        self.is_joined, self.seq = True, number
        self._count = ring.lines_before(number)
        self._own = None
        self._note_live()
        shared.note_read()
        self._wake()

    async def _hand_over(self, piece: Piece) -> None:
        lines = self._until(piece.lines)
        count = count_lines(lines)
        if self._count is not None:
            self._count += count
        while len(self._ready) >= AHEAD:
            self._room.clear()
            await self._room.wait()
        if self._skip_ends is not None:
            self._skipped += count
            self._keep_notices(lines)
        elif lines:
            self._ready.append((lines, piece.instance, None, None))
            self._wake()

    def _until(self, lines: Batch) -> Batch:
        kept = until(self._wish.until_ns, lines)
        self._is_done = self._is_done or len(kept) < len(lines)
        return kept

    def note_shown(self, lines: Sequence[LogLine]) -> None:
        self.marks.shown(lines)

    @property
    def tells_end(self) -> bool:
        """By now nothing can follow of the instance that was shown, and no cursor has said so."""
        return self._has_shown_end and self._told_end != self.marks.place.container_id

    def cursor(self) -> Cursor:
        cursor = self.marks.cursor()
        if not self._has_shown_end:
            return cursor
        self._told_end = cursor.container_id
        return replace(cursor, is_ended=True)
