"""Bars 9–12, on the real one-node cluster, beside `kubectl logs -f` in the same run."""

import asyncio
import statistics
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench import log_flood, log_page
from bench.rows import Row, conditions, skipped
from tests.cluster.bed import end_use
from tests.cluster.fixtures import make_cluster
from tests.cluster.host import BROWSER_PARTS
from tests.cluster.instance import Instance
from tests.cluster.places import find_places
from tests.cluster.progress import make_say
from tests.cluster.real_cluster import RealCluster
from tests.logs.real.backlog import seconds_of_dashboard, seconds_of_kubectl, write_backlog
from tests.logs.real.crowd import gather_crowd
from tests.logs.real.desk import open_desk
from tests.logs.real.writing import open_ground

CAPACITY = "Logs (9): lines/s through one viewer"
CROWD = "Logs (12): 200 viewers of one container"
PAGE = (log_page.FOLLOW, log_flood.FLOOD, log_page.BUFFER)
ROUNDS = 3


def measure(_loop_ms: float) -> Iterator[Row]:
    fault = Instance(find_places(), make_say()).find_fault()
    if fault:
        for name in (CAPACITY, *PAGE, CROWD):
            yield skipped(name, f"no real cluster, {fault} (make cluster-up)")
        return
    cluster = make_cluster(make_say())
    try:
        yield from _in_folder(cluster, _capacity)
        yield from _page(cluster)
        yield from _in_folder(cluster, _crowd)
    finally:
        end_use(cluster.places, cluster.say, cluster.use)


def _page(cluster: RealCluster) -> Iterator[Row]:
    chromium = Path(BROWSER_PARTS[0].wanted)
    if not chromium.exists():
        for name in PAGE:
            yield skipped(name, f"there is no {chromium}")
        return
    for part in (log_page.follow, log_flood.flood, log_page.buffer):
        yield from _in_folder(cluster, partial(part, chromium=chromium))


def _in_folder(
    cluster: RealCluster, part: Callable[[RealCluster, Path], Coroutine[Any, Any, list[Row]]]
) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="sidecar-bench-") as folder:
        return asyncio.run(part(cluster, Path(folder)))


async def _capacity(cluster: RealCluster, folder: Path) -> list[Row]:
    async with open_ground(cluster) as ground, open_desk(cluster, folder, is_direct=True) as desk:
        pod, lines = await write_backlog(ground)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            theirs.append(await seconds_of_kubectl(ground, pod, lines, folder))
            ours.append(await seconds_of_dashboard(desk, ground, pod, lines))
        memory_mb = desk.memory_mb
    reference = lines / statistics.median(theirs)
    told = f"a finished log of {lines:,} lines, median of {ROUNDS}, {memory_mb:.0f} MB; {conditions()}"
    return [
        Row(
            name=CAPACITY,
            figure=lines / statistics.median(ours),
            unit="lines/s",
            reference=reference,
            reference_name="kubectl logs -f > file",
            bar=0.8 * reference,
            conditions=told,
            is_floor=True,
        )
    ]


async def _crowd(cluster: RealCluster, folder: Path) -> list[Row]:
    async with open_ground(cluster) as ground, open_desk(cluster, folder) as desk:
        crowd = await gather_crowd(desk, ground)
    before, beside = statistics.median(crowd.before_ms), statistics.median(crowd.delays_ms)
    told = f"{crowd}; {conditions()}"
    return [
        Row(f"{CROWD}: upstreams", crowd.upstreams, "", None, "", 1, told),
        Row(f"{CROWD}: memory a viewer", crowd.mb_a_viewer, "MB", None, "", 1.5, conditions()),
        Row(f"{CROWD}: delay beside a stalled one", beside, "ms", before, "without it", None, conditions()),
    ]
