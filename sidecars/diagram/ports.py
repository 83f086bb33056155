"""Sockets from the left and plugs from the right on a card's top edge, folded where they meet."""

from collections.abc import Sequence
from dataclasses import dataclass

from sidecars.checks import clashing_ports
from sidecars.diagram import geometry as g
from sidecars.diagram.measures import CODE as NAME
from sidecars.diagram.measures import NUMBER, WORD, shorten, width
from sidecars.diagram.names import call_id, more_calls_id, more_ports_id, port_id, target_id
from sidecars.diagram.words import Words
from sidecars.topology import Container, Edge, Pod

SOCKET_START = g.SOCKET_INSET - 15
PLUG_END = 9.0


@dataclass(frozen=True, slots=True)
class Opening:
    """A socket to be placed: `x` is its jack, from the card's left edge."""

    id: str
    number: str
    name: str
    look: str
    x: float = 0.0
    wide: float = 0.0


@dataclass(frozen=True, slots=True)
class Outlet:
    """A plug to be placed: `x` is its middle, from the card's left edge."""

    id: str
    word: str
    number: str
    x: float = 0.0
    wide: float = 0.0


@dataclass(frozen=True, slots=True)
class TopEdge:
    """What stands on one card's top edge; `folded` maps what is not shown to what stands for it."""

    openings: tuple[Opening, ...]
    outlets: tuple[Outlet, ...]
    folded: tuple[tuple[str, str], ...]


def openings_of(pod: Pod, container: Container, words: Words) -> list[Opening]:
    """Declared ports, then those that only a call speaks of."""
    clashes = {port for port, names in clashing_ports(pod).items() if container.name in names}
    found: dict[str, Opening] = {}
    for port in container.ports:
        clashing = (port.number, port.protocol) in clashes
        name = words.port_clash if clashing else port.name
        if port.protocol != "TCP":
            name = f"{name} {port.protocol}".strip()
        key = port_id(container.name, port.number, port.protocol)
        found.setdefault(key, Opening(key, f":{port.number}", name, "clash" if clashing else "declared"))
    for edge in pod.edges:
        key = target_id(edge) if edge.target == container.name else None
        if key and key not in found:
            number = f":{edge.port}" if edge.port else edge.path.rsplit("/", 1)[-1]
            found[key] = Opening(key, shorten(number, NUMBER, 110), "", "undeclared")
    return list(found.values())


def outlets_of(calls: Sequence[Edge], words: Words) -> list[Outlet]:
    return [
        Outlet(
            call_id(edge),
            words.inferred if edge.kind == "inferred" else words.calls,
            f":{edge.port}" if edge.port else shorten(edge.path.rsplit("/", 1)[-1], NUMBER, 80),
        )
        for edge in calls
    ]


def fit(container: str, openings: list[Opening], outlets: list[Outlet], room: float) -> TopEdge:
    """All with names; else without names; else as many as fit, and one pill for the rest."""
    bare = [Opening(o.id, o.number, o.name if o.look == "clash" else "", o.look) for o in openings]
    for candidates in (openings, bare):
        if placed := _place(container, candidates, outlets, len(openings), len(outlets), room):
            return placed
    shown, called = len(openings), len(outlets)
    while shown or called:
        if called >= shown:
            called = 0 if called in (1, 2) and len(outlets) > 1 else called - 1
        else:
            shown = 0 if shown in (1, 2) and len(openings) > 1 else shown - 1
        if placed := _place(container, bare, outlets, shown, called, room):
            return placed
    return TopEdge((), (), ())


def _place(
    container: str, openings: list[Opening], outlets: list[Outlet], shown: int, called: int, room: float
) -> TopEdge | None:
    """None if they would meet."""
    sockets, hidden = openings[:shown], openings[shown:]
    plugs, silent = outlets[:called], outlets[called:]
    folded: list[tuple[str, str]] = []
    if hidden:
        look = "clash" if any(o.look == "clash" for o in hidden) else "declared"
        more = Opening(more_ports_id(container), f"+{len(hidden)}", "", look)
        folded += [(o.id, more.id) for o in hidden]
        sockets = [*sockets, more]
    if silent:
        rest = Outlet(more_calls_id(container), silent[0].word, f"+{len(silent)}")
        folded += [(o.id, rest.id) for o in silent]
        plugs = [rest, *plugs]
    left, placed_sockets = SOCKET_START, []
    for socket in sockets:
        wide = _socket_width(socket)
        placed_sockets.append(Opening(socket.id, socket.number, socket.name, socket.look, left + 15, wide))
        left += wide + g.PORT_GAP
    right, placed_plugs = room - PLUG_END, []
    for plug in reversed(plugs):
        wide = _plug_width(plug)
        middle = min(right - wide / 2, room - g.PLUG_INSET if right == room - PLUG_END else right)
        placed_plugs.append(Outlet(plug.id, plug.word, plug.number, middle, wide))
        right = middle - wide / 2 - g.PORT_GAP
    if left - g.PORT_GAP > min(right + g.PORT_GAP, room) - (g.PORT_GAP if plugs else 6):
        return None
    return TopEdge(tuple(placed_sockets), tuple(reversed(placed_plugs)), tuple(folded))


def _socket_width(socket: Opening) -> float:
    name = 7 + width(socket.name, NAME) if socket.name else 0
    icon = 18 if socket.look == "clash" else 0
    return 29 + icon + width(socket.number, NUMBER) + name + 11


def _plug_width(plug: Outlet) -> float:
    return 29 + width(plug.word, WORD) + 6 + width(plug.number, NUMBER) + 11
