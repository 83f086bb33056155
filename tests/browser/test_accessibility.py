"""R68: axe finds nothing on any page, in both themes, in both languages."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.accessibility import AXE, violations
from tests.dashboard_process import Dashboard, dashboards

pytestmark = pytest.mark.browser
MANIFEST = json.loads((Path(__file__).parent / "axe" / "manifest.json").read_text())
POD = re.compile(r"^(/c/demo)/pods/([\w-]+)/([\w.-]+)/$")
ADDRESSES = {
    "pods": "{c}/pods/",
    "no match": "{c}/pods/?q=nothing-is-called-so",
    "pod": "{c}/pods/{ns}/{pod}/",
    "selected": "{c}/pods/{ns}/{pod}/?sel=c-nginx",
    "table": "{c}/pods/{ns}/{pod}/?view=table",
    "logs": "{c}/logs/?src=pods/{ns}/{pod}:nginx",
    "attach": "{c}/attach/",
    "presets": "{c}/attach/?to=deployments/{ns}/web",
    "activity": "{c}/activity/",
    "help": "/help/",
    "no such page": "/nope/",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboards(tmp_path_factory.mktemp("accessibility")) as start:
        yield start(arguments=("demo",))


@pytest.fixture(scope="module", params=[("light", "en"), ("dark", "zh-CN")], ids=["light", "dark, Chinese"])
def tab(request: pytest.FixtureRequest, browser: Browser, demo: Dashboard) -> Iterator[Page]:
    theme, language = request.param
    context = browser.new_context(
        color_scheme=theme, locale=language, viewport={"width": 1280, "height": 860}
    )
    page = context.new_page()
    page.goto(demo.link)
    page.wait_for_url(lambda address: "/login" not in address)
    yield page
    context.close()


@pytest.fixture(scope="module")
def places(tab: Page, demo: Dashboard) -> dict[str, str]:
    tab.goto(f"{demo.base_url}/c/demo/pods/?q=nginx&ns=shop")
    tab.wait_for_selector("tbody a")
    links = tab.eval_on_selector_all("tbody a", "all => all.map(a => a.getAttribute('href'))")
    cluster, namespace, pod = next(match.groups() for link in links if (match := POD.match(link)))
    return {"c": cluster, "ns": namespace, "pod": pod}


@pytest.mark.parametrize("name", ADDRESSES)
def test_axe_finds_nothing(tab: Page, demo: Dashboard, places: dict[str, str], name: str) -> None:
    tab.goto(demo.base_url + ADDRESSES[name].format(**places))
    tab.wait_for_load_state("load")

    assert violations(tab) == []


def test_axe_finds_nothing_on_the_sign_in_page(browser: Browser, demo: Dashboard) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{demo.base_url}/login/")

    assert violations(page) == []
    page.context.close()


def test_axe_itself_is_the_one_that_was_taken() -> None:
    assert hashlib.sha256(AXE.encode()).hexdigest() == MANIFEST["sha256"]
