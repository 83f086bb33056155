"""A bare HTTP client for the contract: no library of Kubernetes between test and server."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from multidict import CIMultiDictProxy

Obj = dict[str, Any]

MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
LIMIT_S = 30


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    text: str
    headers: CIMultiDictProxy[str]
    warnings: tuple[str, ...]

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def message(self) -> str:
        return str(self.body["message"])

    @property
    def managed(self) -> dict[str, Obj]:
        """Manager to its FieldsV1."""
        entries = self.body["metadata"].get("managedFields", [])
        return {entry["manager"]: entry["fieldsV1"] for entry in entries}


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is, how to be its administrator, and how to make a lesser user."""

    name: str
    url: str
    tls: ssl.SSLContext
    token: str
    make_user: Callable[[Api, list[Obj]], Any]


def read_server(kubeconfig: Path, name: str, make_user: Any) -> Server:
    config = yaml.safe_load(kubeconfig.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    tls = ssl.create_default_context(cadata=_material(cluster, "certificate-authority").decode())
    if "client-certificate" in user or "client-certificate-data" in user:
        with tempfile.NamedTemporaryFile() as pair:
            pair.write(_material(user, "client-certificate") + b"\n" + _material(user, "client-key"))
            pair.flush()
            tls.load_cert_chain(pair.name)
    return Server(name, cluster["server"], tls, user.get("token", ""), make_user)


def _material(entry: Obj, name: str) -> bytes:
    if f"{name}-data" in entry:
        return base64.b64decode(entry[f"{name}-data"])
    return Path(entry[name]).read_bytes()


def unique(prefix: str = "c") -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


GROUPS = {
    "deployments": "apis/apps/v1",
    "replicasets": "apis/apps/v1",
    "statefulsets": "apis/apps/v1",
    "daemonsets": "apis/apps/v1",
    "jobs": "apis/batch/v1",
    "cronjobs": "apis/batch/v1",
    "poddisruptionbudgets": "apis/policy/v1",
    "horizontalpodautoscalers": "apis/autoscaling/v2",
    "endpointslices": "apis/discovery.k8s.io/v1",
}


@asynccontextmanager
async def open_session(tls: ssl.SSLContext) -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=None)
    connector = aiohttp.TCPConnector(ssl=tls)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield session
    # A few turns of the loop for the transports of TLS to be closed for good.
    for _ in range(20):
        await asyncio.sleep(0)


class Api:
    def __init__(self, session: aiohttp.ClientSession, server: Server, namespace: str) -> None:
        self.session = session
        self.server = server
        self.namespace = namespace

    def path(self, plural: str, name: str = "", *, namespace: str | None = None) -> str:
        where = self.namespace if namespace is None else namespace
        scope = f"/namespaces/{where}" if where else ""
        base = GROUPS.get(plural, "api/v1")
        return f"/{base}{scope}/{plural}" + (f"/{name}" if name else "")

    async def ask(
        self,
        method: str,
        path: str,
        body: Obj | list[Obj] | bytes | None = None,
        *,
        content_type: str = "application/json",
        token: str | None = None,
        user: aiohttp.ClientSession | None = None,
        **query: str,
    ) -> Reply:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "User-Agent": "contract/1.0"}
        if data is not None:
            headers["Content-Type"] = content_type
        wanted = self.server.token if token is None else token
        if wanted:
            headers["Authorization"] = f"Bearer {wanted}"
        asked = (user or self.session).request(
            method, self.server.url + path, data=data, headers=headers, params=query
        )
        async with asyncio.timeout(LIMIT_S), asked as answer:
            text = await answer.text()
            warnings = tuple(answer.headers.getall("Warning", []))
            return Reply(answer.status, text, answer.headers, warnings)

    async def create(self, plural: str, body: Obj, **query: str) -> Obj:
        reply = await self.ask("POST", self.path(plural), body, **query)
        assert reply.status == 201, reply.text
        made: Obj = reply.body
        return made

    async def get(self, plural: str, name: str) -> Obj:
        found: Obj = (await self.ask("GET", self.path(plural, name))).body
        return found

    async def apply(self, plural: str, name: str, body: Obj, manager: str, **query: str) -> Reply:
        return await self.ask(
            "PATCH", self.path(plural, name), body, content_type=APPLY, fieldManager=manager, **query
        )

    async def patch(
        self, plural: str, name: str, body: Any, content_type: str = MERGE, **query: str
    ) -> Reply:
        return await self.ask("PATCH", self.path(plural, name), body, content_type=content_type, **query)

    async def wait(self, plural: str, name: str, holds: Callable[[Obj], Any]) -> Obj:
        """The object once `holds` is true of it."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                reply = await self.ask("GET", self.path(plural, name))
                if reply.status == 200 and holds(reply.body):
                    found: Obj = reply.body
                    return found
                await asyncio.sleep(0.1)

    async def wait_created(self, plural: str, body: Obj, holds: Callable[[Obj], Any]) -> Obj:
        """Dry runs until `holds`: admission learns of new limits a moment late."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                made = await self.create(plural, body, dryRun="All")
                if holds(made):
                    return made
                await asyncio.sleep(0.1)

    async def wait_log(self, pod: str, text: str, **query: str) -> str:
        """The log once `text` stands in it: lines come to the node's file a moment late."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                reply = await self.ask("GET", self.path("pods", f"{pod}/log"), **query)
                if text in reply.text:
                    return reply.text
                await asyncio.sleep(0.1)

    async def wait_gone(self, plural: str, name: str) -> None:
        await self.wait_absent(self.path(plural, name))

    async def wait_absent(self, path: str) -> None:
        async with asyncio.timeout(LIMIT_S):
            while True:
                if (await self.ask("GET", path)).status == 404:
                    return
                await asyncio.sleep(0.1)

    @asynccontextmanager
    async def watch(self, path: str, **query: str) -> AsyncIterator[Watch]:
        headers = {"Authorization": f"Bearer {self.server.token}"} if self.server.token else {}
        asked = self.session.get(self.server.url + path, headers=headers, params={"watch": "1"} | query)
        async with asked as answer:
            try:
                yield Watch(answer)
            finally:
                # A polite end of TLS would outlive the test.
                if answer.connection and answer.connection.transport:
                    answer.connection.transport.abort()


class Watch:
    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def next(self) -> Obj | None:
        """The next event; None at the end."""
        async with asyncio.timeout(LIMIT_S):
            line = await self.answer.content.readline()
        event: Obj | None = json.loads(line) if line else None
        return event

    async def take(self, count: int) -> list[Obj]:
        found = [await self.next() for _ in range(count)]
        return [event for event in found if event is not None]

    async def rest(self) -> list[Obj]:
        found = []
        while event := await self.next():
            found.append(event)
        return found
