"""Reconnects by force, a given number of them at a given pace."""

import asyncio
import itertools
from collections import Counter
from dataclasses import dataclass, field

from tests.cluster.real_cluster import RealCluster
from tests.logs.real.desk import Desk


@dataclass
class Breaking:
    """`pause_s` between two faults is the scenario's pace, not a wait for anything."""

    cluster: RealCluster
    desk: Desk
    pause_s: float
    done: Counter[str] = field(default_factory=Counter)

    async def run(self, count: int, restarts: int) -> None:
        """`restarts` of the API server, evenly between cuts of the browser's sockets and of the upstreams."""
        every = count // (restarts + 1) if restarts else count
        kinds = itertools.cycle(("socket", "upstream"))
        for number in range(1, count + 1):
            is_restart = number % every == 0 and self.done["API server"] < restarts
            await self._break("API server" if is_restart else next(kinds))
            await asyncio.sleep(self.pause_s)
        await asyncio.to_thread(self.cluster.wait_ready)

    async def _break(self, kind: str) -> None:
        self.done[kind] += 1
        if kind == "socket":
            await self.desk.front.break_all()
        elif kind == "upstream":
            await self.desk.upstream.break_all()
        else:
            await asyncio.to_thread(self.cluster.stop_apiserver)
            self.cluster.start_apiserver()
            await asyncio.to_thread(self.cluster.wait_ready)
