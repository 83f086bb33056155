"""What differs between two objects, as lines of YAML text with marked words.

Fields that the API server keeps for itself are hidden, and so are the values of
environment variables, which may be secrets. Lines are text, never HTML.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

import yaml

HIDDEN_METADATA = (
    "managedFields",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "selfLink",
    "uid",
)
HIDDEN_ANNOTATIONS = ("kubectl.kubernetes.io/last-applied-configuration",)
ANNOTATION_LIMIT = 2048
HIDDEN_VALUE = "(hidden)"
PLAIN_LIMIT = 2000  # lines; beyond, equal lines of different places are told apart
WORDS_LIMIT = 2000  # characters of a line
WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class DiffLine:
    """`words` are (start, end) of what differs within the line. "@" stands for left-out lines."""

    kind: Literal[" ", "+", "-", "@"]
    text: str
    words: tuple[tuple[int, int], ...] = ()


def diff_objects(
    before: Mapping[str, Any], after: Mapping[str, Any], *, context: int = 4
) -> tuple[DiffLine, ...]:
    """No lines if nothing visible differs."""
    old, new = _lines(before), _lines(after)
    found: list[DiffLine] = []
    for group in match_lines(old, new).get_grouped_opcodes(context):
        if group[0][1] > 0:
            found.append(DiffLine("@", ""))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                found += [DiffLine(" ", line) for line in old[i1:i2]]
            else:
                found += _changed(old[i1:i2], new[j1:j2])
        if group[-1][2] < len(old):
            found.append(DiffLine("@", ""))
    return tuple(line for i, line in enumerate(found) if i == 0 or line.kind != "@" or found[i - 1] != line)


def match_lines(old: Sequence[str], new: Sequence[str]) -> SequenceMatcher[Any]:
    """Its cost grows with the square of how often a line comes again: `value: (hidden)` of each
    variable. So in long texts a line counts together with its place."""
    if len(old) + len(new) <= PLAIN_LIMIT:
        return SequenceMatcher(None, old, new, autojunk=False)
    return SequenceMatcher(None, _placed(old), _placed(new), autojunk=False)


def _placed(lines: Sequence[str]) -> list[int]:
    """Each line with the lines that it stands below, and with its number among equal ones there."""
    above: list[tuple[int, int]] = []  # indent and key
    seen: dict[int, int] = {}
    found = []
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        while above and above[-1][0] >= indent:
            above.pop()
        place = hash((above[-1][1] if above else 0, line))
        seen[place] = seen.get(place, 0) + 1
        above.append((indent, place))
        found.append(hash((place, seen[place])))
    return found


def count(lines: Sequence[DiffLine]) -> tuple[int, int]:
    """(added, removed)"""
    return sum(line.kind == "+" for line in lines), sum(line.kind == "-" for line in lines)


class Blocks(yaml.CSafeDumper):
    """Texts of several lines as a block with these lines."""


def _block(dumper: Blocks, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


Blocks.add_representer(str, _block)


def to_text(shown: Mapping[str, Any], *, blocks: bool = False) -> str:
    """The object as the diff shows it."""
    dumper = Blocks if blocks else yaml.CSafeDumper
    text: str = yaml.dump(_clean(shown), Dumper=dumper, allow_unicode=True, width=120)
    return text


def _lines(shown: Mapping[str, Any]) -> list[str]:
    return to_text(shown).splitlines()


def _changed(old: list[str], new: list[str]) -> list[DiffLine]:
    if len(old) != len(new):  # words are marked only where a line has its counterpart
        return [DiffLine("-", line) for line in old] + [DiffLine("+", line) for line in new]
    removed, added = [], []
    for before, after in zip(old, new, strict=True):
        words_before, words_after = _words(before, after)
        removed.append(DiffLine("-", before, words_before))
        added.append(DiffLine("+", after, words_after))
    return removed + added


def _words(before: str, after: str) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    if len(before) + len(after) > WORDS_LIMIT:
        return (), ()
    old, new = WORD.findall(before), WORD.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < 0.4:
        return (), ()
    changed = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        tuple(_span(old, code[1], code[2]) for code in changed if code[1] < code[2]),
        tuple(_span(new, code[3], code[4]) for code in changed if code[3] < code[4]),
    )


def _span(words: list[str], first: int, last: int) -> tuple[int, int]:
    return len("".join(words[:first])), len("".join(words[:last]))


def _clean(shown: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = {key: _mask(value) for key, value in shown.items() if key != "status"}
    metadata = cleaned.get("metadata")
    if isinstance(metadata, dict):
        cleaned["metadata"] = {k: v for k, v in metadata.items() if k not in HIDDEN_METADATA}
    return cleaned


def _mask(node: Any, key: str = "") -> Any:
    if isinstance(node, list):
        return [_mask_env(item) if key == "env" else _mask(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    if key == "annotations":
        return {name: text for name, text in node.items() if _is_shown(name, text)}
    return {name: _mask(value, name) for name, value in node.items()}


def _mask_env(entry: Any) -> Any:
    if not isinstance(entry, Mapping) or "value" not in entry:
        return entry
    return {**entry, "value": HIDDEN_VALUE}


def _is_shown(name: str, text: object) -> bool:
    return name not in HIDDEN_ANNOTATIONS and len(str(text)) <= ANNOTATION_LIMIT
