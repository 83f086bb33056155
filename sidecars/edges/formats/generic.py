"""A file of no known format: addresses by the names of their keys, host and port side by side.

What is found is inferred: nobody knows what the program makes of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sidecars.edges.addresses import Address, find_addresses, find_named_socket, find_sockets
from sidecars.edges.findings import LISTENING
from sidecars.edges.formats.mentions import ANYWHERE, Mention, Says, file, read_place
from sidecars.edges.formats.sections import HEADER
from sidecars.edges.formats.settings import LONGEST_VALUE, Setting, by_key, groups
from sidecars.edges.formats.text import Text
from sidecars.edges.limits import MOST_OF_CONTAINER
from sidecars.edges.names import UPSTREAM, Meaning, is_datagram, judge, words
from sidecars.edges.variables import LOCAL
from sidecars.knowledge.behaviour import usual_port
from sidecars.topology import Confidence

# What others are told to come back to, who may come, and prose: no way that the program goes.
PUBLIC = re.compile(
    r"(?i)(public|external|canonical|advertis|redirect|callback|issuer|origin|cors|allow|deny|permit|whitelist"
    r"|trusted|no_?proxy|server_?name|domain|exclu|ignor|example|(?:root|site|app|home|web|frontend|self|page"
    r"|docs?|logo|logout|login|swagger)[_.-]?(?:url|uri)|homepage|(?:^|[._])wp_home$|descri|title|comment|summary|message|referer"
    r"|cookie|csp|www_?root|url-prefix|vanity|real_?ip|acl|hosts?_?header|announce)"
)
# A server's own address as others see it; of a client it is where it goes.
BASE = re.compile(r"(?i)(?:^|\.)(?:(?:web_?server|server|app|web|site|general)\.)base_?url$")
# Texts that are shown or stored, not obeyed.
SHOWN = frozenset({"md", "html", "htm", "css", "svg", "sql", "rst", "crt", "pem", "key", "proto", "csv"})
SERVED = re.compile(
    r"(?i)^(?:(?:server|https?|listen(?:er)?|web|admin|metrics?|grpc|rest|management|health|bind|prometheus"
    r"|api|service)[._-]?(?:server[._-]?)?port|port)$"
)
OWN = re.compile(
    r"(?i)(listen|bind|^server$|^web$|^admin$|^metrics$|^management$|^https?$|http_?server|^grpc$)"
)
HOSTS = (
    "host",
    "hostname",
    "address",
    "addr",
    "server",
    "ip",
    "bind",
    "listen",
    "connect",
    "bind_address",
    "listen_address",
    "url",
    "uri",
)
DRIVERS = ("adapter", "driver", "dialect", "client", "engine", "type", "provider", "connection", "dbtype")
BARE = ("host", "hostname", "server")
BARE_END = re.compile(r"(?:hostname|host|server)$")
OPEN = re.compile(r"^\"?(?:[a-z+]{2,12}://)?(?:0\.0\.0\.0|\[::\]|\*|\+)?:(\d{1,5})/?\"?$")
OPENS = re.compile(r"(?i)(?:^listen|[._-]listen|listen[._-]?(?:on|port)|bind[._-]?port)$")
DATAGRAMS = re.compile(r"(?i)(udp|statsd|gelf|netflow|collectd|snmp|dns|resolver|nameserver)")
COMMENT = re.compile(r"(?:^|\s)(?:#|//).*$|^\s*(?:;|--\s|rem\s|REM\s).*$")
REMARKS = (("/*", "*/"), ("<!--", "-->"))  # over several lines, where a line begins with one
NAME = re.compile(r"([\w.@-]{1,80})[\"'\]]{0,2}\s{0,20}(?:[=:,]|\s)\s{0,20}[\[\"'(]{0,4}$")
# { "host": "127.0.0.1", "port": 5432 } in a language that is no JSON
INLINE = re.compile(
    r"(?i)(?<![a-z])(?:host(?:name)?|addr(?:ess)?|server)[\"']?\s?(?:=>|[=:])\s?[\"']?(localhost|127\.0\.0\.1)[\"']?\s?"
    r"[,;\s][^{}\[\]\n]{0,60}?"
    r"(?<![A-Za-z_.-])[\"']?port[\"']?\s?(?:=>|[=:])\s?[\"']?(\d{1,5})\b"
)
# <syslogHost>localhost</syslogHost>, <param name="port" value="514"/>
TAG = re.compile(
    r"<([A-Za-z][\w.:-]{0,60})>\s{0,20}([\w.:\[\]-]{1,60})\s{0,20}</"
    r"|\sname=\"([\w.-]{1,60})\"(?:\s{1,8}value=\"|>)([\w.:\[\]-]{1,60})[\"<]"
)
OPENED = re.compile(r"^\s*([\w.\"' =:/-]{1,120})\{\s*$")
BLOCKS = re.compile(r"(?m)^[ \t]{0,40}[A-Za-z][\w.\"' =:-]{0,120}\{(?:[ \t]|$)")
DEEPEST = 20
AROUND = "\"' ,;>:="  # what other languages put around a value
BEGINNINGS = (*HOSTS, "port")
# "Open http://localhost:3000 in a browser" tells a reader, "curl http://localhost:3000" a shell.
PROSE = re.compile(r"[A-Za-z,']{2,30}\s+[A-Za-z,']{2,30}[\s:]")
COMMAND = re.compile(r"(?i)cmd|command|exec|script|args|run|entrypoint|check|test")
# connect("127.0.0.1", 6379), Server "127.0.0.1" "25826"
QUOTED = re.compile(
    r"(?:(?<![\w./:@-])|(?<=[a-z]:))[\"']?(localhost|127\.0\.0\.1)[\"']?"
    r"(?:[ \t]{1,4}(?:port[ \t])?|\s{0,4},\s{0,4})[\"']?(\d{2,5})"
    r"(?![\w./:-])"
)
# What loggers write: logback, log4j, Python, Go; and what agents follow: CloudWatch, Datadog.
WRITTEN = re.compile(
    r"(?i)(?:<file>|<file_?name>|\b(?:log_?)?file_?(?:name)?[\"']?\s?[=:]\s?|\.file\s?=\s?|\blog_?(?:file_?)?path[\"']?\s?[=:]\s?)"
    r"[\"']?(/[\w.+@/%{}$-]{1,200})"
)
FOLLOWED = re.compile(r"(?i)\bfile_path[\"']?\s?[=:]\s?[\"']?(/[\w.+@/*?-]{1,200})")
LOGGER = re.compile(r"(?i)log|append|handler|output")
GRAFANA = frozenset({"panels", "schemaVersion"})


def read(text: Text) -> list[Mention]:
    if text.ending in SHOWN or text.top >= GRAFANA or "groups" in text.top:
        return []
    if text.ending == "js" and "window" in text.content:
        return []  # what a browser is told
    settings = text.tree
    files = list(_read_files(text))
    if settings is None:
        return [*_enough(_read_lines(text.content)), *_pairs(_plain(text)), *_tagged(text.content), *files]
    found = _enough(m for setting in settings for m in read_setting(setting))
    return [*found, *_pairs(settings), *files]


def _enough(mentions: Iterator[Mention]) -> list[Mention]:
    """More than are looked at of any container, so that it is told that there are more."""
    found: dict[Mention, None] = {}
    for mention in mentions:
        found[mention] = None
        if len(found) > MOST_OF_CONTAINER:
            break
    return list(found)


def _plain(text: Text) -> list[Setting]:
    """`key = value`, and `key value` where no line says it otherwise."""
    if BLOCKS.search(text.content):
        return text.blocks
    assigned = {setting.line for setting in text.sections}
    return [*text.sections, *(setting for setting in text.words if setting.line not in assigned)]


def _tagged(content: str) -> Iterator[Mention]:
    """<host>localhost</host> with <port>5000</port> a few lines on, as XML has them."""
    host, at, name = "", 0, ""
    for number, line in enumerate(content.splitlines(), start=1):
        if "<" not in line:
            continue
        for tag in TAG.finditer(line[:LONGEST_VALUE]):
            key, value = (tag[1] or tag[3]).lower(), (tag[2] or tag[4]).strip()
            if key.endswith(HOSTS) and value.lower() in LOCAL:
                host, at, name = value, number, key
            elif key.endswith("port") and value.isdigit() and host and number - at < 8:
                if 0 < int(value) < 65536:
                    where = _by(name, Address(int(value), f"{host}:{value}", 0))
                    yield _mention("listen" if LISTENING.search(name) else "call", number, where, name)
                host = ""


def _read_files(text: Text) -> Iterator[Mention]:
    is_logger = bool(LOGGER.search(text.content))
    for number, line in enumerate(text.content.splitlines(), start=1):
        if "/" not in (line := COMMENT.sub("", line[:LONGEST_VALUE])):
            continue
        for match in FOLLOWED.finditer(line):
            yield from file("read", match[1], number)
        if is_logger and (written := WRITTEN.search(line)):
            yield from file("write", written[1], number)
    for group in groups(text.tree or ()):
        keys = by_key(group)
        if "type" in keys and keys["type"].value == "file" and "path" in keys:
            yield from file("read", keys["path"].value, keys["path"].line)


def read_setting(setting: Setting) -> Iterator[Mention]:
    name = ".".join(setting.path[-3:])
    if PROSE.match(setting.value) and not COMMAND.search(setting.key):
        return
    if match := OPEN.match(setting.value):
        if not UPSTREAM & set(words(name)):
            yield from _listener(int(match[1]), setting)
    elif OPENS.search(setting.key) and setting.value.isascii() and setting.value.isdigit():
        yield from _listener(int(setting.value[:6]), setting)
    texts = (setting.value, setting.key) if ":" in setting.key else (setting.value,)
    found = [a for text in texts for a in (*find_addresses(text), *find_sockets(text))]
    for address in found or find_named_socket(words(name), setting.value):
        if not (PUBLIC.search(name) or BASE.search(name)):
            says: Says = "listen" if LISTENING.search(name) else "call"
            yield _unclear(name, _mention(says, setting.line, _by(name, address), name))


def _unclear(name: str, mention: Mention) -> Mention:
    """A socket, or an address of `server`, that no word calls another's may be the program's own."""
    address = mention.address
    if mention.says != "call" or address is None or judge(name) is Meaning.CALLS:
        return mention
    said = words(name)
    is_own = address.protocol == "unix" or (
        said[-1:] and said[-1] in HOSTS and OWN.search(said[-2] if said[1:] else "server")
    )
    return replace(mention, is_unclear=True) if is_own else mention


def _read_lines(content: str) -> Iterator[Mention]:
    section, blocks = "", [""]
    remark = ""
    for number, line in enumerate(content.splitlines(), start=1):
        begun = remark or next((end for begin, end in REMARKS if line.lstrip().startswith(begin)), "")
        remark = "" if begun in line else begun
        if begun or not (line := COMMENT.sub("", line[:LONGEST_VALUE])):
            continue
        if header := HEADER.match(line):
            section = header[2]
        if line.lstrip().startswith("}") and len(blocks) > 1:
            blocks.pop()
        around = ".".join((section, *blocks[1:])).strip(".")
        if (opened := OPENED.match(line)) and len(blocks) < DEEPEST:
            blocks.append(opened[1].strip())
        for address in (*find_addresses(line), *find_sockets(line)):
            before = line[max(0, address.start - 200) : address.start]
            name = f"{around}.{_name(before)}"
            if not (PUBLIC.search(name) or BASE.search(name)):
                where = _by(name, address)
                says: Says = "listen" if LISTENING.search(f"{around} {before}") else "call"
                yield _unclear(name, _mention(says, number, where, f"{name} {before[-80:]}"))
        for match in (*INLINE.finditer(line), *QUOTED.finditer(line)):
            if 0 < int(match[2]) < 65536:
                where = _by(around, Address(int(match[2]), f"{match[1]}:{match[2]}", 0))
                yield _mention("call", number, where, around)


def _name(before: str) -> str:
    """The key of a value: what stands before it, without the scheme of a URL."""
    before = re.sub(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s]{0,100}$", "", before)
    match = NAME.search(before[-110:])
    return match[1] if match else ""


def _pairs(settings: Sequence[Setting]) -> Iterator[Mention]:
    """`host: localhost` beside `port: 6379`; a port alone where only a server has one."""
    for group in (part for whole in groups(settings) for part in _parts(whole)):
        keys = by_key(group)
        around = group[0].path[-2] if len(group[0].path) > 1 else ""
        ports = [setting.dotted.lower() for setting in group if setting.key.lower().endswith("port")]
        for name, setting in keys.items():
            yield from _alone(setting, ports, keys)
            number = setting.value.strip(AROUND)
            number = number if number.isascii() and number.isdigit() else ""
            if not number or not name.endswith("port") or not 0 < int(number[:6]) < 65536:
                continue
            if PUBLIC.search(f"{around}.{name}"):
                continue
            yield from _pair(name, int(number), setting, _host(name, keys), around)


def _alone(setting: Setting, ports: Sequence[str], keys: Mapping[str, Setting]) -> Iterator[Mention]:
    """druid.zk.service.host=localhost without a port: the usual one of what the name speaks of.

    Of `host: localhost` beside `adapter: postgresql` it is that of the driver.
    """
    name, host = setting.dotted.lower(), setting.value.strip(AROUND)
    if host.lower() not in LOCAL or not name.endswith(BARE) or PUBLIC.search(name):
        return
    begin = name.removesuffix("name").removesuffix("host").removesuffix("server")
    usual = usual_port(words(name)[-5:])
    usual = usual or _of_driver(setting, keys)
    if usual and not any(port.startswith(begin) for port in ports):
        for number in usual[0]:
            where = Address(number, f"{host}:{number}", 0, usual[1])
            yield replace(_mention("call", setting.line, where), is_assumed=True)


def _of_driver(setting: Setting, keys: Mapping[str, Setting]) -> tuple[tuple[int, ...], str] | None:
    begin = BARE_END.sub("", setting.key.lower())
    beside = (keys[begin + word].value for word in DRIVERS if begin + word in keys)
    return next((port for value in beside if (port := usual_port(words(value[:80])))), None)


def _parts(group: list[Setting]) -> Iterator[list[Setting]]:
    """A name that comes again begins anew, where no grammar tells what belongs together."""
    part: list[Setting] = []
    seen: set[str] = set()
    for setting in group:
        key = setting.dotted.lower()
        if key in seen and key.endswith(BEGINNINGS):
            yield part
            part, seen = [], set()
        part.append(setting)
        seen.add(key)
    yield part


def _pair(name: str, port: int, setting: Setting, host: Setting | None, around: str) -> Iterator[Mention]:
    place = read_place(host.value.strip(AROUND).rstrip("/")) if host else None
    if host and place and place.is_local and (place.port is None or place.is_scheme_port):
        is_own = OWN.search(around) and host.key.lower() in HOSTS and len(setting.path) < 3
        is_own = is_own or _is_bound(setting, host)
        where = _by(setting.dotted, Address(port, f"{place.host if place else 'localhost'}:{port}", 0))
        yield _mention("listen" if is_own else "call", setting.line, where, setting.dotted)
    elif host is None or host.value.strip(AROUND) in ANYWHERE:
        whole = f"{around}.{name}" if name == "port" and around else name
        is_served = SERVED.match(whole) and (host or len(setting.path) < 3)
        if is_served or LISTENING.search(setting.dotted) or (host and host.value.strip(AROUND)):
            yield from _listener(port, setting)
        elif len(setting.path) < 3 and judge(setting.dotted) is not Meaning.CALLS:
            yield from (replace(one, is_unclear=True) for one in _listener(port, setting))


def _is_bound(setting: Setting, host: Setting) -> bool:
    """listen_port, or a port within a block of that name."""
    return bool(LISTENING.search(f"{setting.dotted} {host.dotted}"))


PROTOCOL_END = re.compile(r"(?<=[a-z0-9][_.-])(?:http|https|tcp|udp|grpc)[_.-]$")


def _host(port_name: str, keys: dict[str, Setting]) -> Setting | None:
    """The key beside it with the same beginning: db_host for db_port, host for port."""
    begin = port_name.removesuffix("port")
    # replication_http_port goes with replication_host.
    for start in (begin, PROTOCOL_END.sub("", begin)):
        for word in HOSTS:
            if found := keys.get(start + word):
                return found
    return keys.get(begin.rstrip("_.-")) if begin else None


def _listener(port: int, setting: Setting) -> Iterator[Mention]:
    if 0 < port < 65536 and not PUBLIC.search(setting.key):
        yield _mention("listen", setting.line, _by(setting.dotted, Address(port, f":{port}", 0)))


def _by(name: str, address: Address) -> Address:
    """By UDP where the name of the setting, or of what holds it, or the number says so."""
    is_udp = address.port and (DATAGRAMS.search(name) or is_datagram(name, address.port, address.scheme))
    return (
        replace(address, protocol="udp")
        if is_udp and address.scheme not in ("http", "https", "tcp")
        else address
    )


def _mention(says: Says, line: int, address: Address, name: str = "") -> Mention:
    return Mention(says, line, address, is_inferred=True, confidence=Confidence.MEDIUM, name=name)
