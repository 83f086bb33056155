"""Logstash: pipelines and logstash.yml."""

import re
from collections.abc import Iterator

from sidecars.edges.formats.blocks import read_blocks
from sidecars.edges.formats.mentions import Mention, listen
from sidecars.edges.formats.plugins import read_plugin
from sidecars.edges.formats.settings import Setting
from sidecars.edges.formats.text import Text
from sidecars.knowledge.formats import plugins

LOOKS = re.compile(r"(?m)^[ \t]{0,80}(?:input|output|filter)\s{0,80}\{")
PLUGIN = re.compile(r"\b[a-z_]{2,40}\s{0,80}\{")
ARROW = re.compile(r"(?:^|\s)([a-z_]{1,60})\s?=>")


def read(text: Text) -> list[Mention] | None:
    if any(name.startswith(("api.", "pipeline.", "xpack.monitoring", "path.")) for name in text.top):
        return _read_own(text.tree or [])
    if not (LOOKS.search(text.content) and PLUGIN.search(text.content)):
        return None
    settings = read_blocks(text.content, by_lines=True)
    blocks: dict[int, list[Setting]] = {}
    for setting in settings:
        blocks.setdefault(setting.group, []).extend(_split(setting))
    # `stdin { }` has no settings and says nothing; `beats { }` listens where it always does.
    return [mention for group in blocks.values() for mention in _read(group)]


def _read(group: list[Setting]) -> Iterator[Mention]:
    path = group[0].path[:-1]
    if len(path) > 1 and path[0] in ("input", "output"):
        plugin = plugins("logstash", path[0]).get(path[-1].split(" ", 1)[0])
        yield from read_plugin(plugin, group, group[0].line)


def _split(setting: Setting) -> Iterator[Setting]:
    """`port => 5044 host => "x"` in one line are two settings."""
    text = f"{setting.key} => {setting.value.removeprefix('=> ')}"
    found = list(ARROW.finditer(text))
    if "=>" not in setting.value or not found:
        yield setting
        return
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends, strict=True):
        path = (*setting.path[:-1], match[1])
        yield Setting(path, text[match.end() : end].strip(), setting.line, setting.group)


def _read_own(settings: list[Setting]) -> list[Mention]:
    found: list[Mention] = []
    for setting in settings:
        name = setting.dotted
        if name in ("api.http.port", "http.port"):
            found += listen(setting.value, setting.line)
    return found
