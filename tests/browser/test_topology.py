"""R26, R27, R30, R71: the picture under mouse, keyboard, Back, print, small screens and hostile pods."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from tests.browser.accessibility import violations
from tests.browser.tour import pod
from tests.browser.world import World
from tests.dashboard_process import Dashboard
from tests.demo_fixture import DemoCluster
from tests.topology.hostile import PAYLOADS

pytestmark = pytest.mark.browser
PICTURE = ".stage svg.topo"
WEB = "/c/demo/workloads/deployments/shop/web/"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCluster]:
    found = DemoCluster(tmp_path_factory.mktemp("demo") / "state", "--speed", "10")
    yield found
    found.stop()


@pytest.fixture(scope="module")
def world(cluster: DemoCluster) -> World:
    return World("demo", cluster.kubeconfig, "demo", "shop")


@pytest.fixture
def web(page: Page, dashboard: Dashboard) -> str:
    """The address of a pod of the sample; `page` shows it."""
    address = pod(page, dashboard.base_url, "web")
    page.goto(address)
    expect(page.locator("#pod-state [data-phase=live]")).to_be_visible()
    return address


def test_hovering_shows_the_neighbours_and_leaving_shows_all(page: Page, web: str) -> None:
    svg = page.locator(PICTURE)

    page.locator("#v-nginx-config text").first.hover()

    expect(svg).to_have_class(re.compile(r"\bhot\b"))
    expect(page.locator("#c-nginx")).to_have_class(re.compile(r"\bon\b"))
    expect(page.locator("#c-main-app")).not_to_have_class(re.compile(r"\bon\b"))
    expect(page.locator("#c-main-app")).to_have_css("opacity", "0.2")
    page.locator("h1").hover()
    expect(svg).not_to_have_class(re.compile(r"\bhot\b"))
    assert "sel=" not in page.url


def test_a_click_pins_escape_clears_and_back_restores(page: Page, web: str) -> None:
    page.locator("#v-data text").first.click()

    expect(page).to_have_url(re.compile("sel=v-data"))
    expect(page.locator("#inspector h2")).to_have_text("data")
    expect(page.locator("#v-data")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Escape")
    expect(page.locator(PICTURE)).not_to_have_class(re.compile("pinned"))
    expect(page.locator("#inspector h2")).to_have_text("How this pod works")
    page.go_back()
    expect(page.locator("#inspector h2")).to_have_text("data")
    page.reload()
    expect(page.locator("#v-data")).to_have_attribute("aria-current", "true")


def test_the_keyboard_walks_services_containers_calls_ports_and_volumes(page: Page, web: str) -> None:
    page.locator("a[download]").focus()
    stops: list[str] = []
    while len(stops) < 30:
        page.keyboard.press("Tab")
        found = page.evaluate("document.activeElement.closest('.stage svg.topo a')?.id ?? ''")
        if not found and stops:
            break
        stops += [found] if found else []

    assert list(dict.fromkeys(stop.partition("-")[0] for stop in stops)) == ["svc", "c", "w", "p", "v"]


def test_focus_shows_the_neighbours_and_enter_pins(page: Page, web: str) -> None:
    page.locator("a[download]").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "w-nginx.main-app.8080":
            break
    expect(page.locator("#c-main-app")).to_have_class(re.compile(r"\bon\b"))

    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("sel=w-nginx.main-app.8080"))
    expect(page.locator("#inspector .evidence")).to_contain_text("ConfigMap nginx-config")


def test_the_file_is_well_formed_and_tells_name_context_and_time(page: Page, web: str) -> None:
    with page.expect_download() as download:
        page.locator("a[download]").click()

    text = download.value.path().read_text()
    said = "".join(ElementTree.fromstring(text).itertext())
    assert re.search(r"shop/web-\S+ · demo · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", said)
    assert download.value.suggested_filename.endswith(".svg")


def test_the_file_has_the_theme_that_is_seen(page: Page, web: str) -> None:
    page.emulate_media(color_scheme="dark")
    with page.expect_download() as download:
        page.locator("a[download]").click()

    assert "#0d1016" in download.value.path().read_text()


def test_a_large_pod_opens_as_a_table_with_the_way_to_the_picture(page: Page, dashboard: Dashboard) -> None:
    page.goto(pod(page, dashboard.base_url, "suite"))
    expect(page.locator(".matrix")).to_be_visible()

    page.get_by_role("link", name="Show diagram").click()

    expect(page.locator(PICTURE)).to_be_visible()
    stage = page.locator(".stage")
    stage.evaluate("stage => { stage.scrollLeft = 900; }")
    expect(page.locator("#v-logs .stick")).to_have_class(re.compile("moved"))
    name = page.locator("#v-logs .stick text").first.bounding_box()
    left = stage.bounding_box()
    assert name and left and name["x"] >= left["x"]


def test_the_choice_of_main_holds_and_can_be_taken_back(page: Page, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.base_url}{WEB}?sel=c-nginx")

    page.get_by_role("button", name="Treat as the main container").click()

    expect(page.locator("#inspector")).to_contain_text("You chose it.")
    expect(page.locator("#c-nginx .role-main")).to_be_attached()
    page.get_by_role("button", name="Decide again by the rules").click()
    expect(page.locator("#c-main-app .role-main")).to_be_attached()


@pytest.mark.parametrize("query", ["", "?sel=c-nginx", "?view=table&sel=v-data"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_of_a_workload(
    page: Page, dashboard: Dashboard, query: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{dashboard.base_url}{WEB}{query}")

    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 390])
def test_a_narrow_screen_opens_the_table_and_keeps_the_diagram_one_tap_away(
    page: Page, web: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 760})
    expect(page.locator(".matrix")).to_be_visible()
    expect(page.locator(PICTURE)).to_be_hidden()

    page.locator(".to-diagram").click()

    expect(page.locator(PICTURE)).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")


def test_the_path_of_a_flow_stays_inside_the_panel(page: Page, dashboard: Dashboard) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(pod(page, dashboard.base_url, "quotes") + "?sel=c-app")
    expect(page.locator("#inspector .chip")).to_have_count(2)

    wide = page.locator("#inspector").evaluate(
        "panel => [...panel.querySelectorAll('.chip')].filter(chip => chip.scrollWidth > chip.clientWidth"
        " || chip.getBoundingClientRect().right > panel.getBoundingClientRect().right).length"
    )

    assert wide == 0


def test_print_is_light_and_the_picture_fits_the_page(page: Page, web: str) -> None:
    page.emulate_media(media="print", color_scheme="dark")

    box = page.locator(PICTURE).bounding_box()

    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 1280
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    expect(page.locator(".topology .seg")).to_be_hidden()
    expect(page.locator("#pod-state [data-phase=live]")).to_be_hidden()


def test_paper_holds_every_check(page: Page, dashboard: Dashboard, world: World) -> None:
    many = [f"scratch-{number}" for number in range(8)]  # each without a limit, which is a check
    mounts = [{"name": name, "mountPath": f"/{name}"} for name in many]
    app = {"name": "app", "image": "node:22-alpine", "volumeMounts": mounts}
    volumes: list[dict[str, Any]] = [{"name": name, "emptyDir": {}} for name in many]
    spec = {"containers": [app, {**app, "name": "other"}], "volumes": volumes}
    world.ask("POST", "/api/v1/namespaces/shop/pods", {"metadata": {"name": "paper"}, "spec": spec})
    page.goto(f"{dashboard.base_url}/c/demo/pods/shop/paper/")
    expect(page.locator(".more-checks")).to_be_attached()
    expect(page.locator(".more-checks .checks")).to_be_hidden()

    page.emulate_media(media="print")

    expect(page.locator(".more-checks .checks")).to_be_visible()
    expect(page.locator(".more-checks summary")).to_be_hidden()


def test_with_reduced_motion_nothing_moves(page: Page, web: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.locator("#w-nginx\\.main-app\\.8080 text").first.hover()

    durations = "document.getAnimations().map(one => Number(one.effect.getTiming().duration))"

    assert [ms for ms in page.evaluate(durations) if ms > 1] == []


def test_in_forced_colours_the_selection_is_seen(page: Page, web: str) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(f"{web}?sel=v-data")

    width = page.locator("#v-data .ring").evaluate("ring => getComputedStyle(ring).strokeWidth")

    assert width == "3px"


def test_without_javascript_a_selection_is_a_link(browser: Browser, page: Page, web: str) -> None:
    context: BrowserContext = browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(web)

    plain.locator("#c-nginx text").first.click()

    expect(plain.locator("#inspector h2")).to_have_text("nginx")
    plain.get_by_role("button", name="Treat as the main container").click()
    expect(plain.locator("#inspector")).to_contain_text("You chose it.")
    plain.get_by_role("button", name="Decide again by the rules").click()
    context.close()


def hostile_objects() -> tuple[dict[str, Any], dict[str, Any]]:
    """What an API server lets through: it checks names, and little of what people write beside them."""
    text = " ".join(PAYLOADS[:6])
    config = {
        "metadata": {"name": "hostile"},
        "data": {"nginx.conf": f"# {text}\nproxy_pass http://127.0.0.1:81;"},
    }
    containers = [
        {
            "name": f"c{index}",
            "image": "docker.io/library/busybox:1.36",
            "command": ["sh", "-c", "sleep 3600", text],
            "args": [f"--upstream=http://localhost:{81 - index}/{text}"],
            "env": [
                {"name": "TEXT", "value": text},
                {"name": "NEXT_URL", "value": f"http://{PAYLOADS[0]}@localhost:{81 - index}/{PAYLOADS[5]}"},
            ],
            "ports": [{"containerPort": 80 + index}],
            "volumeMounts": [
                {"name": "host", "mountPath": f"/{PAYLOADS[0].replace(':', '')}{index}"},
                {"name": "conf", "mountPath": f"/conf{index}", "readOnly": True},
            ],
        }
        for index in range(2)
    ]
    volumes = [
        {"name": "host", "hostPath": {"path": f"/{PAYLOADS[5]}"}},
        {"name": "conf", "configMap": {"name": "hostile"}},
    ]
    owner = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": PAYLOADS[5],
        "controller": True,
        "uid": "u",
    }
    metadata = {"name": "hostile", "annotations": {"note": text}, "ownerReferences": [owner]}
    return config, {"metadata": metadata, "spec": {"containers": containers, "volumes": volumes}}


HANDLERS = """() => [...document.querySelectorAll("*")]
  .filter((one) => [...one.attributes].some((attribute) => attribute.name.startsWith("on"))).length"""
SELECTED = (
    "",
    "?view=table",
    *(f"?sel={i}" for i in ["c-c0", "v-host", "v-conf", "w-c0.c1.81", "m-c0.host", "p-c1.81"]),
)
COUNT = "() => document.querySelectorAll('img, script, iframe, object, embed, b b, svg svg').length"


def test_a_hostile_pod_runs_nothing_and_adds_nothing(page: Page, dashboard: Dashboard, world: World) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: _note(dialog, dialogs))
    page.goto(pod(page, dashboard.base_url, "web"))
    usual = page.evaluate(COUNT)
    config, manifest = hostile_objects()
    world.ask("POST", "/api/v1/namespaces/shop/configmaps", config)
    world.ask("POST", "/api/v1/namespaces/shop/pods", manifest)
    address = f"{dashboard.base_url}/c/demo/pods/shop/hostile/"

    for query in SELECTED:
        page.goto(f"{address}{query}")
        expect(page.locator("#inspector")).to_be_visible()
        assert page.evaluate(COUNT) == usual, query
        assert page.evaluate(HANDLERS) == 0

    assert dialogs == []


def _note(dialog: Dialog, dialogs: list[str]) -> None:
    dialogs.append(dialog.message)
    dialog.dismiss()
