"""Shell scripts: what clients in them ask on localhost, and what they write and follow."""

import re
from collections.abc import Iterator, Mapping

from sidecars.configured import Argument
from sidecars.edges.addresses import find_addresses, find_sockets
from sidecars.edges.clients import find_assumed, find_client, find_places
from sidecars.edges.findings import LISTENING
from sidecars.edges.formats.mentions import Mention, file
from sidecars.edges.formats.settings import LONGEST_VALUE
from sidecars.edges.formats.text import Text
from sidecars.edges.shell import read_script
from sidecars.topology import Confidence

SHEBANG = re.compile(r"\A\s{0,80}#!\s?\S{1,60}(?:sh|env \w{0,4}sh)\b")
COMMENT = re.compile(r"(?:^|\s)#.*$")
FLAG = re.compile(r"(?:^|\s)-{1,2}([A-Za-z][\w.-]{0,60})(?:[= ]|$)[^\s-]*$")
ASSIGNED = re.compile(
    r"^(?:export |local |readonly |declare |: )?([A-Za-z_]\w{0,80})=[\"']?([\w.:/@-]{1,200})[\"']?;?$"
)
NAME = re.compile(r"\$(?:\{([A-Za-z_]\w{0,80})\}|([A-Za-z_]\w{0,80}))")
LISTENS = re.compile(r"\bnc(?:at)?\s(?:-\w{1,4}\s){0,3}-\w{0,4}l")
PRINTS = re.compile(r"^\s*(?:echo|printf|log|info|warn)\b")
WRITES = re.compile(r"(?:(?<![0-9&>])>>?|\btee(?:\s+-a)?)\s{0,8}\"?(/[\w.+@/-]{1,200})")
COPIES = re.compile(
    r"\b(?:cp|mv|install|rsync)\s(?:-[\w=-]{1,20}\s){0,4}[^\s;&|]{1,200}\s\"?(/[\w.+@/-]{1,200})"
    r"|\b(?:curl|wget)\s[^;&|]{0,300}?\s-(?:o|O|P)\s?\"?(/[\w.+@/-]{1,200})"
    r"|\bgit\s(?:-\S{1,40}\s){0,4}clone\s[^;&|]{1,300}\s\"?(/[\w.+@/-]{1,200})"
)
READS = re.compile(
    r"\b(?:tail|cat|less|head)\s(?:-{1,2}[\w=+-]{1,20}\s(?:[+-]?\d{1,9}\s)?){0,6}\"?(/[\w.+@/*?-]{1,200})"
)


def read(text: Text) -> list[Mention] | None:
    if not (SHEBANG.match(text.content) or text.ending in ("sh", "bash")):
        return None
    return list(_read(text.content))


def _read(content: str) -> Iterator[Mention]:
    known: dict[str, str] = {}
    for number, line in _lines(content):
        if assigned := ASSIGNED.match(line):
            known[assigned[1]] = assigned[2]
        if "$" in line and known:
            line = NAME.sub(lambda match: known.get(match[1] or match[2], match[0]), line)
        yield from read_files(line, number)
        yield from _clients(line, number, known)
        if PRINTS.match(line):
            continue
        for address in (*find_addresses(line), *find_sockets(line)):
            flag = FLAG.search(line[max(0, address.start - 120) : address.start])
            opens = bool(LISTENING.search(flag[1])) if flag else False
            yield Mention("listen" if opens else "call", number, address, confidence=Confidence.MEDIUM)


def _lines(content: str) -> Iterator[tuple[int, str]]:
    """Without comments; one that goes on in the next has the number of its first."""
    started, begun = 0, ""
    for number, raw in enumerate(content.splitlines(), start=1):
        line = COMMENT.sub("", raw[:LONGEST_VALUE]).strip()
        started = started or number
        begun += line.removesuffix("\\") + " "
        if line.endswith("\\") and len(begun) < LONGEST_VALUE:
            continue
        if begun.strip():
            yield started, begun.strip()
        started, begun = 0, ""
    if begun.strip():
        yield started, begun.strip()


def _clients(line: str, number: int, known: Mapping[str, str]) -> Iterator[Mention]:
    """redis-cli -h localhost -p 6379: what `find_addresses` cannot see."""
    for command in read_script(Argument(line, "", "")):
        tool = find_client(command.tool)
        if tool is None or LISTENS.search(line):
            continue
        told = [address for address, _word in find_places(frozenset(), tool, command)]
        for address in told or [a for a, _word in find_assumed(tool, command, known)]:
            yield Mention("call", number, address, confidence=Confidence.MEDIUM, is_assumed=not told)


def read_files(line: str, number: int) -> Iterator[Mention]:
    """Of a script's line or of a container's command."""
    for match in WRITES.finditer(line):
        yield from file("write", match[1], number)
    for match in COPIES.finditer(line):
        yield from file("write", match[1] or match[2] or match[3], number)
    for match in READS.finditer(line):
        yield from file("read", match[1], number)
