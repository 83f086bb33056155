"""A change's page, sent again whenever the change moved on."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from django.template.loader import render_to_string

from dashboard.change_page import change_context
from dashboard.clusters import clusters
from dashboard.consumers.base import ViewerConsumer
from dashboard.models import Operation
from dashboard.operations import operations
from dashboard.views.changes import get_change
from sidecars.cluster import Cluster

REFRESH_S = 4.0  # events and log lines move without the operation's row


class RolloutConsumer(ViewerConsumer):
    async def run(self, params: dict[str, Any]) -> None:
        ctx, change = self.kwargs["ctx"], self.kwargs["change"]
        async with clusters.hold(self.identity, ctx) as cluster:
            await get_change(self.identity, ctx, change, cluster)
            feed = operations.follow(change)
            try:
                await self._send_all(feed, cluster)
            finally:
                await feed.aclose()

    async def _send_all(self, feed: AsyncGenerator[Operation, None], cluster: Cluster) -> None:
        upcoming: asyncio.Future[Operation | None] = asyncio.ensure_future(_next_of(feed))
        row: Operation | None = None
        try:
            while True:
                done, _ = await asyncio.wait({upcoming}, timeout=REFRESH_S)
                if done:
                    row = upcoming.result()
                    if row is None:
                        return
                    upcoming = asyncio.ensure_future(_next_of(feed))
                if row is not None:
                    await self._send_page(row, cluster)
        finally:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)

    async def _send_page(self, row: Operation, cluster: Cluster) -> None:
        context = await change_context(row, cluster)
        frame = {
            "type": "change",
            "html": render_to_string("attach/_live.html", context),
            "title": context["title"],
            "result": row.result,
            "say": f"{context['word']}. {context['sentence']}",
        }
        await self.send_frame(frame)


async def _next_of(feed: AsyncGenerator[Operation, None]) -> Operation | None:
    """None at its end. Not `anext(feed, None)`: Python 3.11 fails when the feed ends while it waits."""
    try:
        return await anext(feed)
    except StopAsyncIteration:
        return None
