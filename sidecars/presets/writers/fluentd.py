"""Fluentd: lines of a name and values; sections `<name argument> … </name>`.

A directive is a list of words, a section {block: words, body: directives}. What a person gave
stands in single quotes: in double quotes Fluentd runs Ruby, even in a dry run. Literals stand
as the preset wrote them.
"""

import json
from typing import Any

from sidecars.presets.tree import Given
from sidecars.presets.writers.given import refuse_sequence


def write_fluentd(tree: list[Any]) -> str:
    return "".join(line + "\n" for directive in tree for line in _lines(directive, ""))


def _lines(directive: Any, indent: str) -> list[str]:
    if isinstance(directive, dict):
        words = directive["block"]
        body = [line for child in directive["body"] for line in _lines(child, indent + "  ")]
        return [f"{indent}<{' '.join(str(word) for word in words)}>", *body, f"{indent}</{words[0]}>"]
    return [indent + " ".join([str(directive[0]), *(_word(word) for word in directive[1:])])]


def _word(word: Any) -> str:
    if isinstance(word, Given):
        escaped = refuse_sequence(word, "${").replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    if isinstance(word, bool):
        return "true" if word else "false"
    return json.dumps(word) if isinstance(word, (dict, list)) else str(word)
