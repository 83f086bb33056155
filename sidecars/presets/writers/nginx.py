"""nginx: directives of words, and blocks."""

import re
from typing import Any

from sidecars.presets.tree import Given
from sidecars.presets.writers.given import refuse

BARE_WORD = re.compile(r"[A-Za-z0-9_$./:=~*-]+")
# nginx has no escape for `$`; the others could end the quotes or the directive if a reader
# of the file is more lenient than nginx.
NGINX_REFUSED = "$\"\\{}#;'"


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
        return f'"{refuse(word, refused, ascii_only=True)}"'
    if BARE_WORD.fullmatch(word):
        return str(word)
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
