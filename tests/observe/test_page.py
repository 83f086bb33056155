"""The button on the pod page: who may press it, what it runs, what is seen afterwards."""

import asyncio
from pathlib import Path

import pytest

from sidecars.observe.script import COMMAND
from tests.dashboard_process import Client, Dashboard, Starter
from tests.demo_fixture import DemoCluster
from tests.observe.desk import EXEC, READ, all_ready, audit, desk_of, execs, look, make_pod, told
from tests.pods.viewing import LIMIT_S, Place


async def test_the_page_offers_to_look_and_runs_nothing_by_itself(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    path = await make_pod(place)

    page = await demo_viewer.get(path)

    assert f'<form method="post" action="{path}observe/" data-observe>' in page.text
    assert 'id="observed"' not in page.text
    assert execs(demo_cluster, place.namespace) == []


async def test_what_was_seen_joins_what_is_written(demo_viewer: Client, place: Place) -> None:
    path = await make_pod(place)

    page = await look(demo_viewer, path)

    assert "exporter calls redis at localhost:6379, observed " in page.text
    assert 'id="observed"' in page.text and "elimination" in page.text


async def test_one_container_is_counted_as_one(demo_viewer: Client, place: Place) -> None:
    path = await make_pod(place, containers=[{"name": "redis", "image": "docker.io/library/redis:8.2"}])
    await place.until("seen", all_ready)

    assert told(await look(demo_viewer, path)) == "1 of 1 container read"


async def test_only_the_one_command_is_run_twice_in_each_container(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    await look(demo_viewer, await make_pod(place))

    asked = execs(demo_cluster, place.namespace)
    assert {tuple(request["query"]["command"]) for request in asked} == {COMMAND}
    # Without a shell the second try is spared.
    assert sorted(r["query"]["container"][0] for r in asked) == ["exporter", "redis", "redis"]


async def test_it_is_on_record_before_and_after(
    demo_viewer: Client, demo_dashboard: Dashboard, place: Place
) -> None:
    await look(demo_viewer, await make_pod(place, name=f"r-{place.namespace}"))

    intent, outcome = audit(demo_dashboard, f"r-{place.namespace}")
    assert (intent["phase"], outcome["phase"], outcome["outcome"]) == ("intent", "outcome", "done")
    assert intent["resource"] == "pods/exec" and intent["actor"]["username"] == "admin"
    assert outcome["containers"] == {"redis": "read", "exporter": "not-read"}
    assert "Observed" in (await demo_viewer.get("/c/demo/activity/")).text


@pytest.mark.parametrize(
    ("asked", "query"),
    [("?view=table&sel=c-redis", "?view=table&sel=c-redis"), ("//evil.example/", ""), ("/c/demo/pods/", "")],
)
async def test_the_answer_leads_back_to_the_same_view_of_the_pod_and_nowhere_else(
    demo_viewer: Client, place: Place, asked: str, query: str
) -> None:
    path = await make_pod(place)
    await demo_viewer.get(path)

    back = f"{path}{asked}" if asked.startswith("?") else asked
    answer = await demo_viewer.post(f"{path}observe/", {"next": back})

    assert (answer.status, answer.header("Location")) == (303, f"{path}{query}")


async def test_without_the_forms_token_nothing_is_run(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    path = await make_pod(place)

    answer = await demo_viewer.post(f"{path}observe/", {"csrfmiddlewaretoken": "x" * 64})

    assert answer.status == 403 and execs(demo_cluster, place.namespace) == []


async def test_a_link_cannot_look(demo_viewer: Client, place: Place, demo_cluster: DemoCluster) -> None:
    path = await make_pod(place)

    assert (await demo_viewer.get(f"{path}observe/")).status == 405
    assert execs(demo_cluster, place.namespace) == []


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ([], "Not permitted: create pods/exec"),
        ([EXEC | {"verbs": ["create"]}], "Not permitted: get pods/exec"),
    ],
)
async def test_who_lacks_the_right_sees_which(
    dashboard_process: Starter, demo_cluster: DemoCluster, place: Place, tmp_path: Path,
    rule: list[dict[str, object]], words: str,
) -> None:  # fmt: skip
    path = await make_pod(place)

    async with desk_of(dashboard_process, demo_cluster, tmp_path, [*READ, *rule]) as client:
        page = await client.get(path)
        answer = await client.post(f"{path}observe/", {"next": path})

    assert f"{words} in {place.namespace}." in page.text and "data-observe" not in page.text
    assert answer.status == 303 and execs(demo_cluster, place.namespace) == []


async def test_read_only_has_no_such_address(
    dashboard_process: Starter, demo_cluster: DemoCluster, place: Place, tmp_path: Path
) -> None:
    path = await make_pod(place)

    async with desk_of(dashboard_process, demo_cluster, tmp_path, [*READ, EXEC], "--read-only") as client:
        page = await client.get(path)
        statuses = [(await client.post(f"{path}observe/{c}", {})).status for c in ("", "exporter/")]

    assert "This dashboard is read-only: no command is run in a pod." in page.text
    assert "data-observe" not in page.text and statuses == [404, 404]
    assert execs(demo_cluster, place.namespace) == []


async def test_a_pod_without_a_running_container_cannot_be_looked_into(
    demo_viewer: Client, place: Place
) -> None:
    path = await make_pod(place, nodeSelector={"no": "such"})

    page = await demo_viewer.get(path)

    assert "No container of this pod runs." in page.text and "data-observe" not in page.text


async def test_a_look_that_fails_says_why_until_the_next_one(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    path = await make_pod(place)
    demo_cluster.fault(
        "status", path=f"{place.namespace}/pods/.*/exec", status=500, message="no way", times=2
    )

    failed = await look(demo_viewer, path)
    again = await look(demo_viewer, path)

    assert "Not observed." in failed.text and 'id="observed"' not in failed.text
    assert "Not observed." not in again.text and 'id="observed"' in again.text


async def test_while_it_looks_the_page_says_so(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    path = await make_pod(place)
    demo_cluster.fault("delay", path=f"{place.namespace}/pods/.*/exec", seconds=3, times=1)
    await demo_viewer.get(path)

    going = asyncio.create_task(demo_viewer.post(f"{path}observe/", {"next": path}))
    async with asyncio.timeout(LIMIT_S):
        while "data-looking" not in (page := await demo_viewer.get(path)).text:
            await asyncio.sleep(0.05)
    await going

    assert "data-observe" not in page.text
    assert "data-looking" not in (await demo_viewer.get(path)).text


async def test_a_new_pod_of_the_same_name_was_not_seen(demo_viewer: Client, place: Place) -> None:
    path = await make_pod(place)
    await look(demo_viewer, path)
    await place.delete("seen")

    await make_pod(place)

    assert 'id="observed"' not in (await demo_viewer.get(path)).text


async def test_a_look_that_a_crash_cut_off_is_closed_at_the_next_start(
    dashboard_process: Starter, demo_cluster: DemoCluster, place: Place, tmp_path: Path
) -> None:
    path = await make_pod(place)
    demo_cluster.fault("delay", path=f"{place.namespace}/pods/.*/exec", seconds=5, times=2)
    first = dashboard_process(demo_cluster.kubeconfig, state=tmp_path / "state")
    client = Client(first)
    await client.sign_in(first.code)
    going = asyncio.create_task(client.post(f"{path}observe/", {"next": path}))
    await _until(lambda: (first.state / "audit.log").exists())

    first.kill()
    await asyncio.gather(going, client.close(), return_exceptions=True)
    second = dashboard_process(demo_cluster.kubeconfig, state=tmp_path / "state")
    await _until(lambda: len(audit(second, "seen")) == 2)

    assert [line["outcome"] for line in audit(second, "seen")] == ["", "stopped"]


async def _until(is_so: object) -> None:
    assert callable(is_so)
    async with asyncio.timeout(LIMIT_S):
        while not is_so():
            await asyncio.sleep(0.05)
