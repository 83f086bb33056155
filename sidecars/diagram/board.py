"""The cards' top edges: which sockets and plugs there are, and which wire ends where."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sidecars.checks import clashing_ports
from sidecars.diagram import geometry as g
from sidecars.diagram import ports, wires
from sidecars.diagram.measures import CODE, METER, NOTE, NUMBER, WORD, shorten, width
from sidecars.diagram.names import call_id, target_id
from sidecars.diagram.placed import Box, Call, Icon, Label, Line, Plug, Socket
from sidecars.diagram.words import Words
from sidecars.topology import Container, Edge, Pod, Role


class Board:
    """Horizontal places only: they are known before the heights of the bands."""

    def __init__(
        self, pod: Pod, containers: Sequence[Container], grid: g.Columns, words: Words, seen_at: str = ""
    ) -> None:
        self.grid, self.words, self.containers, self.seen_at = grid, words, containers, seen_at
        self.columns = {container.name: index for index, container in enumerate(containers)}
        self.calls = _drawn(pod, self.columns)
        self.edges: dict[str, ports.TopEdge] = {}
        self.jacks: dict[str, float] = {}
        self.plugs: dict[str, float] = {}
        self.folded: dict[str, str] = {}
        clashing = clashing_ports(pod)
        called = defaultdict[str | None, list[Edge]](list)
        calling = defaultdict[str, list[Edge]](list)
        for edge in pod.edges:
            called[edge.target].append(edge)
        for edge in self.calls:
            calling[edge.source].append(edge)
        for container in containers:
            openings = ports.openings_of(container, called[container.name], clashing, words)
            self._fit(container, openings, calling[container.name])

    def _fit(self, container: Container, openings: list[ports.Opening], own: Sequence[Edge]) -> None:
        left = self.grid.x(self.columns[container.name])
        outlets = ports.outlets_of(own, self.words, self.seen_at)
        edge = ports.fit(container.name, openings, outlets, self.grid.card_width)
        self.edges[container.name] = edge
        self.folded.update(edge.folded)
        self.jacks.update({opening.id: left + opening.x for opening in edge.openings})
        self.plugs.update({outlet.id: left + outlet.x for outlet in edge.outlets})
        for hidden, shown in edge.folded:
            places = self.jacks if shown in self.jacks else self.plugs
            places[hidden] = places[shown]

    def landings(self, served: set[float]) -> dict[str, float | None]:
        """Where each call comes down: on the jack, or beside it if another wire is there."""
        taken: dict[str, int] = defaultdict(int)
        spans = {
            opening.id: (self.jacks[opening.id], opening.wide)
            for edge in self.edges.values()
            for opening in edge.openings
        }
        found: dict[str, float | None] = {}
        for edge in self.calls:
            socket = target_id(edge)
            if socket is None or socket not in self.jacks:
                found[call_id(edge)] = None
                continue
            shown = self.folded.get(socket, socket)
            jack, wide = spans[shown]
            nth = taken[shown] + (1 if jack in served else 0)
            taken[shown] += 1
            found[call_id(edge)] = min(jack + 15 * nth, jack + wide - 25)
        return found

    def place_calls(
        self, runs: Sequence[wires.Run], verticals: Sequence[float], levels: g.Levels
    ) -> tuple[Call, ...]:
        outlets = {outlet.id: outlet for edge in self.edges.values() for outlet in edge.outlets}
        calls, rising = [], wires.rises(runs)
        for run in runs:
            shown = self.folded.get(run.id, run.id)
            points = wires.points(run, levels)
            calls.append(
                Call(
                    id=run.id,
                    wire=Line(points),
                    kind=run.edge.kind,
                    plug=_plug(outlets[shown], run.start, levels),
                    owns_plug=shown == run.id,
                    hops=wires.hops(run, rising, verticals, levels),
                    question=points[-1] if run.edge.target is None else None,
                )
            )
        return tuple(calls)

    def place_folds(self, levels: g.Levels) -> tuple[Plug, ...]:
        shown = set(self.folded.values())
        outlets = [outlet for edge in self.edges.values() for outlet in edge.outlets]
        return tuple(_plug(o, self.plugs[o.id], levels) for o in outlets if o.id in shown)

    def place_sockets(self, levels: g.Levels) -> tuple[Socket, ...]:
        return tuple(
            _socket(opening, container.name, self.jacks[opening.id], levels)
            for container in self.containers
            for opening in self.edges[container.name].openings
        )

    def no_ports(self, levels: g.Levels) -> list[Label]:
        """Said of containers that run beside others; init containers seldom have a port."""
        labels = []
        for container in self.containers:
            edge = self.edges[container.name]
            if edge.openings or container.role in (Role.INIT, Role.EPHEMERAL):
                continue
            left = self.grid.x(self.columns[container.name])
            # Above a plug that reaches under it, but never into the plug's wire.
            plugs = [outlet.x - outlet.wide / 2 for outlet in edge.outlets]
            wires_up = [outlet.x for outlet in edge.outlets]
            text = shorten(self.words.no_ports, NOTE, min([*wires_up, self.grid.card_width]) - 8 - 18)
            meets = 18 + width(text, NOTE) + 6 > min([*plugs, self.grid.card_width])
            y = levels.cards - (g.PORT_HEIGHT / 2 + 7 if meets else 12)
            if text:
                labels.append(Label(left + 18, y, text, NOTE, full=self.words.no_ports))
        return labels


def _drawn(pod: Pod, columns: Mapping[str, int]) -> list[Edge]:
    """By caller, then from left to right by target, so that plugs stand as their wires go."""
    edges = [e for e in pod.edges if e.source in columns and e.source != e.target]
    last = len(columns)
    return sorted(
        edges, key=lambda e: (columns[e.source], columns.get(e.target or "", last), e.port or 0, e.path)
    )


def _plug(outlet: ports.Outlet, x: float, levels: g.Levels) -> Plug:
    y = levels.cards
    left = x - outlet.wide / 2
    word = Label(left + 29, y + 4.5, outlet.word, WORD)
    number = Label(word.box.right + 6, y + 4.5, outlet.number, NUMBER)
    time = (Label(number.box.right + 7, y + 4.5, outlet.time, METER),) if outlet.time else ()
    box = Box(left, y - g.PORT_HEIGHT / 2, outlet.wide, g.PORT_HEIGHT)
    return Plug(outlet.id, box, Icon("plug", left + 8, y - 8, 16, "lo"), (word, number, *time))


def _socket(opening: ports.Opening, container: str, jack: float, levels: g.Levels) -> Socket:
    y = levels.cards
    left = jack + 14
    icon = None
    if opening.look == "clash":
        icon = Icon("triangle-alert", left, y - 7, 14, "err")
        left += 18
    tone = "err" if opening.look == "clash" else ""
    labels = [Label(left, y + 4.5, opening.number, NUMBER, tone=tone)]
    if opening.name:
        after = left + width(opening.number, NUMBER) + 7
        labels.append(Label(after, y + 4.5, opening.name, CODE, tone=tone or "mute"))
    box = Box(jack - 15, y - g.PORT_HEIGHT / 2, opening.wide, g.PORT_HEIGHT)
    return Socket(opening.id, container, box, (jack, y), tuple(labels), opening.look, icon)
