"""Whatever a manifest holds, the picture is well-formed and holds nothing but what we draw."""

import re
from xml.etree import ElementTree

from hypothesis import HealthCheck, given, settings

from sidecars import inspector
from sidecars.diagram.layout import lay_out
from sidecars.diagram.legend import draw_legend
from sidecars.diagram.svg import draw, draw_standalone
from sidecars.diagram.words import Words
from sidecars.table import tabulate
from sidecars.topology import Pod
from tests.topology.hostile import hostile_pods

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "g", "a", "rect", "path", "circle", "ellipse", "line", "text", "use"}
ATTRIBUTES = {
    "id", "class", "href", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry",
    "width", "height",
    "viewBox", "role", "aria-labelledby", "aria-describedby", "aria-current", "aria-hidden", "tabindex",
    "data-rel", "data-part", "text-anchor", "transform", "fill", "fill-opacity", "stroke", "stroke-width",
    "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-opacity", "font-size", "font-weight",
    "font-family", "font-style", "letter-spacing",
}  # fmt: skip
LINK = re.compile(r"\?sel=[A-Za-z0-9_.%-]+|/icons\.svg#i-[a-z0-9-]+")
IDS = re.compile(r"[A-Za-z0-9_. -]*")
generated = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def check(picture: str) -> None:
    root = ElementTree.fromstring(picture)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES
        assert LINK.fullmatch(element.get("href", "?sel=x"))
        for name in ("id", "class", "data-rel", "data-part"):
            assert IDS.fullmatch(element.get(name, ""))


@given(hostile_pods())
@generated
def test_the_picture_on_a_page_holds_only_what_we_draw(pod: Pod) -> None:
    placed = lay_out(pod)

    check(draw(placed, sprite="/icons.svg", link=lambda id_: f"?sel={id_}"))
    for selected in list(placed.related)[:5]:
        check(draw(placed, sprite="/icons.svg", link=lambda id_: f"?sel={id_}", selected=selected))


@given(hostile_pods())
@generated
def test_the_file_holds_only_what_we_draw(pod: Pod) -> None:
    check(draw_standalone(lay_out(pod), "dark", caption=f"{pod.namespace}/{pod.name}"))


@given(hostile_pods())
@generated
def test_the_legend_holds_only_what_we_draw(pod: Pod) -> None:
    ElementTree.fromstring(draw_legend(lay_out(pod), Words()))


@given(hostile_pods())
@generated
def test_every_element_can_be_inspected_and_stands_in_an_address(pod: Pod) -> None:
    placed = lay_out(pod)

    for id_ in placed.related:
        assert len(id_) <= 4000
        assert inspector.inspect(pod, id_) is not None, id_
    assert tabulate(pod)
