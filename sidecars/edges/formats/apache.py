"""Apache httpd: Listen, ProxyPass and its kin, SetHandler, logs."""

import re
from collections.abc import Iterator

from sidecars.edges.formats.mentions import Mention, call, file, listen
from sidecars.edges.formats.plugins import words
from sidecars.edges.formats.settings import Setting
from sidecars.edges.formats.text import Text

LOOKS = re.compile(
    r"(?mi)^[ \t]{0,80}(?:<VirtualHost\s|<IfModule\s|LoadModule\s|ProxyPass(?:Match|Reverse)?\s|ServerRoot\s"
    r"|DocumentRoot\s|SetHandler\s|<Directory\s|<Location\s|<Proxy\s|RewriteRule\s|CustomLog\s)"
)
URL = re.compile(r"(?:https?|wss?|fcgi|ajp|scgi|uwsgi|h2c?|balancer)://[^\s\"|]{1,300}")
PORTS = {"fcgi": 8000, "ajp": 8009, "scgi": 4000, "uwsgi": 3031}
CALLS = frozenset(
    {"proxypass", "proxypassmatch", "balancermember", "sethandler", "rewriterule", "proxyremote"}
)
LOGS = frozenset({"customlog", "errorlog", "transferlog", "pidfile"})


def read(text: Text) -> list[Mention] | None:
    if not LOOKS.search(text.content):
        return None
    return [mention for setting in text.tags for mention in _read(setting)]


def _read(setting: Setting) -> Iterator[Mention]:
    key = setting.key.lower()
    if key == "listen" and (found := words(setting.value)):
        yield from listen(found[0], setting.line)
    elif key in CALLS:
        yield from _call(setting)
    elif key in LOGS and (found := words(setting.value)):
        yield from file("write", found[0], setting.line)


def _call(setting: Setting) -> Iterator[Mention]:
    if "unix:" in setting.value:
        value = setting.value[setting.value.index("unix:") :]
        yield from call(re.split(r"[|\s\"]", value, maxsplit=1)[0], setting.line)
    elif url := URL.search(setting.value):
        # http://localhost:8080$1
        value = re.sub(r"(:\d{1,5})[$%].*", r"\1", url[0])
        yield from call(value, setting.line, port=PORTS.get(value.split(":", 1)[0]))
