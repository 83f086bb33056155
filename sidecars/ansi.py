"""Log text without what a terminal would obey (W5).

Escape sequences, control characters but the tab, and C1 go; bidirectional controls are made
visible, since they can make a line read as another. One pass, linear in the text.
"""

import re

_UNWANTED = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, links; unterminated: to the line's end
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|\x1b\[[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor moves
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0a-\x1f\x7f-\x9f]"
)
_COLOURS = re.compile(r"(\x1b\[[0-9;]{0,32}m)|" + _UNWANTED.pattern)
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = _UNWANTED.sub("", text)
    return _BIDI.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


def keep_colours(text: str) -> str:
    """`plain`, but for SGR sequences of digits and semicolons: the page gives them fixed classes."""
    if text.isascii() and text.isprintable():
        return text
    text = _COLOURS.sub(r"\1", text)
    return _BIDI.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)
