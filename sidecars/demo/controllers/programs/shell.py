"""Enough of a shell for the scripts of test pods: echo, sleep, exit, loops, variables.

What it does not know succeeds in silence.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass, field

from .box import Box, Idle, Program

_TOKEN = re.compile(
    r"""(?P<word>(?:\$\(\((?:[^)])*\)\)|\$\([^)]*\)|"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s;&|<>"'\\])+)"""
    r"""|(?P<op>;;|&&|\|\||[;&|\n]|[0-9]?>&?[0-9]*|<)|(?P<space>[ \t\r]+)|(?P<comment>\#[^\n]*)"""
)
NEVER_REACHED = ("nc", "wget", "curl", "pg_isready", "nslookup")  # nobody answers
_SEPARATORS = {";", "\n", "&", "|"}


class Stop(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


@dataclass(slots=True)
class Shell:
    box: Box
    variables: dict[str, str] = field(default_factory=dict)


Run = Generator[float, None, int]


def run_script(box: Box, script: str) -> Program:
    shell = Shell(box)
    try:
        return (yield from _run(shell, _tokens(script)))
    except Stop as stop:
        return stop.code


def run_words(box: Box, words: list[str]) -> Program:
    try:
        return (yield from _command(Shell(box), words))
    except Stop as stop:
        return stop.code


def _tokens(script: str) -> list[str]:
    return [match[0] for match in _TOKEN.finditer(script) if match.lastgroup in ("word", "op")]


def _run(shell: Shell, tokens: list[str]) -> Run:
    code, position = 0, 0
    while position < len(tokens):
        token = tokens[position]
        if token in _SEPARATORS:
            position += 1
        elif token in ("&&", "||"):
            position += 1
            if (token == "&&") == (code != 0):
                position = _simple_end(tokens, position)
        elif token in ("while", "until"):
            end = _block_end(tokens, position)
            code = yield from _while(shell, tokens[position + 1 : end], token == "while")
            position = end + 1
        elif token == "for":
            end = _block_end(tokens, position)
            code = yield from _for(shell, tokens[position + 1 : end])
            position = end + 1
        else:
            end = _simple_end(tokens, position)
            code = yield from _command(shell, [_expand(shell, word) for word in tokens[position:end]])
            position = end
    return code


def _simple_end(tokens: list[str], position: int) -> int:
    while position < len(tokens) and tokens[position] not in (*_SEPARATORS, "&&", "||"):
        position += 1
    return position


def _block_end(tokens: list[str], position: int) -> int:
    depth = 0
    for index in range(position, len(tokens)):
        if tokens[index] in ("while", "until", "for"):
            depth += 1
        elif tokens[index] == "done":
            depth -= 1
            if not depth:
                return index
    return len(tokens)


def _while(shell: Shell, tokens: list[str], wanted: bool) -> Run:
    split = tokens.index("do")
    while True:
        code = yield from _run(shell, tokens[:split])
        if (code == 0) != wanted:
            return 0
        before = shell.box.clock.now()
        yield from _run(shell, tokens[split + 1 :])
        if shell.box.clock.now() == before:
            yield Idle(0.05)  # a busy loop must not hold up the cluster


def _for(shell: Shell, tokens: list[str]) -> Run:
    split = tokens.index("do")
    words: list[str] = []
    for word in tokens[2:split]:
        if word not in _SEPARATORS:
            words += _expand(shell, word).split()
    for word in words:
        shell.variables[tokens[0]] = word
        yield from _run(shell, tokens[split + 1 :])
    return 0


def _command(shell: Shell, words: list[str]) -> Run:
    words = [word for word in words if not re.fullmatch(r"[0-9]?>&?[0-9]*|<", word)]
    while words and (assigned := re.fullmatch(r"([A-Za-z_]\w*)=(.*)", words[0], re.S)):
        shell.variables[assigned[1]] = assigned[2]
        words = words[1:]
    if words and words[0] == "exec":
        words = words[1:]
    if not words:
        return 0
    name, rest = words[0].rpartition("/")[2], words[1:]
    if name == "echo":
        shell.box.say(" ".join(rest[1:] if rest[:1] in (["-n"], ["-e"]) else rest))
    elif name == "printf":
        _printf(shell, rest)
    elif name == "sleep" and rest[:1] in (["inf"], ["infinity"]):
        while True:
            yield Idle(3600.0)
    elif name == "sleep":
        yield _seconds(rest)
    elif name == "exit":
        raise Stop(int(rest[0]) if rest else 0)
    elif name in ("false", *NEVER_REACHED):
        return 1
    elif name == "test" or name == "[":
        return _test([word for word in rest if word != "]"])
    elif (name == "tail" and "-f" in rest) or name == "wait":
        while True:
            yield Idle(3600.0)
    return 0


def _printf(shell: Shell, words: list[str]) -> None:
    text = words[0].replace("%s", "{}").replace("%d", "{}") if words else ""
    for line in text.format(*words[1:]).replace("\\n", "\n").rstrip("\n").split("\n"):
        shell.box.say(line)


def _seconds(words: list[str]) -> float:
    text = words[0] if words else "0"
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if text[-1:] in units:
        return float(text[:-1]) * units[text[-1]]
    return float(text)


def _test(words: list[str]) -> int:
    compare = {"-lt": int.__lt__, "-le": int.__le__, "-gt": int.__gt__, "-ge": int.__ge__, "-eq": int.__eq__}
    if len(words) == 3 and words[1] in compare:
        return 0 if compare[words[1]](int(words[0] or 0), int(words[2] or 0)) else 1
    if len(words) == 3 and words[1] in ("=", "!="):
        return 0 if (words[0] == words[2]) == (words[1] == "=") else 1
    return 1


def _expand(shell: Shell, word: str) -> str:
    parts = re.findall(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|[^'\"\\]+", word, re.S)
    return "".join(_expand_part(shell, part) for part in parts)


def _expand_part(shell: Shell, part: str) -> str:
    if part.startswith("'"):
        return part[1:-1]
    if part.startswith("\\"):
        return part[1:]
    if part.startswith('"'):
        part = re.sub(r'\\(["\\$`])', r"\1", part[1:-1])
    part = re.sub(r"\$\(\((.*?)\)\)", lambda found: _arithmetic(shell, found[1]), part)
    part = re.sub(r"\$\((.*?)\)", lambda found: _substitute(shell, found[1]), part)
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: _value(shell, found[1] or found[2]), part)


def _value(shell: Shell, name: str) -> str:
    return shell.variables.get(name, shell.box.env(name))


def _arithmetic(shell: Shell, text: str) -> str:
    terms = re.findall(r"[-+]|\w+", text)
    total, sign = 0, 1
    for term in terms:
        if term in "+-":
            sign = 1 if term == "+" else -1
        else:
            number = term if term.isdigit() else _value(shell, term)
            total, sign = total + sign * int(number or 0), 1
    return str(total)


def _substitute(shell: Shell, text: str) -> str:
    words = [_expand(shell, word) for word in text.split()]
    if words[:1] == ["seq"]:
        ends = [int(word) for word in words[1:]]
        first, last = (1, ends[0]) if len(ends) == 1 else (ends[0], ends[-1])
        return " ".join(str(number) for number in range(first, last + 1))
    if words[:1] == ["date"]:
        return shell.box.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    if words[:1] == ["hostname"]:
        return shell.box.pod_name
    return ""
