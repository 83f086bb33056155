"""Placed shapes -> SVG, for a page or as a file of its own."""

from collections.abc import Callable, Collection, Mapping

from sidecars.diagram import bands, parts, pipes
from sidecars.diagram.markup import InkPen, Pen, Picture
from sidecars.diagram.measures import WORD
from sidecars.diagram.parts import Scene
from sidecars.diagram.placed import Label, Placed

WIDEST = 8  # cards; above, the picture keeps its size and the stage scrolls
XMLNS = "http://www.w3.org/2000/svg"


def draw(
    placed: Placed,
    *,
    sprite: str,
    link: Callable[[str], str],
    selected: str | None = None,
    marks: Mapping[str, str] | None = None,
    without: Collection[str] = (),
    prefix: str = "",
) -> Picture:
    """For a page: links, classes, ids. `link` gives the address that selects an element.

    `marks` says added, changed or removed by element id; `without` leaves elements out and
    their places empty. `prefix` keeps the ids of two pictures on one page apart.
    """
    chosen = placed.folded.get(selected, selected) if selected else ""
    lit = frozenset(placed.related.get(chosen, ()))
    pen = Pen(sprite)
    scene = Scene(pen, placed, link, chosen if lit else None, lit, marks or {}, frozenset(without), prefix)
    wide = f"n{placed.count}" if placed.count <= WIDEST else "wide"
    classes = f"topo {wide}" + (" hot pinned" if lit else "")
    pen.open(
        "svg", classes, xmlns=XMLNS, viewBox=_view(placed), width=placed.width, height=placed.height,
        role="group", aria_labelledby=f"{prefix}topo-title", aria_describedby=f"{prefix}topo-about",
    )  # fmt: skip
    pen.title(placed.title, id_=f"{prefix}topo-title")
    pen.title(placed.description, "desc", f"{prefix}topo-about")
    _draw_all(scene)
    pen.close("svg")
    return pen.finish()


def draw_standalone(placed: Placed, theme: str = "light", *, caption: str = "") -> Picture:
    """A file: colours as attributes, no links. `caption` says the name, context and time."""
    pen = InkPen(theme)
    scene = Scene(pen, placed, str, None, frozenset(), {}, frozenset(), "")
    height = placed.height + (28 if caption else 6)
    pen.open("svg", xmlns=XMLNS, viewBox=_view(placed, height), width=placed.width, height=height)
    pen.title(placed.title)
    pen.title(placed.description, "desc")
    pen.shape("rect", "notch", width=placed.width, height=height, stroke="none")
    _draw_all(scene)
    if caption:
        pen.label(Label(placed.width - 24, placed.height + 14, caption, WORD, "end"))
    pen.close("svg")
    return pen.finish()


def _view(placed: Placed, height: float | None = None) -> str:
    return f"0 0 {placed.width:g} {height or placed.height:g}"


def _draw_all(scene: Scene) -> None:
    """In tab order: Services, containers, calls, ports, volumes."""
    bands.draw_background(scene)
    bands.draw_services(scene)
    parts.draw_cards(scene)
    bands.draw_calls(scene)
    bands.draw_sockets(scene)
    pipes.draw_stems(scene)
    parts.draw_tanks(scene)
    parts.draw_ghosts(scene)
    pipes.draw_streams(scene)
    parts.draw_system(scene)
