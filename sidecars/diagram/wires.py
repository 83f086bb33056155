"""Calls along the localhost rail: lanes, so that no two wires lie on each other."""

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from math import inf

import msgspec

from sidecars.diagram import geometry as g
from sidecars.diagram.names import call_id
from sidecars.topology import Edge

QUESTION_RUN = 34.0


class Run(msgspec.Struct, frozen=True, gc=False):
    """A call on the rail from x to x; `lane` 0 is nearest to the cards."""

    edge: Edge
    id: str
    start: float
    end: float
    lane: int = 0

    @property
    def span(self) -> tuple[float, float]:
        return min(self.start, self.end), max(self.start, self.end)


def plan_runs(
    calls: Sequence[Edge],
    plugs: Mapping[str, float],
    landings: Mapping[str, float | None],
    right: float,
) -> tuple[Run, ...]:
    """Short runs get low lanes, so that nested wires do not cross."""
    runs = []
    for edge in calls:
        key = call_id(edge)
        start, end = plugs[key], landings[key]
        if end is None:
            end = start + QUESTION_RUN if start + QUESTION_RUN < right - 14 else start - QUESTION_RUN
        runs.append(Run(edge, key, start, end))
    return assign_lanes(runs)


def assign_lanes(runs: Sequence[Run]) -> tuple[Run, ...]:
    order = sorted(runs, key=lambda run: (run.span[1] - run.span[0], run.span, run.id))
    lanes: list[list[tuple[float, float]]] = []
    chosen: dict[str, int] = {}
    for run in order:
        left, right = run.span
        lane = next((n for n, taken in enumerate(lanes) if _is_free(taken, left, right)), len(lanes))
        if lane == len(lanes):
            lanes.append([])
        insort(lanes[lane], (left, right))
        chosen[run.id] = lane
    return tuple(Run(r.edge, r.id, r.start, r.end, chosen[r.id]) for r in runs)


def _is_free(taken: Sequence[tuple[float, float]], left: float, right: float) -> bool:
    """`taken` are sorted and apart, so that the last one that begins before our end decides."""
    place = bisect_right(taken, (right + 12, inf))
    return place == 0 or taken[place - 1][1] + 12 < left


def rail_height(runs: Sequence[Run], *, label_row: bool) -> float:
    lanes = 1 + max((run.lane for run in runs), default=0)
    return g.RAIL_HEIGHT + g.LANE * (lanes - 1) + (16.0 if label_row else 0.0)


def lane_y(levels: g.Levels, lane: int) -> float:
    return levels.rail + levels.rail_height - g.RAIL_HEIGHT / 2 - g.LANE * lane


def points(run: Run, levels: g.Levels) -> tuple[tuple[float, float], ...]:
    """From the plug up, along, and down to the socket, or to a question mark on the rail."""
    edge = levels.cards - g.PORT_HEIGHT / 2
    y = lane_y(levels, run.lane)
    if run.edge.target is None:
        return (run.start, edge), (run.start, y), (run.end, y)
    return (run.start, edge), (run.start, y), (run.end, y), (run.end, edge - 2)


def rises(runs: Sequence[Run]) -> Mapping[float, int]:
    """Where wires stand upright, and up to which lane the highest there goes."""
    found: dict[float, int] = {}
    for run in runs:
        for x in (run.start,) if run.edge.target is None else (run.start, run.end):
            found[x] = max(run.lane, found.get(x, 0))
    return found


def hops(
    run: Run, rising: Mapping[float, int], verticals: Sequence[float], levels: g.Levels
) -> tuple[tuple[float, float], ...]:
    """Where this wire passes over another: Services' wires, and calls from lower to higher lanes."""
    left, right = run.span
    crossed = [x for x in verticals if left + 6 < x < right - 6]
    crossed += [x for x, lane in rising.items() if lane > run.lane and left + 6 < x < right - 6]
    y = lane_y(levels, run.lane)
    return tuple((x, y) for x in sorted(set(crossed)))
