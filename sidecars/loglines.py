"""Log lines, and the cutting of a stream's bytes into them."""

from datetime import date as calendar_day
from typing import NamedTuple

import msgspec

LINE_LIMIT_BYTES = 256 * 1024
STAMP_LIMIT = 40
SECOND_NS = 1_000_000_000
LATEST_NS = 2**63 - 1  # what a cursor can hold


class LogLine(msgspec.Struct, frozen=True, gc=False):
    """`kind` "notice": `code` says what happened, `text` holds its parameter if any.

    Codes: gap, restart, end, reconnect, back, waiting, truncated (text: bytes left out), skipped (lines
    left out), join, leave, refused, cap.
    """

    time_ns: int  # 0: the line came without a timestamp (the kubelet's own words)
    text: str
    kind: str = "line"
    code: str = ""


class Lines(NamedTuple):
    """Times and texts of the same length; `cut`: place in them → bytes left out of that line."""

    times: list[int]
    texts: list[str]
    cut: dict[int, int]


class Splitter:
    """Bytes of a timestamped log stream → Lines.

    UTF-8 may be cut anywhere; bad bytes become U+FFFD; a line is cut at 256 KiB. CR before
    the line's end is dropped, others stay: the viewer shows them.
    """

    def __init__(self, limit_bytes: int = LINE_LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes + STAMP_LIMIT
        self._parts: list[bytes] = []
        self._size_bytes = 0
        self._dropped_bytes = 0

    def feed(self, chunk: bytes) -> Lines:
        found = Lines([], [], {})
        head, newline, tail = chunk.rpartition(b"\n")
        if newline:
            if self._size_bytes or self._dropped_bytes:
                first, newline, head = head.partition(b"\n")
                self._keep(first)
                self._take(found)
            if newline:
                self._read(head, found)
        self._keep(tail)
        return found

    def end(self) -> Lines:
        """The last line, if it came without a newline."""
        found = Lines([], [], {})
        if self._size_bytes:
            self._take(found)
        return found

    def _read(self, body: bytes, found: Lines) -> None:
        """Whole lines. Nearly always they are right and short, which is done without a loop of ours."""
        if len(body) <= self._limit_bytes and _read_ordinary(body, found):
            return
        for piece in body.split(b"\n"):
            self._keep(piece)
            self._take(found)

    def _keep(self, piece: bytes) -> None:
        room = self._limit_bytes - self._size_bytes
        kept = piece[: max(room, 0)]
        self._dropped_bytes += len(piece) - len(kept)
        if kept:
            self._parts.append(kept)
            self._size_bytes += len(kept)

    def _take(self, found: Lines) -> None:
        line, dropped = b"".join(self._parts), self._dropped_bytes
        self._parts, self._size_bytes, self._dropped_bytes = [], 0, 0
        time_ns, text = read_line(line)
        if dropped:
            found.cut[len(found.times)] = dropped
        found.times.append(time_ns)
        found.texts.append(text)


def _read_ordinary(body: bytes, found: Lines) -> bool:
    """Lines that all begin with `2026-01-31T01:02:03.123456789Z `; False, and nothing is read, if not."""
    try:
        lines = body.decode().split("\n")
        if [s[29:31] for s in lines] != ["Z "] * len(lines) or not all(s[20:29].isdecimal() for s in lines):
            return False
        begun = {second: _second_ns(second) for second in {s[:20] for s in lines}}
        times = [begun[s[:20]] + int(s[20:29]) for s in lines]
    except ValueError:  # bad UTF-8, or no date
        return False
    texts = [s[31:] for s in lines]
    if b"\r" in body:
        texts = [text.removesuffix("\r") for text in texts]
    found.times.extend(times)
    found.texts.extend(texts)
    return True


def _second_ns(second: str) -> int:
    """Of `2026-01-31T01:02:03.`"""
    if second[19] != ".":
        raise ValueError
    time_ns = read_time(f"{second[:19]}Z".encode())
    if not time_ns:
        raise ValueError
    return time_ns


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
    """Nanoseconds since the epoch of `2026-01-31T01:02:03.123456789Z`; 0 if it is not one, or before 1970.

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
    time_ns = seconds * SECOND_NS + fraction
    return time_ns if 0 < time_ns <= LATEST_NS else 0


def _day(date: bytes) -> int:
    """Days since the epoch, remembered: a log holds few."""
    day = calendar_day.fromisoformat(date.decode("ascii", "replace")).toordinal() - 719163
    if len(_DAYS) > 64:
        _DAYS.clear()
    _DAYS[date] = day
    return day
