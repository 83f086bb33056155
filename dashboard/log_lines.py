"""The lines that the server itself draws: harmless text, a time in milliseconds, notices in words.

They are the end of the view, or its beginning where the view has an end, as the socket would send it.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dashboard.log_ask import LogAsk
from dashboard.log_files import Filter
from dashboard.log_wish import wish_of
from dashboard.log_words import words_of
from sidecars import errors
from sidecars.ansi import plain
from sidecars.cluster import Cluster, LogStream
from sidecars.cluster.logs import LogWish, read_merged
from sidecars.loglines import LogLine

SHOWN_MOST = 500
LEAST_EACH = 20
LIMIT_S = 6.0


@dataclass(frozen=True, slots=True)
class Line:
    """`time_ms` 0: the line came without a time. `notice`: the code of a notice, else ""."""

    time_ms: float
    text: str
    notice: str = ""
    number: int = 0  # the stream's place on the page
    pod: str = ""
    container: str = ""

    @property
    def clock(self) -> str:
        """UTC, until the page's script writes the viewer's own time."""
        return f"{datetime.fromtimestamp(self.time_ms / 1000, UTC):%H:%M:%S.%f}"[:-3]


async def first_lines(
    cluster: Cluster, ask: LogAsk, streams: Sequence[LogStream]
) -> tuple[list[Line], errors.SidecarsError | None]:
    """What came within LIMIT_S, and what kept more away, or some of the streams."""
    shown = [(number, stream) for number, stream in enumerate(streams) if ask.shows(stream.target.container)]
    keep = filter_of(ask)
    found: deque[Line] = deque(maxlen=SHOWN_MOST)
    refused: dict[int, errors.SidecarsError] = {}
    wish = _wish(ask, len(shown), cluster)
    batches = read_merged(cluster, [stream for _number, stream in shown], wish, refused)
    try:
        async with asyncio.timeout(LIMIT_S), aclosing(batches):
            async for batch in batches:
                for place, line in batch:
                    if line.kind != "line" or keep.admits(line.text):
                        found.append(to_line(line, *shown[place]))
    except (errors.SidecarsError, TimeoutError) as error:
        return list(found), error if isinstance(error, errors.SidecarsError) else errors.Busy()
    return list(found), next(iter(refused.values()), None)


def _wish(ask: LogAsk, count: int, cluster: Cluster) -> LogWish:
    """No more of each than could be drawn; of a view with an end its tail is not the file's."""
    asked = SHOWN_MOST if ask.tail_lines is None else ask.tail_lines
    each = min(asked, max(LEAST_EACH, SHOWN_MOST // max(count, 1)))
    return replace(wish_of(ask, cluster), tail_lines=ask.tail_lines if ask.until else each)


def filter_of(ask: LogAsk) -> Filter:
    """A regular expression is the browser's own business, and so is what is only highlighted."""
    is_ours = ask.mode == "filter" and not ask.is_regex
    return Filter(ask.search if is_ours else "", ask.has_case, ask.is_inverted)


def to_line(line: LogLine, number: int, stream: LogStream) -> Line:
    text, notice = (plain(line.text), "") if line.kind == "line" else (words_of(line), line.code)
    return Line(line.time_ns / 1e6, text, notice, number, stream.target.pod, stream.target.container)
