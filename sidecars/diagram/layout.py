"""A pod -> placed shapes. The same pod always gives the same picture."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sidecars.diagram import cards, outside, rail, streams, tanks, wires
from sidecars.diagram import geometry as g
from sidecars.diagram.board import Board
from sidecars.diagram.measures import NOTCH, NOTE, width
from sidecars.diagram.names import mount_id
from sidecars.diagram.order import order_containers, order_volumes
from sidecars.diagram.placed import Box, Card, Divider, Label, Placed, SystemChip, Tank
from sidecars.diagram.relations import relate
from sidecars.diagram.titles import describe, title_elements
from sidecars.diagram.words import Words
from sidecars.topology import Container, Pod, Role, Usage

ENGLISH = Words()
BEGINNING = 8  # characters of a name that a narrow header still shows


@dataclass(frozen=True, slots=True)
class Lower:
    """Cards and all below."""

    cards: tuple[Card, ...]
    tanks: tuple[Tank, ...]
    system: SystemChip | None
    card_bottom: float
    bottom: float


def lay_out(
    pod: Pod, words: Words = ENGLISH, *, usage: Mapping[str, Usage] | None = None, seen_at: str = ""
) -> Placed:
    """`usage` is by container name; None: the metrics API said nothing.

    `seen_at` is the time of the observation whose calls the pod holds, as it is to be shown.
    """
    containers, grid = order_containers(pod), g.Columns(len(pod.containers))
    board = Board(pod, containers, grid, words, seen_at)
    entering = outside.plan(pod, board.columns, board.jacks, grid)
    top = g.TOP + (20 if entering.is_crowded(grid) else 0)
    served = entering.verticals
    runs = wires.plan_runs(board.calls, board.plugs, board.landings(set(served)), grid.right)
    name = rail.name_width(words, is_node=pod.host_network)
    levels, name_end, own_row = rail.plan(entering.shell(top), entering.lanes, runs, served, grid.right, name)
    lower = _place_lower(pod, containers, grid, levels, words, usage or {})
    shell = Box(g.MARGIN, levels.shell, grid.width - 2 * g.MARGIN, lower.bottom + 28 - levels.shell)
    tabs = outside.place_tabs(entering, grid, levels, pod.ip)
    notch, notch_label = _notch(pod, [tab.box for tab in tabs], entering, grid, shell, words)
    folded = board.folded | streams.fold(pod)
    captions = [
        notch_label,
        *board.no_ports(levels),
        *outside.nowhere_labels(entering, grid, levels, words),
        *outside.captions(pod, entering, grid, top, words),
        *_no_volumes(pod, lower, words),
    ]
    return Placed(
        width=grid.width,
        height=max(shell.bottom + 10, notch.bottom + 4),
        count=grid.count,
        title=(words.template_title if pod.is_template else words.picture_title) % {"name": pod.name},
        description=describe(pod, words, seen_at),
        shell=shell,
        notch=notch,
        captions=tuple(captions),
        chips=outside.place_chips(entering, grid, levels, top),
        tabs=tabs,
        rail=rail.place(levels, grid, name_end, own_row, words, is_node=pod.host_network),
        cards=lower.cards,
        calls=board.place_calls(runs, served, levels),
        folds=board.place_folds(levels),
        sockets=board.place_sockets(levels),
        stems=tanks.place_stems(pod, lower.tanks, lower.cards),
        tanks=lower.tanks,
        system=lower.system,
        divider=_divider(containers, grid, levels, lower.card_bottom, words),
        titles=title_elements(pod, words, folded, seen_at),
        related=relate(pod, folded),
        folded=folded,
        words=words.marks,
    )


def _place_lower(
    pod: Pod,
    containers: Sequence[Container],
    grid: g.Columns,
    levels: g.Levels,
    words: Words,
    usage: Mapping[str, Usage],
) -> Lower:
    volumes = order_volumes(pod)
    mounts = {c.name: cards.shown_mounts(c, volumes, grid.card_width) for c in containers}
    rows = max((len(shown) + bool(bundled) for shown, bundled in mounts.values()), default=1)
    tall = cards.body_height(rows, is_template=pod.is_template)
    placed = []
    beginnings = Counter(container.name[:BEGINNING] for container in containers)
    for index, container in enumerate(containers):
        at = Box(grid.x(index), levels.cards, grid.card_width, tall)
        measured = usage.get(container.name)
        placed.append(
            cards.place_card(
                container,
                at,
                mounts[container.name],
                words,
                measured,
                is_template=pod.is_template,
                has_twin=beginnings[container.name[:BEGINNING]] > 1,
            )
        )
    card_bottom = levels.cards + tall
    entries = [(c.name, v.name, n) for c in containers for part in mounts[c.name] for _m, v, n in part]
    owners = {mount_id(*entry): entry[1] for entry in entries}
    joined = tanks.join_rows(placed, volumes, owners)
    filled = tanks.place_tanks(pod, volumes, joined, card_bottom + g.TANKS_BELOW_CARDS, grid, words)
    bottom = filled[-1].box.bottom if filled else card_bottom + (24 if not pod.volumes else 0)
    system = tanks.place_system(pod, bottom + (16 if filled else 24), words)
    bottom = system.box.bottom - 6 if system else bottom
    return Lower(tuple(placed), filled, system, card_bottom, bottom)


def _no_volumes(pod: Pod, lower: Lower, words: Words) -> list[Label]:
    if pod.volumes:
        return []
    return [Label(g.LEFT + 2, lower.card_bottom + 30, words.no_volumes, NOTE)]


def _notch(
    pod: Pod,
    taken: Sequence[Box],
    entering: outside.Outside,
    grid: g.Columns,
    shell: Box,
    words: Words,
) -> tuple[Box, Label]:
    """The shell's name: as far right on its upper edge as there is room, else on its lower edge."""
    text = (words.template if pod.is_template else words.sandbox).upper()
    wide = width(text, NOTCH) + 24
    spans = [(box.x, box.right) for box in taken] + [(x - 10, x + 10) for x in entering.nowheres]
    right = grid.right
    for left, end in sorted(spans, reverse=True):
        if left < right + 8 and end > right - wide - 8:
            right = left - 10
    has_room = right - wide > g.LEFT
    right, edge = (right, shell.y) if has_room else (grid.right, shell.bottom)
    return Box(right - wide, edge - 11, wide, 22), Label(right - wide / 2, edge + 4, text, NOTCH, "middle")


def _divider(
    containers: Sequence[Container], grid: g.Columns, levels: g.Levels, bottom: float, words: Words
) -> Divider | None:
    """Between init containers and what they run before."""
    before = sum(container.role is Role.INIT for container in containers)
    if not 0 < before < len(containers):
        return None
    x = grid.x(before) - g.GAP / 2
    label = Label(x, levels.cards - 36, words.runs_before, NOTE, "middle")
    return Divider(x, levels.cards - 30, bottom, label)
