"""Localhost addresses and unix sockets in a text, without what stands around them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

HOST = r"(?:localhost|127\.0\.0\.1|\[::1\])"
SCHEME_PORTS = {
    "http": 80, "ws": 80, "https": 443, "wss": 443, "redis": 6379, "rediss": 6379,
    "postgres": 5432, "postgresql": 5432, "mysql": 3306, "mongodb": 27017, "amqp": 5672,
    "nats": 4222, "memcached": 11211,
}  # fmt: skip
UDP_SCHEMES = frozenset({"udp", "statsd", "syslog+udp"})

ADDRESS = re.compile(
    r"(?:(?<![A-Za-z0-9+.-])(?P<scheme>[a-z][a-z0-9+.-]{1,15})://(?P<login>[^\s/@\"'<>]{0,512}@)?"
    r"|(?<![A-Za-z0-9._:@/-])(?:[A-Za-z0-9_.-]{1,64}@)?(?:tcp\(|udp\()?)"
    rf"(?P<host>{HOST})(?:\)?:(?P<port>\d{{1,5}}))?(?![A-Za-z0-9._-]*[A-Za-z0-9_-])",
)
SOCKET = re.compile(
    r"(?:(?<![A-Za-z0-9])unix(?::|://|\()|(?<![A-Za-z0-9_.:/-]))(?P<path>/(?!/)[A-Za-z0-9_./@+-]{1,200})"
)


@dataclass(frozen=True, slots=True)
class Address:
    """`shown` is all of the text that may be seen: host:port or unix:path."""

    port: int | None
    shown: str
    start: int
    protocol: str = "tcp"
    path: str = ""


def find_addresses(text: str) -> Iterator[Address]:
    """host:port on localhost, or scheme://localhost with the scheme's usual port."""
    for match in ADDRESS.finditer(text):
        scheme = match["scheme"] or ""
        port = int(match["port"]) if match["port"] else SCHEME_PORTS.get(scheme)
        if port and 0 < port < 65536:
            protocol = "udp" if scheme in UDP_SCHEMES else "tcp"
            yield Address(port, f"{match['host']}:{port}", match.start("host"), protocol)


def find_sockets(text: str) -> Iterator[Address]:
    """unix:/path, or a bare path that ends in .sock."""
    for match in SOCKET.finditer(text):
        path = match["path"].rstrip("./:")
        if match[0].startswith("unix") or path.endswith((".sock", ".socket")):
            yield Address(None, f"unix:{path}", match.start("path"), "unix", path)
