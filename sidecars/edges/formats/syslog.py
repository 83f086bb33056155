"""rsyslog and syslog-ng: what they take, send on, read and write."""

import re
from collections.abc import Iterator

from sidecars.edges.formats.mentions import Mention, call, file, listen, unix
from sidecars.edges.formats.settings import LONGEST_VALUE
from sidecars.edges.formats.text import Text

RSYSLOG = re.compile(
    r"(?m)^[ \t]{0,80}(?:\$(?:ModLoad|InputTCPServerRun|UDPServerRun|WorkDirectory|template|ActionFile\w+)\b"
    r"|module\(|input\(\s*type=|action\(\s*type=|ruleset\(|global\("
    r"|[\w*,;=!]{1,40}\.[\w*,;=!]{1,40}[ \t]{1,40}(?:action\(|@@?[\w\[(]))"
)
LEGACY = re.compile(
    r"^\s*\$(InputTCPServerRun|UDPServerRun|InputFileName|AddUnixListenSocket)\s+(\S{1,200})", re.I
)
SELECTOR = re.compile(r"^\s*[\w*,.;=!:-]{1,100}\s+(@@?)(?:\([^)]{0,20}\))?(\[?[\w.:-]{1,200}\]?(?::\d+)?)")
WRITES = re.compile(r"^\s*[\w*,.;=!]{1,100}\.[\w*,.;=!]{1,60}\s+-?(/[^\s;]{1,200})")
STATEMENT = re.compile(r"\b(input|action|module)\s?\(([^)]{0,600})\)")
PARAMETER = re.compile(r"\b([\w.]{1,60})\s?=\s?\"([^\"]{0,400})\"")
NG = re.compile(r"(?m)^[ \t]{0,80}(?:source|destination|log)\s+\w{0,60}\s?\{|^@version:")
BLOCK = re.compile(r"\b(source|destination)\s+\w{1,60}\s?\{")
DRIVER = re.compile(
    r"\b(network|udp6?|tcp6?|syslog|file|unix-stream|unix-dgram|http|wildcard-file)\s?\(([^;{}]{0,400}?)\)\s?;"
)
OPTION = re.compile(r"\b(port|ip|localip|transport|url|base-dir)\s?\(\s?\"?([^\")\s]{1,300})\"?\s?\)")
FIRST = re.compile(r"^\s*\"([^\"]{1,300})\"")


def read(text: Text) -> list[Mention] | None:
    if NG.search(text.content) and ("destination" in text.content or "@version" in text.content):
        return list(_read_ng(text.content))
    if RSYSLOG.search(text.content):
        return list(_read_rsyslog(text.content))
    return None


def _read_rsyslog(content: str) -> Iterator[Mention]:
    for number, line in enumerate(content.splitlines(), start=1):
        line = line[:LONGEST_VALUE]
        if line.lstrip()[:1] in ("#", ""):
            continue
        if match := LEGACY.match(line):
            yield from _legacy(match[1].lower(), match[2], number)
        elif match := SELECTOR.match(line):
            yield from call(match[2], number, port=514, protocol="tcp" if match[1] == "@@" else "udp")
        elif match := WRITES.match(line):
            yield from file("write", match[1], number)
    plain = re.sub(r"(?m)^[ \t]{0,80}#.*$", "", content)
    for match in STATEMENT.finditer(plain):
        yield from _statement(dict(PARAMETER.findall(match[2])), plain.count("\n", 0, match.start()) + 1)


def _legacy(name: str, value: str, line: int) -> Iterator[Mention]:
    if name == "inputfilename":
        yield from file("read", value, line)
    elif name == "addunixlistensocket":
        yield Mention("listen", line, unix(value))
    else:
        yield from listen(value, line, protocol="udp" if name == "udpserverrun" else "tcp")


def _statement(values: dict[str, str], line: int) -> Iterator[Mention]:
    given = {key.lower(): value for key, value in values.items()}
    kind = given.get("type", "").lower()
    if kind in ("imudp", "imtcp", "imrelp", "imptcp"):
        for port in given.get("port", "").strip("[]").split(","):
            yield from listen(port, line, protocol="udp" if kind == "imudp" else "tcp")
    elif kind in ("omfwd", "omrelp"):
        protocol = given.get("protocol", "udp" if kind == "omfwd" else "tcp")
        yield from call(f"{given.get('target', '')}:{given.get('port', '514')}", line, protocol=protocol)
    elif kind in ("omelasticsearch", "omhttp"):
        port = given.get("serverport", "9200")
        yield from call(f"{given.get('server', 'localhost').split('//')[-1]}:{port}", line)
    elif kind in ("imfile", "omfile"):
        yield from file("read" if kind == "imfile" else "write", given.get("file", ""), line)
    elif kind == "imuxsock" and (path := given.get("socket") or given.get("syssock.name", "")).startswith(
        "/"
    ):
        yield Mention("listen", line, unix(path))


def _read_ng(content: str) -> Iterator[Mention]:
    plain = re.sub(r"(?m)(?:^|\s)#.*$", "", content)
    kind, line, at = "", 1, 0
    pieces = sorted((m.start(), m) for pattern in (BLOCK, DRIVER) for m in pattern.finditer(plain))
    for start, match in pieces:
        line, at = line + plain.count("\n", at, start), start
        if match.re is BLOCK:
            kind = match[1]
        elif kind:
            yield from _driver(kind, match[1], match[2], line)


def _driver(kind: str, name: str, body: str, line: int) -> Iterator[Mention]:
    options = dict(OPTION.findall(body))
    first = FIRST.match(body)
    value = first[1] if first else ""
    is_source = kind == "source"
    if name in ("file", "wildcard-file"):
        yield from file("read" if is_source else "write", value or options.get("base-dir", ""), line)
    elif name.startswith("unix"):
        if value.startswith("/") and value != "/dev/log":
            yield Mention("listen" if is_source else "call", line, unix(value))
    elif name == "http":
        yield from call(options.get("url", ""), line)
    else:
        is_udp = name.startswith("udp") or options.get("transport", "").startswith("udp")
        port = options.get("port", "601" if name == "syslog" else "514")
        host = "*" if is_source else value
        say = listen if is_source else call
        yield from say(f"{host}:{port}", line, protocol="udp" if is_udp else "tcp")
