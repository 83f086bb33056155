"""The log page in the browser, on the demo cluster."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_pods import cluster, delete, make, namespace, world
from tests.browser.world import World
from tests.dashboard_process import Dashboard, dashboards
from tests.demo_fixture import DemoCluster

__all__ = ["cluster", "namespace", "world"]
pytestmark = pytest.mark.browser
COUNTING = "i=0; while true; do i=$((i+1)); echo line $i; sleep 1; done"
HOSTILE = "echo '<img src=x onerror=document.title=1><script>document.title=2</script>'; sleep 3600"


def open_log(page: Page, dashboard: Dashboard, world: World, more: str = "") -> None:
    page.goto(f"{dashboard.base_url}/c/demo/logs/?src=pods/{world.namespace}/one:app{more}")
    expect(page.locator("#log-state[data-phase=live]")).to_be_visible()


def lines(page: Page) -> list[str]:
    return list(page.locator("#log > div:not(.notice) span").all_text_contents())


def wait_for_line(page: Page, number: int) -> None:
    expect(page.locator("#log").get_by_text(f"line {number}", exact=True)).to_be_attached()


def assert_counted(page: Page) -> None:
    found = lines(page)
    assert found == [f"line {number}" for number in range(1, len(found) + 1)]


def test_lines_arrive_by_themselves_each_once(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", COUNTING)
    open_log(page, dashboard, world)

    wait_for_line(page, 30)

    assert_counted(page)
    expect(page.locator("#log-empty")).to_be_hidden()


def test_a_hostile_line_is_shown_as_text(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", HOSTILE)
    open_log(page, dashboard, world)

    expect(page.locator("#log")).to_contain_text("<img src=x onerror=document.title=1><script>")

    assert page.locator("#log img, #log script").count() == 0
    page.reload()
    expect(page.locator("#log")).to_contain_text("<img src=x")
    assert "app" in page.title()


def test_scrolling_up_pauses_and_the_button_goes_on(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", COUNTING.replace("sleep 1", "sleep 0.2"))
    open_log(page, dashboard, world)
    wait_for_line(page, 60)

    page.locator("#log").hover()
    page.mouse.wheel(0, -400)
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#log-new")).to_contain_text(re.compile(r"\d+ new lines"))
    top = page.locator("#log").evaluate("log => log.scrollTop")
    expect(page.locator("#log-new")).to_contain_text(re.compile(r"\d\d+ new lines"))
    assert page.locator("#log").evaluate("log => log.scrollTop") == top

    page.locator("#log-new").click()
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#log-new")).to_be_hidden()
    expect(page.locator("#log")).to_be_focused()


def test_a_dashboard_that_comes_back_loses_and_doubles_nothing(
    browser: Browser, cluster: DemoCluster, world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    make(world, "one", COUNTING)
    with dashboards(tmp_path_factory.mktemp("back")) as start:
        first = start(cluster.kubeconfig)
        tab = browser.new_page()
        tab.goto(first.link)
        tab.wait_for_url(lambda address: "/login" not in address)
        open_log(tab, first, world)
        wait_for_line(tab, 10)
        first.kill()
        expect(tab.locator("#log-state[data-phase=waiting]")).to_be_visible()
        start(cluster.kubeconfig, ("--port", str(first.port)), state=first.state)
        expect(tab.locator("#log .notice")).to_contain_text("goes on where it stopped", timeout=30_000)
        wait_for_line(tab, len(lines(tab)) + 5)
        assert_counted(tab)
        tab.close()


def test_a_cursor_that_is_unknown_shows_the_end_once(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", COUNTING)
    script = "document.addEventListener('readystatechange', () => {"
    script += "const p = document.getElementById('log-panel'); if (p) p.dataset.cursor = 'not:a:cursor'; })"
    page.add_init_script(script)
    open_log(page, dashboard, world)

    wait_for_line(page, 10)

    assert_counted(page)


def test_a_deleted_pod_ends_the_log(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", COUNTING)
    open_log(page, dashboard, world)
    wait_for_line(page, 3)

    delete(world, "one")

    expect(page.locator("#log-state")).to_have_text("Ended")
    expect(page.locator("#log .notice").last).to_contain_text("The pod was deleted")


def test_times_are_local_utc_or_off(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", "echo once; sleep 3600")
    open_log(page, dashboard, world)
    time = page.locator("#log time").first
    expect(time).to_have_text(re.compile(r"^\d\d:\d\d:\d\d\.\d{3}$"))

    page.get_by_role("button", name="No times").click()
    expect(time).to_be_hidden()
    page.get_by_role("button", name="UTC").click()
    expect(time).to_be_visible()


def test_w_wraps_and_s_follows(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", "echo once; sleep 3600")
    open_log(page, dashboard, world)

    for key, button in (("w", "[data-wrap]"), ("s", "[data-follow]")):
        page.keyboard.press(key)
        expect(page.locator(button)).to_have_attribute("aria-pressed", "false")


def test_the_summary_for_a_screen_reader_has_words(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", COUNTING)
    open_log(page, dashboard, world)

    expect(page.locator("#announcer")).to_contain_text(re.compile(r"New log lines: \d+"), timeout=20_000)
    expect(page.locator("#log")).to_have_attribute("aria-live", "off")
