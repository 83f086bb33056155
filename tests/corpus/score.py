"""Answers against labels: roles, shared volumes, and precision and recall of the edges."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.corpus.labels import Label

Answer = Mapping[str, Any]  # one pod of the JSON that `inspect -o json` prints


@dataclass(slots=True)
class Tally:
    right: int = 0
    wrong: int = 0

    def count(self, is_right: bool) -> None:
        self.right += is_right
        self.wrong += not is_right

    def add(self, other: "Tally") -> None:
        self.right += other.right
        self.wrong += other.wrong

    @property
    def share(self) -> float:
        whole = self.right + self.wrong
        return self.right / whole if whole else 1.0


@dataclass(slots=True)
class Score:
    """`found` is of the edges answered, `seen` of the visible edges labelled."""

    pods: int = 0
    roles: Tally = field(default_factory=Tally)
    volumes: Tally = field(default_factory=Tally)
    found: Tally = field(default_factory=Tally)
    seen: Tally = field(default_factory=Tally)
    found_by_kind: dict[str, Tally] = field(default_factory=dict)
    seen_by_protocol: dict[str, Tally] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        self.pods += other.pods
        for name in ("roles", "volumes", "found", "seen"):
            getattr(self, name).add(getattr(other, name))
        for name in ("found_by_kind", "seen_by_protocol"):
            for key, tally in getattr(other, name).items():
                getattr(self, name).setdefault(key, Tally()).add(tally)
        self.misses += other.misses

    def miss(self, pod: str, sentence: str) -> None:
        self.misses.append(f"{pod}: {sentence}")


def score_all(pairs: Iterable[tuple[Label, Answer]]) -> Score:
    total = Score()
    for label, answer in pairs:
        total.add(score(label, answer))
    return total


def score(label: Label, answer: Answer) -> Score:
    result = Score(pods=1)
    _score_roles(label, answer, result)
    _score_volumes(label, answer, result)
    _score_found(label, answer["edges"], result)
    _score_seen(label, answer["edges"], result)
    return result


def _score_roles(label: Label, answer: Answer, result: Score) -> None:
    roles = {container["name"]: container for container in answer["containers"]}
    for name, accepted in label.roles.items():
        given = roles.get(name, {"role": "missing", "reason": ""})
        result.roles.count(given["role"] in accepted)
        if given["role"] not in accepted:
            wanted = " or ".join(accepted)
            result.miss(label.name, f"role of {name} is {wanted}, not {given['role']} ({given['reason']})")
    for name in roles.keys() - label.roles.keys():
        result.roles.count(False)
        result.miss(label.name, f"there is no container {name}")


def _score_volumes(label: Label, answer: Answer, result: Score) -> None:
    """A shared volume counts once: its name, type and every mount with its mode, or it is wrong."""
    given = {volume["name"]: volume for volume in answer["volumes"]}
    shared = {name for name, volume in given.items() if len({m["container"] for m in volume["mounts"]}) > 1}
    for name in sorted(shared | label.volumes.keys()):
        wanted, volume = label.volumes.get(name), given.get(name)
        told = (volume["type"], frozenset(_mounts(volume))) if volume else None
        is_right = wanted is not None and told == (wanted.type_name, wanted.mounts)
        result.volumes.count(is_right)
        if not is_right:
            result.miss(label.name, f"volume {name}: wanted {wanted}, got {told}")


def _mounts(volume: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    return ((mount["container"], mount["path"], mount["mode"]) for mount in volume["mounts"])


def _score_found(label: Label, edges: Iterable[Mapping[str, Any]], result: Score) -> None:
    answered: Counter[int] = Counter()  # a label answered twice is wrong the second time
    for edge in edges:
        matching = [n for n, one in enumerate(label.edges) if one.matches(edge)]
        if any(label.edges[n].optional for n in matching):
            continue
        is_right = bool(matching) and answered[matching[0]] == 0
        answered.update(matching)
        result.found.count(is_right)
        result.found_by_kind.setdefault(edge["kind"], Tally()).count(is_right)
        if not is_right:
            result.miss(label.name, f"{'told twice' if matching else 'no such call'}: {describe(edge)}")


def _score_seen(label: Label, edges: list[Mapping[str, Any]], result: Score) -> None:
    for wanted in label.edges:
        if wanted.optional or not wanted.visible:
            continue
        is_seen = any(wanted.matches(edge) for edge in edges)
        result.seen.count(is_seen)
        result.seen_by_protocol.setdefault(wanted.protocol, Tally()).count(is_seen)
        if not is_seen:
            result.miss(label.name, f"not seen: {wanted} ({wanted.why})")


def describe(edge: Mapping[str, Any]) -> str:
    address = edge["path"] if edge["protocol"] == "unix" else edge["port"]
    evidence = "; ".join(f"{one['field']}: {one['text']}" for one in edge["evidence"])
    ends = f"{edge['from']} -> {edge['to'] or '?'} {edge['protocol']} {address}"
    return f"{ends} [{edge['kind']}, {edge['confidence']}; {evidence}]"
