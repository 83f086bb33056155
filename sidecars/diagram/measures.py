"""How wide a text is, so that the browser measures nothing.

Identifiers are set in JetBrains Mono: every character of the latin subset is 0.6 em. Words
are set in Inter; ADVANCES are its advance widths in 1/1000 em. A wide character is 1 em.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, repeat

ELLIPSIS = "…"
FIRST = 32
# Inter 4, weights 400 and 600, from U+0020 to U+007E.
ADVANCES = {
    400: (
        281, 288, 466, 633, 642, 982, 644, 300, 365, 365, 501, 662, 288, 460, 288, 360, 631, 407,
        610, 618, 646, 593, 620, 566, 619, 620, 288, 302, 662, 662, 662, 511, 966, 690, 654, 730,
        722, 601, 590, 746, 743, 269, 571, 672, 565, 903, 753, 765, 639, 765, 644, 642, 646, 744,
        690, 985, 682, 679, 629, 365, 360, 365, 471, 456, 323, 562, 612, 571, 612, 583, 370, 613,
        591, 242, 242, 549, 242, 876, 591, 600, 612, 612, 376, 528, 327, 591, 562, 818, 546, 562,
        552, 426, 333, 426, 662,
    ),
    600: (
        252, 321, 523, 644, 650, 1004, 663, 326, 373, 373, 540, 673, 319, 465, 319, 379, 660, 423,
        623, 636, 666, 612, 640, 576, 640, 640, 319, 329, 673, 673, 673, 543, 999, 728, 659, 737,
        722, 605, 588, 749, 746, 277, 580, 703, 565, 922, 759, 769, 645, 773, 652, 650, 660, 736,
        728, 1020, 720, 713, 652, 373, 379, 373, 481, 469, 351, 574, 624, 583, 624, 591, 389, 625,
        612, 262, 262, 569, 262, 900, 612, 609, 624, 624, 397, 549, 353, 612, 587, 839, 569, 588,
        566, 455, 359, 455, 673,
    ),
}  # fmt: skip
OTHER = {"·": 0.32, "–": 0.5, "—": 1.0, "…": 0.96, "“": 0.51, "”": 0.51, "’": 0.33}


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """A kind of text, one of STYLES: its class is `t-<name>`; sizes are in SVG units, never under 11."""

    name: str
    size: float
    weight: int = 400
    is_mono: bool = False
    spacing: float = 0.0  # em
    is_italic: bool = False


HEADING = Style("name", 16, 640, True, -0.02)
TITLE = Style("title", 13.5, 620)
NUMBER = Style("port", 12.5, 640, True)
CODE = Style("code", 12, 400, True)
PATH = Style("path", 12, 400, True)
TANK = Style("tank", 13.5, 640, True)
MODE = Style("mode", 11, 700, True)
METER = Style("num", 11, 400, True)
WORD = Style("sub", 12)
STRONG = Style("say", 12, 520)
NOTE = Style("note", 12, is_italic=True)
STATE = Style("state", 12.5, 600)
CAPTION = Style("cap", 11, 640, spacing=0.05)
ROLE = Style("role", 11, 700, spacing=0.06)
NOTCH = Style("notch", 11, 660, spacing=0.09)
STYLES = (
    HEADING, TITLE, NUMBER, CODE, PATH, TANK, MODE, METER, WORD, STRONG, NOTE, STATE, CAPTION,
    ROLE, NOTCH,
)  # fmt: skip


# By character, and for ASCII in mono by the number of characters.
MONO = tuple(accumulate(repeat(0.6, 256), initial=0.0))
PROPORTIONAL = {
    weight: {chr(FIRST + index): advance / 1000 for index, advance in enumerate(table)} | OTHER
    for weight, table in ADVANCES.items()
}


def width(text: str, style: Style) -> float:
    """In SVG units; words get 2 % more, as hinting and kerning differ by browser.

    No text is kept: it may be a pod's.
    """
    if style.is_mono:
        ascii_ = text if text.isascii() else text.replace(ELLIPSIS, ".")
        is_plain = len(text) < len(MONO) and ascii_.isascii() and ascii_.isprintable()
        advance = MONO[len(text)] if is_plain else sum(_mono(char) for char in text)
    else:
        table = PROPORTIONAL[600 if style.weight >= 500 else 400]
        try:
            advance = 1.02 * sum(map(table.__getitem__, text))
        except KeyError:
            advance = 1.02 * sum(table[char] if char in table else _proportional(char) for char in text)
    return (advance + style.spacing * len(text)) * style.size


def _mono(char: str) -> float:
    if "\u0020" <= char < "\u024f" or char == ELLIPSIS:
        return 0.6
    return 0.0 if unicodedata.combining(char) else 1.0


@lru_cache(maxsize=256)
def _proportional(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(char) in "WF" else 0.75


def shorten(text: str, style: Style, room: float) -> str:
    """Cut to `room`: a path keeps its tail, from a folder's beginning on; all else keeps its head.

    "" if nothing fits.
    """
    if width(text, style) <= room:
        return text
    keeps_tail = text.startswith("/")
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (
            (middle, high) if width(_cut(text, middle, keeps_tail), style) <= room else (low, middle - 1)
        )
    return _cut(text, low, keeps_tail) if low else ""


def shorten_middle(text: str, style: Style, room: float) -> str:
    """Cut in the middle: of names that begin alike the end tells them apart."""
    if width(text, style) <= room:
        return text
    for kept in range(len(text) - 1, 3, -1):
        tail = (kept + 1) // 2
        shown = text[: kept - tail].rstrip() + ELLIPSIS + text[len(text) - tail :]
        if width(shown, style) <= room:
            return shown
    return shorten(text, style, room)


def _cut(text: str, length: int, keeps_tail: bool) -> str:
    if not keeps_tail:
        return text[:length].rstrip() + ELLIPSIS
    tail = text[len(text) - length :]
    _part, slash, folders = tail.partition("/")
    return ELLIPSIS + (slash + folders if folders else tail)


def shorten_image(image: str, style: Style, room: float) -> str:
    """The registry and its folders go first, as the last part is the image's own name."""
    shown = image
    while width(shown, style) > room and "/" in shown.removeprefix(f"{ELLIPSIS}/"):
        shown = f"{ELLIPSIS}/" + shown.removeprefix(f"{ELLIPSIS}/").split("/", 1)[1]
    return shorten(shown, style, room)
