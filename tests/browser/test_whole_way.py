"""The main job, end to end, as one person does it: on the demo cluster and on the real one."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import MANIFESTS, World
from tests.dashboard_process import Dashboard

pytestmark = pytest.mark.browser
ROLLOUT_MS = 120_000


def base(dashboard: Dashboard, world: World) -> str:
    return f"{dashboard.base_url}/c/{world.slug}"


def test_the_sample_pod_appears_live_and_its_diagram_shows_how_it_works(
    page: Page, world: World, dashboard: Dashboard
) -> None:
    page.goto(f"{base(dashboard, world)}/pods/?ns={world.namespace}")
    expect(page.locator("#pods-foot")).to_contain_text(f"No pods in {world.namespace}")
    expect(page.locator("#pods-state [data-phase=live]")).to_be_visible()

    world.apply(MANIFESTS / "web.yaml")

    row = page.locator("tr[data-pod]", has_text="web-")
    expect(row).to_be_visible()
    expect(row.locator(".c-status")).to_contain_text("Running", timeout=ROLLOUT_MS)
    expect(row.locator(".c-ready")).to_have_text("2/2", timeout=ROLLOUT_MS)
    row.locator("th a").click()
    diagram = page.locator("[data-diagram] svg")
    expect(diagram.locator("#c-main-app")).to_contain_text("MAIN")
    expect(diagram.locator("#c-nginx")).to_contain_text("SIDECAR")
    expect(diagram.locator("#v-data")).to_contain_text("emptyDir")
    expect(diagram.locator("#v-nginx-config")).to_contain_text("ConfigMap")
    expect(diagram.locator("[id='p-main-app.8080']")).to_contain_text(":8080")
    expect(diagram.locator("[id='p-nginx.80']")).to_contain_text(":80")
    expect(diagram.locator("[id='w-nginx.main-app.8080']")).to_be_attached()
    expect(diagram.locator("#svc-web")).to_contain_text("web")


def test_a_call_shows_its_evidence_and_the_link_to_it_can_be_copied(
    page: Page, world: World, dashboard: Dashboard
) -> None:
    world.apply(MANIFESTS / "web.yaml")
    world.wait_available("web")
    pod = world.pods("web")[0]["metadata"]["name"]

    page.goto(f"{base(dashboard, world)}/pods/{world.namespace}/{pod}/?sel=w-nginx.main-app.8080")

    inspector = page.locator("#inspector")
    expect(inspector).to_contain_text("nginx-config")
    expect(inspector).to_contain_text("localhost:8080")


def test_nginx_is_attached_by_the_form_watched_verified_logged_and_undone(
    page: Page, world: World, dashboard: Dashboard
) -> None:
    world.apply(MANIFESTS / "api.yaml")
    world.wait_available("api")
    before = world.deployment("api")["spec"]["template"]

    attach_nginx(page, world, dashboard)

    expect(page.locator("#checks .v-pass").first).to_be_visible()
    expect(page.locator("#checks .v-block, #checks .v-none:has-text('not checked')")).to_have_count(0)
    pod = world.pods("api")[0]["metadata"]["name"]
    assert "/through" in world.proxy(pod, 8081, "/through")
    shows_the_access_log_line(page, world, dashboard, pod)
    undo(page, world, dashboard)
    assert world.deployment("api")["spec"]["template"] == before


def attach_nginx(page: Page, world: World, dashboard: Dashboard) -> None:
    """From the app's own pod to a finished change."""
    attach_through_review(page, world, dashboard)
    expect(page.locator("#result")).to_have_class(re.compile("badge-ok"), timeout=ROLLOUT_MS)


def attach_through_review(page: Page, world: World, dashboard: Dashboard) -> None:
    """Up to the page of the change, which has begun."""
    pod = world.pods("api")[0]["metadata"]["name"]
    page.goto(f"{base(dashboard, world)}/pods/{world.namespace}/{pod}/")
    page.get_by_role("link", name="Attach sidecar").click()
    page.get_by_role("button", name="Choose nginx proxy").click()
    expect(page.get_by_label("Port of the app")).to_have_value("8080")
    page.get_by_role("button", name="Review the change").click()
    expect(page.locator("main")).to_contain_text("initContainers")
    page.locator("form.confirm button.btn-primary").click()
    expect(page).to_have_url(re.compile("/changes/"))


def shows_the_access_log_line(page: Page, world: World, dashboard: Dashboard, pod: str) -> None:
    page.locator("#to-logs").click()
    expect(page.locator("#log-state[data-phase=live]")).to_be_visible()
    expect(page.locator("h1")).to_have_text("api")
    expect(page.locator("[data-only]")).to_have_text("nginx-proxy")
    began = time.monotonic()
    world.proxy(pod, 8081, "/seen-in-the-log")

    expect(page.locator("#log")).to_contain_text("/seen-in-the-log", timeout=5000)

    took_s = time.monotonic() - began
    print(f"{world.name}: the access log line was on the page {took_s:.3f} s after the request began")


def undo(page: Page, world: World, dashboard: Dashboard) -> None:
    """From the activity page to the proof that nothing is left."""
    page.goto(f"{base(dashboard, world)}/activity/")
    page.locator("main a[href*='/changes/']").first.click()
    page.locator("a[href$='/undo/']").click()
    page.locator("form.confirm button.btn-danger").click()
    expect(page.locator("#result")).to_have_class(re.compile("badge-ok"), timeout=ROLLOUT_MS)
    expect(page.locator("#proof")).to_contain_text("the diff is empty")
