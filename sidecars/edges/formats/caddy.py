"""Caddy: a Caddyfile, or its JSON."""

import re
from collections.abc import Iterator

from sidecars.edges.formats.blocks import read_blocks
from sidecars.edges.formats.mentions import Mention, call, file, listen
from sidecars.edges.formats.settings import Setting
from sidecars.edges.formats.text import Text
from sidecars.topology import Confidence

SITE = re.compile(r"(?m)^[ \t]{0,80}[^\n{}#;=]{0,300}\{[ \t]{0,20}$")
MOST_BLOCKS = 500
CALLS = frozenset({"reverse_proxy", "php_fastcgi", "forward_auth", "to", "proxy"})
NETWORK = re.compile(r"^(tcp|udp)[46]?/")
ADDRESS = re.compile(r"^(?:(https?)://)?([^\s/:{}]*|\[[0-9a-fA-F:]+\])(?::(\d{1,5}))?(?:/.*)?$")


def read(text: Text) -> list[Mention] | None:
    if "apps" in text.top:
        return _read_json(text)
    is_named = "caddyfile" in text.name
    if not SITE.search(text.content) and not is_named:
        return None
    if not is_named and not re.search(r"\b(?:reverse_proxy|php_fastcgi|file_server)\b", text.content):
        return None
    settings = read_blocks(text.content, by_lines=True)
    found = [mention for setting in settings for mention in _read(setting)]
    for path, inside in _heads(settings).items():
        line = _line_of(text.content, path[-1]) or inside
        name, _, rest = path[-1].partition(" ")
        if name in CALLS:
            found += _read(Setting((*path[:-1], name), rest, line))
        elif len(path) == 1 and name[:1] not in ("(", "@", ""):
            # The options at the top have no address, and (snippet) or @matcher is no site.
            found += [mention for one in re.split(r"[,\s]+", path[0]) for mention in _site(one, line)]
    return found


def _heads(settings: list[Setting]) -> dict[tuple[str, ...], int]:
    """Every block's path, with the first line in it."""
    found: dict[tuple[str, ...], int] = {}
    for setting in settings:
        for depth in range(1, len(setting.path)):
            found.setdefault(setting.path[:depth], setting.line)
        if len(found) > MOST_BLOCKS:
            break
    return found


def _read(setting: Setting) -> Iterator[Mention]:
    words = [word for word in setting.value.split() if word[0] not in "{@"]
    key = setting.key
    if key in CALLS and (key != "to" or setting.has("reverse_proxy")):
        for word in words:
            if not word.startswith("/") and word != "*":
                yield from call(NETWORK.sub("", word), setting.line, port=80)
    elif key == "admin" and words and words[0] != "off":
        yield from listen(words[0], setting.line, port=2019)
    elif key in ("http_port", "https_port") and words and len(setting.path) == 2:
        yield from listen(words[0], setting.line)
    elif key == "output" and words[:1] == ["file"] and len(words) > 1:
        yield from file("write", words[1], setting.line)


def _site(address: str, line: int) -> Iterator[Mention]:
    match = ADDRESS.match(address)
    if match and (match[3] or match[2] in ("localhost",) or match[1]):
        port = match[3] or ("80" if match[1] == "http" else "443")
        yield from listen(f":{port}", line)
    elif match and "." in match[2]:
        yield from listen(":443", line, confidence=Confidence.MEDIUM)


def _line_of(content: str, site: str) -> int | None:
    at = content.find(site)
    return content.count("\n", 0, at) + 1 if at >= 0 else None


def _read_json(text: Text) -> list[Mention] | None:
    found: list[Mention] = []
    for setting in text.tree or ():
        value = NETWORK.sub("", setting.value)
        if setting.key == "listen" and "servers" in setting.path:
            found += listen(value, setting.line)
        elif setting.key == "dial":
            found += call(value, setting.line)
        elif setting.dotted == "admin.listen":
            found += listen(value, setting.line, port=2019)
    return found
