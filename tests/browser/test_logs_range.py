"""The form of a time range: in which zone it is read, and what the menu's head says."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import VIEWPORT
from tests.browser.log_page import COUNTING, open_log
from tests.browser.test_pods import cluster, make, namespace, world
from tests.browser.world import World
from tests.dashboard_process import Dashboard

__all__ = ["cluster", "namespace", "world"]
pytestmark = pytest.mark.browser


@pytest.fixture
def far(browser: Browser, dashboard: Dashboard) -> Iterator[Page]:
    """A tab eight hours ahead of UTC."""
    context = browser.new_context(viewport=VIEWPORT, locale="en-GB", timezone_id="Asia/Shanghai")
    tab = context.new_page()
    tab.goto(dashboard.link)
    tab.wait_for_url(lambda address: "/login" not in address)
    yield tab
    context.close()


def opened(page: Page) -> Locator:
    menu = page.locator("details", has=page.locator("#log-range"))
    menu.locator("summary").click()
    return menu


def choose_times(page: Page, times: str) -> None:
    page.locator(f"button[data-times={times}]").click()


def test_a_time_is_read_in_the_zone_in_which_rows_show_theirs(
    far: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", COUNTING)
    open_log(far, dashboard, world, "&times=utc")
    menu = opened(far)
    expect(menu.locator("#log-range")).to_contain_text("Times in UTC")

    menu.get_by_label("from").fill("2026-01-02T10:00:10")
    menu.get_by_label("to", exact=True).fill("2026-01-02T10:00:20")
    menu.get_by_role("button", name="Show this range").click()

    expect(far).to_have_url(re.compile("since=2026-01-02T10:00:10Z&until=2026-01-02T10:00:20Z"))
    expect(menu.locator("summary")).to_contain_text(re.compile(r"10:00:10.+10:00:20"))


def test_the_fields_show_the_same_moments_in_another_zone(
    far: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", COUNTING)
    open_log(far, dashboard, world)
    choose_times(far, "local")
    menu = opened(far)
    since, until = menu.get_by_label("from"), menu.get_by_label("to", exact=True)
    expect(menu.locator("#log-range")).to_contain_text("Times of this computer (Asia/Shanghai)")
    since.fill("2026-01-02T04:00:10")

    choose_times(far, "utc")
    menu.locator("summary").click()
    expect(since).to_have_value("2026-01-01T20:00:10")
    expect(until).to_have_value("")
    until.fill("2026-01-01T20:00:20")
    choose_times(far, "local")
    menu.locator("summary").click()
    expect(until).to_have_value("2026-01-02T04:00:20")
    menu.get_by_role("button", name="Show this range").click()

    expect(far).to_have_url(re.compile("since=2026-01-01T20:00:10Z&until=2026-01-01T20:00:20Z"))


def test_a_field_that_was_emptied_and_filled_anew_means_what_it_shows(
    far: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", COUNTING)
    open_log(far, dashboard, world, "&times=local&since=2020-01-02T02:00:10Z")
    since = opened(far).get_by_label("from")
    expect(since).to_have_value("2020-01-02T10:00:10")

    since.fill("")
    choose_times(far, "utc")
    opened(far)
    since.fill("2020-01-02T10:00:10")
    far.get_by_role("button", name="Show this range").click()

    expect(far).to_have_url(re.compile("since=2020-01-02T10:00:10Z"))


def test_the_head_says_once_whether_a_time_is_the_beginning_or_the_end(
    far: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", COUNTING)
    address = f"{dashboard.base_url}/c/demo/logs/?src=pods/{world.namespace}/one:app&times=local"
    head = far.locator("details", has=far.locator("#log-range")).locator("summary")

    far.goto(f"{address}&until=2020-01-02T02:00:10Z")
    expect(head).to_have_text(re.compile(r"^\s*until 1/2/20, 10:00:10\sAM\s*$"))
    far.goto(f"{address}&since=2020-01-02T02:00:10.123456789Z")
    expect(head).to_have_text(re.compile(r"^\s*from 1/2/20, 10:00:10\sAM on\s*$"))
    choose_times(far, "utc")
    expect(head).to_have_text(re.compile(r"^\s*from 1/2/20, 2:00:10\sAM on\s*$"))

    menu = opened(far)
    with far.expect_navigation():
        menu.get_by_role("button", name="Show this range").click()
    assert "since=2020-01-02T02:00:10.123456789Z" in unquote(far.url)
