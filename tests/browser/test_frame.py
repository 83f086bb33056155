"""The frame in Chromium: sign-in, themes, languages, keys, and what the content security policy holds."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboard_process import Dashboard

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(browser: Browser, frame: Dashboard) -> Iterator[Page]:
    """A signed-in tab on the help page; any console error fails the test."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.goto(frame.link)
    page.wait_for_url(lambda address: "/login" not in address)
    problems.clear()  # the first page asks a cluster that is not there
    page.goto(f"{frame.base_url}/help/")
    yield page
    context.close()
    assert problems == []


def test_the_code_leaves_the_address_bar(browser: Browser, frame: Dashboard) -> None:
    page = browser.new_context().new_page()
    code = frame.code

    page.goto(frame.link)
    page.wait_for_url(lambda address: "/login" not in address)

    assert page.evaluate("history.length") <= 3
    assert code not in page.url
    page.context.close()


def test_sign_in_works_without_javascript(browser: Browser, frame: Dashboard) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{frame.base_url}/help/")

    page.get_by_label("Launch code").fill(frame.code)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()

    expect(page).to_have_url(f"{frame.base_url}/help/")
    page.context.close()


def test_a_theme_is_chosen_and_kept(tab: Page) -> None:
    light = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.locator("summary[aria-label=Theme]").click()
    tab.get_by_role("button", name="Dark").click()

    expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_the_language_is_switched_and_the_page_stays(tab: Page) -> None:
    tab.get_by_role("button", name="中文").click()

    expect(tab.get_by_role("heading", level=1)).to_have_text("帮助")
    expect(tab.locator("html")).to_have_attribute("lang", "zh-Hans")


def test_switching_the_language_comes_back_to_what_the_address_says_now(tab: Page) -> None:
    tab.evaluate("history.replaceState(null, '', '?now=1')")
    tab.get_by_role("button", name="中文").click()

    expect(tab.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert tab.url.endswith("/help/?now=1")


def test_keys_open_help_search_and_pages(tab: Page) -> None:
    tab.keyboard.press("?")
    expect(tab.locator("dialog#keys")).to_be_visible()
    tab.keyboard.press("Escape")

    tab.keyboard.press("/")
    expect(tab.locator("#search")).to_be_focused()
    tab.keyboard.press("Escape")

    tab.keyboard.press("g")
    tab.keyboard.press("a")
    tab.wait_for_url("**/activity/")


def test_keys_are_off_while_typing(tab: Page) -> None:
    tab.locator("#search").click()

    tab.keyboard.type("?ga")

    expect(tab.locator("#search")).to_have_value("?ga")
    expect(tab.locator("dialog#keys")).to_be_hidden()


def test_single_keys_can_be_turned_off(tab: Page) -> None:
    tab.get_by_role("main").get_by_role("button", name="Turn single keys off").click()
    expect(tab.locator("body")).to_have_attribute("data-keys", "off")

    tab.keyboard.press("?")

    expect(tab.locator("dialog#keys")).to_be_hidden()


def test_the_first_tab_stop_skips_to_the_content(tab: Page) -> None:
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")

    expect(tab.locator("main")).to_be_focused()


@pytest.mark.parametrize("width", [320, 719, 1280])
def test_a_page_is_never_wider_than_its_window(tab: Page, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 640})

    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    expect(tab.locator(".nav")).to_be_in_viewport()


@pytest.fixture
def attacked(browser: Browser, frame: Dashboard) -> Iterator[Page]:
    """A page into which a test puts what an attacker would; its console may complain."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{frame.base_url}/login/", wait_until="networkidle")
    yield page
    context.close()


def test_html_cannot_be_put_into_a_page_as_text(attacked: Page) -> None:
    refused = """() => { try { document.body.innerHTML = '<b>x</b>'; return 'done' }
                         catch (error) { return error.name } }"""

    assert attacked.evaluate(refused) == "TypeError"


def test_an_inline_script_does_not_run(attacked: Page) -> None:
    attacked.evaluate("""() => { const script = document.createElement('script');
        script.append(document.createTextNode('window.ran = true')); document.head.append(script) }""")

    assert attacked.evaluate("window.ran") is None


def test_an_htmx_attribute_without_the_nonce_asks_nothing(attacked: Page) -> None:
    asked: list[str] = []
    attacked.on("request", lambda request: asked.append(request.url))

    attacked.evaluate("""() => { const box = document.createElement('div');
        box.setAttribute('hx-get', '/healthz'); box.setAttribute('hx-trigger', 'load');
        document.body.append(box); htmx.process(box) }""")
    attacked.evaluate("() => new Promise(done => setTimeout(done, 300))")

    assert asked == []


def test_the_servers_html_goes_in_by_htmxs_own_swap(tab: Page) -> None:
    tab.evaluate("""async () => { const { swapHtml } = await import('/static/js/swap.js');
        await swapHtml(document.querySelector('#alerts'), '<p id="put">put</p>') }""")

    expect(tab.locator("#alerts #put")).to_have_text("put")


def test_fonts_and_icons_come_from_here(tab: Page) -> None:
    hosts = tab.evaluate(
        "[...new Set(performance.getEntriesByType('resource').map(e => new URL(e.name).host))]"
    )

    assert hosts == [tab.evaluate("location.host")]
    assert tab.evaluate(
        "document.fonts.check('14px Inter') && document.fonts.check('14px \"JetBrains Mono\"')"
    )
