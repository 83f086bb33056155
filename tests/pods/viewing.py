"""A dashboard on the demo cluster, a signed-in client, a namespace, and what a test changes there."""

import asyncio
import json
import re
import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from tests.dashboard_process import Client, Dashboard, dashboards
from tests.demo_fixture import DemoCluster

Obj = dict[str, Any]
LIMIT_S = 15.0
IMAGE = "docker.io/library/busybox:1.36"
FOREVER = "sleep 3600"


@pytest.fixture(scope="session")
def demo_dashboard(
    demo_cluster: DemoCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboard]:
    with dashboards(tmp_path_factory.mktemp("demo-dashboard")) as start:
        yield start(demo_cluster.kubeconfig)


@pytest.fixture
async def demo_viewer(demo_dashboard: Dashboard) -> AsyncIterator[Client]:
    client = Client(demo_dashboard)
    await client.sign_in(demo_dashboard.code)
    yield client
    await client.close()


@dataclass
class Place:
    """A namespace of the demo cluster; requests go past the product."""

    cluster: DemoCluster
    namespace: str
    http: aiohttp.ClientSession

    async def ask(
        self, method: str, path: str, body: Obj | None = None, kind: str = "application/json"
    ) -> Obj:
        address = f"{self.cluster.server}/api/v1/{path}"
        data = None if body is None else json.dumps(body)
        async with self.http.request(method, address, data=data, headers={"Content-Type": kind}) as answer:
            assert answer.status < 400, await answer.text()
            found: Obj = await answer.json()
            return found

    async def pod(
        self, name: str, script: str = FOREVER, *, labels: Obj | None = None, owners: Any = (), **spec: Any
    ) -> str:
        """Its uid."""
        container = {"name": "app", "image": IMAGE, "command": ["sh", "-c", script]}
        metadata = {"name": name, "labels": labels or {}, "ownerReferences": list(owners)}
        body = {"metadata": metadata, "spec": {"containers": [container], **spec}}
        made = await self.ask("POST", f"namespaces/{self.namespace}/pods", body)
        return str(made["metadata"]["uid"])

    async def read(self, name: str) -> Obj:
        return await self.ask("GET", f"namespaces/{self.namespace}/pods/{name}")

    async def label(self, name: str, **labels: str) -> None:
        body = {"metadata": {"labels": labels}}
        path = f"namespaces/{self.namespace}/pods/{name}"
        await self.ask("PATCH", path, body, "application/merge-patch+json")

    async def delete(self, name: str) -> None:
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0}
        await self.ask("DELETE", f"namespaces/{self.namespace}/pods/{name}", options)

    async def until(self, name: str, is_so: Callable[[Obj], object]) -> Obj:
        async with asyncio.timeout(LIMIT_S):
            while not is_so(found := await self.read(name)):
                await asyncio.sleep(0.05)
        return found


@pytest.fixture
async def place(demo_cluster: DemoCluster) -> AsyncIterator[Place]:
    token = json.loads(demo_cluster.kubeconfig.read_text())["users"][0]["user"]["token"]
    tls = ssl.create_default_context(cafile=str(demo_cluster.state / "server.crt"))
    connector = aiohttp.TCPConnector(ssl=tls)
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as http:
        found = Place(demo_cluster, f"view-{secrets.token_hex(3)}", http)
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": found.namespace}}
        await found.ask("POST", "namespaces", body)
        yield found
        await found.ask("DELETE", f"namespaces/{found.namespace}")


def is_running(pod: Obj) -> bool:
    return any("running" in c.get("state", {}) for c in pod["status"].get("containerStatuses", ()))


def pods_of(html: str) -> list[str]:
    return re.findall(r'data-pod="[^"/]+/([^"]+)"', html)


@dataclass
class Live:
    """A page's socket. `order` and `rows` are what the page would show."""

    socket: aiohttp.ClientWebSocketResponse
    frames: list[Obj] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    rows: dict[str, str] = field(default_factory=dict)

    async def ask(self, query: str) -> None:
        await self.socket.send_json({"query": query})

    async def next(self) -> Obj:
        frame: Obj = await self.socket.receive_json(timeout=LIMIT_S)
        self.frames.append(frame)
        for row in re.findall(r"<tr id=.*?</tr>", frame.get("html", ""), re.DOTALL):
            self.rows[row.partition('data-uid="')[2].partition('"')[0]] = row
        self.order = frame.get("order", self.order)
        return frame

    async def until(self, is_so: Callable[[Obj], object]) -> Obj:
        async with asyncio.timeout(LIMIT_S):
            while not is_so(frame := await self.next()):
                pass
        return frame

    @property
    def shown(self) -> list[str]:
        return [pods_of(self.rows[uid])[0] for uid in self.order]


async def open_live(viewer: Client, path: str, **hello: Any) -> Live:
    socket = await viewer.socket(path)
    await socket.send_json({"token": viewer.socket_token, **hello})
    return Live(socket)


async def open_rows(viewer: Client, query: str) -> Live:
    return await open_live(viewer, "/ws/c/demo/pods/", query=query, rows={})
