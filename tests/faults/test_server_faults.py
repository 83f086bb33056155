"""Faults that only the server itself can have, by the hooks of the demo cluster."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidecars import errors
from sidecars.cluster import Cluster, transport
from tests.demo_fixture import DemoCluster
from tests.door.live import MANAGER, connected, create_pod, equals_fresh_list, fresh_namespace, manifest
from tests.door.scripted import until

RULES = [{"verbs": ["get", "list", "watch"], "groups": [""], "resources": ["pods"], "namespaces": ["*"]}]


@pytest.fixture
async def admin(own_demo_cluster: DemoCluster) -> AsyncIterator[Cluster]:
    async with connected(own_demo_cluster.kubeconfig) as cluster:
        yield cluster


@pytest.fixture
async def home(admin: Cluster) -> AsyncIterator[str]:
    async with fresh_namespace(admin) as name:
        yield name


async def test_compacted_history_brings_one_list_and_no_flash(
    own_demo_cluster: DemoCluster, admin: Cluster, home: str
) -> None:
    await create_pod(admin, home, manifest("one"))
    async with admin.reflect("pods", home) as held, held.store.follow() as changes:
        await until(lambda: bool(held.store.rows))
        own_demo_cluster.fault("error", path="/pods", status=410)
        own_demo_cluster.hook("watches")
        await create_pod(admin, home, manifest("two"))
        seen = []
        async for _change in changes:
            seen.append(len(held.store.rows))
            if len(held.store.rows) == 2 and held.store.state.phase == "live":
                break

        assert 0 not in seen
        await equals_fresh_list(held.store, admin, home)


async def test_versions_that_go_back_are_listed_anew(
    own_demo_cluster: DemoCluster, admin: Cluster, home: str
) -> None:
    await create_pod(admin, home, manifest("one"))
    async with admin.reflect("pods", home) as held:
        await until(lambda: bool(held.store.rows))
        own_demo_cluster.hook("rewind", by=1000)
        own_demo_cluster.hook("watches")
        await create_pod(admin, home, manifest("two"))

        await equals_fresh_list(held.store, admin, home, limit_s=30)


async def test_a_right_that_is_taken_away_shows_and_comes_back(
    own_demo_cluster: DemoCluster, home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecars.cluster.reflector.SLOW_RETRY_S", 0.1)
    token = own_demo_cluster.user("reader", RULES)
    kubeconfig = own_demo_cluster.kubeconfig_of(token, tmp_path / "config")
    async with connected(kubeconfig) as cluster, cluster.reflect("pods", home) as held:
        await until(lambda: held.store.state.phase == "live")
        own_demo_cluster.hook("rules", name="reader", rules=[])
        own_demo_cluster.hook("watches")
        await until(lambda: held.store.state.phase == "forbidden")

        own_demo_cluster.hook("rules", name="reader", rules=RULES)

        await until(lambda: held.store.state.phase == "live")


async def test_an_expired_token_fails_with_advice(
    own_demo_cluster: DemoCluster, home: str, tmp_path: Path
) -> None:
    token = own_demo_cluster.user("reader", RULES)
    kubeconfig = own_demo_cluster.kubeconfig_of(token, tmp_path / "config")
    async with connected(kubeconfig) as cluster:
        await cluster.list("pods", home)
        own_demo_cluster.hook("expire", token=token)

        with pytest.raises(errors.Unauthorized) as raised:
            await cluster.list("pods", home)

    assert raised.value.advice


async def test_a_busy_server_is_waited_for_without_a_storm(
    own_demo_cluster: DemoCluster, admin: Cluster, home: str
) -> None:
    own_demo_cluster.fault("status", path="/pods", status=429, retry_after=1, times=2)
    own_demo_cluster.forget_requests()
    async with admin.reflect("pods", home) as held:
        await until(lambda: held.store.state.phase == "live", limit_s=20)

    lists = [r for r in own_demo_cluster.requests() if f"{home}/pods" in r["path"] and "watch" not in str(r)]
    assert len(lists) <= 4


async def test_a_write_whose_answer_is_lost_can_be_read_back(
    own_demo_cluster: DemoCluster, admin: Cluster, home: str
) -> None:
    own_demo_cluster.fault("drop", method="POST", path="/configmaps")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"a": "b"}}

    with pytest.raises(errors.OutcomeUnknown):
        await admin.create("configmaps", home, body, field_manager=MANAGER)

    assert (await admin.get("configmaps", home, "mine"))["data"] == {"a": "b"}


async def test_an_answer_that_stalls_is_given_up_in_time(
    own_demo_cluster: DemoCluster, admin: Cluster, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "WRITE_S", 0.5)
    own_demo_cluster.fault("stall", method="POST", path="/configmaps", bytes=20)
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}}

    with pytest.raises(errors.OutcomeUnknown):
        await admin.create("configmaps", home, body, field_manager=MANAGER)
