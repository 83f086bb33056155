"""The keys that open logs (R74): of the row, of the pod, of what is selected; and those before a restart."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pods import cluster, make, namespace, open_list, open_pod, world
from tests.browser.world import World
from tests.dashboard_process import Dashboard

__all__ = ["cluster", "namespace", "world"]
pytestmark = pytest.mark.browser
HELPER = {"name": "helper", "image": "docker.io/library/busybox:1.36", "command": ["sleep", "3600"]}


def expect_logs(page: Page, source: str, more: str = "") -> None:
    expect(page).to_have_url(re.compile(rf"/logs/\?src={re.escape(source)}{more}$"), timeout=15_000)


def test_l_on_a_row_opens_the_pods_logs_and_p_those_before_the_restart(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", "sleep 1; exit 1")
    open_list(page, dashboard, world)
    expect(page.locator("#pods-rows .c-restarts a")).to_be_visible()

    page.keyboard.press("j")
    page.keyboard.press("p")
    expect_logs(page, f"pods/{world.namespace}/one:app", "&previous=1")
    page.go_back()
    expect(page.locator("#pods-rows th a")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("l")

    expect_logs(page, f"pods/{world.namespace}/one:app")


def test_l_on_a_pods_page_opens_what_is_selected_else_the_main_container(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", initContainers=[HELPER | {"restartPolicy": "Always"}])
    open_pod(page, dashboard, world, "one")
    expect(page.locator("#pod-status")).to_contain_text("Running")

    page.locator("#c-helper text").first.click()
    expect(page.locator("#panel-logs")).to_be_visible()
    page.keyboard.press("l")
    expect_logs(page, f"pods/{world.namespace}/one:helper")
    page.go_back()
    page.locator(".panel-head [data-clear]").click()
    expect(page.locator("#panel-logs")).to_have_count(0)
    page.keyboard.press("l")

    expect_logs(page, f"pods/{world.namespace}/one:app")


def test_a_label_filter_leads_to_the_logs_of_its_pods(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one")
    open_list(page, dashboard, world)
    page.locator("[data-search]").fill("-l app=one")

    page.get_by_role("link", name="Logs of these pods").click()

    expect(page).to_have_url(re.compile(rf"/logs/\?src=selector/{world.namespace}/app%3Done$"))
    expect(page.locator("#log-state[data-phase=live]")).to_be_visible()
    expect(page.locator("h1")).to_have_text("app=one")
