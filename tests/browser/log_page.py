"""What tests of the log page share."""

import re

from playwright.sync_api import Page, expect

from tests.browser.world import World
from tests.dashboard_process import Dashboard

NEWEST_IS = """number => [...document.querySelectorAll('#log-rows .text')]
  .some((row) => Number(/^line (\\d+)$/.exec(row.textContent)?.[1]) >= number)"""
COUNTING = "i=0; while true; do i=$((i+1)); echo line $i; sleep 1; done"


def open_log(page: Page, dashboard: Dashboard, world: World, more: str = "", source: str = "one:app") -> None:
    page.goto(f"{dashboard.base_url}/c/demo/logs/?src=pods/{world.namespace}/{source}{more}")
    expect(page.locator("#log-state[data-phase=live]")).to_be_visible()
    expect(page.locator("#log-first")).to_have_count(0)  # the script has rows of its own


def wait_for_line(page: Page, number: int) -> None:
    """While the page follows, the newest line is in sight; it may be a later one already."""
    page.wait_for_function(NEWEST_IS, arg=number)


def held(page: Page) -> list[str]:
    """All lines that the page shows, also those out of sight: as a person copies them."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_text("Download", exact=True).click()
    page.locator("[data-copy-all]").click()
    expect(page.locator("#toasts .toast").last).to_contain_text(re.compile(r"Lines copied: [\d,]+"))
    page.locator("h1").click()  # closes the menu
    text = str(page.evaluate("navigator.clipboard.readText()"))
    return text.rstrip("\n").split("\n")


def assert_counted(page: Page) -> None:
    """line 1, line 2, line 3 …: none is missing, none comes twice."""
    lines = [line.partition("Z ")[2] for line in held(page) if re.match(r"\d{4}-", line)]
    numbers = [line for line in lines if line.startswith("line ")]
    assert numbers and numbers == [f"line {number}" for number in range(1, len(numbers) + 1)]
