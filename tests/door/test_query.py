import msgspec
import pytest

from sidecars import wire
from sidecars.query import matches, parse_query, select
from sidecars.rows import PodRow, pod_row
from tests.door.scripted import pod


def build(name: str, *containers: str, namespace: str = "shop", **labels: str) -> PodRow:
    raw = pod(name)
    raw["metadata"]["labels"] = labels
    raw["metadata"]["namespace"] = namespace
    raw["metadata"]["uid"] = f"{namespace}/{name}"
    if containers:
        raw["spec"]["containers"] = [{"name": c, "image": f"registry/{c}:1"} for c in containers]
    return pod_row(msgspec.convert(raw, wire.Pod))


ROWS = [
    build("web-1", "app", "nginx", app="web", tier="front"),
    build("web-2", "app", app="web"),
    build("api-1", "server", "envoy", app="api", namespace="core"),
    build("job", "worker"),
]


def found(text: str, **more: object) -> list[str]:
    return [row.name for row in select(ROWS, parse_query(text), **more).rows]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["api-1", "job", "web-1", "web-2"]),
        ("WEB", ["web-1", "web-2"]),
        ("web nginx", ["web-1"]),
        ("!web", ["api-1", "job"]),
        ("-l app=web", ["web-1", "web-2"]),
        ("-l app=web,tier=front", ["web-1"]),
        ("-l app!=web", ["api-1", "job"]),
        ("-l app in (web, api)", ["api-1", "web-1", "web-2"]),
        ("-l app notin (web)", ["api-1", "job"]),
        ("-l tier", ["web-1"]),
        ("-l !tier", ["api-1", "job", "web-2"]),
        ("-l app=web !nginx", ["web-2"]),
        ("image:envoy", ["api-1"]),
        ("!image:app", ["api-1", "job"]),
        ("sidecar:nginx", ["web-1"]),
        ("sidecar:app", []),
        ("status:running ns:core", ["api-1"]),
        ("role:container", ["api-1", "job", "web-1", "web-2"]),
        ("role:native-sidecar", []),
    ],
)
def test_a_search_finds(text: str, names: list[str]) -> None:
    assert found(text) == names


def test_a_broken_selector_is_told_and_ignored() -> None:
    query = parse_query("web -l =x")

    assert [error.text for error in query.errors] == ["-l =x"]
    assert [chip.value for chip in query.chips] == ["web"]


def test_a_chip_says_what_to_cut_from_the_text() -> None:
    chips = parse_query("web -l app in (a, b) !image:nginx").chips

    assert [c.text for c in chips] == ["web", "-l app in (a, b)", "!image:nginx"]
    assert chips[2].is_negated


def test_an_unknown_field_is_text() -> None:
    assert parse_query("http://x").chips[0].field == "text"


def test_a_very_long_search_is_cut() -> None:
    assert parse_query("a " * 5000).errors


def test_rows_are_sorted_both_ways_and_ties_by_name() -> None:
    assert found("", sort="-name") == ["web-2", "web-1", "job", "api-1"]
    assert found("", sort="ns") == ["api-1", "job", "web-1", "web-2"]
    assert found("", sort="nonsense") == ["api-1", "job", "web-1", "web-2"]


def test_a_page_outside_is_the_nearest() -> None:
    page = select(ROWS, parse_query(""), page=9, page_size=3)

    assert (page.page, page.pages, page.total, page.matched) == (2, 2, 4, 4)
    assert [row.name for row in page.rows] == ["web-2"]


def test_namespaces_limit_what_is_counted() -> None:
    page = select(ROWS, parse_query("nothing"), ["core"])

    assert (page.total, page.matched) == (1, 0)


def test_one_row_is_judged_alone() -> None:
    query = parse_query("web")

    assert matches(ROWS[0], query, ["shop"])
    assert not matches(ROWS[0], query, ["core"])
    assert not matches(ROWS[3], query)
