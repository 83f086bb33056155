"""Downloads of logs: over HTTP, from the demo cluster."""

import asyncio
import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dashboard_process import Client, Dashboard, Page, dashboards
from tests.demo_fixture import DemoCluster
from tests.logs.conftest import Lesser
from tests.logs.rows import lines_of
from tests.logs.test_page import has_started, page_with, two, view
from tests.pods.viewing import LIMIT_S, Place, is_running

HUNDRED = " ".join(map(str, range(100)))
COUNTED = f"for i in {HUNDRED}; do echo line $i; done; sleep 3600"
WHEN = r"\d{8}T\d{6}Z"
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z"


async def download(viewer: Client, *sources: str, more: str = "") -> Page:
    asked = "&".join(f"src={source}" for source in sources)
    return await viewer.get(f"/c/demo/logs/download/?{asked}{more}")


async def download_bytes(viewer: Client, path: str) -> tuple[dict[str, str], bytes]:
    async with viewer.http.get(f"{viewer.base_url}{path}") as answer:
        return {key.lower(): value for key, value in answer.headers.items()}, await answer.read()


def texts(page: Page) -> list[str]:
    return [line.partition("Z ")[2] for line in page.text.splitlines()]


async def counted_pod(viewer: Client, place: Place) -> str:
    await place.pod("one", COUNTED)
    await page_with(viewer, place, "one", "line 99")
    return f"pods/{place.namespace}/one:app"


async def test_a_container_is_a_text_file_with_every_line_once(demo_viewer: Client, place: Place) -> None:
    source = await counted_pod(demo_viewer, place)

    page = await download(demo_viewer, source)

    assert texts(page) == [f"line {n}" for n in range(100)]
    assert all(re.match(STAMP, line) for line in page.text.splitlines())


async def test_a_file_is_never_a_page_and_stays_in_no_cache(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", "echo '<script>alert(1)</script>'; sleep 3600")
    await page_with(demo_viewer, place, "one", "script")

    page = await download(demo_viewer, f"pods/{place.namespace}/one:app")

    assert page.header("content-type") == "text/plain; charset=utf-8"
    assert re.fullmatch(
        rf'attachment; filename="demo_{place.namespace}_one_app_{WHEN}\.log"',
        page.header("content-disposition"),
    )
    assert page.header("content-security-policy") == "sandbox; default-src 'none'"
    assert (page.header("x-content-type-options"), page.header("cache-control")) == ("nosniff", "no-store")
    assert "content-length" not in {key.lower() for key in page.headers}


async def test_a_tail_and_a_plain_filter_are_kept_and_a_regular_expression_is_refused(
    demo_viewer: Client, place: Place
) -> None:
    source = await counted_pod(demo_viewer, place)

    assert texts(await download(demo_viewer, source, more="&tail=100&q=LINE%209")) == [
        "line 9",
        *(f"line 9{n}" for n in range(10)),
    ]
    refused = await download(demo_viewer, source, more="&q=line.9&re=1")
    assert refused.status == 400 and "A download takes no regular expression." in refused.text


async def test_a_range_of_time_is_kept_to_the_nanosecond(demo_viewer: Client, place: Place) -> None:
    source = await counted_pod(demo_viewer, place)
    stamps = [line.partition(" ")[0] for line in (await download(demo_viewer, source)).text.splitlines()]

    part = await download(demo_viewer, source, more=f"&since={stamps[10]}&until={stamps[20]}")

    found = [line.partition(" ")[0] for line in part.text.splitlines()]
    assert found == [stamp for stamp in stamps if stamps[10] <= stamp <= stamps[20]]


async def test_several_containers_are_named_and_json_lines_are_objects(
    demo_viewer: Client, place: Place
) -> None:
    await place.pod("one", containers=two("echo a; sleep 3600", "echo b; sleep 3600"))
    await has_started(place, "one")
    source = f"pods/{place.namespace}/one:*"
    page = await view(demo_viewer, source)
    while len(lines_of(page)) < 2:
        page = await view(demo_viewer, source)

    text = await download(demo_viewer, source)
    lines = await download(demo_viewer, source, more="&format=jsonl")
    shown = await download(demo_viewer, source, more="&hide=app")

    assert sorted(re.findall(rf"\[pod/one/(\w+)\] {STAMP} (\w)", text.text)) == [
        ("app", "a"),
        ("helper", "b"),
    ]
    assert lines.header("content-type") == "application/x-ndjson"
    objects = [json.loads(line) for line in lines.text.splitlines()]
    assert sorted((o["container"], o["text"]) for o in objects) == [("app", "a"), ("helper", "b")]
    assert texts(shown) == ["b"]


async def test_a_zip_has_a_file_for_each_container(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", containers=two("echo a; sleep 3600", "echo b; sleep 3600"))
    await has_started(place, "one")
    source = f"pods/{place.namespace}/one:*"
    page = await view(demo_viewer, source)
    while len(lines_of(page)) < 2:
        page = await view(demo_viewer, source)

    path = f"/c/demo/logs/download/?src={source}&format=zip"
    headers, body = await download_bytes(demo_viewer, path)

    archive = zipfile.ZipFile(io.BytesIO(body))
    assert headers["content-type"] == "application/zip"
    assert re.fullmatch(
        rf'attachment; filename="demo_{place.namespace}_one_all_{WHEN}\.zip"', headers["content-disposition"]
    )
    files = {name.rpartition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert files["app.log"].endswith(b"Z a\n") and files["helper.log"].endswith(b"Z b\n")


async def test_what_is_missing_of_what_was_asked_for_stands_in_the_file(
    demo_viewer: Client, place: Place
) -> None:
    source = await counted_pod(demo_viewer, place)

    page = await download(demo_viewer, source, f"pods/{place.namespace}/two:app")

    assert (
        page.text.splitlines()[-1] == f"# incomplete: pods/{place.namespace}/two:app: Pod two is not there."
    )
    assert len(page.text.splitlines()) == 101


@pytest.mark.parametrize(
    "source",
    [
        "pods/shop/none:app",
        "deployments/shop/none",
        "pods/shop/a%0d%0aX-Y:1:app",
        'pods/shop/a":app',
        "pods/shop/../x",
    ],
)
async def test_nothing_is_sent_of_what_is_not_there(demo_viewer: Client, source: str) -> None:
    page = await download(demo_viewer, source)

    assert page.status == 404 and page.header("content-disposition") == page.header("x-y") == ""


async def test_a_download_of_nothing_is_refused_with_words(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")
    await place.until("one", is_running)

    page = await download(demo_viewer, f"pods/{place.namespace}/one:app", more="&hide=app")

    assert page.status == 422 and "There is no container whose log could be downloaded." in page.text


async def test_the_log_before_a_restart_can_be_downloaded(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", "echo goodbye; exit 1")
    await place.until("one", lambda p: p["status"]["containerStatuses"][0]["restartCount"])

    page = await download(demo_viewer, f"pods/{place.namespace}/one:app", more="&previous=1")

    assert "goodbye" in texts(page)


async def test_a_connection_that_breaks_is_taken_up_where_it_broke(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    source = await counted_pod(demo_viewer, place)
    demo_cluster.fault("cut", path=f"namespaces/{place.namespace}/pods/one/log", bytes=900, times=2)

    page = await download(demo_viewer, source)

    assert texts(page) == [f"line {n}" for n in range(100)]


async def test_a_log_that_cannot_be_read_to_its_end_says_so(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    source = await counted_pod(demo_viewer, place)
    demo_cluster.fault("cut", path=f"namespaces/{place.namespace}/pods/one/log", bytes=900, times=20)

    page = await download(demo_viewer, source)

    assert page.text.splitlines()[-1].startswith("# incomplete: ")


async def test_who_is_not_signed_in_gets_no_file(demo_dashboard: Dashboard) -> None:
    stranger = Client(demo_dashboard)

    page = await download(stranger, "pods/shop/x:app")
    await stranger.close()

    assert page.status == 302 and "/login/" in page.header("location")


async def test_who_may_not_read_logs_gets_no_lines_and_the_missing_right(
    place: Place, lesser_viewer: Lesser
) -> None:
    await place.pod("one")
    await place.until("one", is_running)
    client = await lesser_viewer(place.namespace, "pods")

    page = await download(client, f"pods/{place.namespace}/one:app")

    assert page.status == 403 and "get pods/log" in page.text


async def test_a_download_ends_at_the_cap_of_the_settings(
    place: Place, demo_cluster: DemoCluster, tmp_path: Path, demo_viewer: Client
) -> None:
    source = await counted_pod(demo_viewer, place)
    with dashboards(tmp_path) as start:
        dashboard = start(demo_cluster.kubeconfig, environment={"SIDECAR_LOG_DOWNLOAD_BYTES": "500"})
        client = Client(dashboard)
        await client.sign_in(dashboard.code)
        page = await download(client, source)
        await client.close()

    assert "# incomplete: it is longer than 500 bytes" in page.text.splitlines()[-1]
    assert 500 <= len(page.text) < 700


async def test_a_browser_that_leaves_closes_the_upstream(
    demo_viewer: Client, demo_dashboard: Dashboard, place: Place, demo_cluster: DemoCluster
) -> None:
    source = await counted_pod(demo_viewer, place)
    path = f"namespaces/{place.namespace}/pods/one/log"
    demo_cluster.fault("stall", path=path, bytes=200, times=1)
    demo_cluster.forget_requests()

    address = f"{demo_viewer.base_url}/c/demo/logs/download/?src={source}"
    asked = asyncio.create_task(demo_viewer.http.get(address))
    await until(lambda: asked.done() or is_asked(demo_cluster, path))
    during = sockets_of(demo_dashboard)
    asked.cancel()
    if asked.done() and not asked.cancelled():
        (await asked).close()

    await until(lambda: sockets_of(demo_dashboard) <= during - 2)  # the browser's and the upstream's


def is_asked(cluster: DemoCluster, path: str) -> bool:
    return any(path in request["path"] for request in cluster.requests())


def sockets_of(dashboard: Dashboard) -> int:
    folder = Path(f"/proc/{dashboard.process.pid}/fd")
    return sum(os.readlink(found).startswith("socket:") for found in folder.iterdir() if found.is_symlink())


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S / 3):  # an idle connection closes by itself in LIMIT_S
        while not is_so():
            await asyncio.sleep(0.05)


async def test_the_views_of_one_sign_in_are_counted_downloads_too(
    place: Place, demo_cluster: DemoCluster, tmp_path: Path, demo_viewer: Client
) -> None:
    source = await counted_pod(demo_viewer, place)
    path = f"namespaces/{place.namespace}/pods/one/log"
    with dashboards(tmp_path) as start:
        dashboard = start(demo_cluster.kubeconfig, environment={"SIDECAR_LOG_VIEWS": "1"})
        client = Client(dashboard)
        await client.sign_in(dashboard.code)
        demo_cluster.fault("stall", path=path, bytes=200, times=1)
        demo_cluster.forget_requests()
        first = asyncio.create_task(download(client, source))
        await until(lambda: is_asked(demo_cluster, path))
        second = await download(client, source)
        first.cancel()
        await until_ok(client, source)
        await client.close()

    assert (second.status, second.header("retry-after")) == (429, "30")
    assert "the most it may have" in second.text


async def until_ok(client: Client, source: str) -> None:
    async with asyncio.timeout(LIMIT_S / 3):
        while (await download(client, source)).status == 429:
            await asyncio.sleep(0.05)
