"""What a configuration file says: where its program calls, listens, reads and writes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from sidecars.edges.addresses import SCHEME_PORTS, UDP_SCHEMES, Address, find_addresses
from sidecars.edges.variables import LOCAL
from sidecars.topology import Confidence

Says = Literal["call", "listen", "read", "write"]
ANYWHERE = frozenset({"", "*", "0.0.0.0", "::", "[::]", "0", "_", "+"})  # noqa: S104  read, not bound
LONGEST = 500
UNIX = re.compile(
    r"(?:^|[^A-Za-z0-9])(?:unix(?:\+h2c)?|socket|local)(?::(?://)?|@|/(?=/)|\()(?P<path>/[^\s:|)\"';,?]{1,200})"
)
SOCKET = re.compile(r"^/[A-Za-z0-9_./@+:-]{1,200}\.(?:sock|socket)$")
PLACE = re.compile(
    r"^(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,20}):?//)?(?:[^\s/@]{0,200}@)?(?:tcp\(|udp\()?"
    r"(?P<host>\[[0-9A-Fa-f:.]{0,45}\]|\$[A-Za-z_]\w{0,100}|\$\{[^}\s]{0,200}\}|[^\s:/\[\](){}]{0,253})"
    r"(?::(?P<port>\d{1,5}))?(?:/(?P<protocol>tcp|udp)$|[)/?#].*)?$"
)
INET_AT = re.compile(r"^inet6?:(\d{1,5})@([\w.:\[\]-]{1,100})$")
INET = re.compile(r"^inet6?:(?=\d{1,5}$)")  # every address, as milters write it
WORDS = re.compile(r"(?:^|\s)(host|hostaddr|port)\s?=\s?'?([^\s']{1,253})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """An address for "call" and "listen", else `path`. `is_inferred`: not written out there.

    `is_unclear`: a call if another container listens there, else the program's own. `is_assumed`:
    told only where another listens.
    """

    says: Says
    line: int
    address: Address | None = None
    path: str = ""
    is_inferred: bool = False
    confidence: Confidence = Confidence.HIGH
    is_unclear: bool = False
    is_assumed: bool = False
    name: str = ""  # of the setting, where nobody knows what it means


class Place(msgspec.Struct, frozen=True, gc=False):
    """A value as an address; `port` is None if there is none, `path` is of a unix socket."""

    host: str
    port: int | None = None
    protocol: str = ""
    path: str = ""
    is_scheme_port: bool = False

    @property
    def is_local(self) -> bool:
        return self.host.lower() in LOCAL

    @property
    def is_open(self) -> bool:
        """A host to listen on. One that a template fills in is the pod's own address."""
        return self.is_local or self.host in ANYWHERE or self.host[:1] in ("$", "%")


def read_place(value: str) -> Place | None:
    """`host:port`, URL, `:port`, port, unix socket, `host=… port=…`; None if it is none of them."""
    value = INET_AT.sub(r"\2:\1", value)
    value = INET.sub("", value.strip().strip("\"'").rstrip(",;").strip("\"'")[:LONGEST])
    if unix := UNIX.search(value):
        return Place("", protocol="unix", path=unix["path"].rstrip("./"))
    if SOCKET.match(value):
        return Place("", protocol="unix", path=value)
    if value.isascii() and value.isdigit():
        return _place("", value[:6], "", "")
    if "port" in value and "=" in value and len(words := dict(WORDS.findall(value))) > 1:
        return _place(words.get("host", words.get("hostaddr", "")), words.get("port", "0"), "", "")
    match = None if value.startswith("/") else PLACE.match(value)
    if match is None:
        return None
    return _place(match["host"], match["port"], (match["scheme"] or "").lower(), match["protocol"] or "")


def _place(host: str | None, port: str | None, scheme: str, protocol: str) -> Place | None:
    number = int(port) if port and port.isascii() and port.isdigit() else None
    if number is not None and not 0 < number < 65536:
        return None
    usual = SCHEME_PORTS.get(scheme) if number is None else None
    if not protocol and scheme:
        protocol = "udp" if scheme in UDP_SCHEMES or scheme.startswith("udp") else "tcp"
    return Place(host or "", number or usual, protocol, is_scheme_port=usual is not None)


def call(
    value: str,
    line: int,
    *,
    port: int | None = None,
    protocol: str = "tcp",
    confidence: Confidence = Confidence.HIGH,
) -> Iterator[Mention]:
    """A call if `value` is on localhost or a unix socket; `port` where the value has none."""
    place = read_place(value)
    if place is None:
        # jdbc:mysql://localhost/db, service:jmx:rmi:///jndi/rmi://localhost:5555/jmxrmi
        for address in find_addresses(value[:LONGEST]):
            yield Mention("call", line, address, confidence=confidence)
    elif place.path:
        yield Mention("call", line, unix(place.path), confidence=confidence)
    elif place.is_local and (number := place.port or port):
        shown = Address(number, f"{place.host}:{number}", 0, place.protocol or protocol)
        yield Mention("call", line, shown, is_inferred=place.port is None, confidence=confidence)


def listen(
    value: str,
    line: int,
    *,
    port: int | None = None,
    protocol: str = "tcp",
    confidence: Confidence = Confidence.HIGH,
) -> Iterator[Mention]:
    """A listener if `value` is localhost, every address, a bare port or a unix socket."""
    place = read_place(value)
    if place is None:
        for address in find_addresses(value[:LONGEST]):
            yield Mention("listen", line, address, confidence=confidence)
    elif place.path:
        yield Mention("listen", line, unix(place.path), confidence=confidence)
    elif place.is_open and (number := place.port or port):
        host = "" if place.host[:1] in ("$", "%") else place.host
        shown = Address(number, f"{host}:{number}", 0, place.protocol or protocol)
        yield Mention("listen", line, shown, is_inferred=place.port is None, confidence=confidence)


def unix(path: str) -> Address:
    return Address(None, f"unix:{path}", 0, "unix", path)


def file(says: Says, path: str, line: int, *, confidence: Confidence = Confidence.HIGH) -> Iterator[Mention]:
    """A file that is read or written. Devices and standard output are none."""
    path = path.strip().strip("\"'")
    if path.startswith("/") and len(path) < LONGEST and not path.startswith(("/dev/", "/proc/", "//")):
        yield Mention(says, line, path=path, confidence=confidence)
