"""Telegraf: [[inputs.…]] and [[outputs.…]]."""

import re

from sidecars.edges.formats.mentions import Mention
from sidecars.edges.formats.plugins import read_plugin
from sidecars.edges.formats.settings import groups
from sidecars.edges.formats.text import Text
from sidecars.knowledge.formats import plugins

LOOKS = re.compile(r"(?m)^[ \t]{0,80}\[\[?(?:inputs|outputs)\.([\w]{1,60})[\].]")
BARE = re.compile(r"^[ \t]{0,80}\[\[(inputs|outputs)\.(\w{1,60})\]\]")


def read(text: Text) -> list[Mention] | None:
    if not LOOKS.search(text.content):
        return None
    found: list[Mention] = []
    lines = text.content.splitlines()
    for group in groups(text.sections):
        path = group[0].path
        if path[0] in ("inputs", "outputs") and len(path) > 2:
            plugin = plugins("telegraf", path[0].rstrip("s")).get(path[1])
            found += read_plugin(plugin, [s for s in group if len(s.path) == 3], group[0].line)
    for number, line in enumerate(lines, start=1):
        # A plugin without one setting takes all its defaults.
        if (match := BARE.match(line)) and _is_bare(lines, number):
            plugin = plugins("telegraf", match[1].rstrip("s")).get(match[2])
            found += read_plugin(plugin, (), number)
    return found


def _is_bare(lines: list[str], after: int) -> bool:
    for line in lines[after : after + 200]:
        if (stripped := line.strip()) and stripped[0] != "#":
            return stripped[0] == "["
    return True
