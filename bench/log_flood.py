"""The log page in Chromium while ten containers write 5,000 lines/s each: all that this computer can do."""

import asyncio
import statistics
from pathlib import Path

from bench.control import control
from bench.log_page import BROWSER_LOOP, TASK_MS, open_log
from bench.rows import Row, conditions
from bench.tasks import Task, tasks_of
from tests.cluster.real_cluster import RealCluster
from tests.logs.real.desk import open_desk
from tests.logs.real.page import Tab, open_tab
from tests.logs.real.writing import Writing, open_ground

FLOOD = "Logs: page, 10 × 5,000 lines/s for 60 s"
CONTAINERS, RATE, SECONDS, FILLED_S = 10, 5000, 60, 15
GROWTH_MB = 10.0


async def flood(cluster: RealCluster, folder: Path, chromium: Path) -> list[Row]:
    async with (
        open_ground(cluster) as ground,
        open_desk(cluster, folder, is_direct=True) as desk,
        open_tab(desk, chromium, keeps=False) as tab,
    ):
        loop_ms = float(await tab.page.evaluate(BROWSER_LOOP))
        names = [f"c{number}" for number in range(CONTAINERS)]
        await ground.start("flood", *(Writing(name, RATE, RATE * SECONDS, width=60) for name in names))
        await open_log(tab, desk, ground, "flood:*&tail=all")
        await asyncio.sleep(FILLED_S)
        before_mb = await _heap_mb(tab)
        async with tasks_of(tab.page) as tasks:
            with control() as beside:
                await asyncio.sleep(SECONDS - FILLED_S)
        count = await tab.row_count()
        after_mb = await _heap_mb(tab)
    long = [task for task in tasks if task.cpu_ms > TASK_MS]
    by_clock = sum(task.clock_ms > TASK_MS for task in tasks)
    told = (
        f"of {len(tasks):,}, by their own time: the flood takes every core; longest {_longest(tasks)}; "
        f"by the clock {by_clock}; {beside.told(TASK_MS)}; {count:,} lines; "
        f"fixed browser loop {loop_ms:.0f} ms; {conditions()}"
    )
    grown = (
        f"heap with a full buffer: {before_mb:.0f} MB after {FILLED_S} s, {after_mb:.0f} MB after {SECONDS} s"
    )
    return [
        Row(f"{FLOOD}: tasks over {TASK_MS} ms", len(long), "", None, "", 0, told),
        Row(f"{FLOOD}: heap growth", after_mb - before_mb, "MB", None, "", GROWTH_MB, grown),
    ]


def _longest(tasks: list[Task]) -> str:
    times = [task.cpu_ms for task in tasks]
    return f"{max(times):.0f} ms, median {statistics.median(times):.1f} ms"


async def _heap_mb(tab: Tab) -> float:
    """After a collection: what is held, not what waits to be thrown away."""
    session = await tab.page.context.new_cdp_session(tab.page)
    await session.send("HeapProfiler.collectGarbage")
    usage = await session.send("Runtime.getHeapUsage")
    await session.detach()
    return float(usage["usedSize"]) / 1e6
