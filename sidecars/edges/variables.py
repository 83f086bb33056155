"""Calls in the environment: URLs, HOST and PORT pairs, *_ADDR, and ports that are the container's own."""

import re
from collections.abc import Iterator
from dataclasses import replace

from sidecars.configured import Configured, Variable
from sidecars.edges import pairs
from sidecars.edges.addresses import LOCAL as HOSTS
from sidecars.edges.addresses import Address, find_addresses, find_named_socket, find_sockets
from sidecars.edges.findings import LISTENING, Finding, Proof, aliases, read_name, read_port
from sidecars.edges.listening import find_own_addresses, is_mapped
from sidecars.edges.names import Meaning, is_datagram, judge, words
from sidecars.knowledge.behaviour import conventions, matches
from sidecars.topology import Evidence

LOCAL = frozenset({*HOSTS, *(host.lower() for host in HOSTS), "::1"})
# One value may hold a whole configuration, flags of a JVM or a script: its own words decide.
MANY = re.compile(r"[\n{]|\s-{1,2}[A-Za-z]")
FLAG_BEFORE = re.compile(
    r"([A-Za-z][A-Za-z0-9_.-]{0,60})[\"']?\s{0,3}[=:\s]\s{0,3}[\"'\[]{0,2}[a-z0-9+:]{0,30}/{0,3}$"
)


def find(configured: Configured) -> Iterator[Finding]:
    stems = pairs.host_stems(configured)
    datagrams = _datagrams(configured)
    for variable in configured.variables:
        if not variable.is_hidden:
            for found in _find(configured, variable, stems):
                yield _by_udp(found) if _stem(variable.name) in datagrams else found
    yield from pairs.find(configured)


def _datagrams(configured: Configured) -> frozenset[tuple[str, ...]]:
    """SYSLOG_PROTOCOL=udp says how the address in SYSLOG_ENDPOINT is reached."""
    return frozenset(
        _stem(v.name)
        for v in configured.variables
        if v.value.lower() in DATAGRAMS and set(words(v.name)[-1:]) & PROTOCOLS
    )


def _stem(name: str) -> tuple[str, ...]:
    return words(name)[:-1]


def _by_udp(finding: Finding) -> Finding:
    if finding.address.protocol != "tcp":
        return finding
    return replace(finding, address=replace(finding.address, protocol="udp"))


def _find(configured: Configured, variable: Variable, stems: frozenset[str]) -> Iterator[Finding]:
    name, text = configured.container, variable.value
    for address in find_addresses(text, aliases(configured, variable.name)):
        evidence = Evidence(variable.source, variable.field, address.shown)
        address = _as_named(variable.name, address)
        if MANY.search(text):
            yield from _inside(name, variable, address, evidence)
        else:
            said = "listen" if is_mapped(variable.name, text, address) else variable.name
            yield from read_name(name, said, address, evidence)
    for address in (*find_sockets(text), *find_named_socket(words(variable.name), text)):
        evidence = Evidence(variable.source, variable.field, address.shown)
        yield from read_name(name, variable.name, address, evidence)
    if judge(variable.name) is not Meaning.SAYS:
        for address in find_own_addresses(variable.name, text):
            evidence = Evidence(variable.source, variable.field, address.shown)
            # SERVING_PORT may tell of the server beside it, whose product's port it then is.
            is_said = LISTENING.search(variable.name) or not text.isdigit()
            proof = Proof.SAID if is_said else Proof.REPLACED
            yield Finding(name, address, evidence, is_listener=True, proof=proof)
    if _is_own_port(variable, stems) and variable.name not in _called_ports(configured.image):
        address = Address(int(text), f"{variable.name}={int(text)}", 0)
        proof = Proof.LIKELY if variable.name in OWN_PORTS else Proof.MENTIONED
        evidence = Evidence(variable.source, variable.field, address.shown)
        yield from read_port(name, variable.name, address, evidence, proof)


DATAGRAMS = frozenset({"udp", "udp4", "udp6"})
PROTOCOLS = frozenset({"protocol", "proto", "transport", "network"})
OWN_PORTS = frozenset({"PORT", "HTTP_PORT", "SERVER_PORT", "LISTEN_PORT", "APP_PORT", "KC_HTTP_PORT"})


def _is_own_port(variable: Variable, stems: frozenset[str]) -> bool:
    """A *_PORT whose host no variable names."""
    value = variable.value
    if not (value.isascii() and value.isdigit() and 0 < int(value[:6]) < 65536):
        return False
    if "port" not in words(variable.name)[-2:]:
        return False
    return pairs.port_stem(variable.name) not in stems


def _called_ports(image: str) -> frozenset[str]:
    """Odoo's PORT is that of its database."""
    return frozenset(c.port for c in conventions() if c.images and matches(image, c.images))


def _as_named(name: str, address: Address) -> Address:
    is_udp = address.protocol == "tcp" and is_datagram(name, address.port, address.scheme)
    return replace(address, protocol="udp") if is_udp else address


def is_whole(value: str) -> bool:
    """A file of its own, that `files` reads: JSON, or lines of settings."""
    text = value.lstrip()
    first = text.partition("\n")[0]
    return text.startswith("{") or (text.count("\n") > 1 and any(sign in first for sign in ":=[{"))


def _inside(name: str, variable: Variable, address: Address, evidence: Evidence) -> Iterator[Finding]:
    before = FLAG_BEFORE.search(variable.value[max(0, address.start - 120) : address.start])
    said = before[1] if before else variable.name
    if is_whole(variable.value) and judge(said) is Meaning.UNCLEAR:
        return
    yield from read_name(name, said, address, evidence, is_quiet=True)
