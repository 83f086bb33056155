"""The workloads that the demo cluster opens with."""

import pytest

from sidecars.demo.controllers.cluster import SimulatedCluster
from sidecars.demo.store import Store
from tests.demo.life import living, pods_of, scene_store, states_of, until


@pytest.fixture(scope="module")
def store() -> Store:
    """The scenes as they are at the start, with their past behind them."""
    store = scene_store()
    SimulatedCluster(store, 1.0).catch_up()
    return store


def test_every_scene_has_lived_for_a_while(store: Store) -> None:
    owners = {kind: store.list(kind) for kind in ("deployments", "statefulsets", "daemonsets", "jobs")}

    assert len(owners["deployments"]) >= 13
    assert all(each.get("status") for found in owners.values() for each in found)
    assert all(pod["spec"].get("nodeName") for pod in store.list("pods"))


def test_the_sample_is_ready_with_its_two_containers(store: Store) -> None:
    pods = pods_of(store, "shop", "web-")

    assert [states_of(pod) for pod in pods] == [{"main-app": "running", "nginx": "running"}] * 2


def test_the_sign_in_proxy_crashes_again_and_again(store: Store) -> None:
    [pod] = pods_of(store, "platform", "admin-portal-")

    [portal, proxy] = pod["status"]["containerStatuses"]
    assert (portal["restartCount"], proxy["restartCount"] > 10) == (0, True)
    assert proxy["lastState"]["terminated"]["exitCode"] == 1


def test_the_port_clash_lets_one_container_crash(store: Store) -> None:
    [pod] = pods_of(store, "platform", "legacy-")

    states = states_of(pod)

    assert states["app"] == "running"
    assert states["metrics"] in ("CrashLoopBackOff", "Error", "running")
    assert pod["status"]["containerStatuses"][1]["lastState"]["terminated"]["exitCode"] == 1


def test_the_migrations_keep_their_pod_pending(store: Store) -> None:
    [pod] = pods_of(store, "data", "billing-")

    assert pod["status"]["phase"] == "Pending"
    assert states_of(pod) == {"migrate": "running", "app": "PodInitializing"}


def test_the_nightly_job_is_complete_with_its_sidecar(store: Store) -> None:
    [pod] = pods_of(store, "jobs", "nightly-export-")

    assert pod["status"]["phase"] == "Succeeded"
    assert states_of(pod) == {"cloud-sql-proxy": "Completed", "export": "Completed"}


def test_a_pod_of_twelve_containers_runs(store: Store) -> None:
    [pod] = pods_of(store, "platform", "suite-")

    assert len(states_of(pod)) == 12


def test_every_node_has_its_exporter(store: Store) -> None:
    pods = pods_of(store, "platform", "node-exporter-")

    assert {pod["spec"]["nodeName"] for pod in pods} == {"node-a", "node-b", "node-c"}
    assert all(pod["status"]["podIP"] == pod["status"]["hostIP"] for pod in pods)


def test_the_bank_takes_restricted_pods_only(store: Store) -> None:
    bank = store.get("namespaces", "", "bank")

    assert bank["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert len(pods_of(store, "bank", "quotes-")) == 2


def test_a_rollout_without_image_is_over_its_deadline(store: Store) -> None:
    found = store.get("deployments", "shop", "thumbnails")

    reasons = {each["type"]: each["reason"] for each in found["status"]["conditions"]}
    assert reasons["Progressing"] == "ProgressDeadlineExceeded"


async def test_thousands_of_pods_are_records_without_work() -> None:
    store = scene_store(pods=2_000)

    async with living(store) as cluster:
        assert len(store.list("pods")) > 2_000
        assert len(cluster.world.clock) < 500


async def test_churn_restarts_simulated_pods() -> None:
    store = scene_store(pods=20)

    def restarts() -> int:
        pods = pods_of(store, "fleet-01", "")
        return sum(each["restartCount"] for pod in pods for each in pod["status"]["containerStatuses"])

    async with living(store, churn_per_s=200):
        await until(lambda: restarts() > 5)


async def test_a_simulated_pod_can_be_deleted() -> None:
    store = scene_store(pods=3)

    async with living(store):
        name = pods_of(store, "fleet-01", "")[0]["metadata"]["name"]
        store.delete("pods", "fleet-01", name)

        await until(lambda: len(pods_of(store, "fleet-01", "")) == 2)
