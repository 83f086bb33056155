"""The frames of the log socket, ready to be encoded.

A row is [stream, ms, ns, mark, text]: milliseconds since the epoch (0: none) and the nanoseconds that
remain; mark "" for a line, "late" for one that comes after a later one, else a notice's code, whose text
is a sentence. Stream -1: a notice of the whole view.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.error_pages import say
from dashboard.log_words import words_of
from sidecars.ansi import keep_colours
from sidecars.cluster.logs import OF_ALL, LogFrame, LogSource, StreamState
from sidecars.errors import SidecarsError
from sidecars.loglines import LogLine

Row = tuple[int, int, int, str, str]


def lines_frame(
    rows: Sequence[Row],
    cursors: Mapping[str, str] | None = None,
    behind_s: float = 0.0,
    has_more: bool = False,
) -> dict[str, Any]:
    return {
        "type": "lines",
        "rows": rows,
        "cursors": cursors or {},
        "behind_s": round(behind_s, 1),
        "more": has_more,
    }


def streams_frame(states: Sequence[StreamState], available: int) -> dict[str, Any]:
    streams = [
        {
            "id": one.number,
            "key": one.stream.key,
            "namespace": one.stream.target.namespace,
            "pod": one.stream.target.pod,
            "container": one.stream.target.container,
            "role": one.stream.role,
            "node": one.stream.node,
            "state": one.state,
            "detail": one.detail,
        }
        for one in states
    ]
    return {"type": "streams", "streams": streams, "available": available}


def rows_of(frame: LogFrame) -> list[Row]:
    rows: list[Row] = []
    late = frame.late
    for index, (_key, number, line) in enumerate(frame.rows):
        ms, ns = divmod(line.time_ns, 1_000_000)
        if line.code:
            rows.append((number, ms, ns, line.code, words_of(line)))
        elif index < late and ms:
            rows.append((number, ms, ns, "late", keep_colours(line.text)))
        else:
            rows.append((number, ms, ns, "", keep_colours(line.text)))
    return rows


def problem_rows(frame: LogFrame) -> list[Row]:
    """Of streams that were refused just now."""
    return [
        (number, 0, 0, "refused", _refused(say(e.sentence, e.parameters))) for number, e in frame.problems
    ]


def source_rows(problems: Sequence[tuple[LogSource, SidecarsError]]) -> list[Row]:
    """What the address names and cannot be read, beside what can."""
    return [
        (
            OF_ALL,
            0,
            0,
            "refused",
            f"{source.resource}/{source.namespace}/{source.name}: {_refused(say(e.sentence, e.parameters))}",
        )
        for source, e in problems
    ]


def _refused(reason: str) -> str:
    return words_of(LogLine(0, reason, "notice", "refused"))
