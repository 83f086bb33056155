"""Reads as much of nginx's configuration language as the demo's proxies use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r'\s+|\#[^\n]*|(?P<mark>[{};])|"(?P<double>(?:\\.|[^"\\])*)"'
    r"|'(?P<single>(?:\\.|[^'\\])*)'|(?P<bare>[^\s{};]+)"
)


@dataclass(slots=True)
class Directive:
    words: list[str]
    block: list[Directive] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.words[0]

    def find(self, name: str) -> Directive | None:
        return next((each for each in self.block if each.name == name), None)

    def find_all(self, name: str) -> list[Directive]:
        return [each for each in self.block if each.name == name]


class BadConfig(ValueError):
    pass


def parse(text: str) -> Directive:
    root = Directive(["main"])
    stack, words = [root], list[str]()
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise BadConfig(f"unexpected {text[position]!r}")
        position = found.end()
        mark = found["mark"]
        if mark == ";":
            if not words:
                raise BadConfig('unexpected ";"')
            stack[-1].block.append(Directive(words))
            words = []
        elif mark == "{":
            opened = Directive(words or [""])
            stack[-1].block.append(opened)
            stack.append(opened)
            words = []
        elif mark == "}":
            if len(stack) == 1 or words:
                raise BadConfig('unexpected "}"')
            stack.pop()
        else:
            word = _word(found)
            if word is not None:
                words.append(word)
    if len(stack) > 1 or words:
        raise BadConfig('unexpected end of file, expecting "}"')
    return root


def _word(found: re.Match[str]) -> str | None:
    if found["bare"] is not None:
        return found["bare"]
    quoted = found["double"] if found["double"] is not None else found["single"]
    if quoted is None:
        return None
    return re.sub(r"\\(.)", lambda each: {"n": "\n", "t": "\t"}.get(each[1], each[1]), quoted)


@dataclass(slots=True)
class Site:
    """One server block, with what it inherits."""

    ports: list[int]
    block: Directive
    upstreams: dict[str, str]
    log_format: str = "combined"
    log_template: str = ""


def sites(root: Directive) -> list[Site]:
    """Of a whole nginx.conf, or of a conf.d file that is included into one."""
    http = root.find("http") or root
    upstreams = {
        each.words[1]: server.words[1]
        for each in http.find_all("upstream")
        if (server := each.find("server"))
    }
    formats = {each.words[1]: "".join(_after_options(each)) for each in http.find_all("log_format")}
    found = []
    for block in http.find_all("server"):
        access = block.find("access_log") or http.find("access_log")
        name = access.words[2] if access and len(access.words) > 2 else "combined"
        ports = [int(port) for each in block.find_all("listen") if (port := _port(each.words[1]))]
        found.append(Site(ports or [80], block, upstreams, name, formats.get(name, "")))
    return found


def _after_options(directive: Directive) -> list[str]:
    return [word for word in directive.words[2:] if not word.startswith("escape=")]


def _port(listen: str) -> str:
    text = listen.rpartition(":")[2]
    return text if text.isdigit() else ""
