"""Files that a container reads and writes, as its command, flags, variables and mounted files say."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sidecars.configured import Configured
from sidecars.edges.files import read_file
from sidecars.edges.formats.shell import read_files
from sidecars.topology import Evidence, Written

MOST = 50  # per container, of each kind
PATH = re.compile(r"/[A-Za-z0-9_.+@/*?%{},\[\]$-]{1,200}")
FLAG = re.compile(r"^--?([A-Za-z][\w.-]{0,60})(?:[= ](.{1,300}))?$", re.DOTALL)
FILE = r"(?:files?|file[_.-]?(?:name|path)|path|name|dir|directory|folder|output|location)"
WRITES = re.compile(
    rf"(?i)(?:^|[_.-])(?:(?:access|error|slow|audit|app|std(?:out|err))?[_.-]?logs?|pid)[_.-]?{FILE}$"
    r"|(?:^|[_.-])(?:output|out|dest|destination|export|save|write|dump)[_.-]?(?:dir|directory|folder|path|file)$"
    r"|^(?:logto|logfile|pidfile|access-logfile|error-logfile|log-dir|logdir)$|^gitsync_(?:root|dest)$|^log_dir$"
)
READS = re.compile(
    r"(?i)(?:^|[_.-])(?:input|watch|source|src|tail|follow|incoming|inbox|import|scan)"
    r"[_.-]?(?:dir|directory|folder|path|paths|file|files|glob)$|^(?:watch|tail|follow|input)$"
)
FOLDER = re.compile(r"(?i)(?:dir|directory|folder|root|dest|^folder|watch)$")
META = re.compile(r"[*?%{}$\[]")


@dataclass(frozen=True, slots=True)
class Touched:
    """`path` may be a glob where it is read; a folder stands for all that is in it."""

    path: str
    is_read: bool
    evidence: Evidence
    is_folder: bool = False


def find_touched(configured: Configured) -> tuple[Touched, ...]:
    found = {(one.path, one.is_read): one for one in _find(configured)}
    reads = [one for one in found.values() if one.is_read][:MOST]
    writes = [one for one in found.values() if not one.is_read][:MOST]
    return (*reads, *writes)


def whole_names(touched: tuple[Touched, ...]) -> tuple[Written, ...]:
    """The files that it writes by a name that is known whole."""
    return tuple(
        Written(one.path, one.evidence)
        for one in touched
        if not (one.is_read or one.is_folder or META.search(one.path))
    )


def _find(configured: Configured) -> Iterator[Touched]:
    yield from _arguments(configured)
    for variable in configured.variables:
        evidence = (variable.source, variable.field)
        yield from _named(variable.name, variable.value, *evidence)
    for file in configured.files:
        for mention in read_file(configured, file):
            if mention.path and mention.says in ("read", "write"):
                is_read = mention.says == "read"
                yield from _touched(mention.path, is_read, file.source, file.field, line=mention.line)


def _arguments(configured: Configured) -> Iterator[Touched]:
    before = ""
    for argument in configured.arguments:
        flag = FLAG.match(argument.value[:400])
        if flag and flag[2]:
            yield from _named(flag[1], flag[2], argument.source, argument.field)
        elif before and not flag:
            yield from _named(before, argument.value, argument.source, argument.field)
        before = flag[1] if flag and not flag[2] else ""
        for line in argument.value.splitlines()[:500] if "/" in argument.value else ():
            for mention in read_files(line[:2_000], 0):
                yield from _touched(mention.path, mention.says == "read", argument.source, argument.field)
    yield from _tail(configured)


def _tail(configured: Configured) -> Iterator[Touched]:
    """["tail", "-F", "/logs/a.log"]: a command whose words are arguments of their own."""
    program = configured.arguments[0].value.rsplit("/", 1)[-1] if configured.arguments else ""
    if program in ("tail", "cat", "tee"):
        for argument in configured.arguments[1:]:
            if PATH.fullmatch(argument.value):
                yield from _touched(argument.value, program != "tee", argument.source, argument.field)


def _named(name: str, value: str, source: str, field: str) -> Iterator[Touched]:
    if "/" not in value or len(value) >= 300:
        return
    is_read, is_written = READS.search(name), WRITES.search(name)
    if is_read or is_written:
        for path in value.split(","):
            if PATH.fullmatch(path.strip()):
                folder = bool(FOLDER.search(name)) or path.strip().endswith("/")
                yield from _touched(path.strip(), not is_written, source, field, is_folder=folder)


def _touched(
    path: str, is_read: bool, source: str, field: str, *, line: int | None = None, is_folder: bool = False
) -> Iterator[Touched]:
    """Devices and standard output are no files."""
    path = posixpath.normpath(path)
    if not path.startswith(("/dev/", "/proc/", "//")) and path != "/":
        yield Touched(path, is_read, Evidence(source, field, path, line), is_folder)
