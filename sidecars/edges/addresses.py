"""Localhost addresses and unix sockets in a text, without what stands around them."""

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from sidecars.configured import POD_IP
from sidecars.knowledge.sockets import socket_names

LOCAL = ("localhost", "127.0.0.1", "[::1]", "ip6-localhost", "localhost.localdomain", POD_IP, f"[{POD_IP}]")
SCHEME_PORTS = {
    "http": 80, "ws": 80, "https": 443, "wss": 443, "redis": 6379, "rediss": 6379,
    "postgres": 5432, "postgresql": 5432, "pgsql": 5432, "mysql": 3306, "mysql2": 3306, "mariadb": 3306,
    "mongodb": 27017, "amqp": 5672, "amqps": 5671, "nats": 4222, "memcached": 11211, "memcache": 11211,
    "sqlserver": 1433, "sqlsrv": 1433, "mssql": 1433, "ldap": 389, "ldaps": 636, "mqtt": 1883, "smtp": 25,
    "zk": 2181, "statsd": 8125, "clickhouse": 9000, "cassandra": 9042, "valkey": 6379, "valkeys": 6379,
    "postgis": 5432, "timescale": 5432, "ecto": 5432, "cockroachdb": 26257, "mysqlgis": 3306, "oracle": 1521,
    "clickhouse+http": 8123, "bolt": 7687, "neo4j": 7687, "mqtts": 8883, "smtps": 465, "imap": 143,
    "imaps": 993, "stomp": 61613, "beanstalk": 11300, "beanstalkd": 11300, "pulsar": 6650,
    "icap": 1344, "rtmp": 1935, "rtsp": 554,
}  # fmt: skip
PORTLESS = frozenset({"srv", "unix", "socket", "sentinel"})  # behind a plus: the port is told elsewhere
UDP_SCHEMES = frozenset(
    {
        "udp",
        "udp4",
        "udp6",
        "statsd",
        "syslog",
        "syslog+udp",
        "gelf",
        "dogstatsd",
        "dns+udp",
        "netflow",
        "sflow",
        "ipfix",
        "snmp",
        "radius",
        "tftp",
        "ntp",
        "rtp",
        "coap",
    }
)
# What goes by TCP at any port, whatever the listener's other doors are.
STREAM_SCHEMES = (
    frozenset({"grpc", "grpcs", "h2c", "tcp", "tcp4", "tcp6", "fcgi", "ajp", *SCHEME_PORTS}) - UDP_SCHEMES
)
WEB_SCHEMES = frozenset({"http", "https", "ws", "wss"})
MOST_ALIASES = 50
LEFT, RIGHT = 560, 200  # characters around a host that are looked at

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,26})(?::///?|\($)$")
# inet:127.0.0.1:25, and R:80:localhost:3000: what comes in elsewhere is forwarded to here
WORD_COLON = re.compile(r"(?:^|[^A-Za-z0-9.])([A-Za-z][A-Za-z0-9-]{0,15}|R:\d{1,5}):\[?$")
CALLER = re.compile(r"([A-Za-z0-9]{0,16})\($")  # tcp(127.0.0.1:3306), as Go's MySQL driver writes it
KEYWORD = re.compile(
    r"(?i)(?:^|[^a-z])(?:host(?:addr|name)?|server|data source|addr(?:ess)?)\s?=\s?(?:tcp:)?$"
)
PORT = re.compile(r"[)\]]?:(\d{1,5})(?!\w)(/udp\b)?")
PORT_AT = re.compile(r"(?<![A-Za-z])inet6?:(\d{1,5})@$")  # as milters write it
HASH_PORT = re.compile(r"#(\d{1,5})(?!\w)")
COMMA_PORT = re.compile(r",\s?(\d{1,5})(?![\w.])")
KEYWORD_PORT = re.compile(r"(?i)^[^\n\"]{0,120}?[;, &]\s?port\s?=\s?'?(\d{1,5})(?!\w)")
KEYWORD_PORT_BEFORE = re.compile(r"(?i)(?:^|[;, &\"'])port\s?=\s?'?(\d{1,5})'?[;, &][^\n\"]{0,80}$")
# What stands behind a host without a port, by the driver that reads it.
USUAL_PORTS = (
    (re.compile(r"'?\s+(?:user|dbname|password|sslmode)\s?="), "5432"),
    (re.compile(r"(?i);[^\n\"]{0,120}\b(?:uid|sslmode=none|allowpublickeyretrieval)\s?="), "3306"),
    (re.compile(r"(?i);[^\n\"]{0,120}\busername\s?="), "5432"),
    (
        re.compile(
            r"(?i);[^\n\"]{0,120}\b(?:initial catalog|trusted_connection|trustservercertificate"
            r"|integrated security|multipleactiveresultsets|user id)\s?="
        ),
        "1433",
    ),
)
# mysql:host=localhost;dbname=shop, as PHP writes it
PDO = re.compile(
    r"(?i)(?<![a-z])(mysql|pgsql|sqlsrv|mongodb):(?:[\w]{1,20}=[\w.-]{0,60};){0,4}(?:host|server)=$"
)
URL_PORT = re.compile(r"@?:(\d{2,5})/[^\s/]{0,120}[?&]host=$")  # postgresql://user@:5432/name?host=localhost
DEV_TCP = re.compile(r"/dev/(tcp|udp)/(localhost|127\.0\.0\.1|::1)/(\d{1,5})(?!\d)")
# /ip4/127.0.0.1/tcp/5001, as libp2p writes addresses
MULTIADDRESS = re.compile(r"/(?:ip[46]|dns4?)/(localhost|127\.0\.0\.1|::1)/(tcp|udp)/(\d{1,5})(?!\d)")
SOCKET = re.compile(
    r"(?:(?<![A-Za-z0-9])(?:unix(?:\+http|\+grpc)?(?::///?(?=/)|:|\()|ipc://(?=/))"
    r"|(?<![A-Za-z0-9_.:/%@{}$-])(?=/)"
    r"|(?<=:)(?=/[A-Za-z0-9_./@+-]{1,200}\.sock(?:et)?\b))"
    r"(?P<path>/(?!/)[A-Za-z0-9_./@+-]{1,200}(?::[A-Za-z0-9_./-]{1,100}){0,2})"
)
SOCKET_ENDS = (".sock", ".socket", ".ipc")
SOCKET_WORDS = frozenset({"socket", "sockets", "sock", "uds"})
PLAIN_PATH = re.compile(r"/[A-Za-z0-9_.@+-][A-Za-z0-9_./@+-]{1,200}")
PASSIVE = "punix"  # as Open vSwitch writes a socket that the program itself opens
FORWARDED = "forwarded"  # unix:/run/fpm.sock|fcgi://localhost, as Apache writes where it goes
POSTGRES_SOCKET = re.compile(r"/\.s\.PGSQL\.\d{1,5}$")


@dataclass(frozen=True, slots=True)
class Address:
    """`shown` is all of the text that may be seen: host:port or unix:path."""

    port: int | None
    shown: str
    start: int
    protocol: str = "tcp"
    path: str = ""
    is_explicit: bool = True  # False for the usual port of a scheme
    scheme: str = ""

    @property
    def is_web(self) -> bool:
        return self.scheme in ("", "http", "https", "ws", "wss", "grpc")


def find_addresses(text: str, aliases: Collection[str] = ()) -> Iterator[Address]:
    """host:port on localhost, or scheme://localhost with the scheme's usual port.

    `aliases` are other names of 127.0.0.1, as the pod's hostAliases give them.
    """
    # One of these is in each of LOCAL: most texts are told by that.
    is_likely = "localhost" in text or "127.0.0.1" in text or "::1" in text or POD_IP in text
    if not is_likely and not (aliases and any(alias in text for alias in aliases)):
        return
    if len(aliases) > MOST_ALIASES:
        aliases = sorted(aliases)[:MOST_ALIASES]
    for match in _hosts(frozenset(aliases)).finditer(text):
        left = text[max(0, match.start() - LEFT) : match.start()]
        scheme = _scheme(left)
        if scheme is not None:
            yield from _address(match, scheme, left, text[match.end() : match.end() + RIGHT])
    if "/dev/" in text:
        for match in DEV_TCP.finditer(text):
            yield from _made(match[2], match[3], match.start(), match[1])
    if "/ip" in text or "/dns" in text:
        for match in MULTIADDRESS.finditer(text):
            yield from _made(match[1], match[3], match.start(), match[2])


@lru_cache(maxsize=64)
def _hosts(aliases: frozenset[str]) -> re.Pattern[str]:
    names = sorted((*LOCAL, *sorted(aliases)), key=len, reverse=True)
    either = "|".join(re.escape(name) for name in names)
    return re.compile(rf"(?<![A-Za-z0-9_.%-])(?:{either})(?![A-Za-z0-9_-]|\.[A-Za-z0-9])")


def _scheme(left: str) -> str | None:
    """The scheme before a host, "" if it has none; None where no host can stand."""
    if not left or left[-1] not in "/@:([":
        return ""
    if left.endswith("("):
        found = CALLER.search(left)
        return found[1].lower() if found else ""
    if found := SCHEME.search(left[-32:]):
        return found[1].lower()
    if left.endswith("@"):
        login = left[:-1].rpartition("://")
        before = (
            SCHEME.search(login[0][-28:] + "://")
            if login[1] and not re.search(r"[\s\"'<>]", login[2])
            else None
        )
        return before[1].lower() if before else ""
    if left.endswith(":"):
        word = WORD_COLON.search(left[-24:])
        return word[1].lower().partition(":")[0] if word else None
    return "" if left[-1] in "[/" and (left[-1] == "[" or left[-2:-1] != "/") else None


def _address(match: re.Match[str], scheme: str, left: str, right: str) -> Iterator[Address]:
    host, start = match[0], match.start()
    protocol = "udp" if scheme in UDP_SCHEMES else "tcp"
    if found := PORT.match(right):
        if not left.endswith("/") or "://" in left[-24:] or ":///" in left[-24:]:
            yield from _made(host, found[1], start, "udp" if found[2] else protocol, scheme)
    elif found := HASH_PORT.match(right):
        yield from _made(host, found[1], start, "udp", "dns+udp")  # dnsmasq's way of naming a server
    elif found := PORT_AT.search(left[-12:]):
        yield from _made(host, found[1], start, protocol)
    elif KEYWORD.search(left[-24:]):
        port = COMMA_PORT.match(right) or KEYWORD_PORT.match(right) or KEYWORD_PORT_BEFORE.search(left[-160:])
        port = port or URL_PORT.search(left[-200:])
        by_driver = next((number for looks, number in USUAL_PORTS if looks.match(right)), "")
        if pdo := PDO.search(left[-300:]):
            by_driver = str(SCHEME_PORTS[pdo[1].lower()])
        yield from _made(host, port[1] if port else by_driver, start, protocol)
    elif scheme == "tcp" and left.endswith("(") and right.startswith(")"):
        yield from _made(host, str(SCHEME_PORTS["mysql"]), start, protocol)
    elif (usual := scheme_port(scheme)) and not re.match(r"\)?:[\w${%]", right):
        for address in _made(host, str(usual), start, protocol, scheme):
            yield replace(address, is_explicit=False)


def scheme_port(scheme: str) -> int | None:
    """The usual port of a scheme, which may name a driver too: postgresql+psycopg2."""
    base, _plus, driver = scheme.partition("+")
    return SCHEME_PORTS.get(scheme) or (None if driver in PORTLESS else SCHEME_PORTS.get(base))


def is_of_product(scheme: str) -> bool:
    """redis, postgresql+psycopg2: it names a program that serves others, as http does not."""
    return scheme not in WEB_SCHEMES and scheme_port(scheme) is not None


def _made(host: str, port: str, start: int, protocol: str, scheme: str = "") -> Iterator[Address]:
    if port and 0 < int(port) < 65536:
        yield Address(int(port), f"{host}:{int(port)}", start, protocol, scheme=scheme)


def is_stream(scheme: str) -> bool:
    """http, redis and their like, and postgresql+psycopg2."""
    return (
        scheme in STREAM_SCHEMES or scheme.partition("+")[0] in STREAM_SCHEMES and scheme not in UDP_SCHEMES
    )


def find_sockets(text: str) -> Iterator[Address]:
    """unix:/path, or a bare path that ends in .sock."""
    if "/" not in text:
        return
    for match in SOCKET.finditer(text):
        path = match["path"].rstrip("./:")
        is_told = match[0].startswith(("unix", "ipc"))  # ipc://, as ZeroMQ writes it
        if not is_told:
            path = path.partition(":")[0]
            if not path.endswith(SOCKET_ENDS) and not POSTGRES_SOCKET.search(path):
                continue
        elif path.partition(":")[0].endswith(SOCKET_ENDS):
            path = path.partition(":")[0]  # unix:/run/app.sock:/status; Cloud SQL's names have colons
        # What stands behind an @ is no part of the file's name, and may be a login.
        path = re.sub(r"(\.sock(?:et)?)@.*", r"\1", path)
        scheme = "unix" if is_told else ""
        if text[max(0, match.start() - 6) : match.start()].endswith("punix:"):
            scheme = PASSIVE
        elif text[match.end() : match.end() + 1] == "|":
            scheme = FORWARDED
        yield Address(None, f"unix:{path}", match.start("path"), "unix", path, scheme=scheme)


def find_named_socket(name_words: Collection[str], text: str) -> Iterator[Address]:
    """--socket-dir=/var/run/frr: a path that only its name calls a socket, or a product's usual one."""
    path = text.strip().removeprefix("unix:")
    if "/" not in path or not PLAIN_PATH.fullmatch(path):
        return
    if SOCKET_WORDS.isdisjoint(name_words) and not path.endswith(socket_names()):
        return
    if not path.endswith(SOCKET_ENDS) and not POSTGRES_SOCKET.search(path):
        yield Address(None, f"unix:{path}", 0, "unix", posixpath.normpath(path))
