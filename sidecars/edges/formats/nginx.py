"""nginx, also OpenResty and Tengine: `listen`, `*_pass`, upstreams, variables, syslog, logs."""

import re
from collections.abc import Iterator, Sequence

from sidecars.edges.addresses import find_addresses
from sidecars.edges.formats.blocks import read_blocks
from sidecars.edges.formats.mentions import Mention, call, file, listen
from sidecars.edges.formats.settings import LONGEST_VALUE, Setting
from sidecars.edges.formats.text import Text
from sidecars.edges.names import words as split

LOOKS = re.compile(
    r"(?m)^[ \t]{0,80}(?:(?:server|http|stream|mail|events)\s*\{|upstream\s+\S+\s*\{"
    r"|location\s[^{\n]{1,300}\{"
    r"|(?:proxy|fastcgi|uwsgi|scgi|grpc)_pass\s+[^;\n]{1,300};|listen\s+[^;\n]{1,200};"
    r"|server\s+[^;{}\n]{1,200};|set\s+\$\w+\s+[^;\n]{1,300};)"
)
SURE = re.compile(
    r"(?m)^[^#\n]{0,200}\b(?:(?:proxy|fastcgi|uwsgi|scgi|grpc)_pass|server_name)[ \t]+[^;\n]{1,300};"
)
PASSES = {
    "proxy_pass": 80, "fastcgi_pass": 9000, "uwsgi_pass": None, "scgi_pass": None, "grpc_pass": None,
    "memcached_pass": 11211,
}  # fmt: skip
# What is compared, or told to others: no way that nginx goes.
SAYING = frozenset({
    "set_real_ip_from", "if", "return", "rewrite", "set", "sub_filter", "map", "geo", "valid_referers",
    "error_page", "access_log", "error_log",
})  # fmt: skip
TOLD = frozenset({"header", "headers", "redirect", "cookie", "allow", "deny", "domain", "name"})
TABLES = frozenset({"map", "geo", "split_clients", "types"})  # blocks of values, which `_Names` follows
MOST_VALUES = 5  # of one variable
LOGS = ("access_log", "error_log", "pid")
VARIABLE = re.compile(r"\$\{?(\w{1,60})\}?")
SYSLOG = re.compile(r"syslog:server=(\[[^\]\s]{1,60}\](?::\d{1,5})?|[^,\s]{1,200})")


def read_sure(text: Text) -> list[Mention] | None:
    """Only with a directive that no other program has."""
    is_likely = "_pass" in text.content or "server_name" in text.content
    return read(text) if is_likely and SURE.search(text.content) else None


def read(text: Text) -> list[Mention] | None:
    if not LOOKS.search(text.content):
        return None
    settings = read_blocks(text.content, by_lines=False)
    # Foreign code in a block holds addresses that are none of nginx's.
    if "_by_lua" in text.content:
        settings = [s for s in settings if not any("_by_lua" in part for part in s.path)]
    names = _Names(settings)
    return [mention for setting in settings for mention in _read(setting, names)]


class _Names:
    """What variables hold, and what is passed on as datagrams."""

    def __init__(self, settings: Sequence[Setting]) -> None:
        self.values: dict[str, list[str]] = {}
        udp = {s.group for s in settings if s.key == "listen" and "udp" in s.value.split()}
        self._udp_groups = udp
        self._udp_upstreams = {s.value for s in settings if s.key == "proxy_pass" and s.group in udp}
        for setting in settings:
            around = setting.path[-2].split() if len(setting.path) > 1 else []
            if setting.key == "set" and " " in setting.value:
                name, value = setting.value.split(" ", 1)
                self._add(name, value)
            elif around[:1] == ["map"] and len(around) > 2:
                self._add(around[2], setting.value)

    def _add(self, name: str, value: str) -> None:
        found = self.values.setdefault(name, [])
        if len(found) < MOST_VALUES:
            found.append(value[:300])

    def protocol(self, setting: Setting) -> str:
        upstream = setting.path[-2].partition(" ")[2] if setting.has("upstream") else None
        return "udp" if setting.group in self._udp_groups or upstream in self._udp_upstreams else "tcp"

    def fill(self, value: str) -> list[str]:
        """A variable is followed once; where it has several values, each counts."""
        first = VARIABLE.search(value)
        chosen = self.values.get("$" + first[1], []) if first else []
        filled = [value.replace(first[0], one) for one in chosen] if first and chosen else [value]
        # http://127.0.0.1:8080$request_uri: what follows the port is the path.
        return [re.sub(r"(:\d{1,5})\$.*", r"\1", self._rest(one)) for one in filled]

    def _rest(self, value: str) -> str:
        return VARIABLE.sub(lambda m: self.values.get("$" + m[1], [m[0]])[0], value)


def _read(setting: Setting, names: _Names) -> Iterator[Mention]:
    key, words = setting.key, setting.value.split()
    if not words:
        return
    if key == "listen":
        is_udp = "udp" in words[1:] or "quic" in words[1:]
        yield from listen(words[0], setting.line, port=80, protocol="udp" if is_udp else "tcp")
    elif key in PASSES:
        for value in names.fill(words[0]):
            yield from call(value, setting.line, port=PASSES[key], protocol=names.protocol(setting))
    elif key == "server" and setting.has("upstream"):
        yield from call(words[0], setting.line, port=80, protocol=names.protocol(setting))
    elif key == "resolver":
        for word in words:
            yield from call(word, setting.line, port=53, protocol="udp")
    elif key in ("auth_http", "otel_exporter") or (key == "endpoint" and setting.has("otel_exporter")):
        yield from call(words[0], setting.line, port=80)
    elif key not in SAYING and TABLES.isdisjoint(setting.around()):
        # A module's own: app_protect_enforcer_address 127.0.0.1:50000, sticky_store localhost:6379.
        for address in find_addresses(setting.value[:LONGEST_VALUE]):
            if address.is_explicit and TOLD.isdisjoint(split(key)):
                yield Mention("call", setting.line, address, is_assumed=True, name=key)
    if key in LOGS:
        if syslog := SYSLOG.search(setting.value):
            yield from call(syslog[1], setting.line, port=514, protocol="udp")
        yield from file("write", words[0], setting.line)
