"""The outside band: Services over the cards they lead to, and where they enter the shell."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sidecars.diagram import geometry as g
from sidecars.diagram.measures import CODE, NOTCH, NOTE, NUMBER, TITLE, shorten, width
from sidecars.diagram.names import port_id, service_id
from sidecars.diagram.placed import Box, Chip, Icon, Label, Line, Tab
from sidecars.diagram.words import Words
from sidecars.topology import Pod, Service

EXIT_INSET = 20.0
EXIT_STEP = 36.0


@dataclass(slots=True)
class _Entry:
    """A Service on its way in."""

    service: Service
    column: int
    level: int
    straight: dict[float, str] = field(default_factory=dict)  # jacks below the chip: socket ids
    turning: list[tuple[float, float, int, str]] = field(default_factory=list)  # (exit, jack, lane, id)
    nowhere: tuple[float, int] | None = None  # (exit, lane)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outside:
    """Columns and lanes of the Services, before the heights are known."""

    entries: tuple[_Entry, ...]
    deepest: int  # chips stacked over one card
    lanes: int

    @property
    def verticals(self) -> tuple[float, ...]:
        """Where Services' wires cross the rail."""
        ends = [x for e in self.entries for x in [*e.straight, *(turn[1] for turn in e.turning)]]
        return tuple(sorted(set(ends)))

    @property
    def nowheres(self) -> tuple[float, ...]:
        return tuple(e.nowhere[0] for e in self.entries if e.nowhere)

    def is_crowded(self, grid: g.Columns) -> bool:
        """No column is left for the words "outside the pod" beside the chips."""
        return len({e.column for e in self.entries}) >= grid.count > 1

    def shell(self, top: float) -> float:
        depth = max(self.deepest, 1)
        return top + depth * (g.CHIP_HEIGHT + g.CHIP_GAP) - g.CHIP_GAP + g.SHELL_BELOW_CHIPS


def plan(pod: Pod, columns: Mapping[str, int], jacks: Mapping[str, float], grid: g.Columns) -> Outside:
    """`columns` is by container name, `jacks` the x of each socket by id."""
    entries, heights, lanes = [], defaultdict[int, int](int), 0
    exits = defaultdict[int, int](int)
    for service in pod.services:
        resolved = [port for port in service.ports if port.container in columns]
        column = columns[str(resolved[0].container)] if resolved else _emptiest(heights, grid)
        entry = _Entry(service, column, heights[column])
        heights[column] += 1
        for port in service.ports:
            socket = port_id(port.container or "", port.container_port or 0, port.protocol)
            jack = jacks.get(socket)
            if jack is None:
                entry.missing.append(port.target)
            elif columns[str(port.container)] == column:
                entry.straight[jack] = socket
            else:
                entry.turning.append((_exit(grid, column, exits), jack, lanes, socket))
                lanes += 1
        entries.append(entry)
    # Their words come below the lanes of wires that turn, which would run through them.
    for entry in entries:
        if entry.missing:
            entry.nowhere = (_exit(grid, entry.column, exits), lanes)
            lanes += 1
    return Outside(tuple(entries), max(heights.values(), default=1), lanes)


def _emptiest(heights: Mapping[int, int], grid: g.Columns) -> int:
    return min(range(max(grid.count, 1)), key=lambda column: heights.get(column, 0))


def _exit(grid: g.Columns, column: int, exits: defaultdict[int, int]) -> float:
    exits[column] += 1
    return grid.x(column) + g.CARD_WIDTH - EXIT_INSET - EXIT_STEP * (exits[column] - 1)


def lane_y(levels: g.Levels, lane: int) -> float:
    return levels.shell + 28 + g.ENTRY_LANE * lane


def place_chips(outside: Outside, grid: g.Columns, levels: g.Levels, top: float) -> tuple[Chip, ...]:
    return tuple(_place_chip(entry, grid, levels, top) for entry in outside.entries)


def _place_chip(entry: _Entry, grid: g.Columns, levels: g.Levels, top: float) -> Chip:
    x = grid.x(entry.column)
    y = top + entry.level * (g.CHIP_HEIGHT + g.CHIP_GAP)
    box = Box(x, y, g.CARD_WIDTH, g.CHIP_HEIGHT)
    end = levels.cards - g.PORT_HEIGHT / 2 - 2
    wires = [Line(((jack, box.bottom), (jack, end)), socket) for jack, socket in entry.straight.items()]
    for leave, jack, lane, socket in entry.turning:
        turn = lane_y(levels, lane)
        wires.append(Line(((leave, box.bottom), (leave, turn), (jack, turn), (jack, end)), socket))
    nowhere = None
    if entry.nowhere:
        nowhere = (entry.nowhere[0], levels.shell)
        wires.append(Line(((nowhere[0], box.bottom), (nowhere[0], levels.shell - 8))))
    room = g.CARD_WIDTH - 44 - 8
    address = _address(entry.service, room)
    name = f"Service {entry.service.name}"
    labels = (
        Label(x + 44, y + 20, shorten(name, TITLE, room), TITLE, full=name),
        Label(x + 44, y + 36.5, shorten(address, CODE, room), CODE, tone="mute", full=address),
    )
    icon = Icon("network", x + 14, y + 13, 20, "ext")
    return Chip(service_id(entry.service.name), box, icon, labels, tuple(wires), nowhere)


def _address(service: Service, room: float) -> str:
    """ClusterIP 10.96.41.7:80 → http; of several ports the list matters more than the address."""
    ports = [f"{p.port}→{p.target}" if p.target != str(p.port) else str(p.port) for p in service.ports]
    listed = ", ".join(ports)
    if len(ports) == 1:
        where = f"{service.type_name} {service.cluster_ip}".strip()
        close = f"{where}{':' if service.cluster_ip else ' '}{listed}"
        forms = (close.replace("→", " → "), close, close.removeprefix("ClusterIP "))
        return next((form for form in forms if width(form, CODE) <= room), forms[-1])
    whole = f"{service.type_name} {service.cluster_ip} {listed}"
    return whole if width(whole, CODE) <= room else f"{service.type_name} {listed}"


def nowhere_labels(outside: Outside, grid: g.Columns, levels: g.Levels, words: Words) -> list[Label]:
    """ "no container declares 9090", under the dashed socket, between the wires that come down."""
    found = []
    for entry in outside.entries:
        if entry.nowhere:
            leave, lane = entry.nowhere
            start = max([g.LEFT, *(x + 8 for x in outside.verticals if x < leave)])
            end = min([grid.right, *(x - 8 for x in outside.verticals if x > leave)])
            said = words.undeclared % {"port": ", ".join(entry.missing)}
            text = shorten(said, NOTE, end - start)
            right = min(end, max(leave - 2, start + width(text, NOTE)))
            found.append(Label(right, lane_y(levels, lane) + 6, text, NOTE, "end", "warn", said))
    return found


def place_tabs(outside: Outside, grid: g.Columns, levels: g.Levels, ip: str) -> tuple[Tab, ...]:
    """One tab per column where Services enter; the first carries the pod's address."""
    entering = defaultdict[int, set[float]](set)
    for entry in outside.entries:
        entering[entry.column].update(entry.straight)
        entering[entry.column].update(turn[0] for turn in entry.turning)
    tabs = []
    for column, jacks in sorted(entering.items()):
        blocked = [e.nowhere[0] for e in outside.entries if e.nowhere and e.column == column]
        if jacks:
            owners = tuple(service_id(e.service.name) for e in outside.entries if e.column == column)
            end = min(blocked, default=grid.x(column) + g.CARD_WIDTH)
            tabs += _tabs(sorted(jacks), end, levels, ip, owners)
            ip = ""
    return tuple(tabs)


def _tabs(jacks: list[float], end: float, levels: g.Levels, ip: str, owners: tuple[str, ...]) -> list[Tab]:
    """The words stand after the last jack that would lie under them."""
    covered = [jack for jack in jacks if jack <= jacks[0] + 150]
    text = covered[-1] + 14
    room = min([end, *(jack for jack in jacks if jack not in covered)]) - 14 - text
    shown = "eth0" if room >= width("eth0", NUMBER) + 10 else ""
    address = shorten(ip, CODE, room - 50) if shown and room > 80 else ""
    labels = [Label(text, levels.shell + 4.5, shown, NUMBER)] if shown else []
    if address:
        labels.append(Label(text + 40, levels.shell + 4.5, address, CODE, tone="mute", full=ip))
    last = labels[-1].box.right + 12 if labels else covered[-1] + 16
    box = Box(jacks[0] - 16, levels.shell - 15, last - jacks[0] + 16, 30)
    rest = [
        Tab(Box(jack - 16, levels.shell - 15, 32, 30), (jack,), (), owners)
        for jack in jacks
        if jack not in covered
    ]
    return [Tab(box, tuple(covered), tuple(labels), owners), *rest]


def captions(pod: Pod, outside: Outside, grid: g.Columns, top: float, words: Words) -> list[Label]:
    """The band's name where no chip stands, and why there is no chip."""
    text = words.outside.upper()
    if outside.is_crowded(grid):
        return [Label(grid.right + 16, top - 8, text, NOTCH, "end")]
    taken = {entry.column for entry in outside.entries}
    free = max((i for i in range(grid.count) if i not in taken), default=0)
    right = grid.right + 16 if free == grid.count - 1 or grid.count < 2 else grid.x(free) + g.CARD_WIDTH
    found = [Label(right, top + 26, text, NOTCH, "end")]
    if not pod.services:
        said = words.services_unreadable if "services" in pod.unreadable else words.no_service
        found.append(Label(g.LEFT + 2, top + 26, said, NOTE))
    return found
