"""The door on living clusters: the demo process and the real API server, the same tests."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sidecars import errors, wire
from sidecars.cluster import Cluster, LogTarget
from sidecars.cluster.failures import Asked
from sidecars.cluster.rollout import RolloutState, follow_rollout
from sidecars.cluster.transport import Request
from sidecars.rows import pod_row
from tests.cluster.real_cluster import RealCluster
from tests.door.live import (
    MANAGER,
    connected,
    container,
    create_pod,
    delete_pod,
    equals_fresh_list,
    fresh_namespace,
    manifest,
)
from tests.door.scripted import until


@pytest.fixture(params=["demo", pytest.param("real", marks=pytest.mark.cluster)])
def kubeconfig(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(f"{request.param}_cluster").kubeconfig
    return found


@pytest.fixture
async def cluster(kubeconfig: Path) -> AsyncIterator[Cluster]:
    async with connected(kubeconfig) as found:
        yield found


@pytest.fixture
async def home(cluster: Cluster) -> AsyncIterator[str]:
    async with fresh_namespace(cluster) as name:
        yield name


async def test_the_identity_and_the_version_are_known(cluster: Cluster) -> None:
    assert (await cluster.whoami()).username
    assert (await cluster.version())[:2] >= (1, 34)
    assert await cluster.may("list", "pods")


async def test_rows_follow_the_cluster(cluster: Cluster, home: str) -> None:
    async with cluster.reflect("pods", home) as held:
        await until(lambda: held.store.state.complete)
        await create_pod(cluster, home, manifest("one"))
        await create_pod(cluster, home, manifest("two"))
        await until(lambda: [r.status for r in held.store.rows.values()] == ["Running"] * 2, limit_s=60)
        await delete_pod(cluster, home, "one")
        await until(lambda: {r.name for r in held.store.rows.values()} == {"two"}, limit_s=60)

        await equals_fresh_list(held.store, cluster, home)


@pytest.mark.cluster
async def test_statuses_are_those_of_the_servers_own_table(real_cluster: RealCluster) -> None:
    """Cells and objects come in one answer, so each row is compared with its own version."""
    seen = set()
    async with connected(real_cluster.kubeconfig) as cluster, fresh_namespace(cluster) as home:
        for body in odd_pods():
            await create_pod(cluster, home, body)
        for _ in range(20):
            for row, cells in await table(cluster, home):
                assert [f"{row.ready}/{row.total}", row.status, str(row.restarts)] == cells, row.name
                seen.add(row.status)
            await asyncio.sleep(0.5)

    assert {"Running", "Completed"} <= seen
    assert len(seen) >= 8


def odd_pods() -> list[dict[str, Any]]:
    native = container("side", restartPolicy="Always")
    failing = container("init", "exit 3")
    gate = {"schedulingGates": [{"name": "example.com/wait"}]}
    return [
        manifest("plain"),
        manifest("done", container("app", "true"), restartPolicy="Never"),
        manifest("failed", container("app", "exit 4"), restartPolicy="Never"),
        manifest("crashing", container("app", "exit 1")),
        manifest("half", container("app", "true"), container("b"), restartPolicy="OnFailure"),
        manifest("native", initContainers=[native, container("then", "sleep 1")]),
        manifest("waiting", initContainers=[container("init", "sleep 600")]),
        manifest("init-fails", initContainers=[failing], restartPolicy="Never"),
        manifest("init-crashes", initContainers=[failing]),
        manifest("gated", **gate),
        manifest("nowhere", nodeSelector={"no": "where"}),
        manifest("no-image", container("app", image="localhost/none:1", imagePullPolicy="Never")),
    ]


async def table(cluster: Cluster, namespace: str) -> list[tuple[Any, list[str]]]:
    accept = ("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
    request = Request(
        "GET",
        f"/api/v1/namespaces/{namespace}/pods",
        Asked("list", "pods", namespace),
        {"includeObject": "Object"},
        headers=(accept,),
    )
    found = msgspec.json.decode((await cluster.transport.read(request)).body)
    return [
        (
            pod_row(msgspec.convert(r["object"], wire.Pod)),
            [str(r["cells"][1]), str(r["cells"][2]), str(r["cells"][3]).split(" ")[0]],
        )
        for r in found["rows"]
    ]


async def test_a_log_is_followed_across_a_restart_of_its_container(cluster: Cluster, home: str) -> None:
    script = "for i in 1 2 3 4 5; do echo line $i; done; sleep 2; exit 1"
    await create_pod(cluster, home, manifest("talker", container("app", script)))
    seen: list[Any] = []
    async with asyncio.timeout(60):
        async for batch in cluster.follow_log(LogTarget(home, "talker", "", "app")):
            seen += batch
            if [line.text for line in seen if line.kind == "line"].count("line 5") == 2:
                break

    assert [line.text for line in seen if line.kind == "line"] == [f"line {i}" for i in range(1, 6)] * 2
    assert "restart" in [line.code for line in seen]


async def test_a_rollout_is_followed_to_its_end(cluster: Cluster, home: str) -> None:
    async def apply(script: str) -> RolloutState:
        written = await cluster.apply("deployments", home, "web", deployment(script), field_manager=MANAGER)
        uid = written.object["metadata"]["uid"]
        states = [s async for s in follow_rollout(cluster, "deployments", home, "web", uid)]
        assert not any(s.done for s in states[:-1])
        return states[-1]

    await create_pod(cluster, home, manifest("first"))
    async with asyncio.timeout(90):
        await apply("sleep 1000")
        last = await apply("sleep 2000")

    assert (last.done, last.updated, last.available, last.unreadable) == (True, 2, 2, ())
    assert len([p for p in last.pods if p.is_new and p.ready == 1]) == 2


def deployment(script: str) -> dict[str, Any]:
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [container("app", script)], "terminationGracePeriodSeconds": 0},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template},
    }


async def test_a_field_of_another_manager_is_a_conflict_that_names_it(cluster: Cluster, home: str) -> None:
    await create_pod(cluster, home, manifest("first"))
    await cluster.apply("deployments", home, "web", deployment("sleep 1"), field_manager=MANAGER)
    other = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 3},
    }

    with pytest.raises(errors.FieldConflict) as raised:
        await cluster.apply("deployments", home, "web", other, field_manager="other", dry_run=True)

    assert raised.value.fields == (errors.OwnedField(".spec.replicas", MANAGER),)


async def test_an_object_with_another_uid_is_stale(cluster: Cluster, home: str) -> None:
    await create_pod(cluster, home, manifest("first"))
    with pytest.raises(errors.Stale):
        await cluster.delete("pods", home, "first", uid="another")
    other = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "nobody", "uid": "another"}}

    with pytest.raises(errors.Stale):
        await cluster.apply("pods", home, "nobody", other | {"spec": {"containers": []}}, field_manager="t")


async def test_what_is_missing_and_what_is_wrong_are_told(cluster: Cluster, home: str) -> None:
    with pytest.raises(errors.NotFound):
        await cluster.get("pods", home, "nobody")
    bad = manifest("bad", container("Bad_Name"))
    with pytest.raises(errors.Rejected) as raised:
        await create_pod(cluster, home, bad)

    assert raised.value.field == "spec.containers[0].name"
