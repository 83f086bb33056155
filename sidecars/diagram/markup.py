"""Writing SVG: every name and value is escaped here, and nowhere else."""

import html
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from sidecars.diagram import paint
from sidecars.diagram.icons import SHAPES
from sidecars.diagram.placed import Box, Icon, Label

# What XML 1.0 cannot hold, even escaped.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Value = str | float


class Picture(str):
    """Finished markup; templates may insert it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


# Most texts hold nothing that would have to be written otherwise.
PLAIN = re.compile(r"[A-Za-z0-9 _.:,/#?=%;()~+-]*")


def clean(text: str) -> str:
    if PLAIN.fullmatch(text):
        return text
    return html.escape(FORBIDDEN.sub("\ufffd", text), quote=True)


@lru_cache(maxsize=4096)
def number(value: float) -> str:
    """Kept, as a picture has few places and names each many times."""
    return f"{value:.1f}".removesuffix(".0") if value % 1 else str(int(value))


@lru_cache(maxsize=1024)
def _class(names: str) -> str:
    return f' class="{clean(names)}"'


# How SVG writes what Python has no name for.
ATTRIBUTES = {
    name.replace("-", "_"): name
    for name in (
        "aria-current", "aria-describedby", "aria-hidden", "aria-labelledby", "data-part", "data-rel",
        "fill-opacity", "text-anchor",
    )
}  # fmt: skip


class Pen:
    """Draws for a page: classes, links, icons from the sprite."""

    links = True

    def __init__(self, sprite: str) -> None:
        self._sprite = sprite
        self._parts: list[str] = []
        self._kinds = [""]
        self._look: Callable[[str], str] = _class  # how a shape's classes are written

    def finish(self) -> Picture:
        return Picture("".join(self._parts))

    def open(self, tag: str, classes: str = "", kind: str = "", **attributes: Value) -> None:
        """`kind` is the volume kind whose ink the elements inside have."""
        self._kinds.append(kind or self._kinds[-1])
        if kind:
            classes = f"{classes} {self.kind_class(kind)}".strip()
        self._parts.append(f"<{tag}{self._write(classes, attributes)}>")

    def close(self, tag: str) -> None:
        self._kinds.pop()
        self._parts.append(f"</{tag}>")

    def shape(self, tag: str, classes: str, **attributes: Value) -> None:
        self._parts.append(f"<{tag}{self._write(classes, attributes)}/>")

    def rect(self, classes: str, box: Box, radius: float, grow: float = 0) -> None:
        x, y = number(box.x - grow), number(box.y - grow)
        wide, high = number(box.width + 2 * grow), number(box.height + 2 * grow)
        self._parts.append(
            f'<rect{self._look(classes)} x="{x}" y="{y}" width="{wide}" height="{high}"'
            f' rx="{number(radius + grow)}"/>'
        )

    def path(self, classes: str, steps: str) -> None:
        self._parts.append(f'<path{self._look(classes)} d="{clean(steps)}"/>')

    def circle(self, classes: str, x: float, y: float, radius: float) -> None:
        self._parts.append(
            f'<circle{self._look(classes)} cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'
        )

    def label(self, label: Label) -> None:
        classes = f"t-{label.style.name} f-{label.tone}" if label.tone else f"t-{label.style.name}"
        anchor = "" if label.anchor == "start" else f' text-anchor="{clean(label.anchor)}"'
        cut = label.full and label.full != label.text
        tip = f"<title>{clean(label.full)}</title>" if cut else ""
        self._parts.append(
            f'<text{self._look(classes)} x="{number(label.x)}" y="{number(label.y)}"{anchor}>'
            f"{tip}{clean(label.text)}</text>"
        )

    def title(self, text: str, tag: str = "title", id_: str = "") -> None:
        own = f' id="{clean(id_)}"' if id_ else ""
        self._parts.append(f"<{tag}{own}>{clean(text)}</{tag}>")

    def icon(self, icon: Icon) -> None:
        href, size = clean(f"{self._sprite}#i-{icon.name}"), number(icon.size)
        self._parts.append(
            f'<use{self._look(f"icon i-{icon.tone}")} href="{href}"'
            f' x="{number(icon.x)}" y="{number(icon.y)}" width="{size}" height="{size}"/>'
        )

    def kind_class(self, kind: str) -> str:
        return f"v-{kind}"

    def _write(self, classes: str, attributes: Mapping[str, Value]) -> str:
        return (_class(classes) if classes else "") + _written(attributes)


def _written(attributes: Mapping[str, Value]) -> str:
    text = ""
    for key, value in attributes.items():
        written = clean(value) if isinstance(value, str) else number(value)
        text += f' {ATTRIBUTES.get(key, key)}="{written}"'
    return text


class InkPen(Pen):
    """Draws for a file: presentation attributes in one theme's colours, icons inside, no links."""

    links = False

    def __init__(self, theme: str) -> None:
        super().__init__("")
        self._theme = theme
        self._look = self._ink

    def kind_class(self, kind: str) -> str:
        return ""

    def icon(self, icon: Icon) -> None:
        scale = f"translate({number(icon.x)} {number(icon.y)}) scale({icon.size / 24:.4f})"
        self._parts.append(f"<g{self._write(f'icon i-{icon.tone}', {'transform': scale})}>")
        self._parts.append(SHAPES.get(icon.name, ""))
        self._parts.append("</g>")

    def _ink(self, classes: str) -> str:
        return _written(paint.attributes(classes, self._theme, self._kinds[-1]))

    def _write(self, classes: str, attributes: Mapping[str, Value]) -> str:
        return _written({**paint.attributes(classes, self._theme, self._kinds[-1]), **attributes})
