"""Long lines and text that is taken along from the log page, on the demo cluster."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.log_page import COUNTING, open_log, wait_for_line
from tests.browser.test_pods import cluster, make, namespace, world
from tests.browser.world import World
from tests.dashboard_process import Dashboard

__all__ = ["cluster", "namespace", "world"]
pytestmark = pytest.mark.browser
TALK = "; ".join(f"echo {word}" for word in ("alpha", "beta", "gamma", "delta", "epsilon"))
LONG = f'echo short; echo {"x" * 300} omega; echo {{\'"level":"info","msg":"{"y" * 300}"\'}}'
FAST = COUNTING.replace("sleep 1", "sleep 0.2")
WIDE = FAST.replace("echo", f"echo {'x' * 300}; echo")
RIGHT_END = """row => {
  const log = document.getElementById('log');
  log.scrollLeft = log.scrollWidth;
  const words = document.createRange();
  words.selectNodeContents(row);
  return Math.round(words.getBoundingClientRect().right - log.getBoundingClientRect().right);
}"""


def open_script(page: Page, dashboard: Dashboard, world: World, script: str, more: str = "") -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    make(world, "one", f"{script}; sleep 3600")
    open_log(page, dashboard, world, more)


def rows(page: Page) -> Locator:
    return page.locator("#log-rows .row")


def drag(page: Page, start: Locator, end: Locator) -> None:
    """From the first letters of one text into the text of another; the button stays down."""
    first, last = start.locator(".text").bounding_box(), end.locator(".text").bounding_box()
    assert first and last
    page.mouse.move(first["x"] + 10, first["y"] + 10)
    page.mouse.down()
    page.mouse.move(last["x"] + 20, last["y"] + 10, steps=4)


def copied(page: Page) -> str:
    page.evaluate("navigator.clipboard.writeText('nothing')")
    page.keyboard.press("Control+c")
    return str(page.evaluate("navigator.clipboard.readText()"))


def side(page: Page) -> int:
    return int(page.locator("#log").evaluate("log => log.scrollLeft"))


@pytest.mark.parametrize("more", ["&wrap=0", "&wrap=0&cols=level&cols=msg"])
def test_the_end_of_a_long_line_is_reached_where_lines_do_not_wrap(
    page: Page, dashboard: Dashboard, world: World, more: str
) -> None:
    open_script(page, dashboard, world, LONG, more)
    expect(rows(page)).to_have_count(3)
    page.wait_for_function("() => document.getElementById('log').scrollWidth > 2000")

    for at in (1, 2):
        assert rows(page).nth(at).locator(".text").evaluate(RIGHT_END) <= 0
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "true")
    if "cols" in more:
        ends = "all => all.map((one) => Math.round(one.getBoundingClientRect().right))"
        head, row = (
            page.locator(f"#log-head, {which}").evaluate_all(ends) for which in ("#log-head", ".row")
        )
        assert head[0] == row[1]

    page.keyboard.press("w")
    page.wait_for_function(
        "() => { const log = document.getElementById('log'); return log.scrollWidth === log.clientWidth; }"
    )


def test_a_wheel_to_the_side_goes_on_following(page: Page, dashboard: Dashboard, world: World) -> None:
    open_script(page, dashboard, world, WIDE, "&wrap=0")
    wait_for_line(page, 40)
    page.locator("#log").hover()

    page.mouse.wheel(500, -3)
    page.wait_for_function("() => document.getElementById('log').scrollLeft > 300")

    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "true")
    wait_for_line(page, 60)
    assert side(page) > 300


@pytest.mark.parametrize("more", ["", "&re=1"])
def test_a_hit_beyond_the_right_edge_is_gone_to(
    page: Page, dashboard: Dashboard, world: World, more: str
) -> None:
    script = f"echo ome{'.' * 5}ga omega; {LONG}"
    open_script(page, dashboard, world, script, f"&wrap=0&q=omega&mode=highlight{more}")
    expect(page.locator("#log-rows mark")).to_have_count(2)
    assert side(page) == 0

    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(page.locator("#log-hits")).to_have_text("2/2")
    expect(page.locator("#log-rows mark").last).to_be_in_viewport(ratio=1)
    page.keyboard.press("n")
    expect(page.locator("#log-rows mark").first).to_be_in_viewport(ratio=1)
    page.wait_for_function("() => document.getElementById('log').scrollLeft === 0")


def test_a_line_that_is_folded_out_is_read_without_scrolling_to_the_side(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_script(page, dashboard, world, LONG, "&wrap=0")
    rows(page).nth(1).click()
    page.keyboard.press("Enter")
    expect(page.locator(".fold-text")).to_be_visible()

    for left in (0, 600):
        page.locator("#log").evaluate("(log, left) => { log.scrollLeft = left; }", left)
        fold, log = page.locator(".fold").bounding_box(), page.locator("#log").bounding_box()
        assert fold and log
        assert log["x"] <= fold["x"] < fold["x"] + fold["width"] <= log["x"] + log["width"]


def test_what_is_selected_over_several_rows_is_copied_as_whole_lines(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_script(page, dashboard, world, TALK)
    expect(rows(page)).to_have_count(5)

    drag(page, rows(page).nth(1), rows(page).nth(3))
    page.mouse.up()

    line = r"\d{4}-\d\d-\d\dT[\d:.]+Z "
    assert re.fullmatch(f"{line}beta\n{line}gamma\n{line}delta\n", copied(page))
    expect(page.locator("#toasts")).to_contain_text("Lines copied: 3")


def test_what_is_selected_within_a_row_is_copied_as_it_is(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_script(page, dashboard, world, TALK)
    text = rows(page).nth(1).locator(".text")

    text.dblclick(position={"x": 10, "y": 10})
    assert copied(page) == "beta"
    text.click(click_count=3, position={"x": 10, "y": 10})
    assert copied(page).strip().endswith("beta")
    expect(page.locator("#toasts .toast")).to_have_count(0)


def test_rows_that_a_selection_left_out_of_sight_are_copied_too(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_script(page, dashboard, world, "for i in $(seq 300); do echo line $i; done", "&times=off")
    wait_for_line(page, 300)
    page.locator("#log").press("Home")
    expect(rows(page).first).to_contain_text("line 1")

    drag(page, rows(page).nth(1), rows(page).nth(5))
    for _turn in range(4):
        page.mouse.wheel(0, 700)
        expect(rows(page).first).not_to_contain_text("line 1")
    page.wait_for_function("() => document.querySelector('#log-rows .row').number > 100")
    page.mouse.move(400, 500, steps=3)
    page.mouse.up()

    numbers = [int(line.removeprefix("line ")) for line in copied(page).splitlines()]
    assert numbers == list(range(2, numbers[-1] + 1))
    assert numbers[-1] > 110


def test_a_selection_that_begins_lets_go_of_following_until_one_follows_again(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_script(page, dashboard, world, FAST)
    wait_for_line(page, 60)
    follow = page.locator("[data-follow]")

    last = rows(page).count() - 1
    drag(page, rows(page).nth(last - 6), rows(page).nth(last - 3))
    expect(follow).to_have_attribute("aria-pressed", "false")
    page.mouse.up()
    expect(page.locator("#log-new")).to_contain_text(re.compile(r"\d+ new"))

    page.keyboard.press("s")
    newest = int(rows(page).last.locator(".text").inner_text().removeprefix("line "))
    wait_for_line(page, newest + 60)  # the rows that were selected are long out of sight
    expect(follow).to_have_attribute("aria-pressed", "true")


def test_chosen_rows_are_copied_by_key(page: Page, dashboard: Dashboard, world: World) -> None:
    open_script(page, dashboard, world, TALK, "&times=off")
    expect(rows(page)).to_have_count(5)
    assert copied(page) == "nothing"

    page.locator("#log").focus()
    page.keyboard.press("k")
    page.keyboard.press("Shift+ArrowDown")
    assert copied(page) == "alpha\nbeta\n"
    rows(page).nth(2).click()
    rows(page).nth(4).click(modifiers=["Shift"])
    assert copied(page) == "gamma\ndelta\nepsilon\n"
    expect(page.locator("#toasts")).to_contain_text("Lines copied: 3")

    page.locator("#log-q").fill("a")
    page.locator("#log-q").select_text()
    assert copied(page) == "a"
