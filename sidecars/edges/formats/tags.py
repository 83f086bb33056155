"""Texts of <tags> and `key value` lines -> settings: Fluentd, Apache httpd."""

import re
from collections.abc import Iterator

from sidecars.edges.formats.settings import DEEPEST, LONGEST_KEY, LONGEST_VALUE, MOST, Setting

OPEN = re.compile(r"^\s*<([A-Za-z@][^>\n]{0,300})>")
CLOSE = re.compile(r"^\s*</[A-Za-z@][A-Za-z_]{0,60}\s*>")
PAIR = re.compile(r"^\s*([A-Za-z0-9_@.]{1,100})(?:\s+(.*?))?\s*$")


def read_tags(content: str) -> list[Setting]:
    found: list[Setting] = []
    for setting in _settings(content):
        found.append(setting)
        if len(found) >= MOST:
            break
    return found


def _settings(content: str) -> Iterator[Setting]:
    stack: list[tuple[tuple[str, ...], int]] = [((), 0)]
    opened = 0
    for number, line in enumerate(content.splitlines(), start=1):
        line = line[:LONGEST_VALUE]
        path, group = stack[-1]
        if match := OPEN.match(line):
            opened += 1
            if len(stack) < DEEPEST:
                stack.append(((*path, " ".join(match[1].split())[:LONGEST_KEY]), opened))
        elif CLOSE.match(line):
            if len(stack) > 1:
                stack.pop()
        elif match := PAIR.match(line):
            yield Setting((*path, match[1]), match[2] or "", number, group)
