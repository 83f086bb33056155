"""kill -9 in the middle: a creation and a removal are completed once, without a sign-in."""

from pathlib import Path

import pytest

from tests.dashboard_process import Starter
from tests.demo_fixture import DemoCluster
from tests.operations.bed import make_bed
from tests.operations.journey import hidden, rows, signed_in
from tests.operations.test_restart import SLOW, step_of
from tests.operations.waiting import until
from tests.standalone.way import NAME, Way, everything, serve_app


@pytest.fixture
def calm_kubeconfig(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    cluster = DemoCluster(tmp_path / "calm", "--speed", str(SLOW))
    request.addfinalizer(cluster.stop)
    return cluster.kubeconfig


async def test_a_killed_dashboard_completes_a_creation_and_a_removal(
    calm_kubeconfig: Path, dashboard_process: Starter
) -> None:
    async with make_bed(calm_kubeconfig, "kill") as bed:
        await serve_app(bed)
        before = await everything(bed)
        desk = dashboard_process(calm_kubeconfig)
        async with signed_in(desk, bed) as journey:
            way = Way(journey)
            change = await way.confirm(await way.ready())

        async def is_begun() -> bool:
            return step_of(desk, change) in ("deployment", "service", "rollout")

        await until(is_begun)
        desk.kill()
        desk = dashboard_process(calm_kubeconfig, state=desk.state)
        await until(lambda: stands_at(desk, change, "done"))
        created = await everything(bed)
        async with signed_in(desk, bed) as journey:
            way = Way(journey)
            page = await way.client.get(f"{change}remove/")
            answer = await way.client.post(f"{change}remove/", {"fingerprint": hidden(page, "fingerprint")})
        removal = answer.header("Location")
        desk.kill()  # wherever it stands
        desk = dashboard_process(calm_kubeconfig, state=desk.state)
        await until(lambda: stands_at(desk, removal, "done"))

        assert created["deployments"] == sorted([*before["deployments"], NAME])
        assert created["services"] == sorted([*before["services"], NAME])
        assert await everything(bed) == before
        operations = rows(desk, "SELECT kind, result FROM dashboard_operation ORDER BY started")
        assert operations == [("create", "done"), ("remove", "done")]


async def stands_at(desk: object, change: str, step: str) -> bool:
    return step_of(desk, change) == step  # type: ignore[arg-type]
