"""An open change page: what it says when the dashboard behind it goes and comes back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_whole_way import attach_through_review
from tests.browser.world import MANIFESTS, World, demo_world
from tests.dashboard_process import dashboards

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with demo_world() as found:
        yield found


def test_a_change_whose_dashboard_is_gone_says_so_and_goes_on_with_the_next(
    browser: Browser, world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world.apply(MANIFESTS / "api.yaml")
    world.wait_available("api")
    deployment = f"/apis/apps/v1/namespaces/{world.namespace}/deployments/api"
    world.ask("PATCH", deployment, {"spec": {"paused": True}}, "application/merge-patch+json")
    with dashboards(tmp_path_factory.mktemp("changes")) as start:
        first = start(world.kubeconfig)
        tab = browser.new_page()
        tab.goto(first.link)
        tab.wait_for_url(lambda address: "/login" not in address)
        attach_through_review(tab, world, first)
        expect(tab.locator("#live")).to_contain_text("The rollout is paused", timeout=30_000)
        expect(tab.locator("#change-lost")).to_be_hidden()

        first.kill()

        expect(tab.locator("#change-lost")).to_have_text("Connection lost, trying again")
        expect(tab.locator("#live")).to_have_class("stale")
        start(world.kubeconfig, ("--port", str(first.port)), state=first.state)
        expect(tab.locator("#change-lost")).to_be_hidden(timeout=20_000)
        world.ask("PATCH", deployment, {"spec": {"paused": False}}, "application/merge-patch+json")
        expect(tab.locator("#result")).to_have_class(re.compile("badge-ok"), timeout=120_000)
        expect(tab.locator("#change-lost")).to_be_hidden()
        tab.close()
