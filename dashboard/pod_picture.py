"""The diagram with the viewer's words, links and icons."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.translation import gettext

from sidecars.diagram import legend, svg
from sidecars.diagram.layout import lay_out
from sidecars.diagram.markup import Picture as Markup
from sidecars.diagram.words import Words
from sidecars.topology import Pod, Usage


@dataclass(frozen=True, slots=True)
class Picture:
    """Both know `__html__`: every value in them is escaped by `sidecars.diagram`."""

    svg: Markup
    legend: Markup


def draw_picture(
    request: HttpRequest,
    pod: Pod,
    selected: str,
    words: Words,
    seen_at: str = "",
    usage: Mapping[str, Usage] | None = None,
) -> Picture:
    placed = lay_out(pod, words, usage=usage, seen_at=seen_at)
    sprite = static("icons.svg")
    view = request.GET.get("view", "")
    kept = {"view": view} if view in ("diagram", "table") else {}

    def link(element_id: str) -> str:
        return f"?{urlencode(kept | {'sel': element_id})}"

    drawn = svg.draw(placed, sprite=sprite, link=link, selected=selected or None)
    return Picture(drawn, legend.draw_legend(placed, words, sprite=sprite))


def draw_file(
    pod: Pod, theme: str, caption: str, seen_at: str = "", usage: Mapping[str, Usage] | None = None
) -> str:
    placed = lay_out(pod, Words().translated(gettext), usage=usage, seen_at=seen_at)
    return str(svg.draw_standalone(placed, theme, caption=caption))
