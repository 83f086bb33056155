"""Name servers: CoreDNS, dnsmasq, unbound. Questions go by UDP."""

import re
from collections.abc import Iterator

from sidecars.edges.formats.blocks import read_blocks
from sidecars.edges.formats.mentions import Mention, call, listen
from sidecars.edges.formats.settings import Setting
from sidecars.edges.formats.text import Text

COREFILE = re.compile(r"(?m)^[^\s#{}=;][^\n#{}=;]{0,300}\{[ \t]{0,20}$")
PLUGINS = re.compile(
    r"(?m)^[ \t]{1,80}(?:forward|kubernetes|errors|loop|loadbalance|cache|hosts|file|proxy|reload)\b[^=;:]*$"
)
ZONE = re.compile(r"^(?:(dns|tls|https|grpc|quic)://)?[^\s:/]*(?::(\d{1,5}))?$")
MOST_SERVERS = 200
SCHEMES = {"tls": 853, "https": 443, "grpc": 443, "quic": 853}
SERVED = {"health": 8080, "ready": 8181, "prometheus": 9153, "pprof": 6053}
DNSMASQ = re.compile(
    r"(?m)^[ \t]{0,20}(?:server=/|address=/|cache-size=|no-resolv|bogus-priv|domain-needed|server=\d{1,3}\.)"
)
UNBOUND = re.compile(
    r"(?m)^[ \t]{0,20}(?:forward-addr|stub-addr|forward-zone|access-control|do-udp|interface):"
)
UNBOUND_ONLY = re.compile(
    r"(?m)^[ \t]{0,20}(?:forward-(?:zone|addr)|stub-zone|root-hints|do-ip4|harden-[a-z-]{1,40}|so-rcvbuf"
    r"|auto-trust-anchor-file|qname-minimisation|hide-identity|private-address|cache-max-ttl):"
)


def read(text: Text) -> list[Mention] | None:
    if "corefile" in text.name or (COREFILE.search(text.content) and PLUGINS.search(text.content)):
        return _read_corefile(text.content)
    if DNSMASQ.search(text.content):
        return [mention for setting in text.sections for mention in _dnsmasq(setting)]
    if UNBOUND.search(text.content) and ("unbound" in text.name or UNBOUND_ONLY.search(text.content)):
        return _read_unbound(text.sections)
    return None


def _read_corefile(content: str) -> list[Mention]:
    found: list[Mention] = []
    seen: set[str] = set()
    for setting in read_blocks(content, by_lines=True):
        head = setting.path[0] if len(setting.path) > 1 else ""
        if head and head not in seen and not head.startswith("(") and len(seen) < MOST_SERVERS:
            seen.add(head)
            at = content.find(head)
            line = content.count("\n", 0, at) + 1 if at >= 0 else setting.line
            for zone in head.split():
                found += _zone(zone.rstrip(","), line)
        found += _directive(setting)
    return found


def _zone(zone: str, line: int) -> Iterator[Mention]:
    match = ZONE.match(zone)
    if match:
        port = match[2] or str(SCHEMES.get(match[1] or "", 53))
        for protocol in ("udp", "tcp") if not match[1] or match[1] == "dns" else ("tcp",):
            yield from listen(port, line, protocol=protocol)


def _directive(setting: Setting) -> Iterator[Mention]:
    words = setting.value.split()
    if setting.key in ("forward", "proxy"):
        for word in words[1:]:
            if word != "{":
                yield from call(word.removeprefix("dns://"), setting.line, port=53, protocol="udp")
    elif setting.key in SERVED:
        yield from listen(words[0] if words else "*", setting.line, port=SERVED[setting.key])


def _dnsmasq(setting: Setting) -> Iterator[Mention]:
    """server=/cluster.local/127.0.0.1#10053"""
    key = setting.key
    if key in ("server", "rev-server", "local") or key.startswith("server"):
        host, _, port = setting.value.rsplit("/", 1)[-1].rsplit(",", 1)[-1].partition("#")
        number = port.split("@", 1)[0] or "53"
        yield from call(f"{host}:{number}", setting.line, protocol="udp")
    elif key == "port" and setting.value != "0":
        for protocol in ("udp", "tcp"):
            yield from listen(setting.value, setting.line, protocol=protocol)


def _read_unbound(settings: list[Setting]) -> list[Mention]:
    found: list[Mention] = []
    for setting in settings:
        value = setting.value.split("#", 1)[0].replace("@", ":")
        if setting.key in ("forward-addr", "stub-addr"):
            found += call(value, setting.line, port=53, protocol="udp")
        elif setting.key == "port" or (setting.key == "interface" and "@" in setting.value):
            for protocol in ("udp", "tcp"):
                found += listen(value, setting.line, protocol=protocol)
    return found
