"""Files whose settings each mean one thing: redis.conf, php-fpm pools, my.cnf, … as data."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sidecars.edges.formats import generic
from sidecars.edges.formats.mentions import Mention, call, file, listen, unix
from sidecars.edges.formats.plugins import words
from sidecars.edges.formats.settings import Setting, by_key, groups
from sidecars.edges.formats.text import Text
from sidecars.knowledge.formats import Format, Rule, marks_of, plain_formats

APART = re.compile(r"(?<![\w.])(localhost|127\.0\.0\.1) (?:(?:parent|sibling) )?(\d{2,5})(?![\w.])")
GRAMMARS = ("tree", "sections", "words", "blocks")
MOST_NAMES = 1_000  # settings are looked at to tell a format


def read(text: Text) -> list[Mention] | None:
    names = {grammar: _telling(grammar, _settings(grammar, text)) for grammar in GRAMMARS}
    for known in plain_formats():
        # The file's name alone makes no format.
        if (found := names[known.grammar]) and _is(known, text, found):
            text.format_id = known.id
            every = groups(_settings(known.grammar, text))
            return [m for group in every for m in _read_group(known, group)]
    return None


def _telling(grammar: str, settings: Sequence[Setting]) -> frozenset[str]:
    telling = marks_of(grammar)
    every = {s.dotted.lower() for s in settings[:MOST_NAMES]}
    return frozenset(name for name in every if telling.match(name))


def _settings(grammar: str, text: Text) -> Sequence[Setting]:
    if grammar == "tree":
        return text.tree or ()
    if grammar == "blocks":
        return text.blocks
    return text.words if grammar == "words" else text.sections


def _is(known: Format, text: Text, names: frozenset[str]) -> bool:
    found = sum(1 for name in names if known.marks.match(name))
    if found + 1 < known.needs:
        return False
    if known.names.match(text.name):
        return True
    # YAML and JSON look like blocks of every kind.
    return found >= known.needs and not (known.grammar == "blocks" and text.tree)


def _read_group(known: Format, group: list[Setting]) -> Iterator[Mention]:
    neighbours: dict[str, Setting] = {}
    for setting in group:
        name = setting.dotted.lower()
        for rule in known.rules:
            if rule.key.match(name):
                neighbours = neighbours or by_key(group)
                yield from _apply(rule, setting, neighbours)
                break
        else:
            # An address that no rule foresees is read as in an unknown file.
            yield from generic.read_setting(setting)


def _apply(rule: Rule, setting: Setting, neighbours: dict[str, Setting]) -> Iterator[Mention]:
    if rule.says == "read" or rule.says == "write":
        for path in words(setting.value):
            yield from file(rule.says, path, setting.line)
        return
    if rule.says == "ignore":
        return
    # host=127.0.0.1 port=5432 is one address, as is "127.0.0.1 6379".
    value = APART.sub(r"\1:\2", setting.value)
    setting = Setting(setting.path, value, setting.line, setting.group)
    for value in (words(setting.value) if "host=" not in setting.value else []) or [setting.value]:
        path = value.removeprefix("unix:").removeprefix("local:")
        if (rule.is_socket or rule.folder_of) and path.startswith("/"):
            whole = f"{path.rstrip('/')}/{rule.folder_of}" if rule.folder_of else path
            yield Mention("listen" if rule.says == "listen" else "call", setting.line, unix(whole[:200]))
            continue
        host = neighbours.get(rule.host_key)
        if rule.host_key and rule.says == "call" and not host and not rule.is_bare:
            continue
        name = host.value.strip("\"' ") if host else ""
        name = name or ("localhost" if rule.is_bare else "")
        where = f"{name}:{value}" if name and value.isdigit() else value
        if rule.says == "listen":
            # Its name tells the door of a name server for browsers from that for questions.
            opened = listen(where, setting.line, port=rule.port, protocol=rule.protocol)
            yield from (replace(mention, name=setting.dotted) for mention in opened)
        else:
            yield from call(where, setting.line, port=rule.port, protocol=rule.protocol)
