"""Drawing of what lies above the cards: shell, rail, Services, calls, sockets."""

from sidecars.diagram.measures import NUMBER
from sidecars.diagram.parts import Scene, draw_sticky
from sidecars.diagram.placed import Box, Call, Chip, Label, Line, Plug, Point, Socket, Tab

CORNER = 9.0


def draw_background(scene: Scene) -> None:
    pen, placed = scene.pen, scene.placed
    pen.rect("shell", placed.shell, 22)
    pen.rect("notch", placed.notch, 11)
    for caption in placed.captions:
        pen.label(caption)
    rail = placed.rail
    pen.open("g", "dim")
    pen.rect("rail rail-node" if rail.is_node else "rail", rail.box, 15)
    pen.path("dots", f"M{rail.dots[0]:.1f} {rail.centre:g}H{rail.dots[1]:.1f}")
    draw_sticky(pen, "back-node" if rail.is_node else "back-rail", rail.labels)
    pen.close("g")


def draw_services(scene: Scene) -> None:
    for chip in scene.placed.chips:
        if chip.id not in scene.without:
            with scene.element(chip.id, "k-svc", chip.box, 11):
                _draw_chip(scene, chip)
    for tab in scene.placed.tabs:
        if not set(tab.owners) <= scene.without:
            _draw_tab(scene, tab)


def _draw_chip(scene: Scene, chip: Chip) -> None:
    pen = scene.pen
    rail = scene.placed.rail.box
    for wire in chip.wires:
        if wire.target in scene.without:
            continue
        if wire.target:
            x = wire.points[-1][0]
            pen.path("halo halo-rail", f"M{x:.1f} {rail.y - 2:g}V{rail.bottom + 2:g}")
        pen.path("wire wire-ext", steps(wire))
        if wire.target:
            _arrow(scene, wire.points[-1], "ext")
    pen.rect("chip", chip.box, 11)
    pen.icon(chip.icon)
    for label in chip.labels:
        pen.label(label)
    if chip.nowhere:
        _question(scene, chip.nowhere, 9)


def _draw_tab(scene: Scene, tab: Tab) -> None:
    pen = scene.pen
    part = {"data_part": " ".join(scene.prefix + owner for owner in tab.owners)} if pen.links else {}
    pen.open("g", f"el k-tab{scene.on(*tab.owners)}", **part)
    pen.rect("tab", tab.box, 9)
    for x in tab.jacks:
        pen.circle("jack jack-ext", x, tab.box.y + 15, 6.5)
        pen.circle("core core-ext", x, tab.box.y + 15, 2.5)
    for label in tab.labels:
        pen.label(label)
    pen.close("g")


def draw_calls(scene: Scene) -> None:
    """Wires first, so that no wire runs over another one's plug."""
    for call in scene.placed.calls:
        if call.id not in scene.without:
            with scene.element(call.id, f"k-call {call.kind}", _grip(call), 9):
                _draw_call(scene, call)
    for plug in scene.placed.folds:
        calls = {call.id for call in scene.placed.calls if call.plug.id == plug.id}
        if not calls <= scene.without:
            with scene.element(plug.id, "k-call", plug.box, 9):
                _draw_plug(scene, plug, "declared")


def _draw_call(scene: Scene, call: Call) -> None:
    pen = scene.pen
    for x, y in call.hops:
        pen.path("halo halo-rail", f"M{x - 7:.1f} {y:g}H{x + 7:.1f}")
    looks = " wire-inferred" if call.kind == "inferred" else ""
    pen.path(f"wire wire-lo{looks}", steps(call.wire))
    if pen.links:
        pen.path("flow", steps(call.wire))
    if call.question:
        _question(scene, call.question, 6.8)
    else:
        _arrow(scene, call.wire.points[-1], "lo")
    if call.kind == "observed":
        pen.circle("arrow-lo", *call.wire.points[1], 4)
    if call.owns_plug:
        _draw_plug(scene, call.plug, call.kind)


def _grip(call: Call) -> Box:
    """What the focus ring goes around: the plug, or the corner where a folded wire turns."""
    if call.owns_plug:
        return call.plug.box
    x, y = call.wire.points[1]
    return Box(x - 12, y - 12, 24, 24)


def _draw_plug(scene: Scene, plug: Plug, kind: str) -> None:
    scene.pen.rect("plug plug-inferred" if kind == "inferred" else "plug", plug.box, 9)
    scene.pen.icon(plug.icon)
    for label in plug.labels:
        scene.pen.label(label)


def draw_sockets(scene: Scene) -> None:
    for socket in scene.placed.sockets:
        if socket.id not in scene.without:
            with scene.element(socket.id, "k-port", socket.box, 9):
                _draw_socket(scene, socket)


def _draw_socket(scene: Scene, socket: Socket) -> None:
    pen = scene.pen
    clash = " {0}-clash" if socket.look == "clash" else ""
    look = f"sock sock-{socket.look}" if socket.look != "declared" else "sock"
    pen.rect(look, socket.box, 9)
    pen.circle("jack" + clash.format("jack"), *socket.jack, 6.5)
    pen.circle("core" + clash.format("core"), *socket.jack, 2.5)
    if socket.icon:
        pen.icon(socket.icon)
    for label in socket.labels:
        pen.label(label)


def _arrow(scene: Scene, tip: Point, tone: str) -> None:
    x, y = tip
    scene.pen.path(f"arrow-{tone}", f"M{x - 6.5:.1f} {y - 12.5:g}h13L{x:.1f} {y + 1:g}z")


def _question(scene: Scene, at: Point, radius: float) -> None:
    scene.pen.circle("question", *at, radius)
    scene.pen.label(Label(at[0], at[1] + 4.3, "?", NUMBER, "middle", "warn"))


def steps(line: Line) -> str:
    """Right angles with rounded corners, less round where there is no room."""
    first, *middle, last = line.points
    said = [f"M{first[0]:.1f} {first[1]:.1f}"]
    before = first
    for corner, after in zip(middle, [*middle[1:], last], strict=False):
        room = min(CORNER, _distance(before, corner) / 2, _distance(corner, after) / 2)
        start, end = _toward(corner, before, room), _toward(corner, after, room)
        said.append(
            f"L{start[0]:.1f} {start[1]:.1f}Q{corner[0]:.1f} {corner[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
        )
        before = corner
    return "".join(said) + f"L{last[0]:.1f} {last[1]:.1f}"


def _distance(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _toward(start: Point, end: Point, by: float) -> Point:
    """`by` units along a horizontal or vertical way."""
    whole = _distance(start, end)
    share = by / whole if whole else 0.0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
