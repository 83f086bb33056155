"""Calls and listeners in command lines: --upstream=http://127.0.0.1:8080/, psql -h localhost, -p 8001."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from sidecars.configured import Configured, Program, Variable
from sidecars.edges import clients, pairs
from sidecars.edges.addresses import SOCKET_ENDS, Address, find_addresses, find_named_socket, find_sockets
from sidecars.edges.findings import Finding, Proof, aliases, read_name, read_port
from sidecars.edges.listening import find_instances, find_own_addresses, is_mapped
from sidecars.edges.names import is_datagram, words
from sidecars.edges.shell import Line, Word, read_lines
from sidecars.knowledge.behaviour import name_words
from sidecars.topology import Confidence, Evidence

FLAG = re.compile(r"^--?(?P<name>[A-Za-z][A-Za-z0-9_.-]{0,120})(?P<sep>=|$)")
SYSTEM_PROPERTY = re.compile(r"^-D(?P<name>[A-Za-z][A-Za-z0-9_.-]{0,120})=")
SOCAT = re.compile(r"(?i)(?:^|[^a-z])unix-(connect|client|sendto|listen|recv|recvfrom):$")
REMOTE = re.compile(r"^(?:[\w.*-]{0,100}:)?\d{1,5}:")  # ssh -R 8080:localhost:3000
SILENT = frozenset({"echo", "printf", "sed", "awk", "grep", "cat", "log", "test", "[", "[["})
TESTS = frozenset({"test", "[", "[["})
SERVERS = name_words("servers")
MOST_FLAGS = 500
ASSIGNED = re.compile(r"^([A-Za-z][A-Za-z0-9_.-]{0,80})=")
OTHERS = re.compile(r"(?i)connect|tcpsocket|io::socket|socket\.new")
CONNECTS = re.compile(
    r"[\"'](localhost|127\.0\.0\.1)[\"']\s{0,4},\s{0,4}(\d{2,5})(?!\d)"
    r"|connect\((\d{2,5}),\s{0,4}[\"'](localhost|127\.0\.0\.1)[\"']"
)
BARE_PORT = re.compile(r"^\d{2,5}$")
# Flags whose value is a port to open, though their names do not say so.
PORT_FLAGS = frozenset({"p", "port", "P", "rfbport"})

# In the name of a flag: its number is an amount, or must not be looked at.
QUANTITIES = name_words("quantities")


def find(configured: Configured) -> Iterator[Finding]:
    for program in configured.programs:
        lines = list(read_lines(program))
        # A script that starts a server of its own asks that one.
        starts = any(line.is_background for line in lines)
        # Who removes an old socket makes it anew.
        made = {word.text for line in lines if line.tool in ("rm", "unlink") for word in line.words}
        for line in lines:
            yield from _find(configured, program, line, made, starts=starts)
        if not program.is_check:
            yield from _in_other_languages(configured, program)


def _in_other_languages(configured: Configured, program: Program) -> Iterator[Finding]:
    """connect(("localhost", 5432)) of Python, Ruby, Perl or JavaScript within a shell's script."""
    for argument in program.words:
        is_code = "(" in argument.value and OTHERS.search(argument.value)
        for match in CONNECTS.finditer(argument.value) if is_code else ():
            port = int(match[2] or match[3])
            host = match[1] or match[4]
            if 0 < port < 65536:
                address = Address(port, f"{host}:{port}", match.start())
                evidence = Evidence(argument.source, argument.field, address.shown)
                medium = Confidence.MEDIUM
                yield Finding(configured.container, address, evidence, confidence=medium, needs_listener=True)


def _find(
    configured: Configured, program: Program, line: Line, made: Collection[str], *, starts: bool
) -> Iterator[Finding]:
    quiet = program.is_check or starts
    for name, word in line.settings:
        yield from _named(configured, name, word, quiet=quiet)
    if line.tool in SILENT:
        yield from _asks(configured, program, line, made, quiet=quiet)
        return
    if client := clients.find_client(line.tool):
        yield from clients.find_calls(configured, client, line, is_check=program.is_check, is_quiet=quiet)
        return
    stems, proof = frozenset[str](), Proof.SAID
    if not program.is_check and (given := tuple(_flags(line))):
        flags = replace(configured, variables=given)
        stems = pairs.host_stems(flags)
        proof = Proof.LIKELY if pairs.has_bare_host(flags) else Proof.SAID
        yield from pairs.find(flags, "")
    name = ""
    is_server = line.tool in SERVERS or bool(SERVERS & {word.text for word in line.words[1:4]})
    for word in line.words[1:] if line.words and line.tool else line.words:
        flag = FLAG.match(word.text) or SYSTEM_PROPERTY.match(word.text)
        value = word.text[flag.end() :] if flag else word.text
        if flag:
            name = flag["name"]
        inner = Word(value, word.argument) if flag else word
        yield from _named(configured, name, inner, quiet=quiet or not name, is_server=is_server)
        if not program.is_check and pairs.port_stem(name) not in stems:
            yield from _ports(configured, name, inner, proof)
        if flag is None or word.text[flag.end() - 1 : flag.end()] == "=":
            name = ""
    if not line.tool:
        return
    if not program.is_check and not line.words[0].text.startswith("-"):
        yield from _named(configured, "", line.words[0], quiet=True)
        if ":" in line.words[0].text:  # args: ["TCP-LISTEN:5000,fork"], of an image that is the program
            yield from _ports(configured, "", line.words[0])


def _asks(
    configured: Configured, program: Program, line: Line, made: Collection[str], *, quiet: bool
) -> Iterator[Finding]:
    """`echo > /dev/tcp/localhost/80` asks without nc; `[ -S /run/x.sock ]` waits for another."""
    is_awaited = line.is_awaited or (
        not program.is_check and line.tool in TESTS and any(word.text == "-S" for word in line.words)
    )
    for word in line.words:
        is_socket = word.text.endswith(SOCKET_ENDS)
        if word.text.startswith("/dev/") or (is_awaited and is_socket and word.text not in made):
            yield from _named(configured, "connect", word, quiet=quiet)


def _named(
    configured: Configured, name: str, word: Word, *, quiet: bool, is_server: bool = False
) -> Iterator[Finding]:
    source, field = word.argument.source, word.argument.field
    name, text = _inner(name, word.text)
    if name == "L" and "://" not in text:
        return  # what ssh forwards to lies at its other end
    text = REMOTE.sub("", text) if name == "R" else text
    for address in find_addresses(text, aliases(configured, name)):
        if is_datagram(name, address.port, address.scheme):
            address = replace(address, protocol="udp")
        evidence = Evidence(source, field, address.shown)
        said = "listen" if is_mapped(name, text, address) else name
        yield from read_name(configured.container, said, address, evidence, is_quiet=quiet)
    for address in (*find_sockets(text), *find_named_socket(words(name), text)):
        evidence = Evidence(source, field, address.shown)
        # gunicorn -b unix:…: a server's socket flag is its own, whatever the flag's name.
        said = "bind" if is_server or name in ("b", "l") else name
        if socat := SOCAT.search(text[max(0, address.start - 20) : address.start]):
            said = "connect" if socat[1].lower() in ("connect", "client", "sendto") else "listen"
        yield from read_name(configured.container, said, address, evidence)


def _inner(name: str, text: str) -> tuple[str, str]:
    """`--set upstream.url=http://…` and `-e API=…`: the word inside says more than the flag."""
    inner = ASSIGNED.match(text) if len(name) < 6 else None
    return (inner[1], text) if inner else (name, text)


def _flags(line: Line) -> Iterator[Variable]:
    """--redis-host localhost and --redis-port=6379 are a pair as variables are."""
    for word, following in zip(line.words[:MOST_FLAGS], (*line.words[1:], None), strict=False):
        if flag := FLAG.match(word.text):
            given = word.text[flag.end() :] if flag["sep"] or following is None else following.text
            yield Variable(f"--{flag['name']}", given, word.argument.source, word.argument.field)


def _ports(configured: Configured, name: str, word: Word, said: Proof = Proof.SAID) -> Iterator[Finding]:
    source, field = word.argument.source, word.argument.field
    for address in (*find_own_addresses(name, word.text), *find_instances(word.text)):
        yield Finding(configured.container, address, Evidence(source, field, address.shown), is_listener=True)
    if not BARE_PORT.match(word.text) or not 0 < int(word.text) < 65536:
        return
    if QUANTITIES.intersection(words(name)):
        return
    address = Address(int(word.text), f"{name}={word.text}" if name else word.text, 0)
    evidence = Evidence(source, field, address.shown)
    if name in PORT_FLAGS or "port" not in words(name)[-1:]:
        proof = Proof.SAID if name in PORT_FLAGS else Proof.MENTIONED
        yield Finding(configured.container, address, evidence, is_listener=True, proof=proof)
    else:
        for found in read_port(configured.container, name, address, evidence, Proof.SAID):
            yield replace(found, proof=said) if found.is_listener and said < found.proof else found
