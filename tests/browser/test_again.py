"""A page whose script did not arrive."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_pods import cluster, namespace, world
from tests.dashboard_process import Dashboard

__all__ = ["cluster", "namespace", "world"]
pytestmark = pytest.mark.browser


def test_a_page_whose_script_was_cut_is_loaded_once_more(page: Page, dashboard: Dashboard) -> None:
    cut: list[str] = []

    def cut_first(route: Route) -> None:
        if cut:
            route.continue_()
        else:
            cut.append(route.request.url)
            route.abort("internetdisconnected")

    page = page.context.new_page()  # whose console may tell of what is cut
    page.route("**/js/logs/list.js", cut_first)
    page.goto(f"{dashboard.base_url}/c/demo/logs/?src=deployments/shop/web:*")

    expect(page.locator("#log-state[data-phase=live]")).to_be_visible(timeout=15_000)
    assert len(cut) == 1


def test_a_script_that_is_missing_for_good_reloads_no_page_for_ever(page: Page, dashboard: Dashboard) -> None:
    page = page.context.new_page()  # whose console may tell of what is cut
    loads: list[str] = []
    page.on("request", lambda r: loads.append(r.url) if r.is_navigation_request() else None)
    page.route("**/js/logs/list.js", lambda route: route.abort("failed"))
    with page.expect_event("requestfailed", lambda r: "list.js" in r.url and len(loads) == 2):
        page.goto(f"{dashboard.base_url}/c/demo/logs/?src=deployments/shop/web:*", wait_until="commit")
    page.wait_for_load_state("load")

    expect(page.locator("#log-state")).to_have_text("Not followed")
    assert len(loads) == 2
