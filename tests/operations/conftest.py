"""One running dashboard for each kind of cluster, and a workload of the test's own on it."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.dashboard_process import Dashboard, dashboards
from tests.demo_fixture import DemoCluster
from tests.operations.bed import Bed, make_bed
from tests.operations.journey import Journey, signed_in

CLUSTERS = ["demo", pytest.param("real", marks=pytest.mark.cluster)]


@pytest.fixture(scope="session", params=CLUSTERS)
def any_cluster(request: pytest.FixtureRequest) -> Path:
    """The kubeconfig of the demo cluster, then of the real one."""
    found = request.getfixturevalue(f"{request.param}_cluster")
    return Path(found.kubeconfig)


@pytest.fixture(scope="session")
def any_desk(any_cluster: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboards(tmp_path_factory.mktemp("desk")) as start:
        yield start(any_cluster)


@pytest.fixture(scope="session")
def demo_desk(demo_cluster: DemoCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboards(tmp_path_factory.mktemp("demo-desk")) as start:
        yield start(demo_cluster.kubeconfig)


@pytest.fixture
async def any_bed(any_cluster: Path) -> AsyncIterator[Bed]:
    async with make_bed(any_cluster, f"ops-{secrets.token_hex(3)}") as bed:
        yield bed


@pytest.fixture
async def demo_bed(demo_cluster: DemoCluster) -> AsyncIterator[Bed]:
    async with make_bed(demo_cluster.kubeconfig, f"ops-{secrets.token_hex(3)}") as bed:
        yield bed


@pytest.fixture
async def any_journey(any_desk: Dashboard, any_bed: Bed) -> AsyncIterator[Journey]:
    async with signed_in(any_desk, any_bed) as journey:
        yield journey


@pytest.fixture
async def journey(demo_desk: Dashboard, demo_bed: Bed) -> AsyncIterator[Journey]:
    async with signed_in(demo_desk, demo_bed) as journey:
        yield journey
