"""Writing SVG: every name and value is escaped here, and nowhere else."""

import html
import re
from collections.abc import Mapping
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


def number(value: float) -> str:
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
        self.shape(
            "rect", classes, x=box.x - grow, y=box.y - grow, width=box.width + 2 * grow,
            height=box.height + 2 * grow, rx=radius + grow,
        )  # fmt: skip

    def path(self, classes: str, steps: str) -> None:
        self.shape("path", classes, d=steps)

    def circle(self, classes: str, x: float, y: float, radius: float) -> None:
        self.shape("circle", classes, cx=x, cy=y, r=radius)

    def label(self, label: Label) -> None:
        classes = f"t-{label.style.name}" + (f" f-{label.tone}" if label.tone else "")
        anchor: dict[str, Value] = {} if label.anchor == "start" else {"text_anchor": label.anchor}
        head = self._write(classes, {"x": label.x, "y": label.y, **anchor})
        cut = label.full and label.full != label.text
        tip = f"<title>{clean(label.full)}</title>" if cut else ""
        self._parts.append(f"<text{head}>{tip}{clean(label.text)}</text>")

    def title(self, text: str, tag: str = "title", id_: str = "") -> None:
        own = f' id="{clean(id_)}"' if id_ else ""
        self._parts.append(f"<{tag}{own}>{clean(text)}</{tag}>")

    def icon(self, icon: Icon) -> None:
        href = f"{self._sprite}#i-{icon.name}"
        classes = f"icon i-{icon.tone}"
        self.shape("use", classes, href=href, x=icon.x, y=icon.y, width=icon.size, height=icon.size)

    def kind_class(self, kind: str) -> str:
        return f"v-{kind}"

    def _write(self, classes: str, attributes: Mapping[str, Value]) -> str:
        text = _class(classes) if classes else ""
        for key, value in attributes.items():
            if isinstance(value, str):
                written = value if PLAIN.fullmatch(value) else clean(value)
            elif value % 1:
                written = f"{value:.1f}".removesuffix(".0")
            else:
                written = str(int(value))
            text += f' {ATTRIBUTES.get(key, key)}="{written}"'
        return text


class InkPen(Pen):
    """Draws for a file: presentation attributes in one theme's colours, icons inside, no links."""

    links = False

    def __init__(self, theme: str) -> None:
        super().__init__("")
        self._theme = theme

    def kind_class(self, kind: str) -> str:
        return ""

    def icon(self, icon: Icon) -> None:
        scale = f"translate({number(icon.x)} {number(icon.y)}) scale({icon.size / 24:.4f})"
        self._parts.append(f"<g{self._write(f'icon i-{icon.tone}', {'transform': scale})}>")
        self._parts.append(SHAPES.get(icon.name, ""))
        self._parts.append("</g>")

    def _write(self, classes: str, attributes: Mapping[str, Value]) -> str:
        inked = paint.attributes(classes, self._theme, self._kinds[-1])
        return super()._write("", {**inked, **attributes})
