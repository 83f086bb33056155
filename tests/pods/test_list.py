"""The pods list as a page: what the address asks for is what the server draws."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecars.query import _FIELDS
from tests.dashboard_process import Client, Dashboard, Starter, dashboards
from tests.demo_fixture import DemoCluster
from tests.pods.viewing import LIMIT_S, Place, is_running, pods_of

PODS = "/c/demo/pods/"


async def test_a_namespace_in_the_address_shows_its_pods_only(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")

    page = await demo_viewer.get(f"{PODS}?ns={place.namespace}")

    assert page.status == 200
    assert pods_of(page.text) == ["one"]
    assert f"kubectl get pods -n {place.namespace}" in page.text


async def test_the_menu_of_the_viewer_says_whom_the_cluster_takes_them_for(demo_viewer: Client) -> None:
    async with asyncio.timeout(LIMIT_S):
        while 'id="cluster-user"' not in (page := await demo_viewer.get(PODS)).text:
            await asyncio.sleep(0.05)

    assert re.search(r'id="cluster-user">.*<b class="mono">[\w:-]+</b>', page.text)


async def test_several_namespaces_are_shown_together_with_their_names(
    demo_viewer: Client, place: Place
) -> None:
    await place.pod("one")

    page = await demo_viewer.get(f"{PODS}?ns={place.namespace}&ns=shop")

    assert "one" in pods_of(page.text) and len(pods_of(page.text)) > 1
    assert f'<td class="c-ns">{place.namespace}</td>' in page.text


async def test_an_empty_namespace_says_so(demo_viewer: Client, place: Place) -> None:
    page = await demo_viewer.get(f"{PODS}?ns={place.namespace}")

    assert f"No pods in {place.namespace}" in page.text
    assert "All namespaces" in page.text


async def test_a_search_without_javascript_keeps_the_namespaces_and_the_sort(demo_viewer: Client) -> None:
    page = await demo_viewer.get(f"{PODS}?ns=shop&ns=mesh&sort=-age")
    form = re.search(r'<form class="search".*?</form>', page.text, re.S)
    assert form
    kept = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0])
    assert kept == [("ns", "shop"), ("ns", "mesh"), ("sort", "-age")]


async def test_a_search_without_result_can_be_cleared(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")

    page = await demo_viewer.get(f"{PODS}?ns={place.namespace}&q=nothing-is-called-so")

    assert "No pod matches" in page.text
    assert f'href="?ns={place.namespace}"' in page.text


async def test_a_bad_search_term_is_explained(demo_viewer: Client) -> None:
    page = await demo_viewer.get(f"{PODS}?ns=&q=image:")

    assert "Something is missing after the colon." in page.text


async def test_a_hostile_search_stays_text(demo_viewer: Client) -> None:
    page = await demo_viewer.get(f"{PODS}?ns=&q=%22%3E%3Cimg+src=x+onerror=alert(1)%3E")

    assert page.status == 200
    assert "<img" not in page.text


@pytest.mark.parametrize("sort", ["name", "-name", "age", "-age", "status", "-restarts", "node", "ready"])
async def test_every_sort_says_its_direction(demo_viewer: Client, sort: str) -> None:
    page = await demo_viewer.get(f"{PODS}?ns=&sort={sort}")

    direction = "descending" if sort.startswith("-") else "ascending"
    assert re.findall(r'aria-sort="(\w+)"', page.text) == [direction]


async def test_names_are_sorted_both_ways(demo_viewer: Client, place: Place) -> None:
    for name in ("b", "a", "c"):
        await place.pod(name)
    address = f"{PODS}?ns={place.namespace}"

    assert pods_of((await demo_viewer.get(f"{address}&sort=name")).text) == ["a", "b", "c"]
    assert pods_of((await demo_viewer.get(f"{address}&sort=-name")).text) == ["c", "b", "a"]


async def test_a_label_selector_filters(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", labels={"tier": "front"})
    await place.pod("two", labels={"tier": "back"})

    page = await demo_viewer.get(f"{PODS}?ns={place.namespace}&q=-l+tier%3Dback")

    assert pods_of(page.text) == ["two"]


async def test_a_label_written_as_a_word_is_offered_as_a_label(demo_viewer: Client) -> None:
    page = await demo_viewer.get(f"{PODS}?ns=shop&q=app%3Dweb")

    link = re.search(r'href="([^"]*)">Search the label', page.text)
    assert link
    found = await demo_viewer.get(PODS + link[1].replace("&amp;", "&"))
    assert pods_of(found.text) and all(name.startswith("web-") for name in pods_of(found.text))
    assert "kubectl get pods -n shop -l app=web" in found.text


@pytest.mark.parametrize("text", ["zzzz", "a%3Db%20zzzz", "%3D%3D%3D", "-l%20app%3Dnone"])
async def test_what_is_no_label_is_offered_as_none(demo_viewer: Client, text: str) -> None:
    page = await demo_viewer.get(f"{PODS}?ns=shop&q={text}")

    assert "No pod matches" in page.text and "Search the label" not in page.text


async def test_the_help_page_explains_every_field_of_the_search(demo_viewer: Client) -> None:
    page = (await demo_viewer.get("/help/")).text

    for field in set(_FIELDS) - {"text"}:
        assert f"<dt><code>{field}:" in page, field


async def test_the_last_choice_of_namespaces_is_kept_until_all_are_chosen(demo_viewer: Client) -> None:
    await demo_viewer.get(f"{PODS}?ns=shop")
    assert (await demo_viewer.get(PODS)).header("location") == f"{PODS}?ns=shop"

    # What the form sends when nothing is marked.
    page = await demo_viewer.get(f"{PODS}?ns=&q=&sort=")

    assert page.status == 200
    assert (await demo_viewer.get(PODS)).status == 200


async def test_the_namespaces_form_can_say_all(demo_viewer: Client) -> None:
    page = await demo_viewer.get(f"{PODS}?ns=shop")

    form = page.text.partition('class="menu-list namespaces"')[2].partition("</form>")[0]
    assert '<input type="hidden" name="ns" value="">' in form


async def test_an_unknown_context_is_not_found(demo_viewer: Client) -> None:
    page = await demo_viewer.get("/c/nowhere/pods/")

    assert page.status == 404 and "has no context nowhere" in page.text


async def test_a_failing_container_is_named_and_opened_selected(demo_viewer: Client, place: Place) -> None:
    await place.pod("broken", "exit 3", restartPolicy="Never")
    await place.until("broken", lambda pod: pod["status"].get("phase") == "Failed")

    page = await demo_viewer.get(f"{PODS}?ns={place.namespace}")

    assert f"{PODS}{place.namespace}/broken/?sel=c-app" in page.text
    assert '<span class="sr-only"> Error</span>' in page.text


async def test_status_ready_and_restarts_are_those_of_the_cluster(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")
    await place.until("one", is_running)

    page = await demo_viewer.get(f"{PODS}?ns={place.namespace}")

    assert '<td class="c-ready mono">1/1</td>' in page.text
    assert re.search(r"badge-ok.*?Running", page.text, re.DOTALL)


RULES: list[dict[str, Any]] = [
    {"verbs": ["get", "list", "watch"], "resources": ["pods"], "namespaces": ["shop"]},
]


@pytest.fixture(scope="session")
def shop_dashboard(
    demo_cluster: DemoCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboard]:
    """Of somebody who may see the pods of `shop` and list no namespaces."""
    folder = tmp_path_factory.mktemp("shop-dashboard")
    token = demo_cluster.user("shopkeeper", RULES)
    with dashboards(folder) as start:
        yield start(demo_cluster.kubeconfig_of(token, folder / "config"))


@pytest.fixture
async def shop_viewer(shop_dashboard: Dashboard) -> AsyncIterator[Client]:
    client = Client(shop_dashboard)
    await client.sign_in(shop_dashboard.code)
    yield client
    await client.close()


async def test_what_is_forbidden_never_reads_as_empty(shop_viewer: Client) -> None:
    page = await shop_viewer.get(f"{PODS}?ns=bank")

    assert "Not permitted: list pods in bank" in page.text
    assert "No pods" not in page.text


async def test_the_whole_cluster_can_be_forbidden_and_one_namespace_not(shop_viewer: Client) -> None:
    assert "Not permitted: list pods in the whole cluster" in (await shop_viewer.get(f"{PODS}?ns=")).text

    page = await shop_viewer.get(f"{PODS}?ns=shop")

    assert pods_of(page.text)


async def test_a_forbidden_namespace_is_named_and_leaves_the_others(shop_viewer: Client) -> None:
    page = await shop_viewer.get(f"{PODS}?ns=bank&ns=shop")

    assert pods_of(page.text)
    assert "Not permitted: list pods in bank" in page.text


async def test_who_may_list_no_namespaces_types_them(shop_viewer: Client) -> None:
    page = await shop_viewer.get(f"{PODS}?ns=shop")

    assert "Not permitted: list namespaces. Type one:" in page.text


async def test_a_right_that_is_taken_away_takes_the_rows_with_it(
    shop_viewer: Client, demo_cluster: DemoCluster
) -> None:
    assert pods_of((await shop_viewer.get(f"{PODS}?ns=shop")).text)
    demo_cluster.hook("rules", name="shopkeeper", rules=[])
    demo_cluster.hook("watches", bookmark_s=60)  # ends the open ones
    try:
        async with asyncio.timeout(LIMIT_S):
            while pods_of((page := await shop_viewer.get(f"{PODS}?ns=shop")).text):
                await asyncio.sleep(0.1)
    finally:
        demo_cluster.hook("rules", name="shopkeeper", rules=RULES)

    assert "Not permitted: list pods in shop" in page.text


async def test_a_list_of_namespaces_that_never_comes_holds_no_page_up(
    demo_cluster: DemoCluster, dashboard_process: Starter
) -> None:
    dashboard = dashboard_process(demo_cluster.kubeconfig)
    client = Client(dashboard)
    await client.sign_in(dashboard.code)
    demo_cluster.fault("stall", path="^/api/v1/namespaces$", times=1)

    async with client.http.get(f"{client.base_url}{PODS}?ns=shop", timeout=10) as answer:  # type: ignore[arg-type]
        assert pods_of(await answer.text())
    await client.close()


async def test_rows_of_an_expired_sign_in_say_why_they_stand_still(
    dashboard_process: Starter, demo_cluster: DemoCluster, tmp_path: Path
) -> None:
    token = demo_cluster.user("expiring", RULES)
    dashboard = dashboard_process(demo_cluster.kubeconfig_of(token, tmp_path / "config"))
    client = Client(dashboard)
    await client.sign_in(dashboard.code)
    assert pods_of((await client.get(f"{PODS}?ns=shop")).text)
    demo_cluster.hook("expire", token=token)
    demo_cluster.hook("watches", bookmark_s=60)
    async with asyncio.timeout(LIMIT_S):
        while "does not accept the credentials" not in (page := await client.get(f"{PODS}?ns=shop")).text:
            await asyncio.sleep(0.1)

    assert pods_of(page.text)
    await client.close()


async def test_a_cluster_that_is_away_is_told_from_an_empty_one(
    dashboard_process: Starter, tmp_path: Path, demo_cluster: DemoCluster
) -> None:
    config = json.loads(demo_cluster.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"
    (tmp_path / "config").write_text(json.dumps(config))
    dashboard = dashboard_process(tmp_path / "config")
    client = Client(dashboard)
    await client.sign_in(dashboard.code)

    page = await client.get(f"{PODS}?ns=")

    assert "The cluster cannot be read" in page.text and "No pods" not in page.text
    await client.close()
