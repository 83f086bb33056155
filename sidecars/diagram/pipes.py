"""Drawing of mounts as pipes between cards and tanks, and of the files that flow through them."""

from sidecars.diagram.markup import Pen
from sidecars.diagram.parts import Scene
from sidecars.diagram.placed import Box, Stem, Stream


def draw_stems(scene: Scene) -> None:
    for stem in scene.placed.stems:
        if stem.id not in scene.without:
            box = Box(stem.x - 8, stem.top, 16, stem.bottom - stem.top)
            with scene.element(stem.id, "k-stem", box, 4, kind=stem.kind.value, stop=False):
                _draw_stem(scene.pen, stem)


def _draw_stem(pen: Pen, stem: Stem) -> None:
    x, middle = stem.x, stem.top + 26
    pen.path("behind", f"M{x:g} {stem.top + 1:g}V{stem.bottom + 4:g}")
    pen.path(f"line line-{stem.mode}", f"M{x:g} {stem.top:g}V{stem.bottom + 4:g}")
    if not stem.arrows:
        return
    both = stem.arrows == "rw"
    pen.rect("gap", Box(x - 8, middle - 13, 16, 26 if both else 18), 0)
    flows = dict(stem.flows)
    _arrow(pen, flows.get("up"), f"M{x - 5:g} {middle - 2:g}l5 -6l5 6")
    if both:
        _arrow(pen, flows.get("down"), f"M{x - 5:g} {middle + 6:g}l5 6l5 -6")


def _arrow(pen: Pen, guess: bool | None, steps: str) -> None:
    """May: a chevron. Does, by its own configuration: a filled triangle; an open one if inferred."""
    if guess is None:
        pen.path("chevron", steps)
    else:
        pen.path("chevron way-guess" if guess else "chevron way", f"{steps}z")


def draw_streams(scene: Scene) -> None:
    for tank in scene.placed.tanks:
        for stream in tank.streams:
            if not {tank.id, *_flows_of(scene, stream)} & scene.without:
                with scene.element(stream.id, "k-stream", stream.box, 12, kind=stream.kind.value):
                    _draw_stream(scene.pen, stream)


def _flows_of(scene: Scene, stream: Stream) -> set[str]:
    """Itself; for a line that stands for several, none: it stays."""
    return set() if stream.id in scene.placed.folded.values() else {stream.id}


def _draw_stream(pen: Pen, stream: Stream) -> None:
    pen.rect("stream stream-guess" if stream.is_inferred else "stream", stream.box, 12)
    pen.icon(stream.icon)
    for label in stream.labels:
        pen.label(label)
