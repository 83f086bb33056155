"""Addresses that only a program that listens can have: 0.0.0.0:8080, :8080, http://+:80."""

import re
from collections.abc import Iterator

from sidecars.edges.addresses import UDP_SCHEMES, Address
from sidecars.edges.names import Meaning, is_datagram, is_upstream, judge, words
from sidecars.knowledge.behaviour import name_words

ANYWHERE = re.compile(
    r"(?:^|(?<=[\s,;=/|])|(?<=[\"'])(?=[^\s\"',]{3,14}[\"'/]))"
    r"(?P<host>0\.0\.0\.0|\[::\]|\*|\+|):(?P<port>\d{2,5})(?=$|[\s,;/\"'|])"
)
SCHEME = re.compile(r"([a-z0-9+]{2,12})://$")
INSTANCE = re.compile(r"=tcp:(?:[0-9.]{7,15}:)?(\d{2,5})(?!\w)")  # cloud_sql_proxy -instances=…=tcp:3306
SOCAT = re.compile(r"(?i)(?<![a-z])(?:tcp|ssl|openssl)[46]?-l(?:isten)?:(\d{2,5})(?!\w)")
MAPPING = name_words("mapping")
MAPPED = re.compile(r"[A-Za-z0-9\]]:\d{1,5}[,=]$")
MAPPED_TO = re.compile(r"[,=][A-Za-z0-9.\[\]:-]{1,120}:\d{1,5}(?=$|[\s,;])")
HERE = re.compile(r"127\.|localhost|\[::1\]")
INSTANCE_PORT = re.compile(r"[?&]port=(\d{2,5})(?!\w)")  # cloud-sql-proxy project:region:name?port=5433


def find_own_addresses(name: str, value: str) -> Iterator[Address]:
    """In the value of a variable or flag of this name."""
    value = value[:2000]
    meaning = judge(name)
    if meaning is Meaning.SAYS:
        return
    for match in ANYWHERE.finditer(value) if ":" in value else ():
        # `--upstream=http://0.0.0.0:8080` is a call all the same; `:8080` alone never is.
        if match["host"] != "0.0.0.0" or not is_upstream(name):  # noqa: S104  read, not bound
            scheme = SCHEME.search(value[max(0, match.start() - 16) : match.start()])
            is_udp = scheme is not None and scheme[1] in UDP_SCHEMES
            protocol = "udp" if is_udp else _protocol(name, match["port"])
            yield from _made(match["port"], f"{match['host']}:{match['port']}", match.start(), protocol)
    if meaning is Meaning.LISTENS and value.isascii() and value.strip().isdigit():
        protocol = _protocol(name, value.strip())
        yield from _made(value.strip(), f":{value.strip()}", 0, protocol)


def is_mapped(name: str, text: str, address: Address) -> bool:
    """--bootstrap-server-mapping=kafka-0:9092,127.0.0.1:32400: what a proxy opens for what lies elsewhere."""
    said = words(name)
    if MAPPING.isdisjoint(said) or "dial" in said:
        return False
    before = text[max(0, address.start - 160) : address.start]
    after = text[address.start + len(address.shown) :][:160]
    return bool(MAPPED.search(before) or (MAPPED_TO.match(after) and not HERE.match(after[1:])))


def find_instances(value: str) -> Iterator[Address]:
    """Ports that a database proxy opens, one per instance; that socat opens."""
    for sign, pattern in (("=tcp:", INSTANCE), ("port=", INSTANCE_PORT), (":", SOCAT)):
        for match in pattern.finditer(value[:4000]) if sign in value else ():
            yield from _made(match[1], f":{match[1]}", match.start(), "tcp")


def _protocol(name: str, port: str) -> str:
    return "udp" if "udp" in name.lower() or is_datagram(name, int(port[:6]), "") else "tcp"


def _made(port: str, shown: str, start: int, protocol: str) -> Iterator[Address]:
    if len(port) < 6 and 0 < int(port) < 65536:
        yield Address(int(port), shown, start, protocol)
