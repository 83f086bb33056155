"""Volumes as tanks under the cards, and the lines down to them."""

from collections.abc import Sequence

from sidecars.diagram import geometry as g
from sidecars.diagram import streams
from sidecars.diagram.measures import MODE, STRONG, TANK, WORD, shorten, width
from sidecars.diagram.names import SYSTEM_VOLUMES, volume_id
from sidecars.diagram.placed import Box, Card, Icon, Label, Row, Stem, SystemChip, Tank
from sidecars.diagram.words import Words
from sidecars.story import NOBODY, Users, users_by_volume
from sidecars.topology import Pod, Volume, VolumeKind

ICONS = {
    VolumeKind.EMPTY_DIR: "folder-open",
    VolumeKind.CONFIG_MAP: "file-cog",
    VolumeKind.SECRET: "key-round",
    VolumeKind.DISK: "hard-drive",
    VolumeKind.HOST_PATH: "server",
    VolumeKind.OTHER: "files",
}
TEXT = 36.0  # from the left edge of the cards
ENOUGH = 110.0  # for a detail that is cut
Joined = dict[str, list[Row]]


def join_rows(cards: Sequence[Card], volumes: Sequence[Volume], owners: dict[str, str]) -> Joined:
    """Rows by volume; `owners` says which volume a mount id belongs to."""
    joined: Joined = {volume.name: [] for volume in volumes}
    for card in cards:
        for row in card.mounts:
            joined[owners[row.id]].append(row)
    return joined


def place_tanks(
    pod: Pod, volumes: Sequence[Volume], joined: Joined, top: float, grid: g.Columns, words: Words
) -> tuple[Tank, ...]:
    tanks, y = [], top
    flows, using = streams.flows_of(pod), users_by_volume(pod)
    for index, volume in enumerate(volumes):
        own_flows = flows.get(volume.name, ())
        high = g.TANK_HEIGHT + streams.height(own_flows)
        box = Box(g.LEFT - 12, y, grid.right + 16 - (g.LEFT - 12), high)
        own = [row.pin[0] for row in joined[volume.name]]
        passing = [row.pin[0] for later in volumes[index + 1 :] for row in joined[later.name]]
        obstacles = sorted([*((x - 19, x + 19) for x in own), *((x - 6, x + 6) for x in passing)])
        sharers = using.get(volume.name, NOBODY)
        labels = tuple(_labels(volume, sharers, y, obstacles, grid, words))
        modes = _modes(joined[volume.name])
        pills = tuple((row.id, row.pin[0], modes[row.pin[0]]) for row in joined[volume.name])
        marks = [Label(x, y + 27.8, mode, MODE, "middle", f"{mode}-pill") for x, mode in modes.items()]
        type_name, texts = words.volume_type(volume), (*labels[2:], *marks)
        room = grid.right - 14 - g.LEFT
        own_streams = streams.place(volume.name, volume.kind, own_flows, y + g.TANK_HEIGHT, words, room)
        tanks.append(
            Tank(
                volume_id(volume.name),
                volume.kind,
                type_name,
                box,
                _icons(volume, y),
                labels[:2],
                texts,
                pills,
                own_streams,
            )
        )
        y = box.bottom + g.TANK_GAP
    return tuple(tanks)


def _modes(rows: Sequence[Row]) -> dict[float, str]:
    """By x: two mounts of one bundle can end in the same pill."""
    found = dict[float, str]()
    for row in rows:
        found[row.pin[0]] = "rw" if "rw" in (row.mode, found.get(row.pin[0])) else "ro"
    return found


def _icons(volume: Volume, y: float) -> tuple[Icon, ...]:
    icon = Icon(ICONS[volume.kind], g.LEFT + 6, y + 16, 20, "vol")
    if volume.kind is VolumeKind.HOST_PATH:
        return Icon(icon.name, icon.x - 2, y + 9, 18, "vol"), Icon(
            "triangle-alert", icon.x + 4, y + 26, 15, "vol"
        )
    return (icon,)


def _labels(
    volume: Volume,
    sharers: Users,
    y: float,
    obstacles: list[tuple[float, float]],
    grid: g.Columns,
    words: Words,
) -> list[Label]:
    end = grid.right - 14
    detail, said = words.volume_detail(volume), words.sentence(*sharers)
    longest = max(width(volume.name, TANK), width(detail, WORD))
    start, room = _name_place(longest, width(volume.name, TANK), obstacles, end)
    if grid.count > 1:
        column = grid.x(1) + 2
    else:
        column = start + max(220.0, min(longest, max(220.0, room - 160)) + 28)
    if start + 60 < column:
        room = min(room, column - 12 - start)
    labels = [
        Label(start, y + 23, shorten(volume.name, TANK, room), TANK, full=volume.name),
        Label(start, y + 40, _shorten_detail(volume, detail, room), WORD, full=detail),
    ]
    column = max(column, *(label.box.right + 20 for label in labels))
    room = _room(column, obstacles, end)
    shown = said if width(said, STRONG) <= room else words.short_sentence(*sharers)
    if text := shorten(shown, STRONG, room):
        labels.append(Label(column, y + 31, text, STRONG, full=said))
    return labels


def _name_place(
    longest: float, name: float, obstacles: list[tuple[float, float]], end: float
) -> tuple[float, float]:
    """Start and room of a tank's name: at the left, or right of lines that would cut it short."""
    start = g.LEFT + TEXT
    room = _room(start, obstacles, end)
    if longest <= room or (name <= room and room >= ENOUGH):
        return start, room
    free = [(right + 8, _room(right + 8, obstacles, end)) for _left, right in obstacles if right > start]
    fitting = [place for place in free if place[1] >= longest]
    return fitting[0] if fitting else max([(start, room), *free], key=lambda place: place[1])


def _shorten_detail(volume: Volume, detail: str, room: float) -> str:
    """A path keeps its tail, also after its volume's type."""
    if width(detail, WORD) <= room or not volume.source_name.startswith("/"):
        return shorten(detail, WORD, room)
    head = detail.partition(volume.source_name)[0]
    path = shorten(volume.source_name, WORD, room - width(head, WORD))
    return head + path if path else shorten(detail, WORD, room)


def _room(start: float, obstacles: list[tuple[float, float]], end: float) -> float:
    """Free width from `start` to the first obstacle."""
    stops = [left for left, right in obstacles if right > start]
    return max(0.0, min([*stops, end]) - start)


def place_stems(pod: Pod, tanks: Sequence[Tank], cards: Sequence[Card]) -> tuple[Stem, ...]:
    tank_of = {mount: index for index, tank in enumerate(tanks) for mount, _x, _mode in tank.pills}
    pills = [frozenset(x for _mount, x, _mode in tank.pills) for tank in tanks]
    flowing = streams.arrows_of(pod)
    stems = []
    for card in cards:
        bundle = card.bundle
        # The nearest last, so that it lies over those that go deeper.
        for row in (*card.rows, *(reversed(bundle.rows) if bundle else ())):
            x, index = row.pin[0], tank_of[row.id]
            passed = [tank for tank, own in zip(tanks[:index], pills, strict=False) if x not in own]
            ghosts = tuple(part for tank in passed for part in _behind(tank, x))
            arrows = row.mode
            if bundle and row in bundle.rows:
                arrows = bundle.mode if row == bundle.rows[0] else ""
            bottom = tanks[index].box.y
            flows = tuple(sorted(flowing.get(row.id, {}).items()))
            stems.append(Stem(row.id, row.kind, row.mode, x, card.box.bottom, bottom, ghosts, arrows, flows))
    return tuple(stems)


def _behind(tank: Tank, x: float) -> list[tuple[float, float]]:
    """The parts of a passing line that are seen: not where a flow's line lies over it."""
    parts, top = [], tank.box.y + 2
    for stream in tank.streams:
        if stream.box.x - 2 <= x <= stream.box.right + 2:
            parts.append((top, stream.box.y - 1))
            top = stream.box.bottom + 1
    return [part for part in (*parts, (top, tank.box.bottom - 2)) if part[1] - part[0] > 3]


def place_system(pod: Pod, y: float, words: Words) -> SystemChip | None:
    count = sum(volume.is_system for volume in pod.volumes)
    if not count:
        return None
    said = words.system_volumes(count)
    label = Label(g.LEFT + 24, y + 18.2, said, WORD)
    box = Box(g.LEFT - 8, y, 32 + width(said, WORD) + 14, 28)
    return SystemChip(SYSTEM_VOLUMES, box, Icon("files", g.LEFT + 2, y + 6, 16, "mute"), (label,))
