"""What arrived, line by line, against what the container wrote: lost, twice, out of order, marked."""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from tests.logs.real.files import Truth
from tests.logs.real.watching import Row

COUNTED = re.compile(r"\d[\d,.\u00a0\u202f]*")


@dataclass
class Stream:
    """One container. A hole is a run of lines that did not come: [start, stop) in the truth."""

    received: int = 0
    foreign: list[str] = field(default_factory=list)  # not a line of the file, or with another time
    twice: int = 0
    disordered: int = 0
    holes: list[tuple[int, int]] = field(default_factory=list)  # unmarked ones too
    silent: list[tuple[int, int]] = field(default_factory=list)  # without a mark
    avoidable: list[tuple[int, int]] = field(default_factory=list)  # the current file still had the lines
    false_marks: list[str] = field(default_factory=list)  # where nothing is missing
    doubts: int = 0  # gap marks exactly between two files of which nothing is missing: nobody could know
    told: int = 0  # lines that the marks say were skipped
    counted: int = 0  # lines really missing where such a mark stands

    @property
    def missing(self) -> int:
        return sum(stop - start for start, stop in self.holes)

    @classmethod
    def total_of(cls, several: Iterable["Stream"]) -> "Stream":
        total = cls()
        for one, field_ in itertools.product(several, fields(cls)):
            setattr(total, field_.name, getattr(total, field_.name) + getattr(one, field_.name))
        return total


def compare(rows: Iterable[Row], truth: Truth) -> Stream:
    """`rows`: of one stream, from its first to its last line: where a view begins and ends is its own
    choice. Marks behind the last line are not judged, since nobody knows yet what comes.
    """
    found = Stream()
    places = {line: place for place, line in enumerate(truth.lines)}
    seen = bytearray(len(truth.lines))
    before, open_marks = -1, []
    for row in rows:
        if row.mark in ("gap", "skipped"):
            open_marks.append(row)
            continue
        if not row.is_line:
            continue
        found.received += 1
        place = places.get((row.time_ns, row.text))
        if place is None:
            found.foreign.append(f"{row.time_ns} {row.text[:80]}")
            continue
        found.twice += seen[place]
        found.disordered += place < before and not seen[place]
        seen[place] = 1
        if before >= 0:
            _judge(found, truth, (before + 1, place), open_marks)
        before, open_marks = max(before, place), []
    return found


def _judge(found: Stream, truth: Truth, hole: tuple[int, int], marks: list[Row]) -> None:
    start, stop = hole
    found.told += sum(_told(row.text) for row in marks if row.mark == "skipped")
    if stop <= start:
        is_doubt = start in truth.ends and [row.mark for row in marks] == ["gap"]
        found.doubts += is_doubt
        found.false_marks += [row.text for row in marks if not is_doubt]
        return
    found.holes.append(hole)
    if any(row.mark == "skipped" for row in marks):
        found.counted += stop - start
    found.false_marks += [row.text for row in marks[1:]]
    if not marks:
        found.silent.append(hole)
    if all(row.mark == "gap" for row in marks) and stop not in truth.ends:
        found.avoidable.append(hole)


def _told(text: str) -> int:
    number = COUNTED.search(text)
    return int(re.sub(r"\D", "", number[0])) if number else 0


def disorder(rows: Iterable[Row]) -> tuple[int, int, int]:
    """Across streams: lines shown after a later one that are not marked late; those of them that came
    with a new connection; lines marked late. A line's time is the latest of its stream so far.
    """
    unmarked = resumed = late = 0
    latest, connection = 0, 0
    tops: dict[str, int] = {}
    for row in rows:
        if not row.is_line or not row.time_ns:
            continue
        if row.connection != connection:
            connection, at_cut = row.connection, latest
        tops[row.key] = time_ns = max(tops.get(row.key, 0), row.time_ns)
        if row.mark == "late":
            late += 1
        elif time_ns < latest:
            unmarked += 1
            resumed += connection > 1 and time_ns < at_cut
        latest = max(latest, time_ns)
    return unmarked, resumed, late
