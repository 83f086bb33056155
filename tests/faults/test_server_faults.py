"""Faults that only the server itself can have, by the hooks of the demo cluster."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sidecars import errors
from sidecars.cluster import Cluster, transport
from tests.demo_fixture import DemoCluster
from tests.door.live import MANAGER, connected, create_pod, equals_fresh_list, fresh_namespace, manifest
from tests.door.scripted import until

RULES = [{"verbs": ["get", "list", "watch"], "groups": [""], "resources": ["pods"]}]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCluster]:
    """Of this file's own: its versions go back and its history is lost."""
    cluster = DemoCluster(tmp_path_factory.mktemp("demo") / "state", "--speed", "20")
    yield cluster
    cluster.stop()


@pytest.fixture
async def admin(server: DemoCluster) -> AsyncIterator[Cluster]:
    async with connected(server.kubeconfig) as cluster:
        yield cluster


@pytest.fixture
async def home(admin: Cluster) -> AsyncIterator[str]:
    async with fresh_namespace(admin) as name:
        yield name


async def test_compacted_history_brings_one_list_and_no_flash(
    server: DemoCluster, admin: Cluster, home: str
) -> None:
    await create_pod(admin, home, manifest("one"))
    async with admin.reflect("pods", home) as held, held.store.follow() as changes:
        await until(lambda: bool(held.store.rows))
        server.fault("error", method="GET", path="/pods", status=410)
        server.hook("watches")
        await create_pod(admin, home, manifest("two"))
        seen = []
        async for _change in changes:
            seen.append(len(held.store.rows))
            if len(held.store.rows) == 2 and held.store.state.phase == "live":
                break

        assert 0 not in seen
        await equals_fresh_list(held.store, admin, home)


async def test_versions_that_go_back_are_listed_anew(server: DemoCluster, admin: Cluster, home: str) -> None:
    await create_pod(admin, home, manifest("one"))
    async with admin.reflect("pods", home) as held:
        await until(lambda: bool(held.store.rows))
        server.hook("rewind", by=1000)
        server.hook("watches")
        await create_pod(admin, home, manifest("two"))

        await equals_fresh_list(held.store, admin, home, limit_s=30)


async def test_a_right_that_is_taken_away_shows_and_comes_back(
    server: DemoCluster, home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecars.cluster.reflector.SLOW_RETRY_S", 0.1)
    token = server.user("watcher", RULES)
    kubeconfig = server.kubeconfig_of(token, tmp_path / "config")
    async with connected(kubeconfig) as cluster, cluster.reflect("pods", home) as held:
        await until(lambda: held.store.state.phase == "live")
        server.hook("rules", name="watcher", rules=[])
        server.hook("watches")
        await until(lambda: held.store.state.phase == "forbidden")

        server.hook("rules", name="watcher", rules=RULES)

        await until(lambda: held.store.state.phase == "live")


async def test_an_expired_token_fails_with_advice(server: DemoCluster, home: str, tmp_path: Path) -> None:
    token = server.user("reader", RULES)
    kubeconfig = server.kubeconfig_of(token, tmp_path / "config")
    async with connected(kubeconfig) as cluster:
        await cluster.list("pods", home)
        server.hook("expire", token=token)

        with pytest.raises(errors.Unauthorized) as raised:
            await cluster.list("pods", home)

    assert raised.value.advice


async def test_a_busy_server_is_waited_for_without_a_storm(
    server: DemoCluster, admin: Cluster, home: str
) -> None:
    server.fault("status", path="/pods", status=429, retry_after=1)
    server.forget_requests()
    async with admin.reflect("pods", home) as held:
        await until(lambda: held.store.state.phase == "live", limit_s=20)

    lists = [r for r in server.requests() if f"{home}/pods" in r["path"] and "watch" not in str(r)]
    assert len(lists) <= 4


async def test_a_write_whose_answer_is_lost_can_be_read_back(
    server: DemoCluster, admin: Cluster, home: str
) -> None:
    server.fault("drop", method="POST", path="/configmaps")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"a": "b"}}

    with pytest.raises(errors.OutcomeUnknown):
        await admin.create("configmaps", home, body, field_manager=MANAGER)

    assert (await admin.get("configmaps", home, "mine"))["data"] == {"a": "b"}


async def test_an_answer_that_stalls_is_given_up_in_time(
    server: DemoCluster, admin: Cluster, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "WRITE_S", 0.5)
    server.fault("stall", method="POST", path="/configmaps", bytes=20)
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}}

    with pytest.raises(errors.OutcomeUnknown):
        await admin.create("configmaps", home, body, field_manager=MANAGER)
