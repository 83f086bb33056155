"""The log page and its downloads alike on the demo cluster and on the real one-node Kubernetes."""

import html
import io
import json
import re
import secrets
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sidecars.cluster import Cluster, connect, contexts
from tests.dashboard_process import Client, Dashboard, Page, dashboards
from tests.logs.rows import lines_of
from tests.operations.waiting import until

CLUSTERS = ["demo", pytest.param("real", marks=pytest.mark.cluster)]
IMAGE = "docker.io/library/busybox:1.36"
COUNTED = "for i in 0 1 2 3 4 5 6 7 8 9; do echo line $i; done; sleep 3600"
TEXT = r"(?m)^\[pod/(\S+)/(\S+)\] \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (.*)$"


@dataclass
class Scene:
    """A Deployment of two pods: an app that counts to ten, and a native sidecar that says hello."""

    viewer: Client
    cluster: Cluster
    namespace: str

    @property
    def base(self) -> str:
        return f"/c/{self.cluster.entry.slug}"

    async def page(self, source: str, more: str = "") -> Page:
        return await self.viewer.get(f"{self.base}/logs/?src={source}{more}")

    async def file(self, source: str, more: str = "") -> bytes:
        address = f"{self.viewer.base_url}{self.base}/logs/download/?src={source}{more}"
        async with self.viewer.http.get(address) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.read()

    @property
    def workload(self) -> str:
        return f"deployments/{self.namespace}/web"

    async def pods(self) -> list[dict[str, Any]]:
        return await self.cluster.list("pods", self.namespace)

    async def is_ready(self) -> bool:
        """Both apps have written their ten lines, both helpers theirs."""
        statuses = [
            status
            for pod in await self.pods()
            for kind in ("containerStatuses", "initContainerStatuses")
            for status in pod["status"].get(kind, ())
        ]
        if len(statuses) != 4 or not all("running" in status["state"] for status in statuses):
            return False
        text = (await self.file(f"{self.workload}:*")).decode()
        return text.count("line 9") == 2 == text.count("hello")

    async def has_failed(self) -> bool:
        pod = await self.cluster.get("pods", self.namespace, "fails")
        statuses = pod["status"].get("initContainerStatuses") or [{}]
        return bool(statuses[0].get("restartCount"))


def helper(script: str) -> dict[str, Any]:
    return {"name": "helper", "image": IMAGE, "command": ["sh", "-c", script], "restartPolicy": "Always"}


def pod(namespace: str, name: str, **spec: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace}
    app = {"name": "app", "image": IMAGE, "command": ["sh", "-c", "sleep 3600"]}
    spec = {"containers": [app], "terminationGracePeriodSeconds": 0} | spec
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def deployment(namespace: str) -> dict[str, Any]:
    spec = {
        "initContainers": [helper("echo hello; sleep 3600")],
        "containers": [{"name": "app", "image": IMAGE, "command": ["sh", "-c", COUNTED]}],
        "terminationGracePeriodSeconds": 0,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": spec},
        },
    }


@pytest.fixture(scope="module", params=CLUSTERS)
def kubeconfig(request: pytest.FixtureRequest) -> Path:
    return Path(request.getfixturevalue(f"{request.param}_cluster").kubeconfig)


@pytest.fixture(scope="module")
def desk(kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboards(tmp_path_factory.mktemp("desk")) as start:
        yield start(kubeconfig)


@pytest_asyncio.fixture
async def scene(kubeconfig: Path, desk: Dashboard) -> AsyncIterator[Scene]:
    cluster, client = await connect(contexts([kubeconfig])[0]), Client(desk)
    await client.sign_in(desk.code)
    found = Scene(client, cluster, f"logs-{secrets.token_hex(3)}")
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": found.namespace}}
    made = await cluster.create("namespaces", "", body, field_manager="test")
    try:
        await cluster.create(
            "deployments", found.namespace, deployment(found.namespace), field_manager="test"
        )
        await until(found.is_ready)
        yield found
    finally:
        await client.close()
        await cluster.delete("namespaces", "", found.namespace, uid=made.object["metadata"]["uid"])
        await cluster.close()


async def test_pages_and_files_of_a_workload_hold_every_line_of_every_pod(scene: Scene) -> None:
    ten = [f"line {n}" for n in range(10)]
    opened = await scene.page(scene.workload)
    assert opened.header("location") == f"{scene.base}/logs/?src={scene.workload}:app"

    page = await scene.page(f"{scene.workload}:app")
    text = (await scene.file(f"{scene.workload}:*")).decode()
    objects = [json.loads(o) for o in (await scene.file(f"{scene.workload}:*", "&format=jsonl")).splitlines()]
    archive = zipfile.ZipFile(io.BytesIO(await scene.file(f"{scene.workload}:*", "&format=zip")))

    pods = sorted(pod["metadata"]["name"] for pod in await scene.pods())
    found = re.findall(TEXT, text)
    expected = [(pod, "app", line) for pod in pods for line in ten] + [
        (pod, "helper", "hello") for pod in pods
    ]
    assert sorted(lines_of(page)) == sorted(2 * ten)
    assert sorted(found) == sorted(expected)
    assert sorted((o["pod"], o["container"], o["text"]) for o in objects) == sorted(expected)
    assert sorted(archive.namelist()) == [
        f"{scene.namespace}/{p}/{c}.log" for p in pods for c in ("app", "helper")
    ]
    first = archive.read(f"{scene.namespace}/{pods[0]}/app.log").decode()
    assert [line.partition("Z ")[2] for line in first.splitlines()] == ten


async def test_a_native_sidecars_previous_log_is_one_click_from_its_restart_count(scene: Scene) -> None:
    failing = pod(scene.namespace, "fails", initContainers=[helper("echo goodbye; sleep 2; exit 3")])
    await scene.cluster.create("pods", scene.namespace, failing, field_manager="test")
    await until(scene.has_failed)

    of_pod = await scene.viewer.get(f"{scene.base}/pods/{scene.namespace}/fails/")
    found = re.search(r'href="([^"]+)" id="restarts"', of_pod.text)
    assert found
    link = html.unescape(found[1])
    before = await scene.viewer.get(link)
    none = await scene.page(f"pods/{scene.namespace}/fails:app", "&previous=1")

    assert link == f"{scene.base}/logs/?src=pods/{scene.namespace}/fails:helper&previous=1"
    assert lines_of(before) == ["goodbye"]
    assert 'data-why="no-previous"' in none.text


async def test_time_tail_and_text_narrow_a_file_alike(scene: Scene) -> None:
    pod = (await scene.pods())[0]["metadata"]["name"]
    source = f"pods/{scene.namespace}/{pod}:app"
    stamps = [line.partition(" ")[0] for line in (await scene.file(source)).decode().splitlines()]

    part = (await scene.file(source, f"&since={stamps[3]}&until={stamps[6]}")).decode().splitlines()
    text = (await scene.file(source, "&tail=100&q=LINE%207")).decode()

    assert [line.partition(" ")[0] for line in part] == [s for s in stamps if stamps[3] <= s <= stamps[6]]
    assert text.endswith("Z line 7\n") and text.count("\n") == 1


async def test_states_are_told_alike(scene: Scene) -> None:
    stuck_pod = pod(scene.namespace, "stuck", nodeSelector={"no": "such"})
    await scene.cluster.create("pods", scene.namespace, stuck_pod, field_manager="test")

    stuck = await scene.page(f"pods/{scene.namespace}/stuck:app")
    gone = await scene.page(f"pods/{scene.namespace}/gone:app")
    no_container = await scene.page(f"{scene.workload}:nothing")

    assert stuck.status == 200 and 'data-why="not-started"' in stuck.text
    assert gone.status == 404 and "Pod gone is not there." in gone.text
    assert no_container.status == 404 and "Container nothing is not there." in no_container.text
