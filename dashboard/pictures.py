"""Two drawings of a change in one layout, so that what stays does not move."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.templatetags.static import static
from django.utils.translation import gettext

from sidecars.diagram.layout import lay_out
from sidecars.diagram.marks import compare
from sidecars.diagram.markup import Picture
from sidecars.diagram.placed import Placed
from sidecars.diagram.svg import draw
from sidecars.diagram.words import Words
from sidecars.topology import Pod


@dataclass(frozen=True, slots=True)
class Pictures:
    before: Picture
    after: Picture


def draw_change(before: Pod, after: Pod, *, is_removal: bool = False) -> Pictures:
    """Attach: both in the layout of what will be. Undo: both in the layout of what is.

    Where something comes and something goes, neither layout has a place for all: each has its own.
    """
    words = Words().translated(gettext)
    marks = compare(before, after)
    gone = _with(marks, "removed")
    new = _with(marks, "added")
    has_both = bool(gone and new)
    placed = lay_out(before if is_removal else after, words)
    placed_before = lay_out(before, words) if has_both else placed
    sprite = static("icons.svg")

    def picture(marks: Mapping[str, str], without: frozenset[str], where: Placed = placed) -> Picture:
        return draw(where, sprite=sprite, link=lambda _id: "#topology", marks=marks, without=without)

    if has_both and not is_removal:
        return Pictures(picture(_only(marks, gone), frozenset(), placed_before), picture(marks, frozenset()))
    if is_removal:
        return Pictures(picture(marks, frozenset()), picture({}, gone))
    return Pictures(picture({}, new), picture(marks, frozenset()))


def _only(marks: Mapping[str, str], elements: frozenset[str]) -> dict[str, str]:
    return {element: mark for element, mark in marks.items() if element in elements}


def _with(marks: Mapping[str, str], kind: str) -> frozenset[str]:
    return frozenset(element for element, mark in marks.items() if mark == kind)
