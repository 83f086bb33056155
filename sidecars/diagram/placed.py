"""Placed shapes: the picture as values, in SVG units, before it is written as SVG.

Structs, as a picture has thousands.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from sidecars.diagram.measures import Style, width
from sidecars.topology import Role, State, VolumeKind

Point = tuple[float, float]


class Box(msgspec.Struct, frozen=True, gc=False):
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


class Label(msgspec.Struct, frozen=True, gc=False):
    """One line of text; `y` is its baseline, `full` the uncut text if it was cut."""

    x: float
    y: float
    text: str
    style: Style
    anchor: str = "start"  # start | middle | end
    tone: str = ""  # ok | warn | err | accent | mute | lo: a colour by meaning
    full: str = ""

    @property
    def box(self) -> Box:
        wide = width(self.text, self.style)
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        return Box(left, self.y - 0.8 * self.style.size, wide, 1.05 * self.style.size)


class Icon(msgspec.Struct, frozen=True, gc=False):
    name: str  # of the sprite
    x: float
    y: float
    size: float
    tone: str


class Line(msgspec.Struct, frozen=True, gc=False):
    """A wire of right angles; the drawing rounds its corners."""

    points: tuple[Point, ...]
    target: str = ""  # id of the socket it ends in


class Chip(msgspec.Struct, frozen=True, gc=False):
    """A Service outside the pod. `nowhere` is the end of its ports that nobody declares."""

    id: str
    box: Box
    icon: Icon
    labels: tuple[Label, ...]
    wires: tuple[Line, ...]
    nowhere: Point | None = None


class Tab(msgspec.Struct, frozen=True, gc=False):
    """Where traffic enters the shell: eth0 with the pod's address."""

    box: Box
    jacks: tuple[float, ...]
    labels: tuple[Label, ...]
    owners: tuple[str, ...]  # ids of the Services that enter here


class Socket(msgspec.Struct, frozen=True, gc=False):
    id: str
    container: str
    box: Box
    jack: Point
    labels: tuple[Label, ...]
    look: str  # declared | undeclared | clash
    icon: Icon | None = None


class Plug(msgspec.Struct, frozen=True, gc=False):
    id: str
    box: Box
    icon: Icon
    labels: tuple[Label, ...]


class Call(msgspec.Struct, frozen=True, gc=False):
    """A wire over localhost with its plug; `question` is where an unknown listener would be."""

    id: str
    wire: Line
    kind: str  # declared | inferred | observed
    plug: Plug
    owns_plug: bool  # a folded plug is an element of its own
    hops: tuple[Point, ...] = ()  # where it passes over another wire
    question: Point | None = None


class Meter(msgspec.Struct, frozen=True, gc=False):
    box: Box
    part: float | None  # of the limit; None draws no bar
    is_hot: bool
    labels: tuple[Label, ...]


class Row(msgspec.Struct, frozen=True, gc=False):
    """One mount in a card's pinout."""

    id: str
    kind: VolumeKind
    mode: str  # rw | ro
    pill: Box
    labels: tuple[Label, ...]
    lead: float  # where the line starts, right of the path
    pin: Point


class Bundle(msgspec.Struct, frozen=True, gc=False):
    """The mounts that have no row of their own: one line that ends in several tanks."""

    rows: tuple[Row, ...]
    label: Label
    lead: float
    pin: Point
    mode: str  # rw if one of them is


class Card(msgspec.Struct, frozen=True, gc=False):
    id: str
    box: Box
    role: Role
    state: State
    is_template: bool
    head: float  # height of the header
    chip: Box
    labels: tuple[Label, ...]
    icons: tuple[Icon, ...]
    meters: tuple[Meter, ...]
    hairline: float | None
    start: Label | None  # the start number, in a circle on the icon
    rows: tuple[Row, ...]
    bundle: Bundle | None

    @property
    def mounts(self) -> tuple[Row, ...]:
        return self.rows + (self.bundle.rows if self.bundle else ())


class Stem(msgspec.Struct, frozen=True, gc=False):
    """The line from a pin down to its tank; ghosts are the tanks it passes behind.

    `arrows` is the mode that its chevrons tell: "" for those of a bundle that lie under another.
    `flows` is down and up where files flow, and whether that is inferred.
    """

    id: str
    kind: VolumeKind
    mode: str
    x: float
    top: float
    bottom: float
    ghosts: tuple[tuple[float, float], ...]
    arrows: str
    flows: tuple[tuple[str, bool], ...] = ()


class Stream(msgspec.Struct, frozen=True, gc=False):
    """A flow of files on its tank: who writes which file, and who reads it."""

    id: str
    kind: VolumeKind
    box: Box
    icon: Icon
    labels: tuple[Label, ...]
    is_inferred: bool


class Tank(msgspec.Struct, frozen=True, gc=False):
    id: str
    kind: VolumeKind
    type_name: str
    box: Box
    icons: tuple[Icon, ...]
    names: tuple[Label, ...]  # name and detail: they stay in sight while the stage scrolls
    labels: tuple[Label, ...]
    pills: tuple[tuple[str, float, str], ...]  # (mount id, x, mode)
    streams: tuple[Stream, ...] = ()


class Rail(msgspec.Struct, frozen=True, gc=False):
    box: Box
    centre: float
    labels: tuple[Label, ...]
    dots: tuple[float, float]
    is_node: bool


class Divider(msgspec.Struct, frozen=True, gc=False):
    x: float
    top: float
    bottom: float
    label: Label


class SystemChip(msgspec.Struct, frozen=True, gc=False):
    id: str
    box: Box
    icon: Icon
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    width: float
    height: float
    count: int  # cards
    title: str
    description: str
    shell: Box
    notch: Box
    captions: tuple[Label, ...]  # words that belong to no element
    chips: tuple[Chip, ...]
    tabs: tuple[Tab, ...]
    rail: Rail
    cards: tuple[Card, ...]
    calls: tuple[Call, ...]
    folds: tuple[Plug, ...]  # plugs that stand for several calls
    sockets: tuple[Socket, ...]
    stems: tuple[Stem, ...]
    tanks: tuple[Tank, ...]
    system: SystemChip | None
    divider: Divider | None
    titles: Mapping[str, str]  # by element id
    related: Mapping[str, tuple[str, ...]]  # by element id, itself first
    folded: Mapping[str, str]  # id of a folded socket or plug -> id of what stands for it
    words: Mapping[str, str]  # added, changed, removed
