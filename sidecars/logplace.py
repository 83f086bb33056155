"""The place in a log up to which it was read, so that reading goes on without loss or repetition.

The API server cuts `sinceTime` to whole seconds, so a resume replays up to two: what was seen is
remembered as a count of each (time, text). Equal lines are counted, never merged.
"""

from array import array
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from sidecars.loglines import SECOND_NS

WINDOW_LIMIT = 200_000  # lines remembered for a replay, eight bytes each
DIGESTS_MOST = 6  # different texts of one timestamp; of more only the number is kept
DIGEST_BYTES = 6
ANY = ""  # in place of a digest: that many lines, whatever they say


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place behind the last line seen. Small, and serialisable.

    `seen`: digest of a text → how often at `time_ns`. `ring`, `seq`, `offset`: where it is in the lines that
    a process holds in memory, if that process is asked again.
    """

    pod_uid: str
    container: str
    container_id: str = ""
    time_ns: int = 0
    seen: Mapping[str, int] = field(default_factory=dict)
    ring: str = ""
    seq: int = 0
    offset: int = 0


def digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).hexdigest()


class Place:
    """A cursor that moves over lines as they are shown."""

    __slots__ = ("_digests", "_pod_uid", "_container", "_total", "container_id", "time_ns")

    def __init__(self, cursor: Cursor) -> None:
        self._pod_uid, self._container = cursor.pod_uid, cursor.container
        self.container_id, self.time_ns = cursor.container_id, cursor.time_ns
        self._digests: dict[str, int] | None = None if ANY in cursor.seen else dict(cursor.seen)
        self._total = sum(cursor.seen.values())

    def copy(self) -> "Place":
        return Place(self.cursor())

    def advance(self, times: Sequence[int], texts: Sequence[str]) -> None:
        top = max(times, default=0)
        if top and top >= self.time_ns:
            self.add(top, [text for time_ns, text in zip(times, texts, strict=True) if time_ns == top])

    def add(self, time_ns: int, texts: Sequence[str]) -> None:
        """Lines that all have this time, which is not before the present one."""
        if time_ns > self.time_ns:
            self.time_ns, self._digests, self._total = time_ns, {}, 0
        self._total += len(texts)
        for text in texts:
            if self._digests is None:
                return
            key = digest(text)
            self._digests[key] = self._digests.get(key, 0) + 1
            if len(self._digests) > DIGESTS_MOST:
                self._digests = None

    def cursor(self) -> Cursor:
        seen = {ANY: self._total} if self._digests is None else dict(self._digests)
        return Cursor(self._pod_uid, self._container, self.container_id, self.time_ns, seen)


class Position:
    """Says which lines are new. It remembers them, so that what comes again is known.

    Two streams of one container may stand in its file a little out of order, so within this
    process every line of the last one to two seconds is remembered, not only the last.
    """

    def __init__(self, cursor: Cursor, *, starts_inside: bool = False) -> None:
        """`starts_inside`: reading begins within the log; what stands before its first line is not new."""
        self.place = Place(cursor)
        self.passed: set[str] = set()  # instances that were read to their end
        self.ended_id = ""  # the instance that was read to its end after it had ended
        self.overlapped = True  # since `begin_replay` a known line came again
        self.is_replaying = False
        self._starts_inside = starts_inside and not cursor.time_ns
        self._given_ns, self._given = cursor.time_ns, dict(cursor.seen)
        self._recent: deque[tuple[int, Sequence[int]]] = deque()  # (latest time, keys) of lines
        self._count = 0
        self._knows_from_ns = cursor.time_ns  # every line from here on is in `_recent` or `_given`
        self._left: dict[int, int] = {}
        self._left_given: dict[str, int] = {}
        self._horizon_ns = self._replay_until_ns = 0

    @property
    def time_ns(self) -> int:
        return self.place.time_ns

    @property
    def container_id(self) -> str:
        return self.place.container_id

    @container_id.setter
    def container_id(self, instance: str) -> None:
        if self.place.container_id and instance != self.place.container_id:
            self.passed.add(self.place.container_id)
        self.place.container_id = instance

    @property
    def since_ns(self) -> int:
        """What a resume must ask for: one whole second before the last line's."""
        return max((self.place.time_ns // SECOND_NS - 1) * SECOND_NS, 0)

    def cursor(self) -> Cursor:
        return self.place.cursor()

    def begin_replay(self, *, keep_all_from_ns: int | None = None) -> None:
        """Before each reconnect: known lines come again and are dropped, counted.

        `keep_all_from_ns`: a new instance began then; nothing of it is too old.
        """
        self._left = Counter(key for _top, keys in self._recent for key in keys)
        self._left_given = dict(self._given)
        self._horizon_ns = max(self.since_ns, self._knows_from_ns)
        if keep_all_from_ns is not None and keep_all_from_ns + SECOND_NS > self.time_ns:
            self._horizon_ns = 0
        self._replay_until_ns = self.time_ns + SECOND_NS
        self.is_replaying = self.time_ns > 0
        self.overlapped = self.time_ns == 0

    def end_replay(self) -> None:
        self.is_replaying = False
        self._left, self._left_given = {}, {}

    def recall(self, times: Sequence[int], texts: Sequence[str]) -> None:
        """During a replay: these known lines have come again already."""
        for time_ns, text in zip(times, texts, strict=True):
            self._is_known(time_ns, text)

    def admits(self, time_ns: int, text: str) -> bool:
        return bool(self.take([time_ns], [text])[0])

    def take(self, times: list[int], texts: list[str]) -> tuple[list[int], list[str], "array[int]"]:
        """Those that are new, with a key for each; from now on they are known."""
        if self.is_replaying:
            kept = [i for i, time_ns in enumerate(times) if self._is_new(time_ns, texts[i])]
            if len(kept) < len(times):
                times, texts = [times[i] for i in kept], [texts[i] for i in kept]
        keys = array("q", map(hash, zip(times, texts, strict=True)))
        if times:
            self._remember(times, texts, keys)
        return times, texts, keys

    def follow(self, top_ns: int, keys: Sequence[int], at_top: Sequence[str]) -> None:
        """Lines that are new for sure, which somebody else has taken: `keys` is shared with them."""
        if top_ns and top_ns >= self.place.time_ns:
            self.place.add(top_ns, at_top)
        self._keep(top_ns, keys)

    def jump(self, place: Place, known_from_ns: int) -> None:
        """Lines were left out up to here: they are not new when they come again."""
        self.place = place
        self._recent.clear()
        self._count = 0
        self._knows_from_ns = self._given_ns = known_from_ns
        self._given = {}
        self.end_replay()

    def _is_new(self, time_ns: int, text: str) -> bool:
        if time_ns == 0:
            return True
        if not self._is_known(time_ns, text):
            return True
        self.overlapped = True
        return False

    def _is_known(self, time_ns: int, text: str) -> bool:
        key = hash((time_ns, text))
        left = self._left.get(key, 0)
        if left:
            self._left[key] = left - 1
            return True
        if time_ns > self._replay_until_ns:
            return False
        if time_ns == self._given_ns and self._left_given:
            for name in (digest(text), ANY):
                left = self._left_given.get(name, 0)
                if left:
                    self._left_given[name] = left - 1
                    return True
        return time_ns < self._horizon_ns

    def _remember(self, times: list[int], texts: list[str], keys: Sequence[int]) -> None:
        if self._starts_inside:
            first = next((time_ns for time_ns in times if time_ns), 0)
            self._knows_from_ns, self._starts_inside = first, not first
        self.place.advance(times, texts)
        self._keep(max(times), keys)
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
