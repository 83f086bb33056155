"""Chromium and a dashboard for each kind of cluster. Runs in a pytest process of its own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.world import World, demo_world, real_world
from tests.dashboard_process import Dashboard, dashboards

VIEWPORT = {"width": 1280, "height": 860}
# Pods of the real cluster come and go as network interfaces of this computer; Chromium then cuts what
# is under way. The page asks again by itself; the tests see whether it does.
HARMLESS = "net::ERR_NETWORK_CHANGED"
# Chromium's sandbox needs user namespaces, which root in a container does not have.
ARGUMENTS = ["--no-sandbox"] if os.geteuid() == 0 else []


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(chromium), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(
    scope="module", params=["demo", pytest.param("real", marks=pytest.mark.cluster)], ids=["demo", "real"]
)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "demo":
        with demo_world() as found:
            yield found
    else:
        with real_world(request.getfixturevalue("real_cluster")) as found:
            yield found


@pytest.fixture(scope="module")
def dashboard(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboards(tmp_path_factory.mktemp("dashboard")) as start:
        yield start(world.kubeconfig)


@pytest.fixture
def page(browser: Browser, dashboard: Dashboard) -> Iterator[Page]:
    """A signed-in tab. A script error, a CSP report or a console error fails the test."""
    context = browser.new_context(viewport=VIEWPORT, locale="en-GB", timezone_id="UTC")
    tab = context.new_page()
    problems: list[str] = []
    tab.on("pageerror", lambda error: problems.append(f"script: {error}"))
    tab.on("console", lambda m: problems.append(f"console: {m.text}") if m.type == "error" else None)
    tab.on("requestfailed", lambda r: print(f"cut: {r.url} {r.failure}"))
    tab.set_default_timeout(15_000)
    tab.goto(dashboard.link)
    tab.wait_for_url(lambda address: "/login" not in address)
    yield tab
    context.close()
    assert not [problem for problem in problems if HARMLESS not in problem]
