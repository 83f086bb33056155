"""The log page in the browser, on the demo cluster: what it shows, keeps, and does at the keyboard."""

import re
import signal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.log_page import COUNTING, assert_counted, held, open_log, wait_for_line
from tests.browser.test_pods import IMAGE, MERGE, cluster, delete, make, namespace, world
from tests.browser.world import World
from tests.dashboard_process import Dashboard, dashboards
from tests.demo_fixture import DemoCluster

__all__ = ["cluster", "namespace", "world"]
pytestmark = pytest.mark.browser
HOSTILE = "echo '<img src=x onerror=document.title=1><script>document.title=2</script>'; sleep 3600"
FAST = COUNTING.replace("sleep 1", "sleep 0.2")


def test_lines_arrive_by_themselves_each_once(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", COUNTING)
    open_log(page, dashboard, world)

    wait_for_line(page, 30)

    assert_counted(page)
    expect(page.locator("#log-empty")).to_be_hidden()


def test_a_hostile_line_is_shown_as_text(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", HOSTILE)
    open_log(page, dashboard, world)

    expect(page.locator("#log-rows")).to_contain_text("<img src=x onerror=document.title=1><script>")
    page.locator("#log-rows .row").first.click()
    page.keyboard.press("Enter")
    expect(page.locator(".fold-text")).to_contain_text("<img src=x")

    assert page.locator("#log img, #log script").count() == 0
    assert "app" in page.title()


def test_scrolling_up_pauses_and_the_button_goes_on(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", FAST)
    open_log(page, dashboard, world)
    wait_for_line(page, 60)

    page.locator("#log").hover()
    page.mouse.wheel(0, -400)
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#log-new")).to_contain_text(re.compile(r"\d+ new"))
    top = page.locator("#log").evaluate("log => log.scrollTop")
    expect(page.locator("#log-new")).to_contain_text(re.compile(r"\d\d+ new"))
    assert page.locator("#log").evaluate("log => log.scrollTop") == top

    page.locator("#log-new").click()
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#log-new")).to_be_hidden()
    expect(page.locator("#log")).to_be_focused()


def test_following_comes_back_at_the_end(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", FAST)
    open_log(page, dashboard, world)
    wait_for_line(page, 60)
    page.locator("#log").hover()
    page.mouse.wheel(0, -400)
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "false")

    page.mouse.wheel(0, 20_000)

    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "true")


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
        expect(tab.locator("#log-state[data-phase=live]")).to_be_visible(timeout=30_000)
        wait_for_line(tab, len(held(tab)) + 5)
        assert any("goes on where it stopped" in line for line in held(tab))
        assert_counted(tab)
        tab.close()


def test_a_dashboard_that_stands_still_is_not_called_live(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", COUNTING)
    open_log(page, dashboard, world)
    wait_for_line(page, 5)
    dashboard.process.send_signal(signal.SIGSTOP)
    try:
        expect(page.locator("#log-state[data-phase=waiting]")).to_be_visible(timeout=40_000)
    finally:
        dashboard.process.send_signal(signal.SIGCONT)

    expect(page.locator("#log-state[data-phase=live]")).to_be_visible(timeout=40_000)
    wait_for_line(page, len(held(page)) + 5)
    assert_counted(page)


def test_a_tab_that_nobody_sees_rests_and_goes_on_where_it_stopped(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", COUNTING)
    page.clock.install()
    open_log(page, dashboard, world)
    page.clock.run_for(1000)
    wait_for_line(page, 5)

    set_hidden(page, True)
    page.clock.fast_forward(31_000)
    expect(page.locator("#log-state[data-phase=paused]")).to_be_attached()
    set_hidden(page, False)

    expect(page.locator("#log-state[data-phase=live]")).to_be_visible()
    wait_for_line(page, len(held(page)) + 5)
    assert any("rested; the log goes on" in line for line in held(page))
    assert_counted(page)


def set_hidden(page: Page, is_hidden: bool) -> None:
    """As the browser says it of a tab in the background."""
    script = "is => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => is });"
    page.evaluate(f"{script} document.dispatchEvent(new Event('visibilitychange')); }}", is_hidden)


def test_a_deleted_pod_ends_the_log(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", COUNTING)
    open_log(page, dashboard, world)
    wait_for_line(page, 3)

    delete(world, "one")

    expect(page.locator("#log-state")).to_have_text("Ended")
    expect(page.locator("#log-rows .notice").last).to_contain_text("The pod was deleted")


def test_what_left_while_a_tab_rested_is_named_or_gone(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", COUNTING)
    make(world, "two", COUNTING)
    page.clock.install()
    open_log(page, dashboard, world, f"&src=pods/{world.namespace}/two:app")
    page.clock.run_for(1000)
    wait_for_line(page, 2)
    expect(page.locator("#log-names .letter")).to_have_text(["A", "B"])

    def look_away_while_it_leaves(pod: str) -> None:
        set_hidden(page, True)
        page.clock.fast_forward(31_000)
        expect(page.locator("#log-state[data-phase=paused]")).to_be_attached()
        delete(world, pod)
        world.wait("its end", lambda: pod not in pod_names(world))
        set_hidden(page, False)

    look_away_while_it_leaves("two")
    left = page.locator("#log-rows .is-leave")
    expect(left).to_contain_text("two/app left while there was no connection.")
    expect(page.locator("#log-names .letter.is-over")).to_have_count(1)
    look_away_while_it_leaves("one")
    expect(page.locator("#log-state")).to_have_text("Gone")


def test_a_container_that_crashes_is_not_called_live(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", "echo goodbye; exit 1")
    page.goto(f"{dashboard.base_url}/c/demo/logs/?src=pods/{world.namespace}/one:app")

    expect(page.locator("#log-state")).to_have_text("Waiting: CrashLoopBackOff", timeout=30_000)


def pod_names(world: World) -> list[str]:
    listed = world.ask("GET", f"/api/v1/namespaces/{world.namespace}/pods")
    return [pod["metadata"]["name"] for pod in listed["items"]]


def test_a_range_that_is_over_says_so_of_the_view_and_not_of_the_container(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", COUNTING)
    open_log(page, dashboard, world)
    wait_for_line(page, 2)

    page.goto(f"{page.url}&since=2020-01-01T00:00:00Z&until=2020-01-01T00:01:00Z")

    expect(page.locator("#log-state")).to_have_text("A time range")
    expect(page.locator("[data-follow]")).to_be_hidden()
    expect(page.locator("#log-names")).not_to_contain_text("ended")


def test_a_pod_that_joins_a_workload_joins_its_log(page: Page, dashboard: Dashboard, world: World) -> None:
    path = f"/apis/apps/v1/namespaces/{world.namespace}/deployments"
    container = {"name": "app", "image": IMAGE, "command": ["sh", "-c", "echo here; sleep 3600"]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    world.ask("POST", path, {"metadata": {"name": "web"}, "spec": spec})
    world.wait_available("web")
    source = f"src=deployments/{world.namespace}/web:app"
    page.goto(f"{dashboard.base_url}/c/demo/logs/?{source}")
    expect(page.locator("#log-rows .row:not(.notice)")).to_have_count(1)

    world.ask("PATCH", f"{path}/web", {"spec": {"replicas": 2}}, MERGE)

    expect(page.locator("#log-rows .is-join")).to_have_count(1)
    expect(page.locator("#log-rows .row:not(.notice) .letter")).to_have_text(["A", "B"])
    expect(page.locator("#log-names .letter")).to_have_text(["A", "B"])

    world.ask("PATCH", f"{path}/web", {"spec": {"replicas": 1}}, MERGE)

    expect(page.locator("#log-names .letter.is-over")).to_have_count(1)
    expect(page.locator("#log-names .name-state")).to_have_text("")


def test_a_phone_shows_the_newest_lines_above_its_navigation(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", "for i in $(seq 100); do echo line $i; done; sleep 3600")
    for width, height in ((390, 844), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        open_log(page, dashboard, world)
        wait_for_line(page, 100)

        box = "element => element.getBoundingClientRect().toJSON()"
        log, foot, nav = (page.locator(which).evaluate(box) for which in ("#log", ".log-foot", ".nav"))
        assert log["height"] >= 150
        assert log["bottom"] < foot["bottom"] <= nav["top"]


def test_times_are_local_utc_or_off(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", "echo once; sleep 3600")
    open_log(page, dashboard, world)
    time = page.locator("#log-rows time").first
    expect(time).to_have_text(re.compile(r"^\d\d:\d\d:\d\d\.\d{3}$"))

    page.get_by_role("button", name="No times").click()
    expect(time).to_be_hidden()
    expect(page).to_have_url(re.compile("times=off"))
    page.keyboard.press("t")
    expect(time).to_be_visible()


def test_w_wraps_and_s_follows(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", "echo once; sleep 3600")
    open_log(page, dashboard, world)

    for key, button in (("w", "[data-wrap]"), ("s", "[data-follow]")):
        page.keyboard.press(key)
        expect(page.locator(button)).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(re.compile("wrap=0"))


def test_f_fills_the_screen_and_leaves_it(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", "echo once; sleep 3600")
    open_log(page, dashboard, world)

    page.keyboard.press("f")
    expect(page.locator("html.log-full [data-full][aria-pressed=true]")).to_be_visible()
    expect(page.locator("#log-state")).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator("html:not(.log-full) [data-full][aria-pressed=false]")).to_be_visible()


def test_times_and_wrap_are_kept_for_the_next_log_unless_its_address_says_so(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", "echo once; sleep 3600")
    make(world, "two", "echo once; sleep 3600")
    open_log(page, dashboard, world)
    page.get_by_role("button", name="UTC").click()
    page.keyboard.press("w")

    open_log(page, dashboard, world, source="two:app")
    expect(page.locator("button[data-times=utc]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-wrap]")).to_have_attribute("aria-pressed", "false")

    for _turn in range(2):  # what an address says is not kept
        open_log(page, dashboard, world, "&times=local&wrap=1")
        expect(page.locator("button[data-times=local]")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("[data-wrap]")).to_have_attribute("aria-pressed", "true")
        expect(page).to_have_url(re.compile("times=local&wrap=1"))
        open_log(page, dashboard, world)
        expect(page.locator("button[data-times=utc]")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("[data-wrap]")).to_have_attribute("aria-pressed", "false")


def test_a_mark_and_an_emptied_page(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", FAST)
    open_log(page, dashboard, world)
    wait_for_line(page, 5)

    page.keyboard.press("m")
    expect(page.locator("#log-rows .is-mark")).to_contain_text("Mark")
    page.keyboard.press("Shift+C")

    expect(page.locator("#log-rows .is-cleared")).to_contain_text(
        re.compile(r"Lines cleared from this page: \d+")
    )
    expect(page.locator("#log-rows .is-mark")).to_have_count(0)


def test_keys_choose_the_range(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", COUNTING)
    open_log(page, dashboard, world)
    current = page.locator(".log-range [aria-current]")
    expect(current).to_have_text("last 500 lines")

    page.keyboard.press("3")
    expect(current).to_have_text("since 5m")
    expect(page).to_have_url(re.compile("since=5m"))
    expect(page.locator("#log-state[data-phase=live]")).to_be_visible()
    page.keyboard.press("1")
    expect(page).to_have_url(re.compile(r"tail=all(?!.*since)"))


def test_a_range_that_ends_before_it_begins_is_told_and_not_asked_for(
    page: Page, dashboard: Dashboard, world: World
) -> None:
    make(world, "one", COUNTING)
    open_log(page, dashboard, world)
    menu = page.locator("details", has=page.locator("#log-range"))
    menu.locator("summary").click()
    before = page.url

    menu.get_by_label("from").fill("2026-01-02T10:00:10")
    menu.get_by_label("to", exact=True).fill("2026-01-02T10:00:00")
    menu.get_by_role("button", name="Show this range").click()
    expect(menu.get_by_role("status")).to_contain_text("must be later")
    assert page.url == before

    menu.get_by_label("to", exact=True).fill("2026-01-02T10:00:20")
    expect(menu.get_by_role("status")).to_be_hidden()
    menu.get_by_role("button", name="Show this range").click()
    expect(page).to_have_url(re.compile("until="))
    expect(menu.locator("summary")).to_contain_text(re.compile(r"10:00:10.+10:00:20"))


def test_the_summary_for_a_screen_reader_has_words(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", COUNTING)
    open_log(page, dashboard, world)

    expect(page.locator("#announcer")).to_contain_text(re.compile(r"New log lines: \d+"), timeout=20_000)
    expect(page.locator("#log")).to_have_attribute("aria-live", "off")


def test_rows_are_reached_by_key_and_read_out(page: Page, dashboard: Dashboard, world: World) -> None:
    make(world, "one", "for i in 1 2 3 4 5; do echo line $i; done; sleep 3600")
    open_log(page, dashboard, world)
    wait_for_line(page, 5)

    page.locator("#log").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)

    focused = page.locator("#log-rows .row:focus")
    expect(focused).to_contain_text("line 3")
    expect(focused).to_have_role("listitem")
    expect(focused).to_have_attribute("aria-posinset", "3")


def test_without_javascript_the_tail_is_there(browser: Browser, dashboard: Dashboard, world: World) -> None:
    make(world, "one", "echo once; sleep 3600")
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{dashboard.base_url}/login/")
    tab.get_by_label("Launch code").fill(dashboard.code)
    tab.get_by_role("main").get_by_role("button", name="Sign in").click()

    world.wait("the line", lambda: "once" in reload_text(tab, dashboard, world))

    expect(tab.locator("[data-follow]")).to_be_hidden()
    context.close()


def reload_text(tab: Page, dashboard: Dashboard, world: World) -> str:
    tab.goto(f"{dashboard.base_url}/c/demo/logs/?src=pods/{world.namespace}/one:app")
    return str(tab.locator("#log").text_content())
