"""Tells an open pod page when its pod changed, ended or cannot be seen any more."""

import asyncio
from typing import Any

from asgiref.sync import sync_to_async
from django.template.loader import render_to_string

from dashboard.clusters import clusters
from dashboard.consumers.base import ViewerConsumer
from sidecars import errors
from sidecars.rows import PodRow
from sidecars.store import ReflectorState, RowStore

PAUSE_S = 0.15


class PodConsumer(ViewerConsumer):
    """Frames: {"type": "state", "html"}, {"type": "changed", "version"}, {"type": "gone", "html"}."""

    async def run(self, params: dict[str, Any]) -> None:
        namespace, name = self.kwargs["namespace"], self.kwargs["pod"]
        self.version = str(params.get("version", ""))
        self.owner = ("", "")
        self.uid = str(params.get("uid", ""))
        async with (
            clusters.hold(self.identity, self.kwargs["ctx"]) as cluster,
            cluster.reflect("pods", namespace) as reflection,
        ):
            self.cluster = cluster
            store: RowStore[PodRow] = reflection.store
            async with store.follow() as changes:
                told = await self._tell(store, namespace, name, None)
                async for _change in changes:
                    await asyncio.sleep(PAUSE_S)
                    told = await self._tell(store, namespace, name, told)

    async def _tell(
        self, store: RowStore[PodRow], namespace: str, name: str, told: ReflectorState | None
    ) -> ReflectorState:
        state = store.state
        if state != told:
            html = await self._draw("frame/_live.html", {"state": state})
            await self.send_frame({"type": "state", "phase": state.phase, "html": html})
        row = store.get(namespace, name)
        if row is None or (self.uid and row.uid != self.uid):
            if state.complete and state.phase == "live" and await self._is_gone(namespace, name):
                await self._say_gone(store, namespace)
            return state
        self.owner = (row.owner_kind, row.owner_name)
        if row.resource_version != self.version:
            self.version = row.resource_version
            await self.send_frame({"type": "changed", "version": row.resource_version})
        return state

    async def _is_gone(self, namespace: str, name: str) -> bool:
        """Asked once more: the page may have seen a pod that the watch has yet to tell of."""
        if self.version == "gone":
            return False
        try:
            found = await self.cluster.get("pods", namespace, name)
        except errors.NotFound:
            return True
        except errors.ClusterError:
            return False  # the next change asks again
        return bool(self.uid) and found["metadata"].get("uid") != self.uid

    async def _say_gone(self, store: RowStore[PodRow], namespace: str) -> None:
        """Once: the page stays as it was, marked, with what came after."""
        self.version = "gone"
        rows = store.rows.values()
        siblings = [r for r in rows if r.owner_name and (r.owner_kind, r.owner_name) == self.owner]
        successors = sorted(siblings, key=lambda row: -row.created)[:5]
        context = {"ctx": self.kwargs["ctx"], "namespace": namespace, "successors": successors}
        html = await self._draw("pods/_gone.html", context)
        await self.send_frame({"type": "gone", "html": html})

    async def _draw(self, template: str, context: dict[str, Any]) -> str:
        return await sync_to_async(render_to_string, thread_sensitive=False)(template, context)
