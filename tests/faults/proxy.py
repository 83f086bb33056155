"""A TCP proxy in front of an API server, which a test can stop, slow, cut, reset and mute.

TLS passes through, so it sees bytes and not requests. Its faults are real ones: refused
connections, RST, half-open sockets that answer nothing any more.
"""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

CHUNK_BYTES = 16 * 1024


class Link:
    """One connection through the proxy: two pumps."""

    def __init__(
        self, proxy: "FaultProxy", near: tuple[asyncio.StreamReader, asyncio.StreamWriter], far: Any
    ) -> None:
        self.proxy, self.near, self.far = proxy, near, far
        self.passed_bytes = 0

    async def run(self) -> None:
        pumps = [
            asyncio.create_task(self._pump(self.near[0], self.far[1], is_answer=False)),
            asyncio.create_task(self._pump(self.far[0], self.near[1], is_answer=True)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for writer in (self.near[1], self.far[1]):
                writer.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            if self.proxy.is_mute:
                continue
            if is_answer:
                chunk = await self._damage(chunk, writer)
            writer.write(chunk)
            await writer.drain()

    async def _damage(self, chunk: bytes, writer: asyncio.StreamWriter) -> bytes:
        proxy = self.proxy
        if proxy.delay_s:
            await asyncio.sleep(proxy.delay_s)
        if proxy.cut_after_bytes is not None and proxy.cuts < proxy.cuts_limit:
            room = proxy.cut_after_bytes - self.passed_bytes
            if len(chunk) >= room:
                writer.write(chunk[: max(room, 0)])
                await writer.drain()
                self.passed_bytes += max(room, 0)
                proxy.cuts += 1
                self.reset() if proxy.resets else writer.close()
                raise ConnectionResetError
        self.passed_bytes += len(chunk)
        return chunk

    def reset(self) -> None:
        """RST instead of FIN."""
        raw = self.near[1].get_extra_info("socket")
        if raw is not None and raw.fileno() >= 0:  # else it has ended by itself just now
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.near[1].transport.abort()


class FaultProxy:
    """Attributes are the faults; they take effect at once, on open connections too.

    `cut_after_bytes`: each connection's answers end there, `cuts_limit` times in
    all. `is_mute`: bytes vanish both ways while the connection stays open.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.is_mute = False
        self.delay_s = 0.0
        self.cut_after_bytes: int | None = None
        self.resets = True
        self.cuts = 0
        self.cuts_limit = 1 << 30
        self.accepted = 0
        self.listen_port = 0
        self._server: asyncio.Server | None = None
        self._links: dict[asyncio.Task[None], Link | None] = {}  # None: not through yet

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.listen_port)
        self.listen_port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """As if the API server was killed: new connections are refused, open ones end."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.break_all()

    async def break_all(self) -> None:
        for link in self._links.values():
            if link is not None:
                link.reset()
        tasks = list(self._links)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.accepted += 1
        self._links[task] = None
        connecting = asyncio.ensure_future(asyncio.open_connection(self.host, self.port))
        try:
            far = await asyncio.shield(connecting)
            link = self._links[task] = Link(self, (reader, writer), far)
            await link.run()
        except (ConnectionError, OSError, asyncio.CancelledError):
            pass
        finally:
            del self._links[task]
            writer.close()
            # Cancelled while connecting: what came of it is closed all the same.
            for outcome in await asyncio.gather(connecting, return_exceptions=True):
                if isinstance(outcome, tuple):
                    outcome[1].close()


@asynccontextmanager
async def proxied(kubeconfig: Path, folder: Path) -> AsyncIterator[tuple[FaultProxy, Path]]:
    """A proxy before the kubeconfig's server, and a kubeconfig that leads through it."""
    config = yaml.safe_load(kubeconfig.read_text())
    cluster = config["clusters"][0]["cluster"]
    url = urlsplit(cluster["server"])
    proxy = FaultProxy(str(url.hostname), int(url.port or 443))
    await proxy.start()
    cluster["server"] = f"{url.scheme}://127.0.0.1:{proxy.listen_port}"
    cluster["tls-server-name"] = str(url.hostname)
    for item in [cluster, config["users"][0]["user"]]:
        for key in ("certificate-authority", "client-certificate", "client-key", "tokenFile"):
            if key in item:
                item[key] = str((kubeconfig.parent / item[key]).resolve())
    path = folder / "through-the-proxy"
    path.write_text(json.dumps(config))
    try:
        yield proxy, path
    finally:
        await proxy.stop()
