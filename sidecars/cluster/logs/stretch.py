"""One request for a container's log: its bytes as lines, those that are new, and what they leave in doubt."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sidecars import errors
from sidecars.cluster.logs.requests import LogRequests
from sidecars.cluster.logs.targets import LogTarget, LogWish
from sidecars.cluster.resources import is_label
from sidecars.logknown import Position
from sidecars.loglines import SECOND_NS, Lines, LogLine, Splitter
from sidecars.messages import gettext_noop as _

if TYPE_CHECKING:
    from sidecars.cluster.cluster import Cluster

CHUNK_BYTES = 64 * 1024
WATCHDOG_S = 30.0
QUIET_S = 0.15  # nothing for so long: what stood in the log has come
OPENING_S = 1.0  # no answer for so long: the log is empty
# So long after an instance began, or was last known to have written nothing, its first file may be rotated.
BLIND_S, BLIND_AFTER_CUT_S = 6.0, 3.0
FIRST_LINE_S = 1.5  # a line so soon after that is the first one

# The kubelet's own words, in place of a log, when the instance was already removed.
LOST = "unable to retrieve container logs for "

Batch = tuple[LogLine, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines in the order of the file. `keys` are those of the lines proper; `instance` wrote them."""

    lines: Batch
    keys: Sequence[int] = ()
    instance: str = ""


def _nothing() -> None:
    pass


@dataclass(slots=True)
class Stretch:
    """`state`: connecting, catching-up, live, waiting or cut; `detail` says why; `on_change` hears of it."""

    cluster: "Cluster"
    target: LogTarget
    position: Position
    wish: LogWish = LogWish()
    on_change: Callable[[], None] = _nothing
    state: str = "connecting"
    detail: str = ""
    has_begun: bool = False  # a stream was answered: from there on nothing is missed
    attempt: int = 0
    stalled: bool = False
    doubted_ns: int = 0  # the place behind which a possible gap was told
    reached_end: bool = False  # the last stretch gave all that the log held at its beginning
    is_cut: bool = False  # said so, and not yet connected again
    has_bytes: bool = False  # something came, if only a part of a line
    floor_ns: int = 0  # the log was empty then, or its lines were not wished for: later ones are new
    live_from_ns: int = 0  # a line of that time or later: what stood in the log has come
    silent_until_ns: int = 0
    unread_from_ns: int = 0  # the present instance had written nothing by then, as far as anybody knows
    uid: str = field(init=False)
    requests: LogRequests = field(init=False)

    def __post_init__(self) -> None:
        if not is_label(self.target.container):
            raise errors.NotFound(resource="containers", name=self.target.container[:253])
        self.uid = self.target.uid
        self.requests = LogRequests(self.cluster, self.target)

    def notice(self, code: str, text: str = "", time_ns: int | None = None) -> Piece:
        line = LogLine(self.position.time_ns if time_ns is None else time_ns, text, "notice", code)
        return Piece((line,), instance=self.position.container_id)

    async def read(
        self,
        *,
        follow: bool,
        previous: bool = False,
        started_ns: int | None = None,
        keeps_rest: bool = True,
    ) -> AsyncGenerator[Piece, None]:
        """One request, until EOF or until the watchdog gives it up.

        A last line without its newline counts (`keeps_rest`) only if nothing more can be added to it:
        a stream that was followed may have been cut inside the line, which comes again.
        """
        expects_overlap = self.position.time_ns > 0 and started_ns is None and not self.position.is_fresh
        blind_s = BLIND_AFTER_CUT_S if self.is_cut else BLIND_S
        is_blind = self.position.is_fresh and self._now_ns() - self.unread_from_ns > blind_s * SECOND_NS
        params = self._params(follow, previous, started_ns is not None)
        self.position.begin_replay(keep_all_from_ns=started_ns)
        splitter = Splitter()
        self.stalled, self.reached_end = False, True
        if follow and expects_overlap and await self.requests.newest_ns() == 0:
            # Rotated, and nothing written since: the stream would say nothing, and the gap stay untold.
            expects_overlap = False
            if gap := self._doubt():
                yield gap
        try:
            async with aclosing(self._chunks(params, follow)) as chunks:
                async for chunk in chunks:
                    if self.is_cut:
                        self.is_cut = False
                        yield self.notice("back")
                    before_ns = self.position.time_ns
                    piece = self._admit(splitter.feed(chunk))
                    if not piece.lines:
                        continue
                    self.attempt = 0
                    if expects_overlap and not self.position.overlapped and (gap := self._doubt(before_ns)):
                        yield gap
                    first_ns = piece.lines[0].time_ns - self.unread_from_ns
                    if is_blind and first_ns > FIRST_LINE_S * SECOND_NS and (gap := self._doubt(before_ns)):
                        yield gap
                    expects_overlap = is_blind = False
                    yield piece
            if not follow and expects_overlap and not self.position.overlapped and (gap := self._doubt()):
                yield gap
        except errors.Rejected as error:
            # 400: the container waits to start, or there is no previous instance.
            if error.code != 400:
                raise
            if previous:
                yield self.notice("gap", "previous")
            else:
                self.say("waiting")
                self.reached_end = False
        except Stalled:
            if not follow:
                server = self.cluster.transport.credentials.server
                raise errors.Unreachable(server=server, cause=_("no answer in time")) from None
            self.stalled = True
            yield self.notice("reconnect", "stalled")
        if keeps_rest and not follow and (piece := self._admit(splitter.end())).lines:
            yield piece

    def _doubt(self, time_ns: int | None = None) -> Piece | None:
        """A known line should have come again and did not: something may lie between. Once for a place;
        the mark stands before what comes next."""
        place_ns = self.position.time_ns if time_ns is None else time_ns
        if place_ns == self.doubted_ns:
            return None
        self.doubted_ns = place_ns
        return self.notice("gap", "possible", place_ns)

    async def _chunks(self, params: Mapping[str, str], follow: bool) -> AsyncGenerator[bytes, None]:
        """The bytes as they come; b"" first, when the answer has begun. Raises Stalled."""
        began_ns = self._now_ns()
        async with AsyncExitStack() as stack:
            # The kubelet answers a follow with its first line: an empty log is silent, not broken.
            opening = stack.enter_async_context(self.requests.stream(params))
            stream = await self._watched(opening, OPENING_S, began_ns, follow)
            self.has_begun, self.live_from_ns = True, began_ns
            if self.wish.tail_lines == 0:
                self.floor_ns = self.floor_ns or began_ns
            if follow or self.state == "connecting":
                self.say("catching-up")
            yield b""
            while True:
                chunk = stream.read_nowait(CHUNK_BYTES)
                if not chunk:
                    chunk = await self._watched(stream.read(CHUNK_BYTES), QUIET_S, began_ns, follow)
                    if not chunk:
                        return
                self.has_bytes = True
                yield chunk
                if follow and self.state != "live" and self.position.time_ns >= self.live_from_ns:
                    self.say("live")

    async def _watched(
        self, awaited: Coroutine[Any, Any, T], quiet_s: float, began_ns: int, follow: bool
    ) -> T:
        """Waits for it as long as the log has nothing newer. Rotation can stall a stream for good
        (kubernetes#59902), and a dead connection is as silent as a quiet container."""
        task = asyncio.ensure_future(awaited)
        try:
            while True:
                is_live = self.state == "live" or not follow
                done, _pending = await asyncio.wait({task}, timeout=WATCHDOG_S if is_live else quiet_s)
                if done:
                    return task.result()
                if not is_live:
                    if not self.has_bytes:
                        self.floor_ns = self.floor_ns or began_ns
                    self.say("live")
                elif not follow or await self._is_behind():
                    raise Stalled
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def fall_behind(self) -> None:
        """Nobody has read on for a while: what was written meanwhile is still to come."""
        self.live_from_ns = self._now_ns()
        self.say("catching-up")

    async def _is_behind(self) -> bool:
        newest_ns = await self.requests.newest_ns()
        if newest_ns is None:
            return True
        if self.position.time_ns == 0 and self.wish.tail_lines == 0 and not self.silent_until_ns:
            self.silent_until_ns = newest_ns  # what stood there before was not asked for
        return newest_ns > max(self.position.time_ns, self.silent_until_ns)

    def _admit(self, found: Lines) -> Piece:
        times, texts, keys = self.position.take(found.times, found.texts)
        instance = self.position.container_id
        if (0 in times or found.cut or self.wish.since_ns) and times:
            return Piece(tuple(self._marked(times, texts, found)), keys, instance)
        return Piece(tuple(map(LogLine, times, texts)), keys, instance)

    def _marked(self, times: list[int], texts: list[str], found: Lines) -> Iterator[LogLine]:
        """The rare cases: lines cut at the limit, the kubelet's own words, and those before `since`."""
        cut = {(found.times[i], found.texts[i]): dropped for i, dropped in found.cut.items()}
        since_ns = self.wish.since_ns or 0
        for time_ns, text in zip(times, texts, strict=True):
            if time_ns == 0 and text.startswith(LOST):
                yield LogLine(self.position.time_ns, "lost", "notice", "gap")
            elif time_ns == 0 or time_ns >= since_ns:
                yield LogLine(time_ns, text)
                if dropped := cut.get((time_ns, text)):
                    yield LogLine(time_ns, str(dropped), "notice", "truncated")

    def _params(self, follow: bool, previous: bool, from_start: bool) -> dict[str, str]:
        params = {"timestamps": "true"}
        if follow:
            params["follow"] = "true"
        if previous:
            params["previous"] = "true"
        if from_start:
            return params
        # Without a line yet: those since the first answer are new, however many.
        since_ns = self.position.since_ns or max(self.floor_ns, self.wish.since_ns or 0)
        if since_ns:
            since = datetime.fromtimestamp(since_ns // SECOND_NS, UTC)
            params["sinceTime"] = since.strftime("%Y-%m-%dT%H:%M:%SZ")
        if self.wish.tail_lines is not None and not self.position.time_ns and not self.floor_ns:
            params["tailLines"] = str(self.wish.tail_lines)
        return params

    def _now_ns(self) -> int:
        """By the cluster's clock."""
        return int((time.time() + self.cluster.clock_offset_s) * SECOND_NS)

    def say(self, state: str, detail: str = "") -> None:
        if (state, detail) != (self.state, self.detail):
            self.state, self.detail = state, detail
            self.on_change()


class Stalled(Exception):
    """No bytes for a while although the file has more, or nobody can tell."""
