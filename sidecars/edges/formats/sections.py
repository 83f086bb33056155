"""Texts of lines -> settings: INI, TOML, properties, KEY=VALUE, `key value`, with [sections]."""

import re
from collections.abc import Iterator

from sidecars.edges.formats.settings import LONGEST_KEY, LONGEST_VALUE, MOST, Setting

HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]\n]{1,300}?)\s*\]\]?\s*(?:[#;].*)?$")
ASSIGNED = re.compile(
    r"^\s*(?:export\s+|set\s+)?([A-Za-z0-9_.$@%\"'*/-][^=:\n]{0,200}?)\s*[=:](?!//)\s*(.*)$"
)
SPACED = re.compile(r"^\s*([A-Za-z0-9_.@$+-]{1,200})(?:\s+|\s*=\s*)(.*)$")
COMMENT = re.compile(r"\s[#;].*$")
NAMES = re.compile(r"\"[^\"]{0,200}\"|'[^']{0,200}'|[^.\s\"']+")
PLAIN = re.compile(r"[A-Za-z0-9_-]{1,200}")
TRIPLE = ('"""', "'''")


def read_sections(content: str, *, spaced: bool = False) -> list[Setting]:
    """`spaced`: a blank parts key and value, as in Fluent Bit and redis.conf."""
    found: list[Setting] = []
    for setting in _settings(content, SPACED if spaced else ASSIGNED):
        found.append(setting)
        if len(found) >= MOST:
            break
    return found


def _settings(content: str, pattern: re.Pattern[str]) -> Iterator[Setting]:
    section: tuple[str, ...] = ()
    group, is_text = 0, ""
    going_on: tuple[str, ...] | None = None  # the key of a list that is still open
    for number, line in enumerate(content.splitlines(), start=1):
        line = line[:LONGEST_VALUE]
        if is_text:
            is_text = "" if is_text in line else is_text
            continue
        stripped = line.strip()
        if not stripped or stripped[0] in "#;!" or stripped.startswith("//"):
            continue
        if going_on is not None:
            yield from _elements(going_on, stripped, number, group)
            going_on = None if stripped.rstrip(",").endswith("]") else going_on
        elif stripped[0] == "[" and (header := HEADER.match(line)):
            group += 1
            section = tuple(_names(header[2]))
        elif assigned := pattern.match(line):
            path = (*section, *_names(assigned[1])) or ("",)
            value = _uncommented(assigned[2])
            if value.startswith(TRIPLE):
                is_text = value[:3] if value.count(value[:3]) == 1 else ""
            if value.startswith("[") and not value.startswith("[:") and "]:" not in value:
                yield from _elements(path, value, number, group)
                going_on = None if value.endswith("]") else path
            elif not is_text:
                yield Setting(path, value, number, group)


def _names(words: str) -> Iterator[str]:
    """`inputs.tail` is two names, "a.b" in quotes one."""
    if PLAIN.fullmatch(words):
        yield words
        return
    for name in NAMES.findall(words.strip()):
        yield name.strip("\"'")[:LONGEST_KEY]


def _uncommented(value: str) -> str:
    """Without an inline comment; a # inside quotes stays."""
    if value.startswith(("'", '"')) and (end := value.find(value[0], 1)) > 0:
        return value[1:end] if not value[end + 1 :].strip() or value[end + 1 :].strip()[0] in "#;" else value
    return COMMENT.sub("", value).strip() if "#" in value or ";" in value else value.strip()


def _elements(path: tuple[str, ...], text: str, line: int, group: int) -> Iterator[Setting]:
    for element in text.strip("[], \t").split(",")[:500]:
        if value := element.strip().strip("\"'"):
            yield Setting(path, value, line, group)
