"""kill -9 and a full disk: a change is completed once, or not begun."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dashboard_process import Dashboard, Starter
from tests.demo_fixture import DemoCluster
from tests.operations.bed import Bed, make_bed
from tests.operations.conftest import CLUSTERS
from tests.operations.journey import Journey, rows, signed_in
from tests.operations.waiting import until

SLOW = 1  # the demo cluster's own pace, so that there is time to kill in


@pytest.fixture
def calm_kubeconfig(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "real":
        return Path(request.getfixturevalue("real_cluster").kubeconfig)
    cluster = DemoCluster(tmp_path / "calm", "--speed", str(SLOW))
    request.addfinalizer(cluster.stop)
    return cluster.kubeconfig


async def begin_and(end: Callable[[Dashboard], object], desk: Dashboard, bed: Bed, *steps: str) -> str:
    """Ends the dashboard as soon as the change stands at one of the steps. The change's path."""
    async with signed_in(desk, bed) as journey:
        answer = await journey.confirm(await journey.draft())
    assert answer.status == 303, answer.text
    change = answer.header("Location")

    async def stands_there() -> bool:
        return step_of(desk, change) in steps

    await until(stands_there)
    end(desk)
    return change


def step_of(desk: Dashboard, change: str) -> str:
    operation = change.split("/")[-2]
    return str(rows(desk, "SELECT step FROM dashboard_operation WHERE id = ?", operation)[0][0])


async def test_an_orderly_stop_leaves_the_change_to_the_next_start(
    tmp_path: Path, dashboard_process: Starter, request: pytest.FixtureRequest
) -> None:
    cluster = DemoCluster(tmp_path / "calm", "--speed", str(SLOW))
    request.addfinalizer(cluster.stop)
    async with make_bed(cluster.kubeconfig, "stop") as bed:
        desk = dashboard_process(cluster.kubeconfig)
        change = await begin_and(Dashboard.interrupt, desk, bed, "configmap", "apply", "rollout")
        again = dashboard_process(cluster.kubeconfig, state=desk.state)

        async def is_done() -> bool:
            return step_of(again, change) == "done"

        await until(is_done)
        await assert_shown_once(again, bed)


@pytest.mark.parametrize("calm_kubeconfig", CLUSTERS, indirect=True)
@pytest.mark.parametrize("step", ["configmap", "rollout"])
async def test_a_killed_dashboard_completes_the_change_without_a_sign_in(
    calm_kubeconfig: Path, step: str, dashboard_process: Starter
) -> None:
    async with make_bed(calm_kubeconfig, f"kill-{secrets.token_hex(3)}") as bed:
        desk = dashboard_process(calm_kubeconfig)
        change = await begin_and(Dashboard.kill, desk, bed, step, "apply", "rollout")
        again = dashboard_process(calm_kubeconfig, state=desk.state)

        async def is_done() -> bool:
            return step_of(again, change) == "done"

        await until(is_done)
        assert await bed.container_names() == ["nginx-proxy", "main-app"]
        await assert_shown_once(again, bed)


async def assert_shown_once(desk: Dashboard, bed: Bed) -> None:
    async with signed_in(desk, bed) as journey:
        page = await journey.client.get(f"{journey.base}/activity/?q={bed.namespace}")
    assert page.text.count(f">{bed.namespace}/web</a>") == 1
    assert "Attached" in page.text


async def test_without_a_record_nothing_is_written(
    demo_bed: Bed, demo_cluster: DemoCluster, dashboard_process: Starter
) -> None:
    desk = dashboard_process(demo_cluster.kubeconfig)
    async with signed_in(desk, demo_bed) as own:
        (desk.state / "audit.log").mkdir()
        change = (await own.confirm(await own.draft())).header("Location")
        waiting = await shows(own, change, "cannot be recorded")
        untouched = await demo_bed.container_names()
        (desk.state / "audit.log").rmdir()
        await own.ended(change, "Attached")

    assert "It goes on by itself" in waiting
    assert untouched == ["main-app"]


async def shows(journey: Journey, path: str, words: str) -> str:
    async def look() -> str:
        text = (await journey.client.get(path)).text
        return text if words in text else ""

    return str(await until(look))


async def test_a_change_that_waits_for_the_api_server_can_be_stopped(
    demo_bed: Bed, demo_cluster: DemoCluster, dashboard_process: Starter
) -> None:
    desk = dashboard_process(demo_cluster.kubeconfig)
    async with signed_in(desk, demo_bed) as own:
        (desk.state / "audit.log").mkdir()  # nothing is written until it is gone
        change = (await own.confirm(await own.draft())).header("Location")
        await shows(own, change, "cannot be recorded")
        demo_cluster.fault("status", method="PATCH", path=f"/{demo_bed.namespace}/", times=99)
        (desk.state / "audit.log").rmdir()
        await shows(own, change, "Stop this change")
        assert (await own.client.post(f"{change}stop/", {})).status == 303
        await own.ended(change, "Stopped")

    assert await demo_bed.container_names() == ["main-app"]


async def test_the_configmap_of_a_stopped_change_goes_with_its_undo(
    demo_bed: Bed, demo_cluster: DemoCluster, dashboard_process: Starter
) -> None:
    desk = dashboard_process(demo_cluster.kubeconfig)
    before = await configmaps(demo_bed)
    async with signed_in(desk, demo_bed) as own:
        real_write = f"/{demo_bed.namespace}/deployments/web$"
        demo_cluster.fault("status", method="PATCH", path=real_write, times=99)
        change = (await own.confirm(await own.draft())).header("Location")
        await until(lambda: configmaps(demo_bed, but=before))
        assert (await own.client.post(f"{change}stop/", {})).status == 303
        await own.ended(change, "Stopped")
        left = await configmaps(demo_bed)

        review = await own.client.get(f"{change}undo/")
        await own.undo(change)

    assert len(left) == len(before) + 1 and "nothing uses it: it is deleted" in review.text
    assert await configmaps(demo_bed) == before


async def configmaps(bed: Bed, but: list[str] | None = None) -> list[str]:
    found = await bed.cluster.list("configmaps", bed.namespace)
    names = sorted(str(configmap["metadata"]["name"]) for configmap in found)
    return [name for name in names if name not in (but or [])]
