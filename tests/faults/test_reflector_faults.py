"""Faults between the reflector and a living API server; the store equals a fresh list after each."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sidecars.cluster import Cluster, LogTarget, reflector
from sidecars.store import RowStore
from tests.cluster.real_cluster import RealCluster
from tests.door.live import (
    connected,
    container,
    create_pod,
    delete_pod,
    equals_fresh_list,
    fresh_namespace,
    manifest,
)
from tests.door.scripted import until
from tests.faults.proxy import FaultProxy, proxied


@dataclass
class Bench:
    """`direct` goes past the proxy; `cluster` and its `store` go through it."""

    proxy: FaultProxy
    cluster: Cluster
    direct: Cluster
    namespace: str
    store: RowStore[Any]

    async def add(self, name: str) -> None:
        await create_pod(self.direct, self.namespace, manifest(name))

    async def agrees(self, limit_s: float = 20) -> None:
        await equals_fresh_list(self.store, self.direct, self.namespace, limit_s)

    async def live(self, limit_s: float = 20) -> None:
        await until(lambda: self.store.state.phase == "live", limit_s)


@pytest.fixture(params=["demo", pytest.param("real", marks=pytest.mark.cluster)])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    kubeconfig = request.getfixturevalue(f"{request.param}_cluster").kubeconfig
    async with (
        connected(kubeconfig) as direct,
        proxied(kubeconfig, tmp_path) as (proxy, path),
        connected(path) as cluster,
        fresh_namespace(direct) as namespace,
        cluster.reflect("pods", namespace) as held,
    ):
        await until(lambda: held.store.state.complete)
        yield Bench(proxy, cluster, direct, namespace, held.store)


async def test_a_server_that_is_gone_for_a_while_leaves_stale_rows_that_recover(bench: Bench) -> None:
    await bench.add("before")
    await bench.agrees()
    await bench.proxy.stop()
    await until(lambda: bench.store.state.phase == "stale")
    assert len(bench.store.rows) == 1
    await bench.add("meanwhile")

    await bench.proxy.start()

    await bench.live()
    await bench.agrees()


async def test_a_half_open_connection_is_found_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reflector, "SILENCE_S", 1.0)
    await bench.proxy.break_all()
    await bench.live()
    bench.proxy.is_mute = True
    await bench.add("unheard")
    await until(lambda: bench.store.state.phase != "live")

    await bench.proxy.break_all()
    bench.proxy.is_mute = False

    await bench.live(60)
    await bench.agrees()


async def test_connections_cut_at_random_bytes_lose_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecars.cluster.transport.BACKOFF_TOP_S", 0.1)
    dice = random.Random(11)
    await bench.proxy.break_all()
    for number in range(8):
        bench.proxy.cut_after_bytes = dice.randrange(3_000, 12_000)
        await bench.add(f"p{number}")
        if number % 3 == 2:
            await delete_pod(bench.direct, bench.namespace, f"p{number - 1}")
        await asyncio.sleep(0.3)
    bench.proxy.cut_after_bytes = None

    assert bench.proxy.cuts > 0
    await bench.agrees(40)


async def test_a_slow_line_is_only_slow(bench: Bench) -> None:
    bench.proxy.delay_s = 0.2
    await bench.add("slow")

    await bench.agrees()
    assert bench.store.state.phase == "live"


async def test_a_log_cut_in_between_gives_every_line_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecars.cluster.transport.BACKOFF_TOP_S", 0.1)
    monkeypatch.setattr("sidecars.cluster.logs.follow.WAIT_TOP_S", 0.1)
    numbers = " ".join(map(str, range(100)))
    script = "; sleep 1; ".join(f"for i in {numbers}; do echo {part} $i; done" for part in "abc")
    body = manifest("talker", container("app", script), restartPolicy="Never")
    await create_pod(bench.direct, bench.namespace, body)
    bench.proxy.cut_after_bytes, bench.proxy.cuts_limit = 9_000, 8
    await bench.proxy.break_all()
    seen: list[str] = []
    async with asyncio.timeout(60):
        async for batch in bench.cluster.follow_log(LogTarget(bench.namespace, "talker", "", "app")):
            seen += [line.text for line in batch if line.kind == "line"]

    assert seen == [f"{part} {i}" for part in "abc" for i in range(100)]
    assert bench.proxy.cuts > 0


@pytest.mark.cluster
@pytest.mark.timeout(480)  # it waits until no other session runs a test
async def test_the_api_server_killed_for_twenty_seconds(real_cluster: RealCluster, namespace: str) -> None:
    async with connected(real_cluster.kubeconfig) as cluster, cluster.reflect("pods", namespace) as held:
        await create_pod(cluster, namespace, manifest("before"))
        await equals_fresh_list(held.store, cluster, namespace)

        await asyncio.to_thread(real_cluster.stop_apiserver)
        await until(lambda: held.store.state.phase == "stale")
        assert len(held.store.rows) == 1
        await asyncio.sleep(20)  # the length of the fault itself
        real_cluster.start_apiserver()
        await asyncio.to_thread(real_cluster.wait_ready)

        await until(lambda: held.store.state.phase == "live", limit_s=60)
        await create_pod(cluster, namespace, manifest("after"))
        await equals_fresh_list(held.store, cluster, namespace, limit_s=60)
