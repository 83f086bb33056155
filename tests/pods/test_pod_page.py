"""The pod page and its socket."""

import asyncio
from typing import Any

import pytest

from tests.dashboard_process import Client
from tests.demo_fixture import DemoCluster
from tests.pods.viewing import Live, Place, is_running, open_live

POD = "/c/demo/pods/{}/{}/"


async def open_pod(viewer: Client, place: Place, name: str, uid: str, version: str = "") -> Live:
    path = f"/ws/c/demo/pods/{place.namespace}/{name}/"
    return await open_live(viewer, path, uid=uid, version=version)


async def test_the_page_tells_the_pods_version_and_containers(demo_viewer: Client, place: Place) -> None:
    uid = await place.pod("one")
    await place.until("one", is_running)

    page = await demo_viewer.get(POD.format(place.namespace, "one"))

    assert page.status == 200
    assert f'data-uid="{uid}"' in page.text
    assert 'id="c-app"' in page.text and "no workload" in page.text


async def test_logs_open_at_the_container_that_the_status_is_about(demo_viewer: Client, place: Place) -> None:
    waiting = {"name": "migrate", "image": "busybox:1.36", "command": ["sleep", "3600"]}
    await place.pod("one", initContainers=[waiting])
    await place.until("one", lambda pod: bool(pod["status"].get("initContainerStatuses")))

    page = await demo_viewer.get(POD.format(place.namespace, "one"))

    assert f"?src=pods/{place.namespace}/one:migrate" in page.text


async def test_a_pod_that_is_not_there_is_404(demo_viewer: Client, place: Place) -> None:
    page = await demo_viewer.get(POD.format(place.namespace, "missing"))

    assert page.status == 404 and "missing" in page.text


@pytest.mark.parametrize("path", ["..%2f..%2fsecrets", "%252e%252e", "a%2flog%3fx", "a" * 300, "A_B"])
async def test_a_name_that_is_no_name_reaches_no_cluster(
    demo_viewer: Client, demo_cluster: DemoCluster, path: str
) -> None:
    demo_cluster.forget_requests()

    assert await demo_viewer.raw(f"/c/demo/pods/shop/{path}/") == 404

    assert not [r for r in demo_cluster.requests() if "secrets" in r["path"] or "log" in r["path"]]


async def test_a_page_reads_no_secret(demo_viewer: Client, place: Place, demo_cluster: DemoCluster) -> None:
    container: dict[str, Any] = {"name": "db", "image": "postgres:18"}
    container["env"] = [{"name": "PASSWORD", "value": "hunter2"}]
    container["envFrom"] = [{"secretRef": {"name": "passwords"}}]
    await place.pod("one", initContainers=[container])
    demo_cluster.forget_requests()

    page = await demo_viewer.get(POD.format(place.namespace, "one") + "?sel=c-db&view=table")

    assert page.status == 200 and "hunter2" not in page.text
    assert not [r for r in demo_cluster.requests() if "/secrets" in r["path"]]


async def test_a_change_is_told_with_its_version(demo_viewer: Client, place: Place) -> None:
    uid = await place.pod("one", nodeSelector={"no": "such"})
    live = await open_pod(demo_viewer, place, "one", uid)
    await live.until(lambda f: f["type"] == "changed")

    await place.label("one", changed="yes")
    version = (await place.read("one"))["metadata"]["resourceVersion"]

    await live.until(lambda f: f.get("version") == version)


async def test_a_deleted_pod_is_gone(demo_viewer: Client, place: Place) -> None:
    uid = await place.pod("one")
    live = await open_pod(demo_viewer, place, "one", uid)
    await live.until(lambda f: f["type"] == "changed")

    await place.delete("one")
    frame = await live.until(lambda f: f["type"] == "gone")

    assert f"All pods in {place.namespace}" in frame["html"]


async def test_a_page_of_a_pod_that_was_replaced_is_gone(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")

    live = await open_pod(demo_viewer, place, "one", "the-uid-of-the-one-before")

    await live.until(lambda f: f["type"] == "gone")


async def test_a_pod_that_the_watch_has_yet_to_tell_of_is_not_called_gone(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    uid = await place.pod("old")
    first = await open_pod(demo_viewer, place, "old", uid)
    await first.until(lambda f: f["type"] == "changed")
    # The open watch goes silent: the store does not hear of the next pod.
    demo_cluster.fault("stall", path=rf"namespaces/{place.namespace}/pods\?.*watch", times=1)
    demo_cluster.hook("watches", bookmark_s=60)
    await first.until(lambda f: f.get("phase") == "live")
    uid = await place.pod("new")

    live = await open_pod(demo_viewer, place, "new", uid)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await live.until(lambda f: f["type"] == "gone")


async def test_an_owner_with_a_hostile_name_is_shown_and_nothing_more(
    demo_viewer: Client, place: Place
) -> None:
    name = '"><script>alert(1)</script>/../..'
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "controller": True, "uid": "u"}
    await place.pod("one", owners=[owner])

    page = await demo_viewer.get(POD.format(place.namespace, "one"))

    assert page.status == 200
    assert "<script>alert" not in page.text and "&lt;script&gt;alert(1)" in page.text
    assert "/workloads/deployments/" not in page.text


async def test_an_owner_of_another_group_is_not_taken_for_ours(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    owner = {"apiVersion": "apps.kruise.io/v1", "kind": "Deployment", "name": "web", "controller": True}
    await place.pod("one", owners=[owner | {"uid": "a-uid"}])
    demo_cluster.forget_requests()

    page = await demo_viewer.get(POD.format(place.namespace, "one"))

    assert "Deployment/web" in page.text and "/attach/?to=" not in page.text
    assert not [r for r in demo_cluster.requests() if "/deployments/" in r["path"]]
