"""One writer per configuration format. It does all quoting; nothing else makes such text.

A writer refuses what its format cannot hold; it never drops or replaces a character.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from sidecars.errors import BadConfiguration, BadParameter
from sidecars.messages import gettext_noop as _
from sidecars.presets.tree import Given

BARE_WORD = re.compile(r"[A-Za-z0-9_$./:=~*-]+")
PRINTABLE = re.compile(r"[\x20-\x7e]*")
# nginx has no escape for `$`; the others could end the quotes or the directive if a reader
# of the file is more lenient than nginx.
NGINX_REFUSED = "$\"\\{}#;'"
REFUSED = _("These characters cannot be used here: %(characters)s")


def write_nginx(tree: list[Any]) -> str:
    """Directives are lists of words; a block is {block: words, body: directives}."""
    return "".join(line + "\n" for directive in tree for line in _nginx_lines(directive, ""))


def _nginx_lines(directive: Any, indent: str) -> list[str]:
    if isinstance(directive, dict):
        body = [line for child in directive["body"] for line in _nginx_lines(child, indent + "  ")]
        return [f"{indent}{_nginx_words(directive['block'])} {{", *body, f"{indent}}}"]
    return [f"{indent}{_nginx_words(directive)};"]


def _nginx_words(words: list[Any]) -> str:
    return " ".join(_nginx_word(word) for word in words)


def _nginx_word(word: Any) -> str:
    if isinstance(word, bool):
        return "on" if word else "off"
    if isinstance(word, int):
        return str(word)
    if isinstance(word, Given):
        refused = "".join(c for c in NGINX_REFUSED if c not in word.punctuation)
        return f'"{_refuse(word, refused)}"'
    if BARE_WORD.fullmatch(word):
        return str(word)
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def write_json(tree: Any) -> str:
    return json.dumps(tree, indent=2, ensure_ascii=True) + "\n"


def write_yaml(tree: Any) -> str:
    """Refuses `$` in given texts: the readers of such files expand variables anywhere."""
    text: str = yaml.safe_dump(_plain(tree), sort_keys=False)
    return text


def _plain(node: Any) -> Any:
    if isinstance(node, Given):
        return _refuse(node, "$")
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(child) for child in node] if isinstance(node, list) else node


def _refuse(given: Given, characters: str) -> str:
    found = sorted(set(given) & set(characters))
    if found or not PRINTABLE.fullmatch(given):
        raise BadParameter(given.field, REFUSED, characters=" ".join(found) or "\\n")
    return str(given)


WRITERS: Mapping[str, Callable[[Any], str]] = {
    "nginx": write_nginx,
    "json": write_json,
    "yaml": write_yaml,
}


def write(format_name: str, tree: Any) -> str:
    if format_name not in WRITERS:
        raise BadConfiguration(cause=f"no writer for the format {format_name}")
    return WRITERS[format_name](tree)
