"""How a command in a container ends, and when it is not run at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sidecars.cluster import Cluster, connect, contexts
from sidecars.errors import Forbidden, SidecarsError
from tests.demo_fixture import DemoCluster
from tests.observe.desk import EXEC, READ, execs, make_pod
from tests.pods.viewing import Place


@asynccontextmanager
async def opened(kubeconfig: Path, *, read_only: bool = False) -> AsyncIterator[Cluster]:
    cluster = await connect(contexts([kubeconfig])[0], read_only=read_only)
    try:
        yield cluster
    finally:
        await cluster.close()


async def run(
    cluster: Cluster, place: Place, *command: str, container: str = "redis", limit_s: float = 5.0
) -> tuple[str, str]:
    outcome = await cluster.run_command(place.namespace, "seen", container, command, limit_s=limit_s)
    return outcome.stdout, outcome.failure


async def test_each_end_has_a_name(place: Place, demo_cluster: DemoCluster) -> None:
    await make_pod(place)

    async with opened(demo_cluster.kubeconfig) as cluster:
        assert await run(cluster, place, "sh", "-c", "echo one; echo two") == ("one\ntwo\n", "")
        assert await run(cluster, place, "sh", "-c", "echo one; exit 3") == ("one\n", "exit")
        assert await run(cluster, place, "no-such-program") == ("", "no-program")
        assert await run(cluster, place, "sh", "-c", "true", container="exporter") == ("", "no-program")
        assert await run(cluster, place, "sleep", "30", limit_s=0.2) == ("", "time")


async def test_more_than_is_wanted_is_not_read(place: Place, demo_cluster: DemoCluster) -> None:
    await make_pod(place)
    loop = "for i in $(seq 1 100); do for j in $(seq 1 100); do echo " + "x" * 400 + "; done; done"

    async with opened(demo_cluster.kubeconfig) as cluster:
        said, failure = await run(cluster, place, "sh", "-c", loop, limit_s=20)

    assert (len(said), failure) == (2 << 20, "size")


async def test_read_only_runs_nothing_and_asks_nobody(place: Place, demo_cluster: DemoCluster) -> None:
    await make_pod(place)

    async with opened(demo_cluster.kubeconfig, read_only=True) as cluster:
        with pytest.raises(Forbidden, match="read-only"):
            await run(cluster, place, "true")

    assert execs(demo_cluster, place.namespace) == []


async def test_without_the_right_it_says_which(
    place: Place, demo_cluster: DemoCluster, tmp_path: Path
) -> None:
    await make_pod(place)
    token = demo_cluster.user(f"no-{place.namespace}", [*READ, EXEC | {"verbs": ["create"]}])

    async with opened(demo_cluster.kubeconfig_of(token, tmp_path / "config")) as cluster:
        with pytest.raises(Forbidden):
            await run(cluster, place, "true")


@pytest.mark.parametrize("container", ["nobody", "../../nodes", ""])
async def test_a_container_that_is_not_there_is_an_error(
    place: Place, demo_cluster: DemoCluster, container: str
) -> None:
    await make_pod(place)

    async with opened(demo_cluster.kubeconfig) as cluster:
        with pytest.raises(SidecarsError):
            await run(cluster, place, "true", container=container)
