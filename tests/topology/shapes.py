"""Every label and every line of a picture, for checks on the layout."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from sidecars.diagram.placed import Box, Label, Placed, Stem

Segment = tuple[float, float, float, float]


def labels_in(value: object) -> Iterator[Label]:
    """All labels under a placed shape, whatever it is."""
    if isinstance(value, Label):
        if value.text:
            yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from labels_in(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from labels_in(getattr(value, field.name))


def labels_of(placed: Placed) -> list[Label]:
    """What is drawn: a folded plug once."""
    parts = [
        placed.captions,
        placed.chips,
        placed.tabs,
        placed.rail,
        placed.cards,
        placed.sockets,
        placed.tanks,
    ]
    calls = [call for call in placed.calls if call.owns_plug]
    return [
        label
        for part in (*parts, *calls, placed.folds, placed.system, placed.divider)
        for label in labels_in(part)
    ]


def call_lines(placed: Placed) -> list[Segment]:
    return [segment for call in placed.calls for segment in _segments(call.wire.points)]


def mount_lines(placed: Placed) -> list[Segment]:
    leads = [
        segment
        for card in placed.cards
        for row in card.rows
        for segment in _segments(((row.lead, row.pin[1]), row.pin, (row.pin[0], card.box.bottom)))
    ]
    stems = [segment for stem in placed.stems for segment in _between_tanks(placed, stem)]
    ghosts = [(stem.x, top, stem.x, bottom) for stem in placed.stems for top, bottom in stem.ghosts]
    return leads + stems + ghosts


def _between_tanks(placed: Placed, stem: Stem) -> Iterator[Segment]:
    """A tank covers what passes behind it, but for the ghost drawn on it."""
    top = stem.top
    for tank in placed.tanks:
        if top < tank.box.y < stem.bottom:
            yield stem.x, top, stem.x, tank.box.y
            top = tank.box.bottom
    yield stem.x, top, stem.x, stem.bottom


def service_lines(placed: Placed) -> list[Segment]:
    """From the shell inwards; above, a wire passes behind lower chips and the tab."""
    top = placed.shell.y + 15
    found = [s for chip in placed.chips for wire in chip.wires for s in _segments(wire.points)]
    return [(x1, max(y1, top), x2, max(y2, top)) for x1, y1, x2, y2 in found if max(y1, y2) > top]


def _segments(points: tuple[tuple[float, float], ...]) -> list[Segment]:
    return [(*a, *b) for a, b in zip(points, points[1:], strict=False)]


def overlap(a: Box, b: Box) -> bool:
    return a.x < b.right - 0.5 and b.x < a.right - 0.5 and a.y < b.bottom - 0.5 and b.y < a.bottom - 0.5


def crosses(line: Segment, box: Box) -> bool:
    left, right = sorted((line[0], line[2]))
    top, bottom = sorted((line[1], line[3]))
    return left < box.right - 0.5 and right > box.x + 0.5 and top < box.bottom - 0.5 and bottom > box.y + 0.5
