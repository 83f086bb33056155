"""Files that a container writes, as its command, flags, variables and mounted files say."""

import posixpath
import re
from collections.abc import Iterator

from sidecars.configured import Configured
from sidecars.topology import Evidence, Written

MOST = 50  # per container
PATH = r"(?P<path>/[A-Za-z0-9_.+@/-]{1,200})"
SHELL = re.compile(rf"(?:>>?\s{{0,8}}|\btee (?:-a )?){PATH}")
FLAG = re.compile(rf"^--?(?:log[_.-]?file|log[_.-]?path|log[_.-]?output|pid[_.-]?file)[= ]{PATH}$")
NAME = re.compile(r"(?i)(?:^|_)(?:LOG|PID|ACCESS_LOG|ERROR_LOG)_?(?:FILE|PATH)(?:_?NAME)?$")
DIRECTIVE = re.compile(rf"(?m)^[ \t]{{0,64}}(?:access_log|error_log|pid|CustomLog|ErrorLog)[ \t]+\"?{PATH}")


def find_written(configured: Configured) -> tuple[Written, ...]:
    found = {written.path: written for written in _find(configured)}
    return tuple(found.values())[:MOST]


def _find(configured: Configured) -> Iterator[Written]:
    for argument in configured.arguments:
        for match in (*SHELL.finditer(argument.value), *FLAG.finditer(argument.value)):
            yield from _written(match["path"], argument.source, argument.field)
    for variable in configured.variables:
        if NAME.search(variable.name) and re.fullmatch(PATH, variable.value):
            yield from _written(variable.value, variable.source, variable.field)
    for file in configured.files:
        for match in DIRECTIVE.finditer(file.content):
            line = file.content.count("\n", 0, match.start("path")) + 1
            yield from _written(match["path"], file.source, file.field, line)


def _written(path: str, source: str, field: str, line: int | None = None) -> Iterator[Written]:
    """Devices and standard output are no files."""
    path = posixpath.normpath(path)
    if not path.startswith(("/dev/", "/proc/", "//")):
        yield Written(path, Evidence(source, field, path, line))
