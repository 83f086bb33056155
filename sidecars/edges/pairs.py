"""A host and a port in two variables: UPSTREAM_HOST=localhost with UPSTREAM_PORT=8080."""

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache

from sidecars.configured import Configured, Variable
from sidecars.edges.addresses import LOCAL, PLAIN_PATH, SOCKET_ENDS, Address
from sidecars.edges.findings import Finding, read_name
from sidecars.edges.names import LONGEST, Meaning, is_datagram, judge, words
from sidecars.knowledge.behaviour import squeeze, usual_port
from sidecars.topology import Confidence, Evidence

HOST = re.compile(
    r"(?i)^-{0,2}(?P<stem>.*?)(?P<gap>[_.]{0,2}|-)"
    r"(?P<end>HOST_?NAMES?|HOSTS?|ADDRESS|ADDR|SERVERS?|IP|ENDPOINT|URL|URI|SERVICE_HOST|HOST_IP|CONNECT)$"
)
PORT_ENDINGS = (
    "port",
    "portnumber",
    "serviceport",
    "hostport",
    "porttcp",
    "tcpport",
    "httpport",
    "serverport",
    "rpcport",
    "grpcport",
    "apiport",
)
LONGEST_FIRST = sorted(PORT_ENDINGS, key=len, reverse=True)
BARE_URL = re.compile(r"(?i)^(?:[a-z][a-z0-9+.]{0,20}://|(?:tcp|udp):)?(\[?[A-Za-z0-9.:]{1,60}?\]?)/?$")
# localhost/shop?sslmode=disable, and with a login before it
BARE_PATH = re.compile(r"(?i)^(?:[^\s/@]{0,100}@)?(localhost|127\.0\.0\.1|\[::1\])(?:/[^\s:]{0,100})?$")
NAMES = {name.lower(): name for name in LOCAL} | {"::1": "[::1]"}
# host=/run/pgbouncer port=6432, postgresql:///shop?host=/run/pgbouncer
HOST_FOLDER = re.compile(r"(?:^|[\s?&;'\"])host=(/[A-Za-z0-9_./-]{1,200})(?=$|[\s&;'\"])")
LONGEST_DSN = 1000
MOST_PORTS = 5  # beside one host
WILDCARDS = frozenset({"0.0.0.0", "::", "[::]", "*"})  # noqa: S104  read, not bound


def find(configured: Configured, kind: str = "env ") -> Iterator[Finding]:
    """`kind` goes before the names in the evidence."""
    ports = _ports(configured)
    for variable in configured.variables:
        parts = _host_parts(variable.name[:LONGEST]) if not variable.is_hidden else None
        host = _host(configured, variable) if parts else ""
        if parts and (host or variable.value in WILDCARDS):
            yield from _find_pair(configured, variable, parts, host, ports, kind)
        elif parts and variable.value.startswith("/"):
            yield from _find_folder(configured, variable, variable.value.strip())
        elif not variable.is_hidden and (folder := HOST_FOLDER.search(variable.value[:LONGEST_DSN])):
            yield from _find_folder(configured, variable, folder[1])
        elif not parts and not variable.is_hidden and variable.value.strip().lower() in NAMES:
            # ZBX_JAVAGATEWAY=localhost
            yield from _find_usual(configured, variable, words(variable.name), variable.value.strip())


def _find_folder(configured: Configured, variable: Variable, path: str) -> Iterator[Finding]:
    """PGHOST=/run/pgbouncer: of a database's clients a host that is a path is the folder of its socket."""
    if not PLAIN_PATH.fullmatch(path) or path.endswith(SOCKET_ENDS):
        return
    path = posixpath.normpath(path)
    shown = f"unix:{path}"
    yield Finding(
        configured.container,
        Address(None, shown, 0, "unix", path),
        Evidence(variable.source, variable.field, shown),
        is_quiet=True,
        needs_listener=True,
        called=words(variable.name),
    )


def host_stems(configured: Configured) -> frozenset[str]:
    """What comes before _HOST in the names of variables: a *_PORT with such a stem is that host's port."""
    found = (_host_parts(variable.name[:LONGEST]) for variable in configured.variables)
    return frozenset(squeeze(match["stem"]) for match in found if match and match["stem"])


def _ports(configured: Configured) -> dict[str, Variable]:
    """DB_PORT, db.port, DB_PORT_NUMBER, DB_SERVICE_PORT -> by "dbport"."""
    return {squeeze(v.name): v for v in configured.variables if not v.is_hidden and "port" in v.name.lower()}


@lru_cache(maxsize=1024)  # pods have most names in common
def _host_parts(name: str) -> re.Match[str] | None:
    return HOST.match(name)


def port_stem(port_name: str) -> str:
    squeezed = squeeze(port_name)
    if "port" not in squeezed:
        return squeezed
    return next((squeezed[: -len(end)] for end in LONGEST_FIRST if squeezed.endswith(end)), squeezed)


def _host(configured: Configured, variable: Variable) -> str:
    """The local host that is the whole value; "" if there is none."""
    return find_bare_host(configured, variable.value)


def find_bare_host(configured: Configured, value: str) -> str:
    """The local host of a value that names no port of it; "" if there is none."""
    value = value.strip()[:200]
    found = BARE_URL.match(value) or BARE_PATH.match(value)
    host = found[1].lower() if found else ""
    return NAMES.get(host, host if host in configured.aliases else "")


def _find_pair(
    configured: Configured,
    variable: Variable,
    parts: re.Match[str],
    host: str,
    ports: dict[str, Variable],
    kind: str,
) -> Iterator[Finding]:
    stem = squeeze(parts["stem"])
    port = _port(stem, ports)
    number = _number(port.value) if port else None
    if port and number:
        shown = f"{host or variable.value}:{number}"
        source = f"{configured.container}: {kind}{variable.name} + {port.name}"
        evidence = Evidence(source, variable.field, shown)
        if not host:
            address = Address(number, shown, 0)
            yield Finding(configured.container, address, evidence, is_listener=True)
            return
        if words(parts["stem"]) == ("local",):  # --local-address and --local-port
            address = Address(number, shown, 0)
            yield Finding(configured.container, address, evidence, is_listener=True)
            return
        scheme = variable.value.strip()[:4].partition(":")[0].lower()  # udp:127.0.0.1, udp://localhost
        scheme = scheme if scheme in ("udp", "tcp") else ""
        protocol = "udp" if scheme == "udp" or is_datagram(parts["stem"], number, scheme) else "tcp"
        yield from read_name(
            configured.container, parts["stem"] or "host", Address(number, shown, 0, protocol), evidence
        )
    elif host and port is None and parts["stem"] in ("", "--", "-") and kind == "":
        yield from _find_beside(configured, variable, host, ports)
    elif host and port is None and not _is_url(variable):
        yield from _find_usual(configured, variable, words(parts["stem"]), host)


def has_bare_host(configured: Configured) -> bool:
    """--host 127.0.0.1 without --port: its other ports may well be that host's."""
    names = {v.name.strip("-"): v for v in configured.variables}
    return "host" in names and "port" not in names and bool(_host(configured, names["host"]))


def _find_beside(
    configured: Configured, variable: Variable, host: str, ports: dict[str, Variable]
) -> Iterator[Finding]:
    """--host 127.0.0.1 with --rpc-port and --zmq-port: that host's, where another surely opens them."""
    for port in list(ports.values())[:MOST_PORTS]:
        if number := _number(port.value):
            shown = f"{host}:{number}"
            evidence = Evidence(
                f"{configured.container}: {variable.name} + {port.name}", variable.field, shown
            )
            said = frozenset(words(port.name)) - {"port"}
            yield Finding(
                configured.container,
                Address(number, shown, 0),
                evidence,
                confidence=Confidence.MEDIUM,
                needs_listener=True,
                is_quiet=True,
                is_unclear=True,
                about=said | {"*"},
            )


def _port(stem: str, ports: dict[str, Variable]) -> Variable | None:
    """DB_PORT for DB_HOST, else the only port whose name begins so: QBITTORRENT_WEBUI_PORT."""
    for end in PORT_ENDINGS:
        if found := ports.get(stem + end):
            return found
    longer = [v for name, v in ports.items() if name.startswith(stem) and name.endswith("port")]
    return longer[0] if len(stem) > 1 and len(longer) == 1 else None


def _is_url(variable: Variable) -> bool:
    """http://localhost says its port by its scheme; `variables` has found it."""
    return "://" in variable.value


def _find_usual(
    configured: Configured, variable: Variable, stem: tuple[str, ...], host: str
) -> Iterator[Finding]:
    """REDIS_HOST=localhost without a port: the usual one of what the name speaks of."""
    usual = usual_port(stem)
    if judge(variable.name) in (Meaning.SAYS, Meaning.LISTENS):
        return
    if usual is None:
        yield Finding(
            configured.container,
            Address(None, host, 0),
            Evidence(variable.source, variable.field, host),
            kind="inferred",
            confidence=Confidence.LOW,
            is_quiet=True,
            called=words(variable.name),
        )
        return
    numbers, protocol = usual
    for number in numbers:
        shown = f"{host}:{number}"
        yield Finding(
            configured.container,
            Address(number, shown, 0, protocol),
            Evidence(variable.source, variable.field, shown),
            kind="inferred",
            confidence=Confidence.MEDIUM,
            needs_listener=True,
            one_of=variable.name,
        )


def _number(value: str) -> int | None:
    value = value.strip()
    return int(value) if value.isascii() and value.isdigit() and 0 < int(value[:6]) < 65536 else None
