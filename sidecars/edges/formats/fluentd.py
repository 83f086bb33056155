"""Fluentd: <source> and <match> with the ports of their plugins."""

import re
from collections.abc import Iterator, Sequence

from sidecars.edges.formats.mentions import Mention
from sidecars.edges.formats.plugins import read_plugin
from sidecars.edges.formats.settings import Setting, by_key, groups
from sidecars.edges.formats.text import Text
from sidecars.knowledge.formats import plugins

LOOKS = re.compile(
    r"(?m)^[ \t]{0,80}<(?:source|match(?:\s[^>\n]{0,200})?|filter\s[^>\n]{0,200}|label\s[^>\n]{0,200})>\s*$"
)


def read(text: Text) -> list[Mention] | None:
    if not LOOKS.search(text.content):
        return None
    found: list[Mention] = []
    parent = ""
    for group in groups(text.tags):
        keys = by_key(group)
        heads = [part.split(" ", 1)[0] for part in group[0].path[:-1]]
        kind = "source" if "source" in heads else "match" if heads and "match" in heads else ""
        name = keys.get("@type") or keys.get("type")
        if kind and heads[-1] in ("source", "match", "store") and name:
            parent = name.value
            found += _plugin(kind, parent, group, name.line)
        elif kind and heads[-1] in ("server", "transport", "secondary"):
            found += _inner(kind, heads[-1], parent, group)
    return found


def _plugin(kind: str, name: str, group: Sequence[Setting], line: int) -> Iterator[Mention]:
    yield from read_plugin(plugins("fluentd", kind).get(name), group, line)


def _inner(kind: str, head: str, parent: str, group: Sequence[Setting]) -> Iterator[Mention]:
    """<server> of a forward output holds its address."""
    if head == "server":
        plugin = plugins("fluentd", f"{kind}-server").get(parent)
        yield from read_plugin(plugin, group, group[0].line)
