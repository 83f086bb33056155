"""The legend: only what the picture holds."""

from collections.abc import Iterator

from sidecars.diagram.markup import Pen, Picture, clean
from sidecars.diagram.measures import MODE, NUMBER
from sidecars.diagram.placed import Box, Label, Placed
from sidecars.diagram.words import Words


def draw_legend(placed: Placed, words: Words, *, sprite: str = "") -> Picture:
    """An HTML list; each entry is a small picture and its words."""
    entries = [*_network(placed, words), *_storage(placed, words)]
    items = "".join(f"<li>{drawn}{clean(said)}</li>" for drawn, said in entries)
    return Picture(f'<ul class="legend">{items}</ul>')


def _open(width: int, height: int) -> Pen:
    pen = Pen("")
    pen.open("svg", "topo", width=width, height=height, aria_hidden="true")
    return pen


def _close(pen: Pen) -> Picture:
    pen.close("svg")
    return pen.finish()


def _network(placed: Placed, words: Words) -> Iterator[tuple[Picture, str]]:
    if placed.sockets:
        pen = _open(22, 16)
        pen.rect("sock", Box(1, 1, 20, 14), 5)
        pen.circle("jack", 8, 8, 3.6)
        yield _close(pen), words.declared_port
    if any(chip.wires for chip in placed.chips):
        yield _arrow("wire wire-ext", "arrow-ext"), words.from_service
    kinds = {call.kind for call in placed.calls}
    if "declared" in kinds:
        yield _arrow("wire wire-lo", "arrow-lo"), words.over_localhost
    if "inferred" in kinds:
        yield _arrow("wire wire-lo wire-inferred", "arrow-lo"), words.inferred_call
    if "observed" in kinds:
        yield _arrow("wire wire-lo", "arrow-lo", dot=True), words.observed_call
    if any(call.question for call in placed.calls):
        pen = _open(18, 18)
        pen.circle("question", 9, 9, 7)
        pen.label(Label(9, 13.3, "?", NUMBER, "middle", "warn"))
        yield _close(pen), words.unknown_listener


def _arrow(wire: str, arrow: str, *, dot: bool = False) -> Picture:
    pen = _open(30, 12)
    pen.path(wire, "M1 6H22")
    pen.path(arrow, "M20 .5L30 6L20 11.5z")
    if dot:
        pen.circle(arrow, 9, 6, 4)
    return _close(pen)


def _storage(placed: Placed, words: Words) -> Iterator[tuple[Picture, str]]:
    modes = {stem.mode: stem.kind.value for stem in reversed(placed.stems)}
    for mode, said in (("rw", words.reads_and_writes), ("ro", words.only_reads)):
        if mode in modes:
            pen = _open(58, 18)
            pen.open("g", "", modes[mode])
            pen.path(f"line line-{mode}", "M0 9H30")
            pen.rect(f"pill pill-{mode}", Box(33, 0.7, 24, 16.6), 5)
            pen.label(Label(45, 12.8, mode, MODE, "middle", f"{mode}-pill"))
            pen.close("g")
            yield _close(pen), said
    kinds = {stream.is_inferred: stream.kind.value for tank in placed.tanks for stream in tank.streams}
    for is_guess, said in ((False, words.file_flow), (True, words.inferred_flow)):
        if is_guess in kinds:
            pen = _open(22, 16)
            pen.open("g", "", kinds[is_guess])
            pen.rect("stream stream-guess" if is_guess else "stream", Box(1, 1, 20, 14), 7)
            pen.close("g")
            yield _close(pen), said
    first = {tank.type_name: tank for tank in reversed(placed.tanks)}
    for tank in reversed(first.values()):
        pen = _open(26, 14)
        pen.open("g", "", tank.kind.value)
        pen.path("tank", "M4 1H22a4 6 0 0 1 0 12H4a4 6 0 0 1 0 -12z")
        pen.shape("ellipse", "cap", cx=22, cy=7, rx=3.6, ry=6)
        pen.close("g")
        yield _close(pen), tank.type_name
