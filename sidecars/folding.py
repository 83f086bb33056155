"""Text in a terminal's columns: Chinese characters take two, and lines break between them."""

import re
import unicodedata
from collections.abc import Iterator

WIDE = "WF"
# A word, or one wide character with what must not begin a line after it.
PIECE = re.compile(
    r"(\s*)([^\s\u2e80-\uffef\U0001f000-\U0003ffff]+|\S[\u3001\u3002\uff0c\uff1a\uff1b\uff09]?)"
)


def width(text: str) -> int:
    return len(text) + (
        0 if text.isascii() else sum(unicodedata.east_asian_width(one) in WIDE for one in text)
    )


def fold(text: str, room: int, first: str = "", rest: str = "") -> Iterator[str]:
    """Lines of at most `room` columns; `first` and `rest` begin them. A longer word is cut."""
    line, begin = first, first
    for match in PIECE.finditer(text):
        space = " " if match[1] and line != begin else ""
        word = match[2]
        if line != begin and width(line) + len(space) + width(word) > room:
            yield line
            line = begin = rest
            space = ""
        line += space
        while width(line) + width(word) > room:
            head, word = _cut(word, room - width(line))
            yield line + head
            line = begin = rest
        line += word
    if line != begin or not text:
        yield line


def _cut(word: str, room: int) -> tuple[str, str]:
    """At least one character, or it would never end."""
    size = 1
    while size < len(word) and width(word[: size + 1]) <= room:
        size += 1
    return word[:size], word[size:]
