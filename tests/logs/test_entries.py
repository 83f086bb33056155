"""Every place that leads to logs leads to the right ones (R28, R45, R58)."""

import html
import re
from typing import Any

import pytest

from dashboard.log_links import LogPlace, logs_address, place_of, restarted
from sidecars.rows import ContainerSummary, PodRow
from tests.dashboard_process import Client
from tests.pods.viewing import IMAGE, Place

POD = LogPlace("demo", "pods", "shop", "web-1")
NATIVE = {"name": "helper", "image": IMAGE, "restartPolicy": "Always"}


def links(text: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'href="([^"]*/logs/\?[^"]*)"', text)]


async def web_pod(place: Place) -> str:
    listed = await place.ask("GET", "namespaces/shop/pods?labelSelector=app%3Dweb")
    return str(listed["items"][0]["metadata"]["name"])


def with_helper(script: str) -> list[dict[str, Any]]:
    return [NATIVE | {"command": ["sh", "-c", script]}]


def test_an_address_names_containers_once_and_may_ask_for_the_time_before() -> None:
    assert POD.of() == "/c/demo/logs/?src=pods/shop/web-1"
    assert POD.of("app", "nginx", "app") == "/c/demo/logs/?src=pods/shop/web-1:app,nginx"
    assert POD.of("app", previous=True) == "/c/demo/logs/?src=pods/shop/web-1:app&previous=1"
    assert POD.of_all == "/c/demo/logs/?src=pods/shop/web-1:*"


def test_an_address_holds_no_more_sources_than_a_view_reads() -> None:
    assert logs_address("demo", [f"pods/shop/web-{n}:app" for n in range(60)]).count("src=") == 50


@pytest.mark.parametrize(
    ("restarts", "failing", "expected"),
    [((3, 7), "app", "app"), ((3, 7), "", "helper"), ((0, 7), "app", "helper"), ((0, 0), "app", "")],
)
def test_a_count_of_restarts_is_about_what_fails_else_about_what_failed_most(
    restarts: tuple[int, int], failing: str, expected: str
) -> None:
    names = zip(("app", "helper"), restarts, strict=True)
    summaries = tuple(
        ContainerSummary(n, "container", "running", "", True, count, "i:1") for n, count in names
    )
    row = PodRow(
        "u", "shop", "one", 1, 2, "Running", failing, 10, "", "", 0.0, False, (), summaries, "", "", "1"
    )

    assert restarted(row) == expected


def test_what_has_no_pods_of_its_own_has_no_logs() -> None:
    assert place_of("demo", "services", "shop", "web") is None
    assert place_of("demo", "", "shop", "x") is None


@pytest.mark.parametrize(
    ("selected", "containers"),
    [("c-nginx", "nginx"), ("w-nginx.main-app.8080", "nginx,main-app"), ("v-data", "main-app,nginx")],
)
async def test_what_is_selected_opens_its_logs_a_call_and_a_volume_those_of_both_ends(
    demo_viewer: Client, place: Place, selected: str, containers: str
) -> None:
    pod = await web_pod(place)

    page = await demo_viewer.get(f"/c/demo/pods/shop/{pod}/?sel={selected}&view=diagram")

    panel = page.text.partition('id="panel-logs"')
    assert panel[1] and links(panel[1] + panel[2])[0] == f"/c/demo/logs/?src=pods/shop/{pod}:{containers}"


async def test_the_table_opens_the_logs_of_containers_volumes_and_calls(
    demo_viewer: Client, place: Place
) -> None:
    pod = await web_pod(place)

    page = await demo_viewer.get(f"/c/demo/pods/shop/{pod}/?view=table")

    found = links(page.text.partition('class="matrix"')[2])
    for containers in ("main-app", "nginx", "nginx,main-app", "main-app,nginx"):
        assert f"/c/demo/logs/?src=pods/shop/{pod}:{containers}" in found


async def test_a_pod_opens_its_main_container_and_all_of_them(demo_viewer: Client, place: Place) -> None:
    pod = await web_pod(place)

    page = await demo_viewer.get(f"/c/demo/pods/shop/{pod}/")

    base = f"/c/demo/logs/?src=pods/shop/{pod}"
    assert {f"{base}:main-app", f"{base}:*"} <= set(links(page.text))


async def test_a_workload_opens_the_logs_of_all_its_pods(demo_viewer: Client) -> None:
    page = await demo_viewer.get("/c/demo/workloads/deployments/shop/web/?sel=c-nginx")

    base = "/c/demo/logs/?src=deployments/shop/web"
    assert {base, f"{base}:*", f"{base}:nginx"} <= set(links(page.text))
    assert "previous=1" not in page.text


async def test_a_count_of_restarts_opens_what_was_logged_before_also_of_a_native_sidecar(
    demo_viewer: Client, place: Place
) -> None:
    await place.pod("one", initContainers=with_helper("sleep 2; exit 1"))
    await place.until("one", lambda p: p["status"].get("initContainerStatuses", [{}])[0].get("restartCount"))
    wanted = f"/c/demo/logs/?src=pods/{place.namespace}/one:helper&previous=1"

    page = await demo_viewer.get(f"/c/demo/pods/{place.namespace}/one/?sel=c-helper&view=table")
    rows = await demo_viewer.get(f"/c/demo/pods/?ns={place.namespace}")

    assert links(page.text).count(wanted) == 3  # the head, the panel, the table
    assert links(rows.text) == [wanted]


async def test_a_pod_without_restarts_offers_no_time_before_them(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")

    page = await demo_viewer.get(f"/c/demo/pods/{place.namespace}/one/?sel=c-app")
    rows = await demo_viewer.get(f"/c/demo/pods/?ns={place.namespace}")

    assert "previous=1" not in page.text + rows.text


async def test_a_name_of_any_text_stays_one_address(demo_viewer: Client, place: Place) -> None:
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": 'a"><b>&src=x', "controller": True}
    await place.pod("one", owners=[owner | {"uid": "u"}])

    page = await demo_viewer.get(f"/c/demo/pods/{place.namespace}/one/")

    assert set(links(page.text)) == {f"/c/demo/logs/?src=pods/{place.namespace}/one:app"}
