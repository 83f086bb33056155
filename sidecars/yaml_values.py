"""YAML -> values, event by event, so that depth, aliases and duplicate keys are bounded and told.

Scalars follow YAML 1.1 as Kubernetes does (yes is a boolean, 0644 is octal), but for base 60
and dates, which Kubernetes reads as text.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 100  # levels; the deepest CustomResourceDefinition known has about 60
MOST_NODES = 3_000_000  # values after aliases are unfolded
INTEGER = re.compile(r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*|0)")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?")
LONGEST_NUMBER = 40
WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"), False),
}

BROKEN = _("Not valid YAML: %(cause)s.")
MISPLACED = _(
    "Not valid YAML: %(cause)s. Check indentation, quotes and brackets of this line and of those before it."
)
TABBED = _("Not valid YAML: this line is indented with a tab. Indent with spaces.")
DUPLICATE = _("The key %(key)s stands twice in one object. Kubernetes would keep only one: remove the other.")
DEEP = _("Nested deeper than %(limit)s levels. No Kubernetes object is: check where the file comes from.")
BOMB = _(
    "Its aliases unfold to more than %(limit)s values. Write them out, or check where the file comes from."
)
BAD_ALIAS = _("The alias *%(name)s stands for nothing before it.")
BAD_MERGE = _("The merge key << needs an object or a list of objects.")
BAD_KEY = _(
    "A key must be plain text. If this is a Helm template, render it first: helm template NAME CHART."
)


class Broken(Exception):
    def __init__(self, line: int, message: str, **parameters: str | int) -> None:
        self.line, self.sentence = line, Sentence(message, parameters)


class Reader:
    """Events of the C parser -> values. Each value carries what it unfolds to."""

    def __init__(self, text: str, line: int) -> None:
        self._text, self._line = text, line
        self._anchors: dict[str, tuple[object, int]] = {}
        self._nodes = 0

    def documents(self) -> Iterator[tuple[int, object]]:
        parser = LOADER(self._text)
        try:
            while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
                if isinstance(event, yaml.DocumentStartEvent):
                    self._anchors.clear()
                    first = parser.get_event()
                    yield self._at(first), self._value(parser, first, 0)[0]
        except yaml.MarkedYAMLError as error:
            raise self._misplaced(error) from None
        except yaml.reader.ReaderError as error:
            line = self._text.count("\n", 0, int(error.position))
            raise Broken(self._line + line + 1, BROKEN, cause=_("a control character")) from None
        except yaml.YAMLError:
            raise Broken(self._line + 1, BROKEN, cause=_("it cannot be parsed")) from None
        finally:
            parser.dispose()

    def _misplaced(self, error: yaml.MarkedYAMLError) -> Broken:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else 0
        row = "".join(self._text.split("\n", line + 1)[line : line + 1])
        if "\t" in row[: len(row) - len(row.lstrip())]:
            return Broken(self._line + line + 1, TABBED)
        return Broken(self._line + line + 1, MISPLACED, cause=_cause(error))

    def _at(self, event: Any) -> int:
        return self._line + int(event.start_mark.line) + 1

    def _value(self, parser: Any, event: Any, depth: int) -> tuple[object, int]:
        """(value, values it unfolds to)."""
        if depth > DEEPEST:
            raise Broken(self._at(event), DEEP, limit=DEEPEST)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise Broken(self._at(event), BAD_ALIAS, name=str(event.anchor)[:80])
            return self._count(event, *self._anchors[event.anchor])
        if isinstance(event, yaml.ScalarEvent):
            found: tuple[object, int] = (_scalar(event), 1)
        elif isinstance(event, yaml.SequenceStartEvent):
            found = self._list(parser, depth)
        else:
            found = self._mapping(parser, depth)
        if event.anchor:
            self._anchors[event.anchor] = found
        return self._count(event, *found)

    def _count(self, event: Any, value: object, size: int) -> tuple[object, int]:
        if size > MOST_NODES:
            raise Broken(self._at(event), BOMB, limit=MOST_NODES)
        return value, size

    def _list(self, parser: Any, depth: int) -> tuple[object, int]:
        found, size = list[object](), 1
        while not isinstance(event := parser.get_event(), yaml.SequenceEndEvent):
            value, weight = self._value(parser, event, depth + 1)
            found.append(value)
            size += weight
        return found, size

    def _mapping(self, parser: Any, depth: int) -> tuple[object, int]:
        found: dict[str, object] = {}
        merged: dict[str, object] = {}
        size = 1
        while not isinstance(event := parser.get_event(), yaml.MappingEndEvent):
            if isinstance(event, yaml.AliasEvent) or not isinstance(event, yaml.ScalarEvent):
                raise Broken(self._at(event), BAD_KEY)
            key = event.value
            value, weight = self._value(parser, parser.get_event(), depth + 1)
            size += weight
            self._count(event, value, size)
            if key == "<<" and event.implicit[0]:
                merged = _merge(value, self._at(event)) | merged
            elif key in found:
                raise Broken(self._at(event), DUPLICATE, key=key[:80])
            else:
                found[key] = value
        return merged | found, size


def _merge(value: object, line: int) -> dict[str, object]:
    """Earlier objects of a list win."""
    parts = value if isinstance(value, list) else [value]
    found: dict[str, object] = {}
    for part in parts:
        if not isinstance(part, dict):
            raise Broken(line, BAD_MERGE)
        found = part | found
    return found


def _scalar(event: Any) -> object:
    text = str(event.value)
    if not event.implicit[0]:
        return _tagged(str(event.tag or ""), text)
    if text in WORDS:
        return WORDS[text]
    return _number(text) if text[0] in "+-.0123456789" and len(text) <= LONGEST_NUMBER else text


def _tagged(tag: str, text: str) -> object:
    """A quoted or block scalar is text; so is one with any tag but those of numbers and truth."""
    if tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float"):
        return _number(text[:LONGEST_NUMBER])
    if tag in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"):
        return WORDS.get(text)
    return text


def _number(text: str) -> object:
    plain = text.replace("_", "")
    if INTEGER.fullmatch(text):
        sign = -1 if plain[0] == "-" else 1
        digits = plain.lstrip("+-")
        if digits[:1] == "0" and digits[1:].isdigit():
            digits = "0o" + digits  # YAML 1.1: 0644 is octal
        try:
            return sign * int(digits, 0)
        except ValueError:
            return text
    if FLOAT.fullmatch(text) and math.isfinite(number := float(plain)):
        return number
    return text


def _cause(error: yaml.MarkedYAMLError) -> str:
    """The parser's problem, without the lines of the file that it may quote."""
    parts = [str(part) for part in (error.context, error.problem) if part]
    return ", ".join(parts)[:200]
