"""YAML and JSON -> settings, event by event: no nesting and no alias can unfold to much."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from sidecars.edges.formats.settings import DEEPEST, LONGEST_KEY, LONGEST_VALUE, MOST, Setting

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Of consul-template, Helm and Jinja, which no YAML parser takes.
TEMPLATE = re.compile(r"\{\{[^{}\n]{0,400}\}\}")
STATEMENT = re.compile(r"(?m)^[ \t]{0,80}\{[{%-][^\n]{0,400}$")
STARTS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
VALUES = (yaml.ScalarEvent, yaml.AliasEvent)


class _Level:
    """A mapping or list that is open. `key` is None while a key is awaited."""

    __slots__ = ("group", "is_mapping", "is_empty", "key", "path")

    def __init__(self, path: tuple[str, ...], group: int, *, is_mapping: bool) -> None:
        self.path, self.group, self.is_mapping = path, group, is_mapping
        self.key: str | None = None
        self.is_empty = True

    @property
    def inner(self) -> tuple[str, ...]:
        return (*self.path, self.key or "") if self.is_mapping else self.path


def read_tree(content: str) -> list[Setting] | None:
    """None if it is no YAML or JSON, or holds no mapping. An empty one has one setting without a name."""
    found = _read(content)
    if found is None and "{{" in content or "{%" in content:
        found = _read(TEMPLATE.sub("x", STATEMENT.sub("", content)))
    return found


def _read(content: str) -> list[Setting] | None:
    found: list[Setting] = []
    try:
        for setting in _settings(LOADER(content)):
            found.append(setting)
            if len(found) >= MOST:
                break
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return found if any(setting.key for setting in found) else None


def _settings(parser: Any) -> Iterator[Setting]:
    stack: list[_Level] = []
    anchors: dict[str, str] = {}
    opened = 0
    while (kind := type(event := parser.get_event())) is not yaml.StreamEndEvent:
        top = stack[-1] if stack else None
        if kind in STARTS:
            opened += 1
            if len(stack) >= DEEPEST:
                raise ValueError
            path = _enter(top)
            is_mapping = kind is yaml.MappingStartEvent
            # The texts of a list belong to the mapping that holds it.
            group = opened if is_mapping or top is None else top.group
            stack.append(_Level(path, group, is_mapping=is_mapping))
        elif kind in ENDS:
            closed = stack.pop()
            if closed.is_empty and closed.path:
                yield Setting((*closed.path, ""), "", _line(event), closed.group)
            if stack:
                stack[-1].key = None
        elif top and kind in VALUES:
            value = _value(event, anchors)
            if top.is_mapping and top.key is None:
                top.key, top.is_empty = value[:LONGEST_KEY], False
            else:
                top.is_empty = False
                yield from _scalar(top, value, event)
                top.key = None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _enter(top: _Level | None) -> tuple[str, ...]:
    if top is None:
        return ()
    if top.is_mapping and top.key is None:
        top.key = "?"  # a key that is itself a mapping
    top.is_empty = False
    return top.inner


def _value(event: Any, anchors: dict[str, str]) -> str:
    if isinstance(event, yaml.AliasEvent):
        return anchors.get(str(event.anchor), "")
    value: str = event.value
    if event.anchor and len(value) <= LONGEST_KEY:
        anchors[event.anchor] = value
    return value


def _scalar(top: _Level, value: str, event: Any) -> Iterator[Setting]:
    line, path = _line(event), top.inner or ("",)
    if getattr(event, "style", None) in ("|", ">"):
        for number, row in enumerate(value.splitlines()[:MOST], start=line + 1):
            yield Setting(path, row[:LONGEST_VALUE], number, top.group)
    else:
        empty = value in ("null", "~") and event.style is None if hasattr(event, "style") else False
        yield Setting(path, "" if empty else value[:LONGEST_VALUE], line, top.group)
