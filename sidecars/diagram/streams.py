"""The flow of files over a volume: which mounts it takes, and its line on the tank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sidecars.diagram import geometry as g
from sidecars.diagram.measures import NOTE, STRONG, WORD, shorten, width
from sidecars.diagram.names import flow_id, more_flows_id, mount_id
from sidecars.diagram.placed import Box, Icon, Label, Stream
from sidecars.diagram.words import Words
from sidecars.topology import Confidence, Container, Flow, Mount, Pod, VolumeKind

MOST = 3  # lines on one tank
TEXT = 30.0  # after the icon


@dataclass(frozen=True, slots=True)
class Ways:
    """Ids of the mounts that a flow goes through: from the writer down, up to the reader."""

    down: tuple[str, ...]
    up: tuple[str, ...]


def is_inferred(flow: Flow) -> bool:
    return flow.confidence is not Confidence.HIGH


def file_of(flow: Flow) -> str:
    """access.log of /var/log/nginx/access.log; a folder keeps its slash."""
    head, slash, last = flow.path.rstrip("/").rpartition("/")
    return (last or head) + slash * flow.path.endswith("/") or flow.path


def flows_of(pod: Pod) -> dict[str, list[Flow]]:
    """By volume, in the pod's order; only between containers and volumes that are there, each once."""
    names = {container.name for container in pod.containers}
    found: dict[str, dict[str, Flow]] = {v.name: {} for v in pod.volumes if not v.is_system}
    for flow in pod.flows:
        if flow.volume in found and {flow.source, flow.target} <= names:
            found[flow.volume].setdefault(flow_id(flow), flow)
    return {volume: list(flows.values()) for volume, flows in found.items() if flows}


def fold(pod: Pod) -> dict[str, str]:
    """Of more flows than a tank has lines for: id -> id of the line that stands for it."""
    return {
        flow_id(flow): more_flows_id(volume)
        for volume, flows in flows_of(pod).items()
        if len(flows) > MOST
        for flow in flows[MOST - 1 :]
    }


def height(flows: Sequence[Flow]) -> float:
    """What a tank grows by."""
    return g.STREAM_ROW * min(len(flows), MOST) + (4 if flows else 0)


def ways_of(pod: Pod, flow: Flow) -> Ways:
    """The reader's mount is the one that holds the path; the writer's those that reach the same file."""
    containers = {container.name: container for container in pod.containers}
    reading = _mounts(containers[flow.target], flow.volume)
    writing = [(id_, m) for id_, m in _mounts(containers[flow.source], flow.volume) if not m.read_only]
    holding = [(id_, m) for id_, m in reading if _is_below(flow.path, m.path)]
    if not holding:
        return Ways(tuple(id_ for id_, _m in writing), tuple(id_ for id_, _m in reading))
    up, mount = max(holding, key=lambda one: len(one[1].path))
    inside = f"{mount.sub_path}/{flow.path[len(mount.path.rstrip('/')) :]}".replace("//", "/").strip("/")
    down = [id_ for id_, m in writing if _is_below(f"/{inside}", f"/{m.sub_path}")]
    return Ways(tuple(down or [id_ for id_, _m in writing]), (up,))


def _mounts(container: Container, volume: str) -> list[tuple[str, Mount]]:
    found = [mount for mount in container.mounts if mount.volume == volume]
    return [(mount_id(container.name, volume, nth), mount) for nth, mount in enumerate(found)]


def _is_below(path: str, folder: str) -> bool:
    folder = folder.rstrip("/")
    return path == folder or path.startswith(f"{folder}/")


def arrows_of(pod: Pod) -> Mapping[str, Mapping[str, bool]]:
    """By mount id: down and up, and whether that is only inferred."""
    found: dict[str, dict[str, bool]] = {}
    for flows in flows_of(pod).values():
        for flow in flows:
            ways = ways_of(pod, flow)
            for direction, ids in (("down", ways.down), ("up", ways.up)):
                for id_ in ids:
                    known = found.setdefault(id_, {})
                    known[direction] = known.get(direction, True) and is_inferred(flow)
    return found


def place(
    volume: str, kind: VolumeKind, flows: Sequence[Flow], top: float, words: Words, room: float
) -> tuple[Stream, ...]:
    """One line each; what does not fit shares the last one."""
    shown = list(flows) if len(flows) <= MOST else list(flows[: MOST - 1])
    placed = []
    for index, flow in enumerate(shown):
        said = words.flow % {"source": flow.source, "file": file_of(flow), "target": flow.target}
        y = top + index * g.STREAM_ROW
        guess = words.inferred if is_inferred(flow) else ""
        placed.append(_line(flow_id(flow), kind, y, said, guess, room))
    if rest := len(flows) - len(shown):
        said = words.one_more_flow if rest == 1 else words.more_flows % {"count": rest}
        y = top + len(shown) * g.STREAM_ROW
        is_guess = all(is_inferred(flow) for flow in flows[len(shown) :])
        placed.append(_line(more_flows_id(volume), kind, y, said, words.inferred if is_guess else "", room))
    return tuple(placed)


def _line(id_: str, kind: VolumeKind, y: float, said: str, guess: str, room: float) -> Stream:
    left = g.LEFT + 2
    tail = width(guess, NOTE) + 8 if guess else 0
    text = shorten(said, STRONG, room - TEXT - 12 - tail)
    label = Label(left + TEXT, y + 16, text, STRONG, full=said)
    labels = [label] if text else []
    if guess and text:
        labels.append(Label(label.box.right + 8, y + 16, guess, NOTE, tone="mute"))
    elif guess:
        labels.append(Label(left + TEXT, y + 16, shorten(guess, WORD, room - TEXT), NOTE, tone="mute"))
    right = labels[-1].box.right if labels else left + TEXT
    box = Box(left, y, right + 12 - left, g.STREAM_HEIGHT)
    icon = Icon("file-text", left + 8, y + 5, 14, "vol")
    return Stream(id_, kind, box, icon, tuple(labels), bool(guess))
