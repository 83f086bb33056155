"""nginx and Envoy on the real cluster: a request and a WebSocket go through the sidecar."""

import json

import pytest

from tests.cluster.real_cluster import RealCluster
from tests.running.bed import CLIENT, App, Grounds
from tests.running.conftest import Start
from tests.running.steps import attach, undo
from tests.running.table import Row

pytestmark = pytest.mark.cluster
HEADERS = "X-Frame-Options: DENY\nX-Odd: a; b='c' 100%"


@pytest.mark.parametrize(
    ("preset", "hidden"), [("nginx-proxy", "hide_headers"), ("envoy-proxy", "remove_headers")]
)
async def test_requests_and_websockets_go_through_the_proxy(
    real_cluster: RealCluster, start: Start, row: Row, preset: str, hidden: str
) -> None:
    if preset == "envoy-proxy":
        real_cluster.add_envoy()
    async with start(App(volumes={"/data": {"emptyDir": {}}}), CLIENT) as (journey, grounds):
        before = await grounds.template()

        given = {"set_headers": HEADERS, hidden: "X-Powered-By"}
        given |= {"static_prefix": "/files/", "static_dir": "/data/"} if preset == "nginx-proxy" else {}
        given |= {"timeout": "2"} if preset == "envoy-proxy" else {}
        change = await attach(journey, row, preset, **given)

        at = f"http://{await grounds.ip('web')}:8081"
        straight = at.replace(":8081", ":8080")
        sent = {"url": f"{at}/hello?a=1", "headers": {"X-Mine": "42"}}
        through, spoken, alone = await grounds.ask(sent, {"url": at, "say": "ping 42"}, {"url": straight})
        seen = json.loads(through["body"])
        assert (through["status"], seen["url"], seen["headers"]["x-mine"]) == (200, "/hello?a=1", "42")
        row.data.append("GET 200 from another pod, header passed on")
        assert through["headers"]["x-frame-options"] == "DENY"
        assert through["headers"]["x-odd"] == "a; b='c' 100%"
        assert "x-powered-by" not in through["headers"] and alone["headers"]["x-powered-by"] == "an app"
        row.data.append("2 response headers set, X-Powered-By removed")
        assert (spoken["status"], spoken["heard"]) == (101, "ping 42")
        row.data.append("WebSocket 101, a frame echoed")
        if preset == "envoy-proxy":
            (late,) = await grounds.ask({"url": at, "say": "late", "after": 4000})
            assert late["heard"] == "late"
            row.data.append("also after 4 s of silence, past the time limit of 2 s")
        if preset == "nginx-proxy":
            await shows_nginx_itself(grounds, row, at)
        await undo(journey, grounds, row, change, before)


async def shows_nginx_itself(grounds: Grounds, row: Row, at: str) -> None:
    """A file of the app's own volume is served, a link out of it is not; the image is the overridden one."""
    await grounds.run("web", "sh", "-c", "echo hello > /data/page.txt; ln -s /etc/passwd /data/link")
    file, link, outside = await grounds.ask(
        {"url": f"{at}/files/page.txt"}, {"url": f"{at}/files/link"}, {"url": f"{at}/files../etc/passwd"}
    )
    assert (file["status"], file["body"]) == (200, "hello\n")
    assert link["status"] == 403 and "root:" not in link["body"] + outside["body"]
    row.data.append("file of the app's volume served, a planted link 403")
    spec = (await grounds.pod("web"))["spec"]
    assert spec["initContainers"][0]["image"] == "docker.io/library/nginx:1.30"
    row.data.append("image of the administrator's file")
