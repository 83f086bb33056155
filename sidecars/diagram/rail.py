"""The localhost rail: how high it is, and where its name stands."""

from collections.abc import Sequence

from sidecars.diagram import geometry as g
from sidecars.diagram import wires
from sidecars.diagram.measures import CODE, NUMBER, WORD, width
from sidecars.diagram.placed import Box, Label, Rail
from sidecars.diagram.words import Words

NAME_ROW = 16.0
SCROLLS = 1100.0  # wider than most windows: the name then follows the window, over every call
LOOPBACK = "lo 127.0.0.1"


def plan(
    shell: float, lanes: int, runs: Sequence[wires.Run], verticals: Sequence[float], right: float, name: float
) -> tuple[g.Levels, float, bool]:
    """(levels, where the name ends, whether it has a row of its own)."""
    end = _free_end(right - 16, name, verticals)
    blocked = any(right > SCROLLS or run.span[1] > end - name - 14 and run.span[0] < end + 14 for run in runs)
    height = wires.rail_height(runs, label_row=blocked)
    top = shell + g.RAIL_BELOW_SHELL + g.ENTRY_LANE * max(0, lanes - 1)
    return g.Levels(shell, top, height), end, blocked


def _free_end(right: float, wide: float, verticals: Sequence[float]) -> float:
    """As far right as no Service's wire runs through the name."""
    end = right
    for x in sorted(verticals, reverse=True):
        if end - wide - 10 < x < end + 10:
            end = x - 12
    return end if end - wide > g.LEFT else right


def name_width(words: Words, *, is_node: bool) -> float:
    if is_node:
        return width(words.node_network, WORD)
    return width(LOOPBACK, CODE) + 10 + width("localhost", NUMBER)


def place(
    levels: g.Levels, grid: g.Columns, end: float, own_row: bool, words: Words, *, is_node: bool
) -> Rail:
    box = Box(g.LEFT, levels.rail, grid.right - g.LEFT, levels.rail_height)
    first_lane = levels.rail + levels.rail_height - g.RAIL_HEIGHT / 2
    y = levels.rail + NAME_ROW if own_row else (levels.rail + levels.rail_height / 2 + 4)
    if is_node:
        labels = [Label(end, y, words.node_network, WORD, "end", "warn")]
    else:
        name = Label(end, y, "localhost", NUMBER, "end", "lo")
        labels = [name, Label(name.box.x - 10, y, LOOPBACK, CODE, "end", "mute")]
    centre = first_lane if own_row else levels.rail + levels.rail_height / 2
    stop = grid.right - 16 if own_row or end < grid.right - 20 else labels[-1].box.x - 12
    return Rail(box, centre, tuple(labels), (g.LEFT + 16, max(g.LEFT + 20, stop)), is_node)
