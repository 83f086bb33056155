"""The pods list and the pod page in the browser, on the demo cluster: what lives on the page."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.world import World
from tests.dashboard_process import Dashboard, dashboards
from tests.demo_fixture import DemoCluster

pytestmark = pytest.mark.browser
IMAGE = "docker.io/library/busybox:1.36"
MERGE = "application/merge-patch+json"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCluster]:
    found = DemoCluster(tmp_path_factory.mktemp("demo") / "state", "--speed", "10")
    yield found
    found.stop()


@pytest.fixture(scope="module")
def world(cluster: DemoCluster) -> World:
    """Its namespace is that of the last `namespace` fixture."""
    return World("demo", cluster.kubeconfig, "demo", "")


@pytest.fixture
def tab(browser: Browser, dashboard: Dashboard) -> Iterator[Page]:
    """As `page`, for tests in which a request must fail: Chromium reports that on its console."""
    found = browser.new_page()
    found.goto(dashboard.link)
    found.wait_for_url(lambda address: "/login" not in address)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def namespace(world: World, request: pytest.FixtureRequest) -> Iterator[str]:
    world.namespace = "see-" + re.sub("[^a-z]+", "-", request.node.name.lower())[-40:].strip("-")
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": world.namespace}}
    world.ask("POST", "/api/v1/namespaces", body)
    yield world.namespace
    world.ask("DELETE", f"/api/v1/namespaces/{world.namespace}")


def pods_path(world: World, name: str = "") -> str:
    return f"/api/v1/namespaces/{world.namespace}/pods/{name}".rstrip("/")


def make(world: World, name: str, script: str = "sleep 3600", **spec: Any) -> None:
    container = {"name": "app", "image": IMAGE, "command": ["sh", "-c", script]}
    metadata = {"name": name, "labels": {"app": name}}
    world.ask("POST", pods_path(world), {"metadata": metadata, "spec": {"containers": [container], **spec}})


def delete(world: World, name: str) -> None:
    options = {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0}
    world.ask("DELETE", pods_path(world, name), options)


def open_list(page: Page, dashboard: Dashboard, world: World, more: str = "") -> None:
    page.goto(f"{dashboard.base_url}/c/demo/pods/?ns={world.namespace}{more}")
    expect(page.locator("#pods-state [data-phase=live]")).to_be_visible()


def open_pod(page: Page, dashboard: Dashboard, world: World, name: str, more: str = "") -> None:
    page.goto(f"{dashboard.base_url}/c/demo/pods/{world.namespace}/{name}/{more}")
    expect(page.locator("#pod-state [data-phase=live]")).to_be_visible()


def expect_pods(page: Page, *names: str) -> None:
    expect(page.locator("#pods-rows th a")).to_have_text(list(names))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_rows_come_change_and_go_by_themselves(page: Page, dashboard: Dashboard, world: World) -> None:
    open_list(page, dashboard, world)
    expect(page.locator("#pods-foot")).to_contain_text(f"No pods in {world.namespace}")

    make(world, "one", "sleep 3600")
    expect_pods(page, "one")
    expect(page.locator("#pods-rows .badge")).to_contain_text("Running")
    make(world, "two")
    expect_pods(page, "one", "two")
    delete(world, "one")
    expect_pods(page, "two")


def test_typing_searches_and_stands_in_the_address(page: Page, dashboard: Dashboard, world: World) -> None:
    for name in ("one", "two"):
        make(world, name)
    open_list(page, dashboard, world)

    page.keyboard.press("/")
    page.keyboard.type("two")

    expect_pods(page, "two")
    expect(page).to_have_url(re.compile("q=two"))
    page.reload()
    expect_pods(page, "two")
    expect(page.locator("[data-search]")).to_have_value("two")


def test_escape_clears_the_search_the_list_and_the_address(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    for name in ("one", "two"):
        make(world, name)
    open_list(page, dashboard, world)
    page.keyboard.press("/")
    page.keyboard.type("two")
    expect_pods(page, "two")

    page.keyboard.press("Escape")

    expect_pods(page, "one", "two")
    expect(page).to_have_url(re.compile("^(?!.*q=)"))
    expect(page.locator("[data-search]")).to_have_value("")


def test_a_search_without_result_says_so_and_can_be_cleared(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one")
    open_list(page, dashboard, world)

    page.locator("[data-search]").fill("nothing-is-called-so")
    expect(page.locator("#pods-foot h2")).to_have_text("No pod matches")
    page.get_by_role("link", name="Clear the search").click()

    expect_pods(page, "one")
    expect(page.locator("[data-search]")).to_have_value("")


def test_a_sort_keeps_the_focus_and_back_undoes_it(page: Page, dashboard: Dashboard, world: World) -> None:
    for name in ("a", "b"):
        make(world, name)
    open_list(page, dashboard, world, "&sort=name")
    expect_pods(page, "a", "b")

    page.locator("#pods-head a[data-sort=name]").press("Enter")

    expect_pods(page, "b", "a")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Name")
    expect(page.locator("#pods-head a[data-sort=name]")).to_be_focused()
    page.go_back()
    expect_pods(page, "a", "b")


def test_j_and_k_walk_the_rows_and_enter_opens_one(page: Page, dashboard: Dashboard, world: World) -> None:
    for name in ("a", "b", "c"):
        make(world, name)
    open_list(page, dashboard, world)
    expect_pods(page, "a", "b", "c")

    for key in "jjk":
        page.keyboard.press(key)
    assert focused(page) == "a"
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(f"/pods/{world.namespace}/b/"))


def test_a_changed_row_keeps_the_focus(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one")
    open_list(page, dashboard, world)
    row = page.locator("#pods-rows tr")
    expect(row.locator(".badge")).to_contain_text("Running")
    page.keyboard.press("j")
    before = row.get_attribute("data-version")

    world.ask("PATCH", pods_path(world, "one"), {"metadata": {"labels": {"changed": "yes"}}}, MERGE)

    expect(row).not_to_have_attribute("data-version", str(before))
    assert focused(page) == "one"


def test_the_chooser_adds_a_namespace_and_keeps_what_was_typed(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "web-of-mine")
    open_list(page, dashboard, world)
    page.locator("[data-search]").fill("web")
    expect(page).to_have_url(re.compile("q=web"))

    page.locator("#namespaces summary").click()
    page.get_by_label("shop", exact=True).check()
    page.locator("#namespaces").get_by_role("button", name="Show").click()

    expect(page).to_have_url(re.compile(r"ns=shop.*q=web|q=web.*ns=shop"))
    expect(page.locator("td.c-ns", has_text="shop").first).to_be_visible()
    expect(page.locator("#pods-rows")).to_contain_text("web-of-mine")


def test_the_button_of_the_chooser_can_be_seen(page: Page, dashboard: Dashboard, world: World) -> None:
    """Its letters have the colour for letters on the accent, so it needs the accent behind them."""
    open_list(page, dashboard, world)
    page.locator("#namespaces summary").click()

    expect(page.locator("#namespaces button")).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")


def test_no_namespace_chosen_shows_all(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one")
    open_list(page, dashboard, world)

    page.locator("#namespaces summary").click()
    page.get_by_label(world.namespace, exact=True).uncheck()
    page.locator("#namespaces").get_by_role("button", name="Show").click()

    expect(page.locator("#namespaces summary b")).to_have_text("all")
    expect(page.locator("#pods-rows")).to_contain_text("shop")


def test_the_link_to_all_namespaces_changes_menu_columns_and_command(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_list(page, dashboard, world)

    page.locator("#pods-foot").get_by_role("link", name="All namespaces").click()

    expect(page.locator("#namespaces summary b")).to_have_text("all")
    expect(page.locator("#pods-rows td.c-ns").first).to_be_visible()
    expect(page.locator(".same code")).to_have_text("kubectl get pods --all-namespaces")


def test_without_javascript_the_list_and_its_search_work(
    browser: Browser, page: Page, dashboard: Dashboard, world: World
) -> None:
    for name in ("one", "two"):
        make(world, name)
    cookies = page.context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(f"{dashboard.base_url}/c/demo/pods/?ns={world.namespace}")
    plain.locator("[data-search]").fill("two")
    plain.locator("[data-search]").press("Enter")

    expect(plain.locator("#pods-rows th a")).to_have_text(["two"])
    plain.locator("#pods-rows th a").click()
    expect(plain.locator("svg.topo #c-app")).to_be_visible()
    context.close()


def test_a_forbidden_namespace_reads_not_permitted(
    browser: Browser, cluster: DemoCluster, world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("forbidden")
    token = cluster.user("nobody-much", [])
    with dashboards(folder) as start:
        theirs = start(cluster.kubeconfig_of(token, folder / "config"))
        tab = browser.new_page()
        tab.goto(theirs.link)
        tab.wait_for_url(lambda address: "/login" not in address)
        tab.goto(f"{theirs.base_url}/c/demo/pods/?ns={world.namespace}")
        expect(tab.locator("#pods-foot h2")).to_have_text(f"Not permitted: list pods in {world.namespace}")
        expect(tab.locator("#pods-state [data-phase=forbidden]")).to_be_visible()
        expect(tab.locator("body")).not_to_contain_text("No pods")
        tab.close()


def test_a_dashboard_that_ends_is_said_and_its_return_seen(
    browser: Browser, cluster: DemoCluster, world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ends")
    make(world, "one")
    with dashboards(folder) as start:
        first = start(cluster.kubeconfig)
        tab = browser.new_page()
        tab.goto(first.link)
        tab.wait_for_url(lambda address: "/login" not in address)
        open_list(tab, first, world)
        expect_pods(tab, "one")
        first.kill()
        expect(tab.locator("#pods-state [data-phase=lost]")).to_be_visible()
        make(world, "two")
        start(cluster.kubeconfig, ("--port", str(first.port)), state=first.state)
        expect_pods(tab, "one", "two")
        expect(tab.locator("#pods-state [data-phase=live]")).to_be_visible()
        tab.close()


def test_a_pod_page_follows_its_pod(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", "sleep 20; exit 3", restartPolicy="Never")
    open_pod(page, dashboard, world, "one", "?sel=c-app")

    expect(page.locator("#pod-status")).to_contain_text("Running")
    expect(page.locator("#pod-status")).to_contain_text("Error", timeout=20_000)
    expect(page.locator("#inspector h2")).to_have_text("app")
    expect(page.locator("svg.topo #c-app[aria-current]")).to_be_attached()


def test_a_refresh_that_fails_is_made_up_for(
    tab: Page, dashboard: Dashboard, world: World, cluster: DemoCluster
) -> None:
    make(world, "one")
    open_pod(tab, dashboard, world, "one")
    expect(tab.locator("#pod-status")).to_contain_text("1/1")
    path = pods_path(world, "one")
    tab.route("**/pods/*/one/", lambda route: route.abort(), times=1)

    world.ask("PATCH", path, {"metadata": {"labels": {"changed": "yes"}}}, MERGE)
    version = str(world.ask("GET", path)["metadata"]["resourceVersion"])

    expect(tab.locator("#pod-live")).to_have_attribute("data-version", version)


def test_a_deleted_pod_stays_marked_with_its_successors(
    tab: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one")
    open_pod(tab, dashboard, world, "one")

    delete(world, "one")

    expect(tab.locator("#pod-alert")).to_contain_text("This pod was deleted")
    expect(tab.locator("#pod")).to_have_class(re.compile("stale"))
    expect(tab.locator("h1")).to_have_text("one")
    expect(tab.locator("#alerts")).to_be_empty()


def test_v_changes_between_diagram_and_table(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one")
    open_pod(page, dashboard, world, "one")
    expect(page.locator("svg.topo")).to_be_visible()

    page.keyboard.press("v")

    expect(page.locator(".matrix")).to_be_visible()
    expect(page).to_have_url(re.compile("view=table"))


def test_t_leads_from_the_table_to_the_diagram_and_stays_there(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one")
    open_pod(page, dashboard, world, "one")
    page.locator(".to-table").click()
    expect(page.locator(".matrix")).to_be_visible()

    for _press in range(2):
        page.keyboard.press("t")
        expect(page.locator("svg.topo")).to_be_visible()
        expect(page).to_have_url(re.compile("view=diagram"))
