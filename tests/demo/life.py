"""A demo cluster inside the test's own loop, fifty times as fast as life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sidecars.demo import controllers, scenes
from sidecars.demo.controllers.cluster import SimulatedCluster
from sidecars.demo.store import Store

Obj = dict[str, Any]


@asynccontextmanager
async def living(store: Store, *, churn_per_s: float = 0.0) -> AsyncIterator[SimulatedCluster]:
    async with asyncio.TaskGroup() as tasks:

        async def behave() -> None:
            async with asyncio.TaskGroup() as own:
                controllers.start(store, own, speed=50, churn_per_s=churn_per_s)

        running = tasks.create_task(behave())
        await asyncio.sleep(0)
        yield controllers.cluster_of(store)
        running.cancel()


def scene_store(pods: int = 0) -> Store:
    store = Store()
    scenes.load(store, pods=pods)
    return store


async def until(holds: Callable[[], Any], limit_s: float = 10.0) -> Any:
    async with asyncio.timeout(limit_s):
        while not (found := holds()):
            await asyncio.sleep(0.01)
        return found


def pods_of(store: Store, namespace: str, prefix: str) -> list[Obj]:
    return [pod for pod in store.list("pods", namespace) if pod["metadata"]["name"].startswith(prefix)]


def states_of(pod: Obj) -> dict[str, str]:
    """Container to the reason it gives, or to its bare state."""
    lists = ("initContainerStatuses", "containerStatuses")
    entries = [each for name in lists for each in pod["status"].get(name, [])]
    return {each["name"]: _told(each["state"]) for each in entries}


def _told(state: Obj) -> str:
    kind, more = next(iter(state.items()))
    return str(more.get("reason", kind))
