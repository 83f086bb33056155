"""R68, R71: axe finds nothing on any page and none scrolls sideways, in every theme, language and width."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from tests.browser.accessibility import AXE, violations
from tests.browser.tour import PAGES, addresses
from tests.dashboard_process import Dashboard, dashboards

pytestmark = pytest.mark.browser
MANIFEST = json.loads((Path(__file__).parent / "axe" / "manifest.json").read_text())
WIDTHS = (1280, 720, 390, 320)
LOOKS = {
    "light, English, wide": ("light", "en-GB", 1280),
    "dark, Chinese, wide": ("dark", "zh-CN", 1280),
    "dark, English, narrow": ("dark", "en-GB", 390),
}
SIDEWAYS = """() => {
  const page = document.scrollingElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  return [...document.querySelectorAll("main *, header *")]
    .filter((one) => one.getBoundingClientRect().right > page.clientWidth + 1)
    .map((one) => `${one.tagName}#${one.id}.${one.getAttribute("class")}`).slice(0, 8);
}"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboards(tmp_path_factory.mktemp("accessibility")) as start:
        yield start(arguments=("demo",))


@pytest.fixture(scope="module")
def context(browser: Browser, demo: Dashboard) -> Iterator[BrowserContext]:
    """Signed in, wide, light, English."""
    signed_in = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB")
    page = signed_in.new_page()
    page.goto(demo.link)
    page.wait_for_url(lambda address: "/login" not in address)
    yield signed_in
    signed_in.close()


@pytest.fixture(scope="module")
def state(context: BrowserContext) -> StorageState:
    return context.storage_state()


@pytest.fixture(scope="module")
def places(context: BrowserContext, demo: Dashboard) -> dict[str, str]:
    return addresses(context.pages[0], demo.base_url)


@pytest.fixture(scope="module", params=list(LOOKS.values()), ids=list(LOOKS))
def tab(request: pytest.FixtureRequest, browser: Browser, state: StorageState) -> Iterator[Page]:
    theme, language, width = request.param
    opened = browser.new_context(
        color_scheme=theme,
        locale=language,
        viewport={"width": width, "height": 860},
        storage_state=state,
        reduced_motion="reduce",
    )
    yield opened.new_page()
    opened.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(tab: Page, places: dict[str, str], name: str) -> None:
    tab.goto(places[name])
    tab.wait_for_load_state("load")

    assert violations(tab) == []
    assert sideways(tab) == {}


def sideways(tab: Page) -> dict[int, list[str]]:
    """Width → what sticks out there; at the tab's own width and at all narrower ones."""
    own = tab.viewport_size or {"width": 1280, "height": 860}
    found = {}
    for width in (width for width in WIDTHS if width <= own["width"]):
        tab.set_viewport_size({"width": width, "height": 860})
        if culprits := tab.evaluate(SIDEWAYS):
            found[width] = culprits
    tab.set_viewport_size(own)
    return found


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_the_sign_in_page_is_sound_too(browser: Browser, demo: Dashboard, language: str) -> None:
    opened = browser.new_context(locale=language, viewport={"width": 320, "height": 640})
    page = opened.new_page()
    page.goto(f"{demo.base_url}/login/")

    assert violations(page) == []
    assert page.evaluate(SIDEWAYS) == []
    opened.close()


def test_axe_itself_is_the_one_that_was_taken() -> None:
    assert hashlib.sha256(AXE.encode()).hexdigest() == MANIFEST["sha256"]
