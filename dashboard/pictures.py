"""Two drawings of a change in one layout, so that what stays does not move."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.templatetags.static import static
from django.utils.translation import gettext

from sidecars.diagram.layout import lay_out
from sidecars.diagram.marks import compare
from sidecars.diagram.markup import Picture
from sidecars.diagram.svg import draw
from sidecars.diagram.words import Words
from sidecars.topology import Pod


@dataclass(frozen=True, slots=True)
class Pictures:
    before: Picture
    after: Picture


def draw_change(before: Pod, after: Pod, *, is_removal: bool = False) -> Pictures:
    """Attach: both in the layout of what will be. Undo: both in the layout of what is."""
    words = Words().translated(gettext)
    marks = compare(before, after)
    placed = lay_out(before if is_removal else after, words)
    gone = _with(marks, "removed")
    new = _with(marks, "added")
    sprite = static("icons.svg")

    def picture(marks: Mapping[str, str], without: frozenset[str]) -> Picture:
        return draw(placed, sprite=sprite, link=lambda _id: "#topology", marks=marks, without=without)

    if is_removal:
        return Pictures(picture(marks, frozenset()), picture({}, gone))
    return Pictures(picture({}, new), picture(marks, frozenset()))


def _with(marks: Mapping[str, str], kind: str) -> frozenset[str]:
    return frozenset(element for element, mark in marks.items() if mark == kind)
