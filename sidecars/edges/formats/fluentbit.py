"""Fluent Bit, classic and YAML: [SERVICE], [INPUT] and [OUTPUT] with the ports of their plugins."""

import re
from collections.abc import Iterator, Sequence

from sidecars.edges.formats.mentions import Mention, listen
from sidecars.edges.formats.plugins import read_plugin
from sidecars.edges.formats.settings import Setting, by_key, groups
from sidecars.edges.formats.text import Text
from sidecars.knowledge.formats import plugins

LOOKS = re.compile(r"(?mi)^[ \t]{0,80}\[(?:INPUT|OUTPUT|SERVICE|FILTER|MULTILINE_PARSER|PARSER)\][ \t]*$")
KINDS = {"input": "input", "inputs": "input", "output": "output", "outputs": "output"}
PORT = 2020  # of the built-in HTTP server


def read(text: Text) -> list[Mention] | None:
    settings: Sequence[Setting]
    if LOOKS.search(text.content):
        settings = text.words
    elif "pipeline" in text.top and text.top & {"service", "pipeline", "env", "parsers"}:
        settings = text.tree or ()
    else:
        return None
    return [mention for group in groups(settings) for mention in _read(group)]


def _read(group: Sequence[Setting]) -> Iterator[Mention]:
    keys = by_key(group)
    path = [part.lower() for part in group[0].path[:-1]]
    if path[-1:] == ["service"]:
        if keys.get("http_server") and keys["http_server"].value.lower() in ("on", "true", "yes"):
            port = keys.get("http_port")
            where = port or keys["http_server"]
            yield from listen(port.value if port else "*", where.line, port=PORT)
        return
    kind = next((KINDS[part] for part in path if part in KINDS), "")
    name = keys.get("name")
    if kind and name:
        plugin = plugins("fluent-bit", kind).get(name.value.lower())
        yield from read_plugin(plugin, group, name.line)
