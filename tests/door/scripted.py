"""A tiny HTTP/1.1 server that a test scripts byte by byte: a real peer on a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sidecars.cluster import Cluster, connect, contexts


@dataclass
class Call:
    """One request as it arrived, and the means to answer it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    writer: asyncio.StreamWriter = field(repr=False)
    reader: asyncio.StreamReader = field(repr=False)

    @property
    def is_watch(self) -> bool:
        return "watch" in self.query

    @property
    def is_version_check(self) -> bool:
        """The reflector's list of one item, before it resumes a watch."""
        return self.query.get("limit") == "1"

    def answer(self, body: Any, status: int = 200, **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.begin(status, **{"Content-Length": str(len(raw))}, **headers)
        self.writer.write(raw)

    def refuse(self, status: int, message: str = "no", reason: str = "", **headers: str) -> None:
        self.answer(status_body(status, message, reason), status, **headers)

    def begin(self, status: int = 200, **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} Scripted", "Content-Type: application/json"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def begin_stream(self) -> None:
        self.begin(Transfer_Encoding="chunked")

    def send(self, *pieces: Any) -> None:
        """Chunks of a stream: objects become lines of JSON, bytes go as they are."""
        for piece in pieces:
            raw = piece if isinstance(piece, bytes) else json.dumps(piece).encode() + b"\n"
            self.writer.write(b"%x\r\n%s\r\n" % (len(raw), raw))

    def end_stream(self) -> None:
        self.writer.write(b"0\r\n\r\n")

    def cut(self) -> None:
        """RST: what was sent may be lost, the answer stays unfinished."""
        self.writer.transport.abort()

    async def hold(self) -> None:
        """Says nothing more until the client leaves or the server closes."""
        await self.writer.drain()
        await asyncio.Event().wait()


Script = Callable[[Call], Awaitable[None]]


class ScriptedServer:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.calls: list[Call] = []
        self.port = 0
        self.agrees_on_versions = True
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def watches(self) -> list[Call]:
        return [call for call in self.calls if call.is_watch]

    @property
    def lists(self) -> list[Call]:
        return [call for call in self.calls if not call.is_watch and not call.is_version_check]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while call := await _read_call(reader, writer):
                self.calls.append(call)
                if call.is_version_check and self.agrees_on_versions:
                    call.answer(pod_list())
                else:
                    await self.script(call)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read_call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Call | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    first, *rest = head.decode().split("\r\n")
    method, target, _version = first.split(" ")
    headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in rest if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    url = urlsplit(target)
    return Call(method, url.path, dict(parse_qsl(url.query)), headers, body, writer, reader)


@asynccontextmanager
async def scripted(
    script: Script, folder: Path, **connect_with: Any
) -> AsyncIterator[tuple[ScriptedServer, Cluster]]:
    """A scripted server and a Cluster that is connected to it."""
    server = ScriptedServer(script)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    kubeconfig = write_kubeconfig(folder / "config", f"http://127.0.0.1:{server.port}", {"token": "first"})
    cluster = await connect(contexts([kubeconfig])[0], **connect_with)
    try:
        yield server, cluster
    finally:
        await cluster.close()
        listener.close()
        await server.close()
        await listener.wait_closed()


def write_kubeconfig(path: Path, server: str, user: dict[str, Any], **cluster: Any) -> Path:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "scripted", "cluster": {"server": server} | cluster}],
        "users": [{"name": "tester", "user": user}],
        "contexts": [{"name": "scripted", "context": {"cluster": "scripted", "user": "tester"}}],
        "current-context": "scripted",
    }
    path.write_text(json.dumps(config))
    return path


def status_body(code: int, message: str = "no", reason: str = "", **details: Any) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": details,
        "code": code,
    }


def pod(
    name: str, version: int = 1, *, uid: str = "", phase: str = "Running", **labels: str
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": uid or f"uid-{name}",
            "resourceVersion": str(version),
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": labels,
        },
        "spec": {"containers": [{"name": "app", "image": "app:1"}]},
        "status": {"phase": phase},
    }


def pod_list(*pods: dict[str, Any], version: int = 10, following: str = "") -> dict[str, Any]:
    metadata = {"resourceVersion": str(version)} | ({"continue": following} if following else {})
    return {"kind": "PodList", "apiVersion": "v1", "metadata": metadata, "items": list(pods)}


def event(kind: str, thing: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "object": thing}


def bookmark(version: int) -> dict[str, Any]:
    """As the API server sends it: an empty pod, its list of containers null."""
    return event(
        "BOOKMARK",
        {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {"resourceVersion": str(version), "creationTimestamp": None},
            "spec": {"containers": None},
            "status": {},
        },
    )


async def until(condition: Callable[[], bool], limit_s: float = 10.0) -> None:
    """Waits for a condition, never for a time."""
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110  the conditions are plain values
            await asyncio.sleep(0.01)
