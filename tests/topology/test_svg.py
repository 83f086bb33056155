"""What is written is well formed, small, and holds nothing that a hostile name could add."""

import gzip
import re
import time
from dataclasses import fields
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from sidecars import manifests
from sidecars.diagram.layout import lay_out
from sidecars.diagram.legend import draw_legend
from sidecars.diagram.marks import compare
from sidecars.diagram.measures import STYLES
from sidecars.diagram.paint import CLASSES, stylesheet
from sidecars.diagram.placed import Placed
from sidecars.diagram.svg import draw, draw_standalone
from sidecars.diagram.words import Words
from tests.topology.gallery import gallery
from tests.topology.pods import CONFIGMAPS, Json, container, empty_dir, pod, sample, service
from tests.topology.stylesheet import FILE, painted

HOSTILE = [
    '"><script>alert(1)</script>', "<svg onload=alert(1)>", "' onmouseover='alert(1)", "</title><b>", "]]>",
    "&lt;&amp;&#x3c;", "javascript:alert(1)", "a\x00b\x0bc\x1b[31m", "\u202edesrever", "😀" * 30, "容器" * 40,
    "%(name)s %s %", "${7*7}{{7*7}}", "x" * 300, "\ud800", "a b\tc\nd", "é̀" * 20, "..", "system",
]  # fmt: skip
SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {
    "svg", "title", "desc", "g", "a", "rect", "path", "circle", "ellipse", "line", "text", "use",
}  # fmt: skip


def link(element_id: str) -> str:
    return f"?sel={quote(element_id)}"


def placed_of(name: str) -> Placed:
    manifest, services, configmaps = gallery()[name]
    return lay_out(manifests.read_pod(manifest, services=services, configmaps=configmaps))


def parse(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def hostile_pod(text: str) -> Json:
    name = f"{text}1"
    one = container(
        text, text, ports=[(80, text)], mounts=[(text, text)], env=[{"name": text, "value": text}]
    )
    two = container(name, text, ports=[(80, text)], mounts=[(text, f"/{text}", "ro")])
    two["env"] = [{"name": f"{text}_URL", "value": f"http://{text}@localhost:81"}]
    found = pod(one, two, volumes=(empty_dir(text, text),))
    found["metadata"] |= {"name": text, "namespace": text, "annotations": {text: text}}
    found["status"]["podIP"] = text
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_adds_no_element_and_no_attribute(text: str) -> None:
    services = [service(text, (80, text), (81, 9999))]
    services[0]["metadata"]["namespace"] = text
    placed = lay_out(manifests.read_pod(hostile_pod(text), services=services, configmaps={}))

    for picture in (draw(placed, sprite="/icons.svg", link=link), draw_standalone(placed)):
        root = parse(picture)
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ALLOWED
        attributes = {key for element in root.iter() for key in element.attrib}
        assert not [key for key in attributes if key.startswith("on") or key == "style"]
        links = [element.get("href", "") for element in root.iter() if "href" in element.attrib]
        assert all(href.startswith(("?sel=", "/icons.svg#i-")) for href in links)


@pytest.mark.parametrize("text", HOSTILE)
def test_every_neighbour_of_a_hostile_name_is_one_id(text: str) -> None:
    placed = lay_out(manifests.read_pod(hostile_pod(text), services=[], configmaps={}))

    root = parse(draw(placed, sprite="", link=link))

    ids = {element.get("id") for element in root.iter() if element.get("id")}
    listed = {part for e in root.iter() for part in (e.get("data-rel") or "").split()}
    assert listed <= ids and all(re.fullmatch(r"[A-Za-z0-9_.-]+", part) for part in ids if part)


@pytest.mark.parametrize("name", sorted(gallery()))
def test_ids_are_unique_and_neighbours_exist(name: str) -> None:
    root = parse(draw(placed_of(name), sprite="", link=link))

    ids = [element.get("id") for element in root.iter() if element.get("id")]
    missing = {part for e in root.iter() for part in (e.get("data-rel") or "").split()} - set(ids)
    assert len(ids) == len(set(ids))
    assert not [part for part in missing if not part.startswith("m-")]  # folded mounts have no line


def test_each_element_is_one_link_with_a_title() -> None:
    root = parse(draw(placed_of("sample"), sprite="", link=link))

    links = root.findall(f".//{SVG}a")
    assert all(element.find(f"{SVG}title") is not None for element in links)
    assert not [element for element in links if element.findall(f".//{SVG}a")]


def test_the_tab_order_is_services_containers_calls_ports_volumes() -> None:
    root = parse(draw(placed_of("sample"), sprite="", link=link))

    stops = [a.get("id", "").split("-")[0] for a in root.findall(f".//{SVG}a") if a.get("tabindex") is None]
    assert list(dict.fromkeys(stops)) == ["svc", "c", "w", "p", "v"]


def test_a_selection_is_drawn_by_the_server() -> None:
    root = parse(draw(placed_of("sample"), sprite="", link=link, selected="v-nginx-config"))

    lit = {e.get("id") for e in root.iter() if "on" in (e.get("class") or "").split() and e.get("id")}
    assert lit == {"v-nginx-config", "m-nginx.nginx-config", "c-nginx"}
    assert {"hot", "pinned"} <= set(root.get("class", "").split())


def test_an_unknown_selection_changes_nothing() -> None:
    plain = draw(placed_of("sample"), sprite="", link=link)

    assert draw(placed_of("sample"), sprite="", link=link, selected='c-"><x') == plain


def test_three_containers_cost_at_most_twenty_kilobytes() -> None:
    picture = draw(placed_of("reference"), sprite="/static/icons.0123456789ab.svg", link=link).encode()

    print(f"{len(picture)} bytes, {len(gzip.compress(picture))} compressed")
    assert len(picture) <= 20_000
    assert len(gzip.compress(picture)) <= 5_000


def test_a_page_may_insert_a_picture_as_it_is() -> None:
    picture = draw(placed_of("sample"), sprite="", link=link)

    assert picture.__html__() == str(picture)


def test_the_download_needs_nothing_else() -> None:
    root = parse(draw_standalone(placed_of("five"), "dark", caption="shop/web · kind-dev · 03:00 UTC"))

    assert not root.findall(f".//{SVG}use") and not root.findall(f".//{SVG}style")
    assert not [element for element in root.iter() if element.get("class") or element.get("href")]
    assert "shop/web · kind-dev · 03:00 UTC" in "".join(root.itertext())


def test_two_pictures_on_one_page_share_no_id() -> None:
    placed = placed_of("sample")
    one, other = (parse(draw(placed, sprite="", link=link, prefix=p)) for p in ("before-", ""))

    assert not {e.get("id") for e in one.iter() if e.get("id")} & {e.get("id") for e in other.iter()}


def template(manifest: Json) -> Json:
    spec = {"template": {"metadata": {"labels": {"app": "web"}}, "spec": manifest["spec"]}}
    return {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": spec}


def test_what_a_change_adds_is_marked_and_absent_before() -> None:
    without_nginx = pod(sample()["spec"]["containers"][0], volumes=(empty_dir("data", "1Gi"),))
    before = manifests.read_template(template(without_nginx), configmaps={})
    after = manifests.read_template(template(sample()), configmaps=CONFIGMAPS)

    marks = compare(before, after)
    added = {key for key, mark in marks.items() if mark == "added"}
    placed = lay_out(after)

    assert {"c-nginx", "v-nginx-config", "w-nginx.main-app.8080", "m-nginx.data"} <= added
    assert "c-main-app" not in marks
    assert 'id="c-nginx"' not in draw(placed, sprite="", link=link, without=added)
    assert "mark-added" in draw(placed, sprite="", link=link, marks=marks)


def test_the_style_sheet_paints_as_the_download_does() -> None:
    assert painted(FILE.read_text()) == stylesheet()


@pytest.mark.parametrize("name", sorted(gallery()))
def test_every_class_is_painted_or_named_in_the_style_sheet(name: str) -> None:
    root = parse(draw(placed_of(name), sprite="", link=link))

    used = {part for e in root.iter() for part in (e.get("class") or "").split()}
    hooks = {
        "topo",
        "el",
        "row",
        "stick",
        "back",
        "dim",
        "flow",
        "ring",
        "wide",
        "declared",
        "inferred",
        "observed",
    }
    plain = {part for part in used if not re.match(r"(n\d+|k-|v-)", part)} - hooks - set(CLASSES)
    assert plain <= {"line-rw", "pin-rw", "pill-rw"}


def test_no_text_is_smaller_than_eleven() -> None:
    assert min(style.size for style in STYLES) >= 11


def test_the_legend_lists_only_what_the_picture_holds() -> None:
    legend = draw_legend(placed_of("one"), Words())

    assert "From a Service" in legend and "ConfigMap" in legend
    assert "Secret" not in legend and "Over localhost" not in legend


def test_words_can_be_translated_as_a_whole() -> None:
    words = Words.translated(lambda sentence: f"<{sentence}>")

    assert all(getattr(words, field.name).startswith("<") for field in fields(Words))


def test_the_time_from_json_to_svg_is_printed() -> None:
    for name in ("reference", "five", "twelve"):
        manifest, services, configmaps = gallery()[name]
        begun = time.perf_counter()
        for _ in range(5):
            read = manifests.read_pod(manifest, services=services, configmaps=configmaps)
            draw(lay_out(read), sprite="", link=link)
        print(f"{name}: {(time.perf_counter() - begun) / 5 * 1000:.1f} ms")
