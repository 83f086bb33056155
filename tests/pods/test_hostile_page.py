"""The page around the picture escapes too: no element and no attribute but those of a plain pod."""

from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser

from django.template.loader import render_to_string
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings

from dashboard.log_links import LogPlace
from dashboard.topology_page import topology_context
from sidecars import manifests
from sidecars.diagram.layout import lay_out
from sidecars.topology import Pod
from tests.topology.flowing import flowing
from tests.topology.gallery import gallery
from tests.topology.hostile import hostile_pods

generated = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
ADDRESSES = ("href", "src", "action", "formaction")


class Page(HTMLParser):
    """Which elements and attributes a page has, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pairs: set[tuple[str, str]] = set()
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pairs |= {(tag, ""), *((tag, name) for name, _value in attrs)}
        self.links += [str(value) for name, value in attrs if name in ADDRESSES]


def page_of(pod: Pod, **asked: str) -> Page:
    request = RequestFactory().get("/", asked)
    place = LogPlace("demo", "pods", pod.namespace, pod.name)
    context = topology_context(request, pod, place=place, chosen_main="", main_address="/main/")
    context |= {"ctx": "demo", "file_link": "/diagram.svg", "theme": "system", "kubectl": "kubectl"}
    return Page(render_to_string("pods/_topology.html", context, request))


def views(pod: Pod) -> Iterator[Page]:
    """The table, and one of each kind of element selected in the picture."""
    yield page_of(pod, view="table")
    yield page_of(pod, view="diagram")
    by_kind = {id_.partition("-")[0]: id_ for id_ in lay_out(pod).related}
    for id_ in by_kind.values():
        yield page_of(pod, view="diagram", sel=id_)


@cache
def ours() -> frozenset[tuple[str, str]]:
    """What the pages of plain pods have."""
    found = set[tuple[str, str]]()
    for name in ("calls", "clash", "five", "hostnet", "init", "volumes"):
        manifest, services, configmaps = gallery()[name]
        plain = manifests.read_pod(manifest, services=services, configmaps=configmaps)
        found.update(*(page.pairs for page in views(plain)))
    return frozenset(found.union(*(page.pairs for page in views(flowing()))))


@given(hostile_pods())
@generated
def test_a_hostile_pod_adds_no_element_and_no_attribute_to_its_page(pod: Pod) -> None:
    for page in views(pod):
        assert page.pairs - ours() == set()
        assert all(link == "" or link[0] in "?/#" for link in page.links)
        assert not [link for link in page.links if link.startswith("//")]
