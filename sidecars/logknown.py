"""Which lines of a log are known, when a part of it comes again.

The API server cuts `sinceTime` to whole seconds, so a resume replays up to two: what was seen is
remembered as a count of each (time, text). Equal lines are counted, never merged.
"""

from array import array
from collections import Counter, deque
from collections.abc import Sequence

from sidecars.loglines import SECOND_NS
from sidecars.logplace import Cursor, digest

WINDOW_LIMIT = 200_000  # lines remembered for a replay, eight bytes each


class _Shown:
    """What a cursor says about the lines that come again, in the order of the file."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self.rewind()

    def rewind(self) -> None:
        self._left = Counter(self._cursor.held)
        self._of_last = self._cursor.of_last
        self.is_passed = False  # the last line has come: all that follow are new, whatever their times

    def holds(self, time_ns: int, text: str) -> bool:
        cursor = self._cursor
        if self.is_passed or not cursor.held or not cursor.from_ns <= time_ns <= cursor.time_ns:
            return False
        name = digest(time_ns, text)
        is_held = self._left[name] > 0
        if is_held:
            self._left[name] -= 1
        if time_ns == cursor.last_ns:
            # Found by its number among those of its time: an equal one may stand before it.
            self._of_last -= 1
            self.is_passed = self._of_last <= 0 and not self._left[cursor.held[-1]]
        return is_held or self.is_passed


class Position:
    """Says which lines are new. It remembers them, so that what comes again is known.

    Two streams of one container may stand in its file a little out of order, so within this
    process every line of the last one to two seconds is remembered, not only the last.
    """

    def __init__(self, cursor: Cursor, *, starts_inside: bool = False) -> None:
        """`starts_inside`: reading begins within the log; what stands before its first line is not new."""
        self.time_ns = cursor.time_ns
        self._container_id = cursor.container_id
        self.passed: set[str] = set()  # instances that were read to their end
        self.ended_id = cursor.container_id if cursor.is_ended else ""  # read to its end after it had ended
        self.overlapped = True  # since `begin_replay` a known line came again
        self.is_replaying = False
        self.is_fresh = cursor.time_ns > 0 and not cursor.held  # of the present instance nothing was read
        self._starts_inside = starts_inside and not cursor.time_ns
        self._given = _Shown(cursor)
        self._recent: deque[tuple[int, Sequence[int]]] = deque()  # (latest time, keys) of lines
        self._count = 0
        # Every line from here on is in `_recent` or `_given`.
        self._knows_from_ns = max(cursor.before_ns, cursor.from_ns) + 1 if cursor.held else cursor.time_ns
        self._left: dict[int, int] = {}
        self._horizon_ns = self._replay_until_ns = 0

    @property
    def container_id(self) -> str:
        return self._container_id

    @container_id.setter
    def container_id(self, instance: str) -> None:
        if self._container_id and instance != self._container_id:
            self.passed.add(self._container_id)
            self.is_fresh = True
        self._container_id = instance

    @property
    def since_ns(self) -> int:
        """What a resume must ask for: one whole second before the last line's."""
        return max((self.time_ns // SECOND_NS - 1) * SECOND_NS, 0)

    def begin_replay(self, *, keep_all_from_ns: int | None = None) -> None:
        """Before each reconnect: known lines come again and are dropped, counted.

        `keep_all_from_ns`: a new instance began then; nothing of it is too old.
        """
        self._left = Counter(key for _top, keys in self._recent for key in keys)
        self._given.rewind()
        self._horizon_ns = max(self.since_ns, self._knows_from_ns)
        if keep_all_from_ns is not None and keep_all_from_ns + SECOND_NS > self.time_ns:
            self._horizon_ns = 0
        self._replay_until_ns = self.time_ns + SECOND_NS
        self.is_replaying = self.time_ns > 0
        self.overlapped = self.time_ns == 0

    def end_replay(self) -> None:
        self.is_replaying = False
        self._left = {}

    def recall(self, times: Sequence[int], texts: Sequence[str]) -> None:
        """During a replay: these known lines have come again already."""
        for time_ns, text in zip(times, texts, strict=True):
            self._is_known(time_ns, text)

    def admits(self, time_ns: int, text: str) -> bool:
        return bool(self.take([time_ns], [text])[0])

    def take(self, times: list[int], texts: list[str]) -> tuple[list[int], list[str], "array[int]"]:
        """Those that are new, with a key for each; from now on they are known."""
        if self.is_replaying:
            kept = [
                i for i, time_ns in enumerate(times) if not time_ns or not self._is_known(time_ns, texts[i])
            ]
            if len(kept) < len(times):
                times, texts = [times[i] for i in kept], [texts[i] for i in kept]
        keys = array("q", map(hash, zip(times, texts, strict=True)))
        if times:
            self._remember(times, keys)
        return times, texts, keys

    def follow(self, top_ns: int, keys: Sequence[int]) -> None:
        """Lines that are new for sure, which somebody else has taken: `keys` is shared with them."""
        self.time_ns = max(self.time_ns, top_ns)
        self.is_fresh = False
        self._keep(top_ns, keys)

    def jump(self, cursor: Cursor, known_from_ns: int) -> None:
        """Lines were left out up to here: they are not new when they come again."""
        self.time_ns = cursor.time_ns
        self._container_id = cursor.container_id
        self._recent.clear()
        self._count = 0
        self._knows_from_ns = known_from_ns
        self._given = _Shown(cursor)
        self.end_replay()

    def _is_known(self, time_ns: int, text: str) -> bool:
        """An early time alone makes a line known, but is no sign that the log goes on without a gap."""
        key = hash((time_ns, text))
        left = self._left.get(key, 0)
        if left:
            self._left[key] = left - 1
            self.overlapped = True
            return True
        if time_ns > self._replay_until_ns:
            return False
        if self._given.holds(time_ns, text):
            self.overlapped = True
            return True
        return time_ns < self._horizon_ns and not self._given.is_passed

    def _remember(self, times: list[int], keys: Sequence[int]) -> None:
        if self._starts_inside:
            first = next((time_ns for time_ns in times if time_ns), 0)
            self._knows_from_ns, self._starts_inside = first, not first
        top_ns = max(times)
        self.time_ns = max(self.time_ns, top_ns)
        self.is_fresh = self.is_fresh and not top_ns
        self._keep(top_ns, keys)
        if self.is_replaying and times[-1] > self._replay_until_ns:
            self.end_replay()

    def _keep(self, top_ns: int, keys: Sequence[int]) -> None:
        recent = self._recent
        recent.append((top_ns, keys))
        self._count += len(keys)
        since_ns = self.since_ns
        while len(recent) > 1 and (recent[0][0] < since_ns or self._count > WINDOW_LIMIT):
            top_ns, keys = recent.popleft()
            self._count -= len(keys)
            if top_ns >= since_ns:
                self._knows_from_ns = max(self._knows_from_ns, min(top_ns + 1, self.time_ns))
                self._given = _Shown(Cursor("", ""))  # it lies before lines that are no longer remembered
