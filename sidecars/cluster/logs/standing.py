"""How one viewer's stream stands: what a page says of it, and what the merge waits for."""

import time
from collections import deque

from sidecars import errors
from sidecars.cluster.logs.follow import Follower
from sidecars.cluster.logs.marks import Marks, RingPlace
from sidecars.cluster.logs.shared import SharedLog
from sidecars.cluster.logs.stretch import Batch
from sidecars.logknown import Position
from sidecars.loglines import SECOND_NS
from sidecars.logplace import Place


class Standing:
    """What a `Reader` knows of itself; it sets these."""

    error: errors.SidecarsError | None
    is_joined: bool
    seq: int
    marks: Marks
    _position: Position
    _ended_id: str  # what is known of it is kept when the upstream is let go
    _ready: deque[tuple[Batch, str, RingPlace | None, Place | None]]
    _own: Follower | None
    _shared: SharedLog | None
    _is_done: bool
    _is_resumed: bool
    _was_live: bool
    _waits_for_slot: bool
    _skip_ends: float | None

    @property
    def state(self) -> str:
        if self._is_done:
            return "refused" if self.error else "ended"
        if self._waits_for_slot:
            return "waiting"
        if self._shared is not None and self.is_joined:
            return "catching-up" if self._shared.is_over and self.has_more else self._shared.state
        if self._own is None or self._own.state == "connecting":
            return "connecting" if not self.marks.place.time_ns else "catching-up"
        return self._own.state

    @property
    def detail(self) -> str:
        if self._waits_for_slot:
            return "cap"
        if self._shared is not None and self.is_joined:
            return self._shared.detail
        return self._own.detail if self._own is not None else ""

    @property
    def problem(self) -> errors.SidecarsError | None:
        """Why it is refused."""
        return self.error or (self._shared.error if self._shared is not None and self.is_joined else None)

    @property
    def is_over(self) -> bool:
        return not self.has_more and self.state in ("ended", "refused")

    @property
    def is_behind(self) -> bool:
        return self.state in ("connecting", "catching-up")

    @property
    def has_more(self) -> bool:
        if self._ready:
            return True
        if self._shared is None or not self.is_joined or self._is_done:
            return False
        return self.seq < self._shared.ring.next or self._may_end_skip(self._shared)

    @property
    def _read_ended_id(self) -> str:
        """The instance that had ended and was read to its end."""
        if self._shared is not None and self.is_joined:
            return self._shared.ended_id
        return self._ended_id or self._position.ended_id

    @property
    def _has_shown_end(self) -> bool:
        ended_id = self._read_ended_id
        if not ended_id or ended_id != self.marks.place.container_id:
            return False
        return not self.has_more and not self.marks.pending

    @property
    def lag_s(self) -> float:
        """By how much what is shown next lags behind what is known of the log.

        Not the last line that was shown: behind a pause it is old, and nothing is late. Nor is the
        history with which a view opens.
        """
        next_ns = self.marks.next_ns or self._next_in_ring_ns()
        if self._shared is None or not next_ns or not (self._was_live or self._is_resumed):
            return 0.0
        return max(self._shared.newest_ns - next_ns, 0) / SECOND_NS

    def _next_in_ring_ns(self) -> int:
        if self._shared is None or not self.has_more or self.seq >= self._shared.ring.next:
            return 0
        chunk = self._shared.ring.at(max(self.seq, self._shared.ring.first))
        return next((line.time_ns for line in chunk.lines if line.time_ns), 0)

    def _may_end_skip(self, shared: SharedLog) -> bool:
        if self._skip_ends is None:
            return False
        return shared.state not in ("connecting", "catching-up") or time.monotonic() > self._skip_ends
