"""Log lines, the cursor that says which were seen, and the cutting of bytes into lines.

The API server cuts `sinceTime` to whole seconds, so a resume replays up to a second: the
cursor holds the last timestamp and a count of each text seen with it. Equal lines are
counted, never merged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as calendar_day

import msgspec

LINE_LIMIT_BYTES = 256 * 1024
STAMP_LIMIT = 40
WINDOW_LIMIT = 50_000  # lines remembered for a resume; beyond, the last timestamp must do
SECOND_NS = 1_000_000_000


class LogLine(msgspec.Struct, frozen=True, gc=False):
    """`kind` "notice": `code` says what happened, `text` holds its parameter if any.

    Codes: gap, restart, end, reconnect, back, waiting, truncated (text: bytes left out).
    """

    time_ns: int  # 0: the line came without a timestamp (the kubelet's own words)
    text: str
    kind: str = "line"
    container: str = ""
    pod: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place behind the last line seen. Serialisable: four values and a mapping."""

    pod_uid: str
    container: str
    container_id: str = ""
    time_ns: int = 0
    seen: Mapping[str, int] = field(default_factory=dict)  # text -> how often at time_ns


class Position:
    """A cursor that moves: `admits` says whether a line is new, and remembers it if so.

    Two streams of one container may stand in its file a little out of order, so within this
    process every line of the last one to two seconds is remembered, not only the last.
    """

    def __init__(self, cursor: Cursor) -> None:
        self.container_id = cursor.container_id
        self.time_ns = cursor.time_ns
        self.overlapped = True  # since `begin_replay` a known line came again
        self._pod_uid, self._container = cursor.pod_uid, cursor.container
        self._last = dict(cursor.seen)
        self._second = cursor.time_ns // SECOND_NS
        self._now: dict[int, int] = {hash((cursor.time_ns, t)): n for t, n in cursor.seen.items()}
        self._before: dict[int, int] = {}
        self._knows_from_ns = cursor.time_ns  # every line from here on is in the windows
        self._replayed: dict[int, int] = {}
        self._horizon_ns = self._replay_until_ns = 0

    @property
    def since_ns(self) -> int:
        """What a resume must ask for: one whole second before the last line's."""
        return max((self._second - 1) * SECOND_NS, 0)

    def begin_replay(self, *, keep_all_from_ns: int | None = None) -> None:
        """Before each reconnect: known lines come again and are dropped, counted.

        `keep_all_from_ns`: a new instance began then; nothing of it is too old.
        """
        self._replayed = dict(self._before)
        for key, count in self._now.items():
            self._replayed[key] = self._replayed.get(key, 0) + count
        self._horizon_ns = max(self.since_ns, self._knows_from_ns)
        if keep_all_from_ns is not None and keep_all_from_ns + SECOND_NS > self.time_ns:
            self._horizon_ns = 0
        self._replay_until_ns = self.time_ns + SECOND_NS
        self.overlapped = self.time_ns == 0

    def admits(self, time_ns: int, text: str) -> bool:
        if time_ns == 0:
            return True
        key = hash((time_ns, text))
        if self._replay_until_ns and self._is_known(time_ns, key):
            self.overlapped = True
            return False
        self._remember(time_ns, text, key)
        return True

    def cursor(self) -> Cursor:
        return Cursor(self._pod_uid, self._container, self.container_id, self.time_ns, dict(self._last))

    def _is_known(self, time_ns: int, key: int) -> bool:
        left = self._replayed.get(key, 0)
        if left:
            self._replayed[key] = left - 1
            return True
        if time_ns > self._replay_until_ns:
            self._replayed, self._replay_until_ns = {}, 0
            return False
        return time_ns < self._horizon_ns

    def _remember(self, time_ns: int, text: str, key: int) -> None:
        second = time_ns // SECOND_NS
        if second > self._second:
            self._before = self._now if second == self._second + 1 else {}
            self._now, self._second = {}, second
        if second == self._second:
            self._now[key] = self._now.get(key, 0) + 1
        elif second == self._second - 1:
            self._before[key] = self._before.get(key, 0) + 1
        if time_ns > self.time_ns:
            self.time_ns, self._last = time_ns, {text: 1}
        elif time_ns == self.time_ns:
            self._last[text] = self._last.get(text, 0) + 1
        if len(self._now) > WINDOW_LIMIT:
            self._forget()

    def _forget(self) -> None:
        if len(self._last) > WINDOW_LIMIT // 2:  # of one timestamp: else each further line would end here
            self._last = {}
        self._now = {hash((self.time_ns, text)): count for text, count in self._last.items()}
        self._before, self._knows_from_ns = {}, self.time_ns


class Splitter:
    """Bytes of a timestamped log stream → (time_ns, text, bytes left out of it).

    UTF-8 may be cut anywhere; bad bytes become U+FFFD; a line is cut at 256 KiB. CR before
    the line's end is dropped, others stay: the viewer shows them.
    """

    def __init__(self, limit_bytes: int = LINE_LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes + STAMP_LIMIT
        self._parts: list[bytes] = []
        self._size_bytes = 0
        self._dropped_bytes = 0

    def feed(self, chunk: bytes) -> list[tuple[int, str, int]]:
        found: list[tuple[int, str, int]] = []
        pieces = chunk.split(b"\n")
        for piece in pieces[:-1]:
            self._keep(piece)
            found.append(self._take())
        self._keep(pieces[-1])
        return found

    def end(self) -> list[tuple[int, str, int]]:
        """The last line, if it came without a newline."""
        return [self._take()] if self._size_bytes else []

    def _keep(self, piece: bytes) -> None:
        room = self._limit_bytes - self._size_bytes
        kept = piece[: max(room, 0)]
        self._dropped_bytes += len(piece) - len(kept)
        if kept:
            self._parts.append(kept)
            self._size_bytes += len(kept)

    def _take(self) -> tuple[int, str, int]:
        line, dropped = b"".join(self._parts), self._dropped_bytes
        self._parts, self._size_bytes, self._dropped_bytes = [], 0, 0
        time_ns, text = read_line(line)
        return time_ns, text, dropped


def read_line(line: bytes) -> tuple[int, str]:
    stamp, space, rest = line.partition(b" ")
    time_ns = read_time(stamp) if space or len(stamp) <= STAMP_LIMIT else 0
    if time_ns == 0:
        rest = line
    if rest.endswith(b"\r"):
        rest = rest[:-1]
    return time_ns, rest.decode("utf-8", "replace")


_DAYS: dict[bytes, int] = {}


def read_time(stamp: bytes) -> int:
    """Nanoseconds since the epoch of `2026-01-31T01:02:03.123456789Z`; 0 if it is not one.

    An offset may stand for the Z: the kubelet writes its local time zone.
    """
    if len(stamp) < 20 or stamp[10:11] != b"T" or stamp[4:5] != b"-":
        return 0
    try:
        day = _DAYS.get(stamp[:10])
        if day is None:
            day = _day(stamp[:10])
        seconds = day * 86400 + int(stamp[11:13]) * 3600 + int(stamp[14:16]) * 60 + int(stamp[17:19])
        rest = stamp[19:]
        if rest.endswith(b"Z"):
            rest = rest[:-1]
        else:
            offset = rest[-6:]
            minutes = int(offset[1:3]) * 60 + int(offset[4:6])
            seconds -= minutes * 60 if offset[:1] == b"+" else -minutes * 60
            rest = rest[:-6]
        fraction = int((rest[1:] + b"000000000")[:9]) if rest else 0
    except ValueError:
        return 0
    return seconds * 1_000_000_000 + fraction


def _day(date: bytes) -> int:
    """Days since the epoch, remembered: a log holds few."""
    day = calendar_day.fromisoformat(date.decode("ascii", "replace")).toordinal() - 719163
    if len(_DAYS) > 64:
        _DAYS.clear()
    _DAYS[date] = day
    return day
