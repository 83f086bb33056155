"""Command lines as the simple commands that they are made of, whether or not a shell reads them."""

import posixpath
import re
from collections.abc import Iterator

import msgspec

from sidecars.configured import Argument, Program

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh", "busybox"})
TOKEN = re.compile(r"(?:[^\s\"'|;&()<>`]|\"[^\"]*\"|'[^']*'|\\\n)+|[|;&\n()`]+")
INSIDE = re.compile(r"\"\$\(([^\"()]{1,400})\)\"")  # "$(curl -s localhost:9200)" runs what stands inside
BREAK = re.compile(r"^[|;&\n()`]+$")
COMMENT = re.compile(r"(?m)^[ \t]*#.*$")
CONTINUED = re.compile(r"\\\r?\n")
JOINED = re.compile(r"\d?[<>]&[\d-]|&>>?")  # 2>&1 puts nothing into the background
# What may stand before the program's name in a line.
BEFORE = frozenset({
    "exec", "until", "while", "if", "elif", "!", "do", "then", "else", "time", "sudo", "nohup", "command",
    "env", "eval", "{", "}", "tini", "dumb-init", "gosu", "su-exec", "$", "export", "local",
})  # fmt: skip
ASSIGNMENT = re.compile(r"^([A-Za-z_][A-Za-z0-9_]{0,200})=(.*)$", re.DOTALL)
SCRIPT_FLAG = re.compile(r"-[a-z]{0,4}c")
MOST_WORDS = 4000


class Word(msgspec.Struct, frozen=True, gc=False):
    text: str
    argument: Argument  # where it stands


class Line(msgspec.Struct, frozen=True, gc=False):
    """One simple command: the program's name without its folder, what follows, and the variables it gets."""

    tool: str
    words: tuple[Word, ...]
    settings: tuple[tuple[str, Word], ...] = ()
    is_script: bool = False
    is_background: bool = False
    is_awaited: bool = False  # until … or while ! …: what it asks for, another makes


def read_lines(program: Program) -> Iterator[Line]:
    plain: list[Word] = []
    for argument in program.words:
        if _is_script(argument.value, plain):
            yield from read_script(argument)
        else:
            plain.append(Word(argument.value, argument))
    if plain:
        yield _line(plain)


def _is_script(value: str, before: list[Word]) -> bool:
    if "\n" in value.strip():
        return True
    flag = before[-1].text if before else ""
    if not SCRIPT_FLAG.fullmatch(flag):
        return False
    names = {posixpath.basename(word.text) for word in before}
    return bool(names & SHELLS or not names - {flag})


def read_script(argument: Argument) -> Iterator[Line]:
    """The commands of a whole script, or of a line of one."""
    text = JOINED.sub(" ", CONTINUED.sub(" ", COMMENT.sub("", argument.value)))
    if "$(" in text and '"' in text:
        text = INSIDE.sub(r" $(\1) ", text)
    found: list[Word] = []
    for match in TOKEN.finditer(text):
        if BREAK.match(match[0]):
            if found:
                yield _line(found, is_script=True, is_background=match[0].strip() == "&")
            found = []
        elif len(found) < MOST_WORDS:
            found.append(Word(match[0].replace('"', "").replace("'", ""), argument))
    if found:
        yield _line(found, is_script=True)


def _line(found: list[Word], *, is_script: bool = False, is_background: bool = False) -> Line:
    settings, rest = [], list(found)
    before = frozenset(word.text for word in found[:3])
    while rest:
        first = rest[0].text
        assigned = ASSIGNMENT.match(first)
        if assigned and not first.startswith("-"):
            settings.append((assigned[1], Word(assigned[2], rest[0].argument)))
        elif first == "timeout":
            while len(rest) > 1 and (rest[1].text.startswith("-") or rest[1].text[:1].isdigit()):
                rest.pop(1)
        elif posixpath.basename(first) not in BEFORE and first != "--" and not SCRIPT_FLAG.fullmatch(first):
            break
        rest.pop(0)
    # Arguments alone: the image's own entry point is the program.
    tool = posixpath.basename(rest[0].text)[:80] if rest and not rest[0].text.startswith("-") else ""
    is_awaited = "until" in before or {"while", "!"} <= before
    return Line(tool, tuple(rest), tuple(settings), is_script, is_background, is_awaited)
