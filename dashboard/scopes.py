"""Where rows are read from: the whole cluster, or one store for each chosen namespace.

A viewer who may not list the whole cluster chooses namespaces; one that is forbidden never
empties the others.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sidecars.cluster import Cluster
from sidecars.store import Change, ReflectorState, RowStore

FIRST_ROWS_S = 1.5
WORST_FIRST = ("failed", "forbidden", "stale", "starting", "catching-up", "live")


@dataclass(frozen=True, slots=True)
class Scope:
    namespace: str  # "" is the whole cluster
    store: RowStore[Any]


@dataclass(frozen=True, slots=True)
class Scopes:
    scopes: tuple[Scope, ...]

    def rows(self) -> list[Any]:
        """None of a scope that has become forbidden: what may not be listed is not shown either."""
        stores = [s.store for s in self.scopes if s.store.state.phase != "forbidden"]
        return list(chain.from_iterable(store.rows.values() for store in stores))

    @property
    def state(self) -> ReflectorState:
        """The worst one; a forbidden namespace beside permitted ones is told apart."""
        states = [scope.store.state for scope in self.scopes]
        seen = [state for state in states if state.phase != "forbidden"] or states
        return min(seen, key=lambda state: WORST_FIRST.index(state.phase))

    @property
    def forbidden(self) -> tuple[str, ...]:
        return tuple(s.namespace for s in self.scopes if s.store.state.phase == "forbidden")

    @property
    def is_complete(self) -> bool:
        return all(s.store.state.complete for s in self.scopes if s.store.state.phase != "forbidden")

    @property
    def is_filling(self) -> bool:
        """Whether more rows are on their way: not from a cluster that does not answer."""
        return not self.is_complete and self.state.phase in ("starting", "catching-up", "live")

    @property
    def has_answered(self) -> bool:
        return all(s.store.rows or s.store.state.phase != "starting" for s in self.scopes)

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[asyncio.Event]:
        """An event that is set at every change of any of the stores; the reader clears it."""
        changed = asyncio.Event()

        async def forward(feed: AsyncIterator[Change]) -> None:
            async for _change in feed:
                changed.set()

        async with AsyncExitStack() as stack:
            # Entered here and not in the tasks, which begin later: no change in between is missed.
            feeds = [await stack.enter_async_context(scope.store.follow()) for scope in self.scopes]
            tasks = [asyncio.create_task(forward(feed), name="scope") for feed in feeds]
            try:
                yield changed
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def first_rows(self) -> None:
        """Waits shortly for the first page of the list, so that a page is seldom empty at first."""
        async with self.changes() as changed:
            try:
                async with asyncio.timeout(FIRST_ROWS_S):
                    while not self.has_answered:
                        await changed.wait()
                        changed.clear()
            except TimeoutError:
                pass


@asynccontextmanager
async def open_scopes(cluster: Cluster, resource: str, namespaces: tuple[str, ...]) -> AsyncIterator[Scopes]:
    async with AsyncExitStack() as stack:
        scopes = []
        for namespace in namespaces or ("",):
            reflection = await stack.enter_async_context(cluster.reflect(resource, namespace))
            scopes.append(Scope(namespace, reflection.store))
        yield Scopes(tuple(scopes))
