"""Whole configuration files in a variable or a flag: AOT_CONFIG_CONTENT, --config-yaml."""

import re
from collections.abc import Iterator
from dataclasses import replace

from sidecars.configured import Argument, Configured, File, Variable
from sidecars.edges import files
from sidecars.edges.findings import Finding
from sidecars.edges.shell import SHELLS

WHOLE = re.compile(r"^\s{0,20}\{|\n")
FLAG = re.compile(r"^--?([A-Za-z][A-Za-z0-9_.-]{0,60})(?:=|\s|$)")
SHELL = re.compile(r"^-[a-z]{0,4}c$")
UNTOLD = frozenset({"generic", "shell"})  # no format that says whose the addresses are
SHORTEST = 20


def find(configured: Configured) -> Iterator[Finding]:
    known = tuple(file for file in _files(configured) if files.tell_file(file)[0] not in UNTOLD)
    if known:
        yield from files.find(replace(configured, files=known))


def _files(configured: Configured) -> Iterator[File]:
    for variable in configured.variables:
        if not variable.is_hidden and _is_whole(variable.value):
            yield _file(variable.name, variable.value, variable)
    words = [argument.value for argument in configured.arguments]
    if any(word.rpartition("/")[2] in SHELLS for word in words[:1]):
        return
    for argument, before in zip(configured.arguments, ("", *words), strict=False):
        flag = FLAG.match(argument.value)
        name = flag or FLAG.match(before)
        value = argument.value[flag.end() :] if flag else argument.value
        if name and not SHELL.match(before) and _is_whole(value):
            yield _file(name[1], value, argument)


def _is_whole(value: str) -> bool:
    return len(value) > SHORTEST and WHOLE.search(value) is not None


def _file(name: str, content: str, place: Variable | Argument) -> File:
    return File(name, content, place.source, place.field)
