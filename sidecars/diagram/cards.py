"""A container's card: header, image, state, resources, pinout."""

from collections.abc import Callable, Sequence

from sidecars.diagram import geometry as g
from sidecars.diagram.measures import (
    CAPTION,
    CODE,
    HEADING,
    METER,
    MODE,
    NOTE,
    PATH,
    ROLE,
    STATE,
    WORD,
    Style,
    shorten,
    shorten_image,
    shorten_middle,
    width,
)  # fmt: skip
from sidecars.diagram.names import container_id, mount_id
from sidecars.diagram.placed import Box, Bundle, Card, Icon, Label, Meter, Row
from sidecars.diagram.words import Words
from sidecars.quantities import bytes_of, millicores_of
from sidecars.topology import Container, Mount, Role, State, Usage, Volume

ROLE_ICONS = {Role.MAIN: "box", Role.INIT: "list-start", Role.EPHEMERAL: "bug"}
STATE_ICONS = {
    State.RUNNING: ("circle-check", "ok"),
    State.STARTING: ("clock", "accent"),
    State.PENDING: ("clock", "accent"),
    State.FAILED: ("octagon-x", "err"),
    State.COMPLETED: ("check", "mute"),
    State.TERMINATING: ("hourglass", "warn"),
    State.UNKNOWN: ("circle-question-mark", "mute"),
}
HOT = 0.8
DEFAULT_REGISTRY = "docker.io/library/"  # says nothing: it is where a bare name comes from
FIRST_ROW = 122.0  # under the header
STATE_ROW = 24.0
Entry = tuple[Mount, Volume, int]  # which mount of that volume in this container


def most_rows(card_width: float) -> int:
    """How many mounts leave room for their paths."""
    return int((card_width - g.PIN_INSET - 112) // g.PIN_STEP) + 1


def shown_mounts(
    container: Container, volumes: Sequence[Volume], card_width: float
) -> tuple[list[Entry], list[Entry]]:
    """In the tanks' order: those with a row of their own, and those that share the last row."""
    own: dict[str, list[Mount]] = {}
    for mount in container.mounts:
        own.setdefault(mount.volume, []).append(mount)
    found = [
        (mount, volume, nth)
        for volume in volumes
        if volume.name in own
        for nth, mount in enumerate(own[volume.name])
    ]
    most = most_rows(card_width)
    return (found, []) if len(found) <= most else (found[: most - 1], found[most - 1 :])


def body_height(rows: int, *, is_template: bool) -> float:
    first = FIRST_ROW - (STATE_ROW if is_template else 0)
    return g.HEAD + first + (max(rows, 1) - 1) * g.ROW + 28


def place_card(
    container: Container,
    at: Box,
    mounts: tuple[list[Entry], list[Entry]],
    words: Words,
    usage: Usage | None,
    *,
    is_template: bool,
    has_twin: bool = False,
) -> Card:
    """`has_twin`: another name begins as this one does."""
    chip, chip_label, heading = _header(container, at, words, shorten_middle if has_twin else shorten)
    first = at.y + g.HEAD + FIRST_ROW - (STATE_ROW if is_template else 0)
    rows = tuple(_row(container, entry, i, at, first, words) for i, entry in enumerate(mounts[0]))
    labels = [heading, chip_label, *_about(container, at, words, is_template=is_template)]
    icons = [_role_icon(container, at)]
    if not is_template:
        name, tone = STATE_ICONS[container.state]
        icons.append(Icon(name, at.x + 15, at.y + g.HEAD + 36, 15, tone))
    quiet = container.state is State.COMPLETED and not is_template
    meters, unmeasured = ((), ()) if quiet else _meters(container, at, words, usage, is_template=is_template)
    return Card(
        id=container_id(container.name),
        box=at,
        role=container.role,
        state=container.state,
        is_template=is_template,
        head=g.HEAD,
        chip=chip,
        labels=(*labels, *unmeasured),
        icons=tuple(icons),
        meters=meters,
        hairline=None if quiet else first - 24,
        start=_start(container, at),
        rows=rows,
        bundle=_bundle(container, mounts[1], len(rows), at, first, words),
    )


def _role_icon(container: Container, at: Box) -> Icon:
    name = ROLE_ICONS.get(container.role) or container.product or "puzzle"
    tone = {Role.MAIN: "on-main", Role.INIT: "mute", Role.EPHEMERAL: "mute"}.get(container.role, "side")
    return Icon(name, at.x + 16, at.y + 25, 20, tone)


def _start(container: Container, at: Box) -> Label | None:
    if not container.start_order:
        return None
    return Label(
        at.x + 35, at.y + 48.4, str(container.start_order), METER, "middle", _role_icon(container, at).tone
    )


def _header(
    container: Container, at: Box, words: Words, cut: Callable[[str, Style, float], str]
) -> tuple[Box, Label, Label]:
    """The role chip, its word and the name; in a long header "NATIVE" goes first."""
    role = words.role(container.role)
    chip_text = role.upper()
    is_long = width(container.name, HEADING) > _name_room(at, chip_text)
    if container.role is Role.NATIVE_SIDECAR and is_long:
        chip_text = words.native_short.upper()
    room = _name_room(at, chip_text)
    wide = width(chip_text, ROLE) + 20
    chip = Box(at.right - 14 - wide, at.y + 25, wide, 21)
    tone = "chip-main" if container.role is Role.MAIN else _role_icon(container, at).tone
    chip_label = Label(chip.x + wide / 2, at.y + 39.5, chip_text, ROLE, "middle", tone)
    name = cut(container.name, HEADING, room)
    heading_tone = "on-main" if container.role is Role.MAIN else ""
    return (
        chip,
        chip_label,
        Label(at.x + 46, at.y + 40.5, name, HEADING, "start", heading_tone, container.name),
    )


def _name_room(at: Box, chip_text: str) -> float:
    return at.width - 46 - 14 - 20 - 10 - width(chip_text, ROLE)


def _about(container: Container, at: Box, words: Words, *, is_template: bool) -> list[Label]:
    y = at.y + g.HEAD
    image = container.image.removeprefix(DEFAULT_REGISTRY)
    room = at.width - 32
    shown = shorten_image(image, CODE, room)
    labels = [Label(at.x + 16, y + 24, shown, CODE, tone="mute", full=container.image)]
    if is_template:
        return labels
    state = words.state_of(container)
    tone = STATE_ICONS[container.state][1]
    labels.append(_cut(at.x + 36, y + 48, state, STATE, at.width - 52, tone=tone))
    room = at.width - 36 - 16 - width(labels[-1].text, STATE) - 12
    remark = words.remark(container)
    if text := shorten(remark, WORD, room):
        labels.append(Label(at.right - 16, y + 48, text, WORD, "end", full=remark))
    return labels


def _cut(x: float, y: float, text: str, style: Style, room: float, *, tone: str = "") -> Label:
    return Label(x, y, shorten(text, style, room), style, tone=tone, full=text)


def _meters(
    container: Container, at: Box, words: Words, usage: Usage | None, *, is_template: bool
) -> tuple[tuple[Meter, ...], tuple[Label, ...]]:
    """Numbers always; a bar where usage and limit are known; else the words "no metrics"."""
    y = at.y + g.HEAD + 74 - (STATE_ROW if is_template else 0) - (0 if usage or is_template else 4)
    wide = (at.width - 52) / 2
    limits = container.resources
    cpu = (usage.cpu_millicores if usage else None, millicores_of(limits.cpu_limit), limits.cpu_limit, "m")
    used = usage.memory_bytes if usage else None
    memory = (used, bytes_of(limits.memory_limit), limits.memory_limit, "Mi")
    meters = []
    for x, caption, reading in ((at.x + 16, words.cpu, cpu), (at.x + 36 + wide, words.memory, memory)):
        meters.append(_meter(Box(x, y + 7, wide, 4), caption, reading, words))
    if usage or is_template:
        return tuple(meters), ()
    return tuple(meters), (Label(at.x + 16, y + 17, words.no_metrics, NOTE),)


def _meter(box: Box, caption: str, reading: tuple[int | None, int | None, str, str], words: Words) -> Meter:
    used, limit, written, unit = reading
    shown = None if used is None else (used if unit == "m" else round(used / 2**20))
    if shown is None:
        said = words.limit % {"quantity": written} if written else words.no_limit
    elif limit:
        said = f"{shown}/{written}"
    else:
        said = f"{shown}{unit}"
    style = WORD if shown is None else METER
    room = box.width - width(caption, CAPTION) - 8
    labels = (
        Label(box.x, box.y - 7, caption, CAPTION),
        Label(box.right, box.y - 7, shorten(said, style, room), style, "end", full=said),
    )
    part = min(1.0, used / limit) if used is not None and limit else None
    return Meter(box, part, part is not None and part > HOT, labels)


def _row(container: Container, entry: Entry, index: int, at: Box, first: float, words: Words) -> Row:
    mount, volume, nth = entry
    y = first + index * g.ROW
    pin = at.right - g.PIN_INSET - g.PIN_STEP * index
    mode = "ro" if mount.read_only else "rw"
    pill = Box(at.x + 16, y - 9, 26, 18)
    room = pin - at.x - 52 - 12.5
    path = _cut(at.x + 52, y + 4.2, mount.path, PATH, room)
    labels = [Label(pill.x + 13, y + 3.8, mode, MODE, "middle", f"{mode}-pill"), path]
    if mount.is_device and path.box.width + 8 + width(words.device, NOTE) <= room:
        labels.append(Label(path.box.right + 8, y + 4.2, words.device, NOTE))
    name = mount_id(container.name, volume.name, nth)
    return Row(name, volume.kind, mode, pill, tuple(labels), labels[-1].box.right + 8, (pin, y))


def _bundle(
    container: Container, entries: Sequence[Entry], index: int, at: Box, first: float, words: Words
) -> Bundle | None:
    if not entries:
        return None
    y = first + index * g.ROW
    pin = (at.right - g.PIN_INSET - g.PIN_STEP * index, y)
    text = words.more_mounts % {"count": len(entries)}
    label = _cut(at.x + 16, y + 4.2, text, NOTE, pin[0] - at.x - 16 - 12.5)
    lead = label.box.right + 8
    modes = ["ro" if mount.read_only else "rw" for mount, _volume, _nth in entries]
    rows = tuple(
        Row(mount_id(container.name, volume.name, nth), volume.kind, mode, Box(*pin, 0, 0), (), lead, pin)
        for (_mount, volume, nth), mode in zip(entries, modes, strict=True)
    )
    return Bundle(rows, label, lead, pin, "rw" if "rw" in modes else "ro")
