"""The log page as the server draws it: also what a browser without JavaScript sees."""

import re
from pathlib import Path

from tests.dashboard_process import Client, Page, dashboards
from tests.demo_fixture import DemoCluster
from tests.pods.viewing import Place, is_running

HOSTILE = r"""echo '<img src=x onerror=alert(1)>'; printf '\033[31mred\033[0m\n'; sleep 3600"""


async def log_page(viewer: Client, place: Place, pod: str, more: str = "") -> Page:
    return await viewer.get(f"/c/demo/logs/?src=pods/{place.namespace}/{pod}:app{more}")


def lines_of(page: Page) -> list[str]:
    return re.findall(r"<div[^>]*>(?:<time[^>]*>[^<]*</time>)?<span>([^<]*)</span></div>", page.text)


async def page_with(viewer: Client, place: Place, pod: str, text: str, more: str = "") -> Page:
    """The page once it holds `text`."""
    await place.until(pod, lambda found: found["status"].get("containerStatuses"))
    page = await log_page(viewer, place, pod, more)
    while text not in page.text:
        page = await log_page(viewer, place, pod, more)
    return page


async def test_the_end_of_the_log_is_there_without_javascript(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", "echo first; echo second; sleep 3600")

    page = await page_with(demo_viewer, place, "one", "second")

    assert lines_of(page) == ["first", "second"]
    assert re.search(r"<time data-ms=\"\d+\.\d{3}\">\d\d:\d\d:\d\d\.\d{3}</time>", page.text)


async def test_a_hostile_line_is_text(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", HOSTILE)

    page = await page_with(demo_viewer, place, "one", "onerror")

    assert "&lt;img src=x onerror=alert(1)&gt;" in page.text and "<img" not in page.text
    assert "\x1b" not in page.text


async def test_without_a_container_the_main_one_is_opened(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")

    page = await demo_viewer.get(f"/c/demo/logs/?src=pods/{place.namespace}/one")

    assert page.header("location") == f"/c/demo/logs/?src=pods/{place.namespace}/one:app"


async def test_an_unknown_container_is_404(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")

    assert (await demo_viewer.get(f"/c/demo/logs/?src=pods/{place.namespace}/one:no")).status == 404


async def test_without_a_source_the_pods_are_the_place_to_choose_one(demo_viewer: Client) -> None:
    for source in ("", "?src="):
        answer = await demo_viewer.get(f"/c/demo/logs/{source}")

        assert (answer.status, answer.header("location")) == (302, "/c/demo/pods/")


async def test_an_address_without_a_pod_is_404(demo_viewer: Client) -> None:
    for source in ("?src=pods/..%2f..%2fsecrets/a", "?src=secrets/shop/web", "?src=pods/a/b:c%0a"):
        assert (await demo_viewer.get(f"/c/demo/logs/{source}")).status == 404, source


async def test_the_tail_is_as_long_as_asked_for(demo_viewer: Client, place: Place) -> None:
    numbers = " ".join(map(str, range(300)))
    await place.pod("one", f"for i in {numbers}; do echo line $i; done; sleep 3600")
    await page_with(demo_viewer, place, "one", "line 299")

    page = await log_page(demo_viewer, place, "one", "&tail=100")

    assert lines_of(page) == [f"line {number}" for number in range(200, 300)]


async def test_the_previous_instance_is_one_link_away(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", "echo goodbye; exit 1")
    await place.until("one", lambda p: p["status"]["containerStatuses"][0]["restartCount"])

    page = await log_page(demo_viewer, place, "one")
    before = await log_page(demo_viewer, place, "one", "&previous=1")

    assert f"?src=pods/{place.namespace}/one:app&amp;previous=1" in page.text
    assert "goodbye" in lines_of(before)


async def test_a_container_that_waits_has_no_lines_and_says_so(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", nodeSelector={"no": "such"})

    page = await log_page(demo_viewer, place, "one")

    assert page.status == 200 and lines_of(page) == []
    assert 'data-why="not-started"' in page.text


async def test_who_may_not_read_logs_is_told_which_right_is_missing(
    place: Place, demo_cluster: DemoCluster, tmp_path: Path
) -> None:
    await place.pod("one")
    await place.until("one", is_running)
    rules = [{"verbs": ["get", "list", "watch"], "resources": ["pods"], "namespaces": [place.namespace]}]
    token = demo_cluster.user(f"nosy-{place.namespace}", rules)
    with dashboards(tmp_path) as start:
        dashboard = start(demo_cluster.kubeconfig_of(token, tmp_path / "config"))
        client = Client(dashboard)
        await client.sign_in(dashboard.code)
        page = await log_page(client, place, "one")
        await client.close()

    assert page.status == 403 and "get pods/log" in page.text
