"""Log lines as a page shows them: harmless text, a time in milliseconds, notices in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from dashboard.log_words import words_of
from sidecars.ansi import plain
from sidecars.loglines import LogLine


@dataclass(frozen=True, slots=True)
class Line:
    """`time_ms` 0: the line came without a time. `notice`: the code of a notice, else ""."""

    time_ms: float
    text: str
    notice: str = ""

    @property
    def clock(self) -> str:
        """UTC, until the page's script writes the viewer's own time."""
        return f"{datetime.fromtimestamp(self.time_ms / 1000, UTC):%H:%M:%S.%f}"[:-3]


def to_lines(lines: Iterable[LogLine]) -> list[Line]:
    return [
        Line(line.time_ns / 1e6, plain(line.text))
        if line.kind == "line"
        else Line(line.time_ns / 1e6, words_of(line), line.code)
        for line in lines
    ]
