"""Sockets from the left and plugs from the right on a card's top edge, folded where they meet."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from sidecars.diagram import geometry as g
from sidecars.diagram.measures import CODE as NAME
from sidecars.diagram.measures import METER, NUMBER, WORD, shorten, width
from sidecars.diagram.names import (
    address,
    call_id,
    more_calls_id,
    more_ports_id,
    numbered,
    port_id,
    target_id,
)
from sidecars.diagram.words import Words
from sidecars.topology import Container, Edge

SOCKET_START = g.SOCKET_INSET - 15
PLUG_END = 9.0
NARROWEST = 29.0  # less than any socket or plug takes


class Opening(msgspec.Struct, frozen=True, gc=False):
    """A socket to be placed: `x` is its jack, from the card's left edge."""

    id: str
    number: str
    name: str
    look: str
    x: float = 0.0
    wide: float = 0.0


class Outlet(msgspec.Struct, frozen=True, gc=False):
    """A plug to be placed: `x` is its middle, from the card's left edge."""

    id: str
    word: str
    number: str
    time: str = ""  # when it was observed
    x: float = 0.0
    wide: float = 0.0


class TopEdge(msgspec.Struct, frozen=True, gc=False):
    """What stands on one card's top edge; `folded` maps what is not shown to what stands for it."""

    openings: tuple[Opening, ...]
    outlets: tuple[Outlet, ...]
    folded: tuple[tuple[str, str], ...]


Clashes = Mapping[tuple[int, str], Sequence[str]]  # port and protocol -> containers


def openings_of(
    container: Container, called: Sequence[Edge], clashing: Clashes, words: Words
) -> list[Opening]:
    """Declared ports, then those that only a call speaks of; `called` are the calls to this container."""
    clashes = {port for port, names in clashing.items() if container.name in names} if clashing else ()
    found: dict[str, Opening] = {}
    for port in container.ports:
        is_clash = (port.number, port.protocol) in clashes
        name = words.port_clash if is_clash else port.name
        if port.host_port:
            name = f"{name} hostPort {port.host_port}".strip()
        key = port_id(container.name, port.number, port.protocol)
        number = numbered(port.number, port.protocol)
        found.setdefault(key, Opening(key, number, name, "clash" if is_clash else "declared"))
    for edge in called:
        spoken = target_id(edge)
        if spoken and spoken not in found:
            found[spoken] = Opening(spoken, shorten(_address(edge), NUMBER, 110), "", "undeclared")
    return list(found.values())


def outlets_of(calls: Sequence[Edge], words: Words, seen_at: str) -> list[Outlet]:
    return [
        Outlet(
            call_id(edge),
            words.inferred if edge.kind == "inferred" else words.calls,
            shorten(_address(edge), NUMBER, 96),
            seen_at if edge.kind == "observed" else "",
        )
        for edge in calls
    ]


def _address(edge: Edge) -> str:
    """Of a socket in a folder its name alone."""
    return address(edge) if edge.port is not None else edge.path.rsplit("/", 1)[-1] or edge.path


def fit(container: str, openings: list[Opening], outlets: list[Outlet], room: float) -> TopEdge:
    """All with names and times; else without; else with sockets' names cut; else as many as fit, and one
    pill for the rest.
    """
    if placed := _place(container, openings, outlets, len(openings), len(outlets), room):
        return placed
    bare = [replace(o, name=o.name if o.look == "clash" else "") for o in openings]
    silent = [replace(o, name="") for o in openings]
    plain = [replace(o, time="") for o in outlets]
    for sockets, plugs in (
        (bare, outlets),
        (openings, plain),
        (bare, plain),
        (silent, plain),
        *((silent, [replace(o, number=shorten(o.number, NUMBER, most)) for o in plain]) for most in (80, 62)),
    ):
        if placed := _place(container, sockets, plugs, len(openings), len(outlets), room):
            return placed
    shown, called = _beginning(len(openings), room), _beginning(len(outlets), room)
    while shown or called:
        if called >= shown:
            called = _fewer(called, len(outlets))
        else:
            shown = _fewer(shown, len(openings))
        if placed := _place(container, silent, plain, shown, called, room):
            return placed
    return TopEdge((), (), ())


def _beginning(whole: int, room: float) -> int:
    """How many to begin with: of thousands, not more than just do not fit."""
    too_many = int(room / NARROWEST) + 2
    return whole if whole <= too_many + 2 else too_many


def _fewer(shown: int, whole: int) -> int:
    """A pill for one hidden port would save nothing, so the first step hides two."""
    return max(0, shown - 2) if shown == whole else shown - 1


def _place(
    container: str, openings: list[Opening], outlets: list[Outlet], shown: int, called: int, room: float
) -> TopEdge | None:
    """The first plug's middle is 66 from the right, or it stands at the end; None if all meet."""
    sockets, plugs, folded = _fold(container, openings, outlets, shown, called)
    placed_sockets, left = _from_left(sockets)
    for inset in (g.PLUG_INSET, 0.0) if plugs else (0.0,):
        placed_plugs, right = _from_right(plugs, room, inset)
        if left <= (right if plugs else room - 6):
            return TopEdge(placed_sockets, placed_plugs, folded)
    return None


def _fold(
    container: str, openings: list[Opening], outlets: list[Outlet], shown: int, called: int
) -> tuple[list[Opening], list[Outlet], tuple[tuple[str, str], ...]]:
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
    return sockets, plugs, tuple(folded)


def _from_left(sockets: list[Opening]) -> tuple[tuple[Opening, ...], float]:
    """Placed sockets, and where the last one ends with a gap."""
    left, placed = SOCKET_START, []
    for socket in sockets:
        wide = _socket_width(socket)
        placed.append(Opening(socket.id, socket.number, socket.name, socket.look, left + 15, wide))
        left += wide + g.PORT_GAP
    return tuple(placed), left if sockets else 0.0


def _from_right(plugs: list[Outlet], room: float, inset: float) -> tuple[tuple[Outlet, ...], float]:
    """Placed plugs, and where the leftmost one begins."""
    right, placed = room - PLUG_END, list[Outlet]()
    for plug in reversed(plugs):
        wide = _plug_width(plug)
        middle = right - wide / 2 if placed else min(right - wide / 2, room - inset)
        placed.append(Outlet(plug.id, plug.word, plug.number, plug.time, middle, wide))
        right = middle - wide / 2 - g.PORT_GAP
    return tuple(reversed(placed)), right + g.PORT_GAP


def _socket_width(socket: Opening) -> float:
    name = 7 + width(socket.name, NAME) if socket.name else 0
    icon = 18 if socket.look == "clash" else 0
    return 29 + icon + width(socket.number, NUMBER) + name + 11


def _plug_width(plug: Outlet) -> float:
    time = 7 + width(plug.time, METER) if plug.time else 0
    return 29 + width(plug.word, WORD) + 6 + width(plug.number, NUMBER) + time + 11
