"""Logstash's pipeline language, with config.support_escapes.

A section or plugin is (name, children), a setting [name, value]; a codec with settings is a plugin.
Source: logstash-core/lib/logstash/compiler/lscl/lscl_grammar.treetop.
"""

import re
from typing import Any

TOKEN = re.compile(
    r"""\s+ | (?P<string>"(?:\\.|[^"\\])*") | (?P<number>-?[0-9]+(?:\.[0-9]+)?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*) | (?P<mark>=>|[{}\[\],])""",
    re.VERBOSE | re.DOTALL,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\", '"': '"', "'": "'", "/": "/"}
Token = tuple[str, str]


def parse(text: str) -> list[Any]:
    tokens = list(_tokens(text))
    found = []
    while tokens:
        kind, name = tokens.pop(0)
        assert kind == "word" and name in ("input", "filter", "output"), name
        found.append((name, _body(tokens)))
    return found


def _tokens(text: str) -> Any:
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match, f"cannot be read: {text[at : at + 20]!r}"
        at = match.end()
        if match.lastgroup:
            yield match.lastgroup, match[match.lastgroup]


def _take(tokens: list[Token], wanted: str) -> None:
    assert tokens and tokens.pop(0) == ("mark", wanted), f"{wanted} is missing"


def _body(tokens: list[Token]) -> list[Any]:
    _take(tokens, "{")
    found: list[Any] = []
    while tokens[0] != ("mark", "}"):
        kind, name = tokens.pop(0)
        assert kind in ("word", "string"), name
        if tokens[0] == ("mark", "{"):
            found.append((name, _body(tokens)))
        else:
            _take(tokens, "=>")
            found.append([name, _value(tokens)])
    tokens.pop(0)
    return found


def _value(tokens: list[Token]) -> Any:
    kind, text = tokens.pop(0)
    if kind == "string":
        return _unescape(text[1:-1])
    if kind == "number":
        return int(text)
    if kind == "word":
        if tokens and tokens[0] == ("mark", "{"):
            return (text, _body(tokens))
        return {"true": True, "false": False}.get(text, text)
    if text == "[":
        return _list(tokens)
    assert text == "{", text
    return _hash(tokens)


def _list(tokens: list[Token]) -> list[Any]:
    found: list[Any] = []
    while tokens[0] != ("mark", "]"):
        found.append(_value(tokens))
        if tokens[0] == ("mark", ","):
            tokens.pop(0)
    tokens.pop(0)
    return found


def _hash(tokens: list[Token]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while tokens[0] != ("mark", "}"):
        name = _value(tokens)
        _take(tokens, "=>")
        found[name] = _value(tokens)
    tokens.pop(0)
    return found


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: ESCAPES[match[1]], text, flags=re.DOTALL)
