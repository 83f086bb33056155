"""The API server dies under an open page and comes back: the page says so and heals by itself."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import MANIFESTS, World, real_world
from tests.cluster.real_cluster import RealCluster
from tests.dashboard_process import Dashboard

pytestmark = [pytest.mark.browser, pytest.mark.cluster]
OUTAGE_S = 20
BACK_MS = 60_000


@pytest.fixture(scope="module")
def world(real_cluster: RealCluster):  # type: ignore[no-untyped-def]
    with real_world(real_cluster) as found:
        yield found


def shown_pods(page: Page) -> list[str]:
    rows = page.locator("#pods-rows tr[data-pod]")
    return sorted(str(row.get_attribute("data-pod")) for row in rows.all())


def test_an_outage_of_the_api_server_makes_the_list_stale_and_then_live_and_right(
    page: Page, world: World, dashboard: Dashboard, real_cluster: RealCluster
) -> None:
    world.apply(MANIFESTS / "web.yaml")
    world.wait_available("web")
    page.goto(f"{dashboard.base_url}/c/{world.slug}/pods/?ns={world.namespace}")
    expect(page.locator("#pods-state [data-phase=live]")).to_be_visible()
    before = shown_pods(page)

    real_cluster.stop_apiserver()
    began = time.monotonic()
    expect(page.locator("#pods-state [data-phase=stale]")).to_be_visible(timeout=15_000)
    assert shown_pods(page) == before
    expect(page.locator("#pods")).to_have_class(re.compile("stale"))
    page.wait_for_timeout(max(0, OUTAGE_S - (time.monotonic() - began)) * 1000)
    real_cluster.start_apiserver()
    real_cluster.wait_ready()

    expect(page.locator("#pods-state [data-phase=live]")).to_be_visible(timeout=BACK_MS)
    world.ask("DELETE", f"/api/v1/namespaces/{world.namespace}/pods/{before[0].split('/')[1]}")
    world.wait("the page shows the cluster's own list", lambda: shown_pods(page) == listed(world), 90)


def listed(world: World) -> list[str]:
    items = world.ask("GET", f"/api/v1/namespaces/{world.namespace}/pods")["items"]
    return sorted(f"{world.namespace}/{item['metadata']['name']}" for item in items)
