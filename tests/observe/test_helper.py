"""The offer of an ephemeral container where nobody can be asked."""

import asyncio
from pathlib import Path

import pytest

from tests.dashboard_process import Client, Dashboard, Starter
from tests.demo_fixture import DemoCluster
from tests.observe.desk import EXEC, READ, audit, desk_of, hidden, look, make_pod
from tests.pods.viewing import Place

LIMIT_S = 30.0
WORDS = "manifest until the pod ends: Kubernetes cannot take an ephemeral container away"


async def added(place: Place) -> list[dict[str, object]]:
    return list((await place.read("seen"))["spec"].get("ephemeralContainers", ()))


async def test_a_container_without_a_shell_leads_to_the_offer(demo_viewer: Client, place: Place) -> None:
    path = await make_pod(place)
    seen = await look(demo_viewer, path)

    page = await demo_viewer.get(f"{path}observe/exporter/")

    assert f'href="{path}observe/exporter/"' in seen.text and f'href="{path}observe/redis/"' not in seen.text
    assert WORDS in page.text and "&quot;targetContainerName&quot;: &quot;exporter&quot;" in page.text
    assert await added(place) == []


async def test_the_confirm_writes_exactly_what_was_shown_and_looks_through_it(
    demo_viewer: Client, demo_dashboard: Dashboard, place: Place
) -> None:
    path = await make_pod(place)
    await look(demo_viewer, path)
    page = await demo_viewer.get(f"{path}observe/exporter/")
    fields = {name: hidden(page, name) for name in ("fingerprint", "suffix")}

    answer = await demo_viewer.post(f"{path}observe/exporter/", fields)
    seen = await demo_viewer.get(answer.header("Location"))

    (container,) = await added(place)
    assert container["targetContainerName"] == "exporter"
    assert container["securityContext"]["runAsUser"] == 59000  # type: ignore[index]
    assert container["name"] == f"observe-{fields['suffix']}"
    assert "2 of 2 containers read" in seen.text and "elimination" not in seen.text
    kinds = [(line["kind"], line["phase"]) for line in audit(demo_dashboard, "seen")][-4:]
    assert kinds == [
        ("helper", "intent"),
        ("helper", "outcome"),
        ("observe", "intent"),
        ("observe", "outcome"),
    ]


async def test_a_confirm_during_a_look_is_kept_for_after_it(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    path = await make_pod(place)
    page = await demo_viewer.get(f"{path}observe/exporter/")
    fields = {name: hidden(page, name) for name in ("fingerprint", "suffix")}
    demo_cluster.fault("delay", path=f"{place.namespace}/pods/.*/exec", seconds=3, times=1)

    going = asyncio.create_task(demo_viewer.post(f"{path}observe/", {"next": path}))
    async with asyncio.timeout(LIMIT_S):
        while "data-looking" not in (await demo_viewer.get(path)).text:
            await asyncio.sleep(0.05)
    answers = [await demo_viewer.post(f"{path}observe/exporter/", fields) for _twice in range(2)]
    await going

    assert [answer.status for answer in answers][:1] == [303]
    assert [each["name"] for each in await added(place)] == [f"observe-{fields['suffix']}"]


@pytest.mark.parametrize("field", ["fingerprint", "suffix"])
async def test_a_confirm_of_anything_else_writes_nothing(
    demo_viewer: Client, place: Place, field: str
) -> None:
    path = await make_pod(place)
    page = await demo_viewer.get(f"{path}observe/exporter/")
    fields = {name: hidden(page, name) for name in ("fingerprint", "suffix")} | {field: "abcdef"}

    answer = await demo_viewer.post(f"{path}observe/exporter/", fields)

    assert answer.status == 409 and "Nothing was written" in answer.text
    assert await added(place) == []


async def test_who_may_not_add_one_sees_which_right_is_missing(
    dashboard_process: Starter, demo_cluster: DemoCluster, place: Place, tmp_path: Path
) -> None:
    path = await make_pod(place)

    async with desk_of(dashboard_process, demo_cluster, tmp_path, [*READ, EXEC]) as client:
        page = await client.get(f"{path}observe/exporter/")
        fields = {name: hidden(page, name) for name in ("fingerprint", "suffix")}
        answer = await client.post(f"{path}observe/exporter/", fields)

    words = f"Not permitted: patch pods/ephemeralcontainers in {place.namespace}."
    assert words in page.text and " disabled" in page.text
    assert answer.status == 200 and words in answer.text
    assert await added(place) == []


async def test_a_refusal_by_the_server_is_shown_before_anything_is_written(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    path = await make_pod(place)
    await place.ask(
        "PATCH", f"namespaces/{place.namespace}",
        {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}},
        "application/merge-patch+json",
    )  # fmt: skip

    page = await demo_viewer.get(f"{path}observe/redis/")

    assert "PodSecurity" in page.text and "The dry run was refused." in page.text
    assert await added(place) == []


async def test_a_container_that_is_not_there_is_404(demo_viewer: Client, place: Place) -> None:
    path = await make_pod(place)

    assert (await demo_viewer.get(f"{path}observe/nobody/")).status == 404
