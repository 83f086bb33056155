"""The log page when much comes, or too late, or too many look: on the demo cluster."""

import re

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.log_page import COUNTING, assert_counted, held, open_log, wait_for_line
from tests.browser.test_pods import IMAGE, cluster, make, namespace, pods_path, world
from tests.browser.world import World
from tests.dashboard_process import Dashboard, dashboards
from tests.demo_fixture import DemoCluster

__all__ = ["cluster", "namespace", "world"]
pytestmark = pytest.mark.browser
FLOOD = "i=0; while true; do for j in $(seq 50); do i=$((i+1)); echo line $i; done; sleep 0.2; done"
LAST = 10_000
SHORT_FLOOD = (
    f"i=0; for k in $(seq {LAST // 50}); do for j in $(seq 50); do i=$((i+1)); echo line $i; done;"
    " sleep 0.2; done; sleep 36000"
)


def shell(name: str, script: str) -> dict[str, object]:
    return {"name": name, "image": IMAGE, "command": ["sh", "-c", script]}


def told_as_behind(socket: WebSocketRoute) -> None:
    """The dashboard's own socket; only that it is behind is said of one that is not so far behind."""
    server = socket.connect_to_server()
    server.on_message(lambda frame: socket.send(re.sub('"behind_s":[0-9.]+', '"behind_s":3.0', str(frame))))


def numbers_of(lines: list[str]) -> list[int]:
    return [int(found[1]) for line in lines if (found := re.search(r"line (\d+)$", line))]


def test_skip_to_now_leaves_out_what_lies_between_and_says_how_many_lines(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    # Each line waits half a second for the silent container: these are the lines that a skip leaves out.
    counting = COUNTING.replace("sleep 1", "sleep 0.1")
    make(world, "one", containers=[shell("app", counting), shell("quiet", "sleep 36000")])
    page.route_web_socket(re.compile("/logs/"), told_as_behind)
    open_log(page, dashboard, world, source="one:*")
    wait_for_line(page, 20)

    expect(page.locator("#log-behind")).to_contain_text("3 s behind")
    page.get_by_role("button", name="Skip to now").click()
    expect(page.locator("#log-rows .is-skipped")).to_have_count(1)
    newest = max(numbers_of(page.locator("#log-rows .text").all_text_contents()))
    wait_for_line(page, newest + 5)

    lines = held(page)
    at = next(at for at, line in enumerate(lines) if "Lines left out to catch up" in line)
    before, after = numbers_of(lines[:at]), numbers_of(lines[at:])
    told = int(re.sub(r"\D", "", lines[at].partition("catch up")[2]))
    assert told == after[0] - before[-1] - 1 > 0
    assert before + after == [*range(1, before[-1] + 1), *range(after[0], after[-1] + 1)]


def test_a_line_that_came_after_a_later_one_is_marked_and_explained(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", COUNTING.replace("sleep 1", "sleep 0.2"))
    open_log(page, dashboard, world, source="one:*")
    wait_for_line(page, 5)

    # An ephemeral container is found some seconds after it has written.
    debug = {"spec": {"ephemeralContainers": [shell("debug", "echo from debug; sleep 36000")]}}
    path = f"{pods_path(world, 'one')}/ephemeralcontainers"
    world.ask("PATCH", path, debug, "application/strategic-merge-patch+json")

    page.get_by_label("Search these logs").last.fill("from debug")
    late = page.locator("#log-rows .row.late")
    expect(late).to_contain_text("from debug", timeout=20_000)
    expect(late.locator(".late-mark")).to_have_text("late")
    expect(late.locator(".late-mark")).to_have_attribute("title", re.compile("a later time was shown before"))


def test_too_many_views_are_told_with_what_to_do_and_the_page_goes_on_when_one_is_closed(
    browser: Browser, cluster: DemoCluster, world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    make(world, "one", COUNTING)
    with dashboards(tmp_path_factory.mktemp("crowded")) as start:
        dashboard = start(cluster.kubeconfig, environment={"SIDECAR_LOG_VIEWS": "1"})
        context = browser.new_context()
        first, second = context.new_page(), context.new_page()
        first.goto(dashboard.link)
        first.wait_for_url(lambda address: "/login" not in address)
        open_log(first, dashboard, world)
        second.clock.install()
        second.goto(first.url)

        expect(second.locator("#log-state")).to_have_text("Too many log views")
        advice = second.get_by_text("Close another log page")
        expect(advice).to_be_visible()
        first.close()
        second.clock.fast_forward(41_000)
        expect(second.locator("#log-state")).to_have_text("Live")
        expect(advice).to_be_hidden()
        context.close()


def test_a_flood_is_followed_to_its_last_line(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", SHORT_FLOOD)
    open_log(page, dashboard, world, "&tail=all")
    wait_for_line(page, 1000)
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "true")

    wait_for_line(page, LAST)

    expect(page.locator("#log-rows .row").last).to_contain_text(f"line {LAST}")
    expect(page.locator("#log-rows .row").last).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "true")
    assert_counted(page)


def test_scrolling_up_in_a_flood_lets_go_at_once_and_stays_there(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", FLOOD)
    open_log(page, dashboard, world)
    wait_for_line(page, 2000)

    page.locator("#log").hover()
    page.mouse.wheel(0, -300)
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#log-new")).to_contain_text(re.compile(r"\d+ new"))
    top = page.locator("#log").evaluate("log => log.scrollTop")
    first = page.locator("#log-rows .row").first.text_content()
    expect(page.locator("#log-new")).to_contain_text(re.compile(r"\d,\d+ new"))

    assert page.locator("#log").evaluate("log => log.scrollTop") == top
    assert page.locator("#log-rows .row").first.text_content() == first


def test_a_flood_is_drawn_ten_times_a_second_and_a_quiet_page_at_the_next_frame(
    page: Page, dashboard: Dashboard
) -> None:
    page.clock.install()
    page.goto(f"{dashboard.base_url}/help/")
    page.clock.pause_at(page.evaluate("Date.now() + 5000"))
    page.evaluate(
        """async () => {
          const { Frames } = await import('/static/js/logs/frames.js');
          Object.assign(globalThis, { drawn: 0, isFlooded: true });
          globalThis.frames_ = new Frames(() => { drawn += 1; }, () => isFlooded);
        }"""
    )

    def drawn_after(ms: int, asks: int = 0) -> int:
        for _ask in range(asks):
            page.evaluate("frames_.ask()")
        page.clock.run_for(ms)
        return int(page.evaluate("drawn"))

    assert drawn_after(1, asks=3) == 1
    assert [drawn_after(90, asks=3), drawn_after(10)] == [1, 2]
    page.evaluate("frames_.ask(); isFlooded = false")
    assert drawn_after(17, asks=2) == 3  # who scrolls in a flood is not kept waiting
    assert drawn_after(300) == 3
