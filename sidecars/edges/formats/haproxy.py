"""HAProxy: bind, server, log, stats socket, resolvers."""

import re
from collections.abc import Iterator

from sidecars.edges.formats.mentions import Mention, call, listen, unix
from sidecars.edges.formats.settings import LONGEST_VALUE
from sidecars.edges.formats.text import Text

SECTION = re.compile(
    r"^(global|defaults|frontend|backend|listen|resolvers|peers|mailers|userlist|ring|program|log-forward"
    r"|cache|http-errors|fcgi-app)\b"
)
LOOKS = re.compile(r"(?m)^(?:frontend|backend|listen|defaults|global)\b[^{;=:\n]{0,200}$")
DIRECTIVE = re.compile(
    r"(?m)^[ \t]{1,80}(?:bind|server|mode|default_backend|timeout|maxconn|stats|option|log|use_backend)\s"
)
FAMILY = re.compile(r"^(?:ipv[46]|tcp[46]?|udp[46]?|quic[46])@")
PORTS = re.compile(r"^(.*):(\d{1,5})-\d{1,5}$")


def read(text: Text) -> list[Mention] | None:
    if not (LOOKS.search(text.content) and DIRECTIVE.search(text.content)):
        return None
    return list(_read(text.content))


def _read(content: str) -> Iterator[Mention]:
    section = ""
    for number, line in enumerate(content.splitlines(), start=1):
        words = _words(line[:LONGEST_VALUE])
        if not words:
            continue
        if not line[0].isspace() and (match := SECTION.match(line)):
            section = match[1]
            if section == "listen" and len(words) > 2:  # listen stats *:8404, of old
                yield from _bind(words[2], number)
        elif words[0] in ("bind", "dgram-bind") and len(words) > 1:
            for address in words[1].split(","):
                yield from _bind(address, number, is_udp=words[0] == "dgram-bind")
        elif words[0] in ("server", "nameserver") and len(words) > 2:
            yield from _server(words, number, section)
        elif words[0] == "log" and len(words) > 1:
            yield from _log(words[1], number)
        elif words[:2] == ["stats", "socket"] and len(words) > 2:
            yield from _bind(words[2], number)


def _words(line: str) -> list[str]:
    words = line.split()
    comment = next((at for at, word in enumerate(words) if word.startswith("#")), len(words))
    return [word.strip("\"'") for word in words[:comment]]


def _bind(address: str, line: int, *, is_udp: bool = False) -> Iterator[Mention]:
    if address.startswith("/"):
        yield Mention("listen", line, unix(address[:200]))
        return
    protocol = "udp" if is_udp or address.startswith(("udp", "quic")) else "tcp"
    yield from listen(PORTS.sub(r"\1:\2", FAMILY.sub("", address)), line, protocol=protocol)


def _server(words: list[str], line: int, section: str) -> Iterator[Mention]:
    """Without a port a server gets the port that its caller asked, which nobody can tell here."""
    address = words[2]
    if address.startswith("/"):
        yield Mention("call", line, unix(address[:200]))
        return
    is_udp = section == "resolvers" or address.startswith("udp")
    if section != "peers":
        yield from call(FAMILY.sub("", address), line, protocol="udp" if is_udp else "tcp")


def _log(address: str, line: int) -> Iterator[Mention]:
    if address.startswith("/") and not address.startswith("/dev/"):
        yield Mention("call", line, unix(address[:200]))
    elif not address.startswith("ring@"):
        is_tcp = address.startswith("tcp")
        yield from call(FAMILY.sub("", address), line, port=514, protocol="tcp" if is_tcp else "udp")
