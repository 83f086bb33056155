"""Drawing of cards, mounts and tanks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from sidecars.diagram import geometry as g
from sidecars.diagram.markup import Pen
from sidecars.diagram.measures import NUMBER, STRONG
from sidecars.diagram.placed import Box, Bundle, Card, Icon, Label, Meter, Placed, Row, Tank
from sidecars.topology import Role, State

SIGNS = {"added": "+", "changed": "~", "removed": "−"}


@dataclass(frozen=True, slots=True)
class Scene:
    pen: Pen
    placed: Placed
    link: Callable[[str], str]
    selected: str | None
    lit: frozenset[str]
    marks: Mapping[str, str]
    without: frozenset[str]
    prefix: str

    def on(self, *ids: str) -> str:
        return " on" if self.lit and self.lit.intersection(ids) else ""

    def element(
        self, id_: str, classes: str, shape: Box, radius: float, *, kind: str = "", stop: bool = True
    ) -> "Element":
        """One link around all that is drawn inside; `stop` puts it into the tab order."""
        return Element(self, id_, classes, shape, radius, kind, stop)

    def begin(self, element: "Element") -> None:
        id_, stop, kind = element.id, element.stop, element.kind
        pen, tag = self.pen, "a" if self.pen.links else "g"
        look = f"el {element.classes}{self.on(id_)}"
        if pen.links:
            related = f" {self.prefix}".join(self.placed.related.get(id_, (id_,)))
            more = {} if stop else {"tabindex": "-1"}
            if id_ == self.selected:
                more["aria_current"] = "true"
            own, where = self.prefix + id_, self.link(id_)
            pen.open(tag, look, kind, id=own, href=where, data_rel=self.prefix + related, **more)
        else:
            pen.open(tag, look, kind)
        mark = self.marks.get(id_, "")
        said = self.placed.titles.get(id_, "")
        if said:
            pen.title(f"{said} ({self.placed.words[mark]})" if mark else said)
        if pen.links and stop:
            pen.rect("ring", element.shape, element.radius, 4)

    def end(self, element: "Element") -> None:
        mark = self.marks.get(element.id, "")
        if mark in SIGNS and element.stop:
            self._mark(mark, element.shape, element.radius)
        self.pen.close("a" if self.pen.links else "g")

    def _mark(self, mark: str, shape: Box, radius: float) -> None:
        self.pen.rect(f"mark mark-{mark}", shape, radius, 2)
        self.pen.circle(f"badge-{mark}", shape.x, shape.y, 9)
        self.pen.label(Label(shape.x, shape.y + 4.3, SIGNS[mark], NUMBER, "middle", "on-mark"))


class Element(msgspec.Struct, gc=False):
    scene: Scene
    id: str
    classes: str
    shape: Box
    radius: float
    kind: str
    stop: bool

    def __enter__(self) -> None:
        self.scene.begin(self)

    def __exit__(self, *_error: object) -> None:
        self.scene.end(self)


def draw_cards(scene: Scene) -> None:
    if scene.placed.divider:
        divider = scene.placed.divider
        scene.pen.path("divider", f"M{divider.x:g} {divider.top:g}V{divider.bottom:g}")
        scene.pen.label(divider.label)
    for card in scene.placed.cards:
        if card.id not in scene.without:
            with scene.element(card.id, "k-card", card.box, 14):
                _draw_card(scene, card)


def _draw_card(scene: Scene, card: Card) -> None:
    pen, box = scene.pen, card.box
    pen.rect(f"card {_outline(card)}".strip(), box, 14)
    look = {Role.MAIN: "main", Role.INIT: "quiet", Role.EPHEMERAL: "quiet"}.get(card.role, "side")
    side = f"v-{card.head - 14:g}a14 14 0 0 1 14 -14h{box.width - 28:g}a14 14 0 0 1 14 14v{card.head - 14:g}z"
    pen.path(f"head-{look}", f"M{box.x:g} {box.y + card.head:g}{side}")
    if look == "main" or card.state is State.FAILED:
        # The header covers the inner half of the outline.
        pen.shape(
            "rect", f"card {_outline(card)}", x=box.x, y=box.y, width=box.width, height=box.height, rx=14,
            fill_opacity=0,
        )  # fmt: skip
    pen.rect(f"role-{look}", card.chip, card.chip.height / 2)
    for icon in card.icons:
        pen.icon(icon)
    if card.start:
        pen.circle(f"start-{look}", card.start.x, card.start.y - 4, 7.5)
        pen.label(card.start)
    for label in card.labels:
        pen.label(label)
    for meter in card.meters:
        _draw_meter(pen, meter)
    if card.hairline is not None:
        pen.path("hair", f"M{box.x + 16:g} {card.hairline:g}H{box.right - 16:g}")
    for row in card.rows:
        if row.id not in scene.without:
            _draw_row(scene, row, box.bottom)
    if card.bundle:
        _draw_bundle(scene, card.bundle, box.bottom)


def _outline(card: Card) -> str:
    looks = {Role.MAIN: "card-main", Role.EPHEMERAL: "card-ephemeral"}.get(card.role, "")
    states = {State.FAILED: "card-failed", State.STARTING: "card-starting", State.PENDING: "card-starting"}
    state = "" if card.is_template else states.get(card.state, "")
    return f"{looks} {state}".strip()


def _draw_meter(pen: Pen, meter: Meter) -> None:
    for label in meter.labels:
        pen.label(label)
    if meter.part is not None:
        pen.rect("track", meter.box, 2)
        box = Box(meter.box.x, meter.box.y, max(4.0, meter.box.width * meter.part), meter.box.height)
        pen.rect("level level-hot" if meter.is_hot else "level", box, 2)


def _draw_row(scene: Scene, row: Row, bottom: float) -> None:
    pen = scene.pen
    part = {"data_part": scene.prefix + row.id} if pen.links else {}
    pen.open("g", f"row{scene.on(row.id)}", row.kind.value, **part)
    x, y = row.pin
    pen.path(f"line line-{row.mode}", f"M{row.lead:.1f} {y:g}H{x:g}V{bottom:g}")
    pen.circle(f"pin pin-{row.mode}", x, y, 4.5)
    pen.rect(f"pill pill-{row.mode}", row.pill, 5.5)
    for label in row.labels:
        pen.label(label)
    mark = scene.marks.get(row.id, "")
    if mark in SIGNS:
        pen.rect(f"mark mark-{mark}", row.pill, 5.5, 2)
    pen.close("g")


def _draw_bundle(scene: Scene, bundle: Bundle, bottom: float) -> None:
    pen = scene.pen
    rows = [row for row in bundle.rows if row.id not in scene.without]
    if not rows:
        return
    ids = [row.id for row in rows]
    part = {"data_part": " ".join(scene.prefix + id_ for id_ in ids)} if pen.links else {}
    pen.open("g", f"row{scene.on(*ids)}", rows[0].kind.value, **part)
    x, y = bundle.pin
    pen.path(f"line line-{bundle.mode}", f"M{bundle.lead:.1f} {y:g}H{x:g}V{bottom:g}")
    pen.circle(f"pin pin-{bundle.mode}", x, y, 4.5)
    pen.label(bundle.label)
    pen.close("g")


def draw_tanks(scene: Scene) -> None:
    for tank in scene.placed.tanks:
        if tank.id not in scene.without:
            with scene.element(tank.id, "k-tank", tank.box, g.TANK_CAP, kind=tank.kind.value):
                _draw_tank(scene, tank)


def _draw_tank(scene: Scene, tank: Tank) -> None:
    pen, box, r = scene.pen, tank.box, g.TANK_CAP
    left, right, half = box.x + r, box.right - r, box.height / 2
    end = f"a{r:g} {half:g} 0 0 1 0 {box.height:g}H{left:g}a{r:g} {half:g} 0 0 1 0 -{box.height:g}z"
    pen.path("tank", f"M{left:g} {box.y:g}H{right:g}{end}")
    pen.path("sheen", f"M{left + 4:g} {box.y + 6:g}H{right - r - 6:g}")
    pen.shape("ellipse", "cap", cx=right, cy=box.y + half, rx=r, ry=half)
    shown = {x: (mount, mode) for mount, x, mode in tank.pills if mount not in scene.without}
    hidden = {x for mount, x, _mode in tank.pills if mount in scene.without}
    for x, (mount, mode) in shown.items():
        part = {"data_part": scene.prefix + mount} if pen.links else {}
        pen.open("g", f"row{scene.on(mount)}", **part)
        pen.rect("collar", Box(x - 8, box.y - 3, 16, 7), 2.5)
        pen.rect(f"pill pill-{mode}", Box(x - 13, box.y + 15, 26, 18), 5.5)
        pen.close("g")
    for label in tank.labels:
        # Who reads and writes is true only with all mounts.
        if label.x not in hidden and not (hidden and label.style is STRONG):
            pen.label(label)
    draw_sticky(pen, "back-tank", tank.names, tank.icons)


def draw_sticky(pen: Pen, back: str, labels: Sequence[Label], icons: Sequence[Icon] = ()) -> None:
    """What stays in sight while the stage scrolls, on a ground that hides the lines below."""
    pen.open("g", "stick")
    if pen.links:
        boxes = [label.box for label in labels] + [Box(i.x, i.y, i.size, i.size) for i in icons]
        left, top = min(box.x for box in boxes) - 24, min(box.y for box in boxes) - 1
        right, bottom = max(box.right for box in boxes) + 8, max(box.bottom for box in boxes) + 1
        pen.rect(f"back {back}", Box(left, top, right - left, bottom - top), 5)
    for icon in icons:
        pen.icon(icon)
    for label in labels:
        pen.label(label)
    pen.close("g")


def draw_ghosts(scene: Scene) -> None:
    """Over the tanks that a line passes behind, but for those that are left out."""
    pen = scene.pen
    gone = [(tank.box.y, tank.box.bottom) for tank in scene.placed.tanks if tank.id in scene.without]
    for stem in scene.placed.stems:
        ghosts = [ghost for ghost in stem.ghosts if not any(top < ghost[0] < end for top, end in gone)]
        if ghosts and stem.id not in scene.without:
            steps = "".join(f"M{stem.x:g} {top:g}V{bottom:g}" for top, bottom in ghosts)
            part = {"data_part": scene.prefix + stem.id} if pen.links else {}
            pen.open("g", f"el k-ghost{scene.on(stem.id)}", stem.kind.value, **part)
            pen.path("ghost", steps)
            pen.close("g")


def draw_system(scene: Scene) -> None:
    chip = scene.placed.system
    if chip and chip.id not in scene.without:
        with scene.element(chip.id, "k-system", chip.box, 14):
            scene.pen.rect("system", chip.box, 14)
            scene.pen.icon(chip.icon)
            for label in chip.labels:
                scene.pen.label(label)
