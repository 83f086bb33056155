"""Fluentd's configuration, version 1: sections, and directives of a name and a value.

A section is (name, argument, children), a directive [name, value]; a value is the text that Fluentd would
see, or Ruby(code) for double quotes, which run code. Source: fluent/config/v1_parser.rb, literal_parser.rb.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

OPEN = re.compile(r"<([a-z_]+)(?: ([^>\n]+))?>")
CLOSE = re.compile(r"</([a-z_]+)>")
DIRECTIVE = re.compile(r"([@A-Za-z_][A-Za-z0-9_]*) (.+)")


@dataclass(frozen=True)
class Ruby:
    code: str


def parse(text: str) -> list[Any]:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    children, rest = _children(lines, "")
    assert not rest, "a closing tag too many"
    return children


def _children(lines: list[str], closing: str) -> tuple[list[Any], list[str]]:
    found: list[Any] = []
    while lines:
        line, lines = lines[0], lines[1:]
        if match := CLOSE.fullmatch(line):
            assert match[1] == closing, f"</{match[1]}> closes <{closing}>"
            return found, lines
        if match := OPEN.fullmatch(line):
            inner, lines = _children(lines, match[1])
            found.append((match[1], match[2] or "", inner))
            continue
        match = DIRECTIVE.fullmatch(line)
        assert match, f"no directive: {line!r}"
        found.append([match[1], _value(match[2])])
    assert not closing, f"<{closing}> is not closed"
    return found, []


def _value(text: str) -> Any:
    if text.startswith("'"):
        return _single_quoted(text)
    if text.startswith('"'):
        assert text.endswith('"') and '"' not in text[1:-1], text
        return Ruby(text[1:-1])
    if text.startswith(("{", "[")):
        return json.loads(text)
    assert not re.search(r"\s#|[\"'<>\\]", text), f"not plain: {text!r}"
    return text


def _single_quoted(text: str) -> str:
    value, at = "", 1
    while True:
        assert at < len(text), "a quote is not closed"
        if text[at] == "'":
            assert at == len(text) - 1, f"more after the quotes: {text!r}"
            return value
        if text[at] == "\\" and text[at + 1] in "\\'":
            at += 1
        value, at = value + text[at], at + 1
