"""Typed parameters: a value is accepted whole or refused, never repaired.

Patterns are ASCII and match the whole value: in Python `$` accepts a trailing newline and
`\\d` the digits of other scripts, so `fullmatch` and `[0-9]` only.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Literal, NoReturn

import msgspec

from sidecars.errors import BadParameter
from sidecars.messages import gettext_noop as _

TypeName = Literal[
    "port", "integer", "boolean", "choice", "size", "header", "method", "text", "host",
    "prefix", "dir", "glob", "regex", "label_key", "label_value", "secret", "json", "list",
]  # fmt: skip

PATTERNS: Mapping[str, re.Pattern[str]] = {
    "size": re.compile(r"[0-9]{1,5}[kmgKMG]?"),
    "header": re.compile(r"[A-Za-z0-9-]{1,64}"),
    "method": re.compile(r"[A-Z]{3,8}"),
    "text": re.compile(r"[\x20-\x7e]{0,512}"),
    "host": re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"),
    "prefix": re.compile(r"/[A-Za-z0-9._~/-]{0,200}"),
    "dir": re.compile(r"/([A-Za-z0-9._~-]{1,100}/){1,8}"),
    "glob": re.compile(r"/[A-Za-z0-9._~*?/-]{1,200}"),
    "regex": re.compile(r"[^\x00-\x1f$]{1,128}"),
    "label_key": re.compile(r"(?!(?:pod|namespace)\Z)[A-Za-z_][A-Za-z0-9_]{0,62}"),
    "label_value": re.compile(r"[^\x00-\x1f\x7f]{0,256}"),
    "secret": re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/[A-Za-z0-9._-]{1,253}"),
    "json": re.compile(r"[\x09\x0a\x0d\x20-\x7e]{2,16384}"),
}
SHAPES: Mapping[str, str] = {
    "size": _("A number with k, m or g after it, such as 10m."),
    "header": _("Letters, digits and hyphens only, such as X-Frame-Options."),
    "method": _("Capital letters only, such as GET."),
    "text": _("Printable ASCII characters only, at most 512."),
    "host": _("A host name or an address."),
    "prefix": _("A path that begins with /, without .. in it."),
    "dir": _("A folder that begins and ends with /, without .. in it."),
    "glob": _("A file pattern that begins with /, without .. in it."),
    "regex": _("A regular expression of at most 128 characters, without $."),
    "label_key": _("Letters, digits and _, not beginning with a digit; not pod or namespace."),
    "label_value": _("At most 256 characters, none of them a control character."),
    "secret": _("Name and key of a Secret, such as sink/token. It is not read here."),
    "json": _("A JSON document of printable ASCII characters, at most 16 KiB."),
}
OTHER_FORM = _("This does not have the form that the help describes.")
NUMBER = re.compile(r"[0-9]{1,9}")
TRUE, FALSE = (True, "true", "on", "1"), (False, "false", "off", "0", "")
PORTS = (1024, 65535)  # a container that is not root cannot bind below 1024 everywhere


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a preset's form. `items` are the fields of one entry of a list."""

    name: str
    type: TypeName
    label: dict[str, str] = {}
    help: dict[str, str] = {}
    default: Any = ""
    required: bool = True
    min: int | None = None
    max: int | None = None
    choices: tuple[str, ...] = ()
    pattern: str = ""  # what a text must match besides, as a whole
    prefill: str = ""
    unit: str = ""
    punctuation: str = ""  # characters that this text may hold beyond what its writer allows
    items: "tuple[Parameter, ...]" = ()
    min_items: int = 0
    max_items: int = 20
    advanced: bool = False  # folded away in the form
    needs: str = ""  # has an effect only while this other parameter is filled in

    def read(self, raw: object) -> Any:
        """The value as bool, int, str or list. Raises BadParameter with this name.

        A list comes as a list, or as text with one entry a line ("Name: value").
        """
        if self.type == "boolean":
            return self._read_boolean(raw)
        if self.type == "list":
            return self._read_list(raw)
        if raw in ("", None) and not self.required:
            return ""
        if self.type in ("port", "integer"):
            return self._read_number(raw)
        if self.type == "choice":
            if raw not in self.choices:
                self._refuse(_("One of: %(choices)s."), choices=", ".join(self.choices))
            return raw
        return self._read_text(raw)

    def _read_boolean(self, raw: object) -> bool:
        if not isinstance(raw, (bool, str)) or raw not in TRUE + FALSE:
            self._refuse(_("Either on or off."))
        return raw in TRUE

    def _read_number(self, raw: object) -> int:
        low, high = PORTS if self.type == "port" else (0, 999_999_999)
        low = low if self.min is None else self.min
        high = high if self.max is None else self.max
        text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
        if not isinstance(text, str) or not NUMBER.fullmatch(text) or not low <= int(text) <= high:
            self._refuse(_("A whole number from %(low)s to %(high)s."), low=low, high=high)
        return int(text)

    def _read_text(self, raw: object) -> str:
        if not isinstance(raw, str) or not PATTERNS[self.type].fullmatch(raw):
            self._refuse(SHAPES[self.type])
        parts = raw.split("/")
        if self.type in ("prefix", "dir", "glob") and (".." in parts or "." in parts or ".." in raw):
            self._refuse(SHAPES[self.type])
        if self.pattern and not re.fullmatch(self.pattern, raw):
            self._refuse(OTHER_FORM)
        if not _is_readable(self.type, raw):
            self._refuse(SHAPES[self.type])
        return raw

    def _read_list(self, raw: object) -> list[Any]:
        entries = self._split(raw) if isinstance(raw, str) else raw
        if not isinstance(entries, (list, tuple)):
            self._refuse(_("A list."))
        if len(entries) < self.min_items:
            self._refuse(_("At least %(count)s entry is needed."), count=self.min_items)
        if len(entries) > self.max_items:
            self._refuse(_("At most %(count)s entries."), count=self.max_items)
        return [self._read_entry(entry, row) for row, entry in enumerate(entries, 1)]

    def _split(self, text: str) -> list[object]:
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        return [self._split_line(line) for line in lines if line.strip(" ")]

    def _split_line(self, line: str) -> object:
        if len(self.items) == 1:
            return line
        first, colon, rest = line.partition(":")
        if not colon or len(self.items) != 2:
            self._refuse(_("One entry a line, as name: value."))
        return {self.items[0].name: first, self.items[1].name: rest.removeprefix(" ")}

    def _read_entry(self, entry: object, row: int) -> Any:
        try:
            if len(self.items) == 1:
                return self.items[0].read(entry)
            if not isinstance(entry, dict) or set(entry) != {item.name for item in self.items}:
                self._refuse(_("One entry a line, as name: value."))
            return {item.name: item.read(entry[item.name]) for item in self.items}
        except BadParameter as error:
            error.item = error.field if error.field != self.name else ""
            error.field, error.row = self.name, row
            raise

    def _refuse(self, sentence: str, **parameters: object) -> NoReturn:
        raise BadParameter(self.name, sentence, advice="", **parameters)


def _is_readable(type_name: str, raw: str) -> bool:
    """What no pattern can say: a regular expression compiles, JSON is JSON."""
    try:
        if type_name == "regex":
            re.compile(raw)
        if type_name == "json":
            json.loads(raw)
    except (re.error, ValueError, RecursionError):
        return False
    return True
