"""Client programs in a command line: psql -h localhost, nc -z 127.0.0.1 2376, curl localhost:8080."""

import re
from collections.abc import Collection, Iterator

from sidecars.configured import Configured
from sidecars.edges.addresses import LOCAL, Address, find_addresses, find_sockets
from sidecars.edges.findings import Finding
from sidecars.edges.shell import Line, Word
from sidecars.knowledge.tools import Tool, tools
from sidecars.topology import Confidence, Evidence

HOSTS = frozenset(LOCAL) | {"::1"}
NUMBER = re.compile(r"^\d{1,5}$")


def find_client(tool: str) -> Tool | None:
    return tools().get(tool.removesuffix(".sh"))


def find_calls(
    configured: Configured, tool: Tool, line: Line, *, is_check: bool, is_quiet: bool
) -> Iterator[Finding]:
    """A check's call to its own container is none; who listens decides that."""
    confidence = Confidence.MEDIUM if is_check or line.is_script else Confidence.HIGH
    told = find_places(configured.aliases, tool, line)
    set_before = {name for name, _word in line.settings} | {v.name for v in configured.variables}
    for address, word in told or find_assumed(tool, line, set_before):
        evidence = Evidence(word.argument.source, word.argument.field, address.shown)
        # A probe asks at its own container's socket.
        is_own = is_check and address.protocol == "unix"
        yield Finding(
            configured.container,
            address,
            evidence,
            confidence=confidence,
            is_unclear=is_own,
            is_quiet=is_quiet or is_own,
            needs_listener=not told,
        )


def find_places(aliases: frozenset[str], tool: Tool, line: Line) -> list[tuple[Address, Word]]:
    """Where the client goes on this host, with the word that says so."""
    return list(_addresses(aliases, line)) or list(_host_and_port(aliases, tool, line))


def find_assumed(tool: Tool, line: Line, variables: Collection[str]) -> Iterator[tuple[Address, Word]]:
    """`redis-cli ping` goes to localhost, unless a flag, an address or a variable says otherwise."""
    host, port, _hidden = _flags(tool, line)
    if host or any(name in variables for name in tool.told_by):
        return
    if any("://" in word.text or word.text.partition("=")[0] in tool.told_by for word in line.words[1:]):
        return
    for path in tool.sockets:
        yield Address(None, f"unix:{path}", 0, "unix", path), line.words[0]
    number = tool.port if port is None else int(port.text) if NUMBER.match(port.text) else 0
    if tool.assumes_localhost and 0 < number < 65536:
        yield Address(number, f"localhost:{number}", 0), line.words[0]


def _addresses(aliases: frozenset[str], line: Line) -> Iterator[tuple[Address, Word]]:
    for word in line.words[1:]:
        for address in (*find_addresses(word.text, aliases), *find_sockets(word.text)):
            yield address, word


def _host_and_port(aliases: frozenset[str], tool: Tool, line: Line) -> Iterator[tuple[Address, Word]]:
    if any(word.text in ("-l", "-lk", "-kl", "--listen") for word in line.words):
        return
    host, port, hidden = _flags(tool, line)
    if not host and not hidden and tool.by_place:
        host, port = _by_place(aliases, line)
    if host and host.text.removeprefix("http://") in HOSTS | aliases:
        number = int(port.text) if port and NUMBER.match(port.text) else tool.port
        protocol = (
            "udp"
            if tool.by_place and any(word.text in ("-u", "-uz", "-zu") for word in line.words)
            else "tcp"
        )
        if number and 0 < number < 65536 and (not port or NUMBER.match(port.text)):
            yield Address(number, f"{host.text.removeprefix('http://')}:{number}", 0, protocol), host


def _flags(tool: Tool, line: Line) -> tuple[Word | None, Word | None, bool]:
    """(host, port, whether a host was given at all), from -h localhost, -hlocalhost, --host=localhost."""
    host = port = None
    pending = ""
    for word in line.words[1:]:
        text = word.text
        if pending:
            host, port = (word, port) if pending == "host" else (host, word)
            pending = ""
            continue
        flag, equals, value = text.partition("=") if text.startswith("--") else (text, "", "")
        for kind, names in (("host", tool.host_flags), ("port", tool.port_flags)):
            if flag in names:
                if equals:
                    given = Word(value, word.argument)
                    host, port = (given, port) if kind == "host" else (host, given)
                else:
                    pending = kind
            elif not text.startswith("--") and len(text) > 2 and text[:2] in names:
                given = Word(text[2:], word.argument)
                host, port = (given, port) if kind == "host" else (host, given)
    return host, port, host is not None


def _by_place(aliases: frozenset[str], line: Line) -> tuple[Word | None, Word | None]:
    """nc -z localhost 2376: a host and the number that follows it."""
    for first, second in zip(line.words[1:], line.words[2:], strict=False):
        if first.text in HOSTS | aliases and NUMBER.match(second.text):
            return first, second
    return None, None
