"""Which clusters there are, and one open `Cluster` per identity and context, closed when idle."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.http import Http404

from dashboard import VERSION
from dashboard.identity import Identity
from sidecars.cluster import Cluster, ContextEntry, connect, contexts
from sidecars.cluster.logs import slots
from sidecars.errors import SidecarsError

IDLE_S = 15 * 60.0
SWEEP_S = 60.0


@dataclass(slots=True)
class _Open:
    """A connection and who needs it; `lock` lets the first request connect while others wait."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    cluster: Cluster | None = None
    username: str = ""  # as the cluster says; "" until it has said so
    asking: asyncio.Task[None] | None = None
    used_at: float = field(default_factory=time.monotonic)
    holders: int = 0

    async def ask_username(self) -> None:
        """Beside the request that connects: no page waits for it, and servers before 1.28 cannot say."""
        if self.cluster is not None:
            with suppress(SidecarsError):
                self.username = (await self.cluster.whoami()).username

    async def close(self) -> None:
        if self.asking is not None:
            self.asking.cancel()
            await asyncio.gather(self.asking, return_exceptions=True)
        if self.cluster is not None:
            await self.cluster.close()


class Clusters:
    def __init__(self) -> None:
        self.entries: tuple[ContextEntry, ...] = ()
        self.by_slug: dict[str, ContextEntry] = {}
        self.current_slug = ""
        self.problem: SidecarsError | None = None
        self._open: dict[tuple[str, str], _Open] = {}
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reads the kubeconfigs. A missing one is shown on the page, not a reason to stay away."""
        slots.most = settings.SIDECAR_LOG_STREAMS
        text = settings.SIDECAR_KUBECONFIG
        paths = [Path(part).expanduser() for part in text.split(os.pathsep) if part] if text else None
        try:
            self.entries = tuple(await asyncio.to_thread(contexts, paths))
        except SidecarsError as error:
            self.problem = error
        self.by_slug = {entry.slug: entry for entry in self.entries}
        self.current_slug = self._current()
        self._sweeper = asyncio.create_task(self._sweep(), name="clusters-sweeper")

    def _current(self) -> str:
        """The one that was asked for, else the kubeconfig's current one, else the first."""
        asked = [e.slug for e in self.entries if settings.SIDECAR_CONTEXT in {e.name, e.slug}]
        current = [e.slug for e in self.entries if e.is_current]
        return next(iter([*asked, *current, *self.by_slug]), "")

    async def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        held, self._open = self._open, {}
        await asyncio.gather(*(one.close() for one in held.values()), return_exceptions=True)

    def entry(self, slug: str) -> ContextEntry:
        """Raises Http404: an unknown context is no page, whoever asks."""
        try:
            return self.by_slug[slug]
        except KeyError:
            raise Http404(slug) from None

    async def get(self, identity: Identity, slug: str) -> Cluster:
        one = self._open.setdefault((identity.key, self.entry(slug).slug), _Open())
        one.used_at = time.monotonic()
        async with one.lock:
            if one.cluster is None:
                one.cluster = await connect(
                    self.entry(slug),
                    read_only=settings.SIDECAR_READ_ONLY,
                    user_agent=f"sidecar-dash/{VERSION}",
                )
                one.asking = asyncio.create_task(one.ask_username(), name="whoami")
        return one.cluster

    def username(self, identity: Identity, slug: str) -> str:
        """Who the cluster takes the viewer for, as far as it is known by now. No I/O."""
        one = self._open.get((identity.key, slug))
        return one.username if one else ""

    @asynccontextmanager
    async def hold(self, identity: Identity, slug: str) -> AsyncIterator[Cluster]:
        """For what lasts longer than a request: sockets and operations keep the connection open."""
        cluster = await self.get(identity, slug)
        one = self._open[identity.key, slug]
        one.holders += 1
        try:
            yield cluster
        finally:
            one.holders -= 1
            one.used_at = time.monotonic()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            oldest = time.monotonic() - IDLE_S
            idle = [k for k, o in self._open.items() if not o.holders and o.used_at < oldest]
            for key in idle:
                await asyncio.gather(self._open.pop(key).close(), return_exceptions=True)


clusters = Clusters()


async def cluster_for(identity: Identity, slug: str) -> Cluster:
    """For one request. Raises Http404 for an unknown context."""
    return await clusters.get(identity, slug)
