"""lighttpd: server.port, the hosts of proxy.server and fastcgi.server, its files."""

import re
from collections.abc import Iterator
from itertools import islice

from sidecars.edges.formats.mentions import Mention, call, file, listen
from sidecars.edges.formats.text import Text

LOOKS = re.compile(r"(?m)^[ \t]{0,80}server\.(?:document-root|modules|bind|errorlog)[ \t]{0,20}\+?=(?![=~])")
REMARK = re.compile(r"(?m)^((?:[^\n\"#]|\"[^\n\"]{0,500}\"){0,500})#[^\n]*$")
# "host" => "127.0.0.1", in whatever nest of parentheses; and a setting of the top.
PAIR = re.compile(r"\"(host|port|socket)\"\s{0,20}=>\s{0,20}\"?([^\s\",()]{1,200})")
SETTING = re.compile(
    r"(?m)^[ \t{]{0,80}((?:server|accesslog)\.[a-z-]{2,40})[ \t]{0,20}=[ \t]{0,20}\"?([^\s\"]{1,300})"
)
MOST = 1_000


def read(text: Text) -> list[Mention] | None:
    if not LOOKS.search(text.content):
        return None
    content = REMARK.sub(r"\1", text.content)
    return [*_settings(content), *_backends(content)]


def _settings(content: str) -> Iterator[Mention]:
    matches = islice(SETTING.finditer(content), MOST)
    found = [(match[1], match[2], content.count("\n", 0, match.start(1)) + 1) for match in matches]
    bind = next((value for key, value, _line in found if key == "server.bind"), "")
    for key, value, line in found:
        if key == "server.port" and not bind.startswith("/"):
            yield from listen(f"{bind}:{value}", line)
        elif key == "server.bind" and bind.startswith("/"):
            yield from listen(f"unix:{bind}", line)
        elif key in ("server.errorlog", "accesslog.filename"):
            yield from file("write", value, line)
        elif key == "server.document-root":
            yield from file("read", value, line)


def _backends(content: str) -> Iterator[Mention]:
    """A host before its port, or a port before its host: the two are one after the other."""
    host = port = ""
    for match in islice(PAIR.finditer(content), MOST):
        key, value = match[1], match[2]
        line = content.count("\n", 0, match.start()) + 1
        if key == "socket":
            yield from call(f"unix:{value}", line)
            continue
        host, port = (value, port) if key == "host" else (host, value)
        if host and port:
            yield from call(f"{host}:{port}", line)
            host = port = ""
