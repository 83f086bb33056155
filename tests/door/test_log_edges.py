"""What a merged view must not lose or keep at its edges: pods that come and go, skips, refusals, limits."""

import asyncio
from pathlib import Path

import pytest

from sidecars.cluster import LogSource
from sidecars.cluster.logs import LogSources, LogWish, MergedLog, merged, shared, sources
from tests.door.scripted import scripted, until
from tests.door.test_log_views import numbered
from tests.door.viewing import Kubelets, Viewer

pytestmark = pytest.mark.usefixtures("quick")

DEPLOYMENT = (LogSource("deployments", "shop", "shop", ("app",)),)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "TOGETHER_S", 0.01)
    monkeypatch.setattr(shared, "LINGER_S", 0.01)


async def test_pods_that_left_leave_nothing_behind_while_the_view_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged, "LEFT_MOST", 1)
    kubelets = Kubelets("one", "two", "three", "four")
    for kubelet in kubelets.pods.values():
        kubelet.write(*numbered(0, 3))
    async with scripted(kubelets, tmp_path) as (_, cluster):
        async with Viewer(cluster, sources=DEPLOYMENT) as viewer:
            await until(lambda: len(viewer.rows) == 12 and bool(kubelets.watching))
            for name in ("one", "two", "three"):
                kubelets.leave(name)
            await until(lambda: viewer.codes.count("leave") == 3)
            await until(lambda: [uid for uid, _name in cluster.logs._running] == ["uid-four"])
            kubelets["four"].write(*numbered(3, 4))
            await until(lambda: len(viewer.rows) == 13)
        await until(lambda: not cluster.logs._running)


async def test_a_view_that_is_cancelled_twice_lets_go_of_everything(tmp_path: Path) -> None:
    kubelets = Kubelets("one", "two")
    async with scripted(kubelets, tmp_path) as (_, cluster):

        async def look() -> None:
            async with MergedLog(cluster, LogSources(cluster, DEPLOYMENT), LogWish()) as log:
                async for _frame in log.frames():
                    pass

        looking = asyncio.create_task(look())
        await until(lambda: len(cluster.logs._running) == 2)
        looking.cancel()
        await asyncio.sleep(0)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)

        await until(lambda: not cluster.logs._running)
        await until(lambda: not [t for t in asyncio.all_tasks() if t.get_name() == "log source"])
