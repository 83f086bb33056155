"""The pods list, live: what the page shows now, whenever it differs from what it showed."""

import asyncio
import time
from typing import Any

from asgiref.sync import sync_to_async
from django.http import QueryDict
from django.template.loader import render_to_string

from dashboard.clusters import clusters
from dashboard.consumers.base import ViewerConsumer
from dashboard.pod_list import Ask, PodList, build_list
from dashboard.scopes import Scopes, open_scopes

PAUSE_S = 0.12  # changes that come together go out together
BREATH = 4  # a frame that takes long to make is followed by a pause of so many times its cost


class RowsConsumer(ViewerConsumer):
    """Frames in: {"query": "?ns=…&q=…"}, first with "rows": {uid: version} of the page's own rows."""

    ask: Ask | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asyncio.Event()

    async def run(self, params: dict[str, Any]) -> None:
        # A frame may have come between the first one and now: it is the newer wish.
        self.ask = self.ask or self._read(params)
        rows = params.get("rows")
        self.shown = {str(k): str(v) for k, v in rows.items()} if isinstance(rows, dict) else {}
        self.told: dict[str, str] = {}
        async with clusters.hold(self.identity, self.kwargs["ctx"]) as cluster:
            while True:
                namespaces = self.ask.namespaces
                async with open_scopes(cluster, "pods", namespaces) as scopes:
                    await self._follow(scopes, namespaces)
                self.shown = {}  # the rows' columns depend on the namespaces: all are drawn anew

    async def frame_received(self, frame: dict[str, Any]) -> None:
        if "query" in frame:
            self.ask = self._read(frame)
            self.asked.set()

    def _read(self, frame: dict[str, Any]) -> Ask:
        return Ask.read(QueryDict(str(frame.get("query", ""))[:4096].removeprefix("?")))

    async def _follow(self, scopes: Scopes, namespaces: tuple[str, ...]) -> None:
        """Until the viewer chooses other namespaces."""
        async with scopes.changes() as changed:
            while (ask := self.ask or Ask()).namespaces == namespaces:
                changed.clear()
                self.asked.clear()
                began = time.monotonic()
                await self._show(ask, scopes)
                # A wish of the viewer cuts every pause short.
                await _either(self.asked, limit_s=(time.monotonic() - began) * BREATH)
                await _either(changed, self.asked)
                await _either(self.asked, limit_s=PAUSE_S)

    async def _show(self, ask: Ask, scopes: Scopes) -> None:
        listing = build_list(ask, scopes)
        # Templates in a thread: a page of rows takes longer than the loop should wait.
        frame = await sync_to_async(self._draw, thread_sensitive=False)(listing)
        if frame:
            await self.send_frame({"type": "rows", "query": ask.query_string()} | frame)

    def _draw(self, listing: PodList) -> dict[str, Any]:
        """Only what differs from what the page shows; {} if nothing does."""
        context = {"listing": listing, "ctx": self.kwargs["ctx"]}
        order = [row.uid for row in listing.page.rows]
        versions = {row.uid: row.resource_version for row in listing.page.rows}
        html = [
            render_to_string("pods/_row.html", context | {"line": line})
            for line in listing.lines()
            if self.shown.get(line.row.uid) != line.row.resource_version
        ]
        regions = {}
        for name in ("head", "summary", "state", "foot"):
            text = render_to_string(f"pods/_{name}.html", context)
            if self.told.get(name) != text:
                regions[name] = self.told[name] = text
        has_moved = list(self.shown) != order
        self.shown = versions
        if not (html or regions or has_moved):
            return {}
        return {"order": order, "html": "".join(html), "regions": regions}


async def _either(*events: asyncio.Event, limit_s: float | None = None) -> None:
    tasks = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
