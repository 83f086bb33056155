"""Any format of lines: words with a blank between them, and sections whose lines are indented.

For an administrator's preset of a program that has no writer of its own (HAProxy, INI files and their
like). We do not know what such a program unquotes or expands, so what a person gave stands bare and may
hold only characters that mean nothing anywhere; a parameter's `punctuation` names the further ones that
the preset's author knows to be harmless. A word can thus never become two, nor a line another line.
"""

import re
from typing import Any

from sidecars.errors import BadConfiguration, BadParameter
from sidecars.messages import gettext_noop as _
from sidecars.presets.tree import Given
from sidecars.presets.writers.given import REFUSED

HARMLESS = re.compile(r"[A-Za-z0-9._:/,@+~-]")
EMPTY = _("This cannot be empty here.")


def write_lines(tree: list[Any]) -> str:
    """Directives are lists of words; a section is {block: words, body: directives}."""
    return "".join(line + "\n" for directive in tree for line in _lines(directive, ""))


def _lines(directive: Any, indent: str) -> list[str]:
    if isinstance(directive, dict):
        body = [line for child in directive["body"] for line in _lines(child, indent + "  ")]
        return [indent + _words(directive["block"]), *body]
    return [indent + _words(directive)]


def _words(words: list[Any]) -> str:
    return " ".join(_word(word) for word in words)


def _word(word: Any) -> str:
    if isinstance(word, bool) or not isinstance(word, (str, int)):
        raise BadConfiguration(cause=f"a word of a line is text or a number, not {word!r}"[:200])
    if isinstance(word, Given):
        return _given(word)
    text = str(word)
    if not text.isprintable():
        raise BadConfiguration(cause="a word of a line holds a control character")
    return text


def _given(word: Given) -> str:
    if not word:
        raise BadParameter(word.field, EMPTY)
    allowed = {c for c in word.punctuation if c.isprintable() and not c.isspace()}
    odd = sorted({c for c in word if not HARMLESS.fullmatch(c) and c not in allowed})
    # A first `-` would make an option of a value.
    if odd or word.startswith("-"):
        shown = " ".join(c if c.isprintable() and c != " " else f"\\x{ord(c):02x}" for c in odd[:20]) or "-"
        raise BadParameter(word.field, REFUSED, characters=shown)
    return str(word)
