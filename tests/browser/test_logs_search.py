"""Search, filter, names, JSON, colours and links of the log page, on the demo cluster."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.log_page import COUNTING, held, open_log, wait_for_line
from tests.browser.test_pods import cluster, make, namespace, world
from tests.browser.world import World
from tests.dashboard_process import Dashboard

__all__ = ["cluster", "namespace", "world"]
pytestmark = pytest.mark.browser
IMAGE = "docker.io/library/busybox:1.36"
TALK = "; ".join(f"echo {word}" for word in ("alpha", "beta", "gamma", "Beta", "delta", "epsilon"))
LEVELS = "echo INFO one; echo ERROR two; echo '  at three'; echo DEBUG four"
JSON = """echo '{"level":"error","msg":"no way","http":{"status":500},"html":"<b>x</b>"}'"""


def open_talk(page: Page, dashboard: Dashboard, world: World, more: str = "", script: str = TALK) -> None:
    make(world, "one", f"{script}; sleep 3600")
    open_log(page, dashboard, world, more)


def make_two(world: World, name: str = "one") -> None:
    scripts = {"app": "echo from app", "proxy": "echo from proxy"}
    containers = [
        {"name": container, "image": IMAGE, "command": ["sh", "-c", f"{script}; sleep 3600"]}
        for container, script in scripts.items()
    ]
    make(world, name, containers=containers)


def expect_texts(page: Page, *texts: str) -> None:
    expect(page.locator("#log-rows .row:not(.notice) .text")).to_have_text(list(texts))


def search(page: Page, text: str) -> None:
    page.get_by_label("Search these logs").last.fill(text)


def test_typing_filters_and_stands_in_the_address(page: Page, dashboard: Dashboard, world: World) -> None:
    open_talk(page, dashboard, world)
    expect_texts(page, "alpha", "beta", "gamma", "Beta", "delta", "epsilon")

    page.keyboard.press("/")
    page.keyboard.type("beta")

    expect_texts(page, "beta", "Beta")
    expect(page.locator("#log-hits")).to_have_text("2")
    expect(page.locator("#log-rows mark")).to_have_text(["beta", "Beta"])
    expect(page).to_have_url(re.compile("q=beta"))
    page.reload()
    expect_texts(page, "beta", "Beta")


def test_escape_clears_the_field_the_lines_and_the_address(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_talk(page, dashboard, world)
    page.locator("#log-q").click()
    page.keyboard.type("beta")
    expect_texts(page, "beta", "Beta")
    expect(page).to_have_url(re.compile("q=beta"))

    page.keyboard.press("Escape")

    expect_texts(page, "alpha", "beta", "gamma", "Beta", "delta", "epsilon")
    expect(page).to_have_url(re.compile("^(?!.*q=)"))
    expect(page.locator("#log-q")).to_have_value("")


def test_a_search_without_a_hit_says_so_and_is_cleared(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_talk(page, dashboard, world, "&q=omega")
    expect(page.locator("#log-none")).to_contain_text("No line of this page matches")

    page.get_by_role("button", name="Show all lines").click()

    expect_texts(page, "alpha", "beta", "gamma", "Beta", "delta", "epsilon")
    expect(page).to_have_url(re.compile("^(?!.*omega)"))


def test_notices_alone_are_no_answer_to_a_search(page: Page, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.base_url}/c/demo/logs/?src=deployments/shop/web:*&q=omega")

    expect(page.locator("#log-rows .notice")).to_contain_text("several nodes")
    expect(page.locator("#log-none")).to_be_visible()
    expect(page.locator("#log-counts")).to_contain_text(re.compile(r"^Lines: 0 of \d+"))


def test_case_invert_and_lines_around(page: Page, dashboard: Dashboard, world: World) -> None:
    open_talk(page, dashboard, world, "&q=Beta&case=1")
    expect_texts(page, "Beta")

    page.get_by_label("lines around").select_option("1")
    expect_texts(page, "gamma", "Beta", "delta")
    expect(page.locator("#log-rows .context")).to_have_count(2)

    page.get_by_label("lines around").select_option("0")
    page.get_by_role("button", name="Lines without it").click()
    expect_texts(page, "alpha", "beta", "gamma", "delta", "epsilon")


def test_a_switch_pressed_while_one_types_keeps_what_was_typed(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_talk(page, dashboard, world, "&q=alpha")
    expect_texts(page, "alpha")

    page.evaluate(
        """() => {
          const field = document.getElementById('log-q');
          field.focus();
          field.value = 'Beta';
          field.dispatchEvent(new Event('input', { bubbles: true }));
          field.blur();
          document.querySelector('[data-flag=isCase]').click();
        }"""
    )

    expect_texts(page, "Beta")
    expect(page.locator("#log-q")).to_have_value("Beta")
    expect(page).to_have_url(re.compile("q=Beta&case=1"))


def test_highlighting_keeps_all_lines_and_n_goes_from_hit_to_hit(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_talk(page, dashboard, world, "&q=beta&mode=highlight")
    expect(page.locator("#log-rows mark")).to_have_count(2)
    expect(page.locator("#log-rows .row")).to_have_count(6)

    for key, place, text in (
        ("n", "1/2", "beta"),
        ("n", "2/2", "Beta"),
        ("n", "1/2", "beta"),
        ("N", "2/2", "Beta"),
    ):
        page.keyboard.press(key)
        expect(page.locator("#log-hits")).to_have_text(place)
        expect(page.locator("#log-rows .chosen .text")).to_have_text(text)


def test_an_expression_runs_and_a_broken_one_is_told(page: Page, dashboard: Dashboard, world: World) -> None:
    open_talk(page, dashboard, world, "&re=1&q=^[bd]e.*a$")
    expect_texts(page, "beta", "Beta", "delta")
    expect(page.locator("#log-rows mark")).to_have_count(3)

    search(page, "(beta")

    expect(page.locator("#log-search-problem")).to_contain_text("no complete regular expression")
    expect_texts(page, "beta", "Beta", "delta")


def test_an_expression_that_takes_for_ever_is_stopped_and_told(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_talk(page, dashboard, world, "&re=1", f"echo {'a' * 60}b")
    expect(page.locator("#log-rows .text")).to_have_count(1)

    search(page, "^(a+)+$")

    expect(page.locator("#log-search-problem")).to_contain_text("takes too long")
    expect(page.locator("#log-rows .text")).to_have_count(1)
    search(page, "^(a+")
    expect(page.locator("#log-search-problem")).to_contain_text("yet; it is not applied")
    search(page, "a+b$")
    expect(page.locator("#log-rows mark")).to_have_count(1)
    expect(page.locator("#log-search-problem")).to_be_hidden()


def test_a_level_keeps_graver_lines_and_those_that_say_none(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_talk(page, dashboard, world, "", LEVELS)

    page.get_by_label("from level").select_option("warn")

    expect_texts(page, "ERROR two", "at three")
    expect(page.locator("#log-rows .level-error")).to_have_count(1)
    page.get_by_label("and lines without a level").uncheck()
    expect_texts(page, "ERROR two")
    expect(page).to_have_url(re.compile("level=warn&nolevel=0"))
    page.reload()
    expect_texts(page, "ERROR two")


def test_the_pages_own_search_opens_first_then_the_browsers(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_talk(page, dashboard, world)
    page.evaluate("addEventListener('keydown', e => { window.kept = e.defaultPrevented; })")

    page.keyboard.press("Control+f")
    expect(page.locator("#log-q")).to_be_focused()
    assert page.evaluate("window.kept")
    page.keyboard.press("Control+f")
    assert not page.evaluate("window.kept")


def test_each_container_has_a_letter_and_is_hidden_and_shown(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make_two(world)
    open_log(page, dashboard, world, source="one:*")
    expect(page.locator("#log-rows .letter")).to_have_text(["A", "B"])

    page.get_by_role("button", name="B proxy").click()

    expect_texts(page, "from app")
    expect(page).to_have_url(re.compile("hide=proxy"))
    page.get_by_role("button", name="B proxy").click()
    expect_texts(page, "from app", "from proxy")


def test_only_one_name_is_shown(page: Page, dashboard: Dashboard, world: World) -> None:
    make_two(world)
    open_log(page, dashboard, world, source="one:*")

    page.get_by_role("button", name="More for proxy").click()
    page.get_by_role("button", name="Show only this one").click()

    expect_texts(page, "from proxy")
    expect(page).to_have_url(re.compile("solo=proxy"))
    page.reload()
    expect_texts(page, "from proxy")


def test_a_muted_name_is_off_in_other_pods_too(page: Page, dashboard: Dashboard, world: World) -> None:
    make_two(world, "one")
    make_two(world, "two")
    open_log(page, dashboard, world, source="one:*")
    page.get_by_role("button", name="More for proxy").click()
    page.get_by_role("button", name="Mute in every pod").click()
    expect_texts(page, "from app")

    open_log(page, dashboard, world, source="two:*")
    expect_texts(page, "from app")
    expect(page.get_by_role("button", name="proxy muted")).to_have_attribute("aria-pressed", "false")

    open_log(page, dashboard, world, source="two:proxy")
    expect_texts(page, "from proxy")


def test_colours_are_classes_and_other_controls_are_gone(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_talk(page, dashboard, world, "", "echo '\x1b[1;31mred\x1b[0m plain\x1b]0;title\x07'")

    expect_texts(page, "red plain")

    expect(page.locator("#log-rows .sgr-f1.sgr-bold")).to_have_text("red")
    assert page.locator("#log-rows [style]").count() == 0


def test_json_folds_out_and_a_field_becomes_a_column(page: Page, dashboard: Dashboard, world: World) -> None:
    open_talk(page, dashboard, world, "", f"echo start; {JSON}")
    page.locator("#log-rows .json").click()
    page.keyboard.press("Enter")
    expect(page.locator(".json-tree").first).to_contain_text("<b>x</b>")

    page.get_by_role("button", name="Show http.status as a column").click()
    page.get_by_role("button", name="Show msg as a column").click()
    expect(page.locator(".fold .json-column", has_text="− column")).to_have_count(2)

    expect(page.locator("#log-rows .cell")).to_have_text(["500", "no way"])
    expect(page).to_have_url(re.compile("cols=http.status&cols=msg"))
    page.locator("#log-head").get_by_role("button", name="Take the column http.status away").click()
    expect(page.locator("#log-rows .cell")).to_have_text(["no way"])


def test_what_is_done_with_a_line_covers_no_line(page: Page, dashboard: Dashboard, world: World) -> None:
    open_talk(page, dashboard, world)
    page.locator("#log-rows .row").nth(2).click()

    bar, log = (page.locator(which).bounding_box() for which in ("#row-bar", "#log"))
    assert bar and log and bar["y"] >= log["y"] + log["height"]
    page.locator("#row-bar").get_by_role("button", name="Fold out").click()
    expect(page.locator(".fold")).to_be_visible()
    page.locator("#row-bar").get_by_role("button", name="Fold in").click()
    expect(page.locator(".fold")).to_have_count(0)


def test_the_last_line_unfolds_into_sight(page: Page, dashboard: Dashboard, world: World) -> None:
    open_talk(page, dashboard, world, "", f"seq 60; {JSON}")
    page.locator("#log-rows .json").click()

    page.keyboard.press("Enter")

    expect(page.locator(".json-tree li").last).to_be_in_viewport()
    within = """() => document.querySelector('.fold').getBoundingClientRect().bottom
      <= document.getElementById('log').getBoundingClientRect().bottom + 1"""
    page.wait_for_function(within)


def test_the_heads_of_columns_stand_above_their_values(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_talk(page, dashboard, world, "&cols=level&cols=msg", JSON)
    page.wait_for_selector("#log-rows .cell")

    aligned = """() => {
      const left = (cell) => Math.round(cell.getBoundingClientRect().left);
      const lefts = (cells) => [...document.querySelectorAll(cells)].map(left).join();
      return lefts('#log-head .cell') === lefts('#log-rows .cell');
    }"""
    page.wait_for_function(aligned)
    page.get_by_role("button", name="No times").click()
    page.wait_for_function(aligned)
    page.get_by_role("button", name="UTC").click()
    page.wait_for_function(aligned)


def test_a_line_has_a_link_that_comes_back_to_it(page: Page, dashboard: Dashboard, world: World) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    make(world, "one", COUNTING)
    open_log(page, dashboard, world)
    wait_for_line(page, 8)
    page.locator("#log-rows .row", has_text=re.compile("line 5$")).click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#toasts")).to_contain_text("a link to this line")

    link = str(page.evaluate("navigator.clipboard.readText()"))
    page.goto(link)

    expect(page.locator("#log-rows .linked .text")).to_have_text("line 5")
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "false")
    page.goto(re.sub(r"@\d+", "@1000000000000", link))
    expect(page.locator("#log-gone")).to_be_visible()


def test_of_a_linked_lines_log_only_what_comes_later_is_new(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    make(world, "one", "for i in $(seq 400); do echo line $i; done; sleep 3600")
    open_log(page, dashboard, world, "&tail=all")
    wait_for_line(page, 400)
    page.locator("#log").press("Home")
    page.locator("#log-rows .row", has_text=re.compile("line 5$")).click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#toasts")).to_contain_text("a link to this line")

    page.goto(str(page.evaluate("navigator.clipboard.readText()")))

    expect(page.locator("#log-rows .linked")).to_be_visible()
    expect(page.locator("#log[data-loaded]")).to_be_visible()
    expect(page.locator("#log-counts")).to_have_text("Lines: 400")
    expect(page.locator("#log-new")).to_be_hidden()
    page.keyboard.press("m")
    expect(page.locator("#log-new")).to_contain_text(re.compile("^ ?1 new"))


def test_a_range_of_lines_is_chosen_and_copied(page: Page, dashboard: Dashboard, world: World) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_talk(page, dashboard, world, "&times=off")
    rows = page.locator("#log-rows .row")

    rows.nth(1).click()
    rows.nth(3).click(modifiers=["Shift"])
    expect(page.locator("#row-bar")).to_contain_text("Lines chosen: 3")
    page.get_by_role("button", name="Copy", exact=True).click()

    expect(page.locator("#toasts")).to_contain_text("Lines copied: 3")
    assert page.evaluate("navigator.clipboard.readText()") == "beta\ngamma\nBeta\n"
    assert held(page) == ["alpha", "beta", "gamma", "Beta", "delta", "epsilon"]


def test_full_screen_leaves_the_frame_out_and_comes_back(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    open_talk(page, dashboard, world)

    page.keyboard.press("f")
    expect(page.locator("header.top")).to_be_hidden()
    page.keyboard.press("f")
    expect(page.locator("header.top")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_while_all_is_open(
    page: Page, dashboard: Dashboard, world: World, theme: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    make_two(world)
    open_log(page, dashboard, world, "&q=from&mode=highlight&hide=proxy&cols=msg", source="one:*")
    page.keyboard.press("m")
    page.locator("#log-rows .row").first.click()
    page.keyboard.press("Enter")
    expect(page.locator(".fold")).to_be_visible()

    assert violations(page) == []
