"""The output of the script as values. It is text of a container: bounded, never trusted."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sidecars.observe.tables import SOCKETS_MOST, Socket, read_table

PROCESSES_MOST = 5_000
LINE_LIMIT = 4_096
TABLES = ("tcp", "tcp6", "udp", "udp6", "unix")

_PID = re.compile(r"[0-9]{1,10}")
_USER = re.compile(r"[0-9]{1,10}")
_SOCKET = re.compile(r"socket:\[([0-9]{1,20})\]")


@dataclass(frozen=True, slots=True)
class Process:
    """`group` is the last line of its cgroup file: it may hold the container's id.

    `is_open`: every file of it could be read; if not, it may own sockets that nobody saw.
    """

    pid: int
    name: str = ""
    uid: int = -1  # the effective ones
    gid: int = -1
    group: str = ""
    inodes: frozenset[int] = frozenset()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Readout:
    processes: tuple[Process, ...] = ()
    sockets: tuple[Socket, ...] = ()
    has_tables: bool = False  # at least the one of TCP came
    can_list: bool = False  # the container has `ls`
    is_complete: bool = False  # the script ran to its end

    @property
    def is_whole(self) -> bool:
        """What stands in no table of it was not there."""
        return self.has_tables and self.is_complete and len(self.sockets) < SOCKETS_MOST


def read_output(text: str) -> Readout:
    processes: list[Process] = []
    sockets: list[Socket] = []
    begun, ended, seen = "", False, set()
    for title, lines in _sections(text):
        kind, _space, rest = title.partition(" ")
        if kind == "begin":
            begun = rest
        elif kind == "process" and _PID.fullmatch(rest) and len(processes) < PROCESSES_MOST:
            processes.append(_process(int(rest), lines))
        elif kind == "table" and rest in TABLES and len(sockets) < SOCKETS_MOST:
            seen.add(rest)
            sockets += list(read_table(rest, lines))[: SOCKETS_MOST - len(sockets)]
        elif kind == "end":
            ended = True
    return Readout(tuple(processes), tuple(sockets), "tcp" in seen, "ls" in begun, ended)


def _sections(text: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Title and lines. After the title of the last table only the end is a title."""
    title, lines, is_last = "", list[str](), False
    for line in text.split("\n"):
        line = line[:LINE_LIMIT]
        if line.startswith("@ ") and (not is_last or line == "@ end"):
            yield title, lines
            title, lines = line[2:].strip(), []
            is_last = is_last or title == "table unix"
        else:
            lines.append(line)
    yield title, lines


def _process(pid: int, lines: Sequence[str]) -> Process:
    name, group = "", ""
    users = {"Uid": -1, "Gid": -1}
    inodes: set[int] = set()
    is_open = False
    for line in lines:
        key, _colon, value = line.partition(": ")
        if key == "Name":
            name = value[:64]
        elif key in users:
            words = value.split()
            users[key] = int(words[1]) if len(words) > 1 and _USER.fullmatch(words[1]) else -1
        elif key == "Group":
            group = value
        elif key == "Socket" and (match := _SOCKET.fullmatch(value)):
            inodes.add(int(match[1]))
        elif line.startswith("Open:"):
            is_open = True
        elif line.startswith("Hidden:"):
            is_open = False
    return Process(pid, name, users["Uid"], users["Gid"], group, frozenset(inodes), is_open)
