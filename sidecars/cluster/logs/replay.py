"""What is new in a chunk of the ring to somebody who has read the log himself meanwhile."""

from collections import deque
from collections.abc import Iterable

from sidecars.logknown import Position
from sidecars.loglines import LogLine
from sidecars.logring import Chunk


def new_of(position: Position, chunk: Chunk) -> tuple[LogLine, ...]:
    """The position takes note of them; the chunk's own tuple if all are new."""
    if chunk.instance in position.passed:
        return ()
    own = [line for line in chunk.lines if line.kind == "line"]
    times, texts, _keys = position.take([line.time_ns for line in own], [line.text for line in own])
    new = deque(zip(times, texts, strict=True))
    has_restarted = chunk.instance == position.container_id
    kept: list[LogLine] = []
    for line in chunk.lines:
        if line.kind != "line":
            if not (line.code == "restart" and has_restarted):
                kept.append(line)
        elif new and new[0] == (line.time_ns, line.text):
            new.popleft()
            kept.append(line)
    return chunk.lines if len(kept) == len(chunk.lines) else tuple(kept)


def count_lines(lines: Iterable[LogLine]) -> int:
    return sum(line.kind == "line" for line in lines)
