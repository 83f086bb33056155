"""R19: a viewer says which container is the main one; the workload's pods remember it."""

import re
from typing import Any

from tests.dashboard_process import Client, Starter
from tests.demo_fixture import DemoCluster
from tests.pods.viewing import Place

WEB = "/c/demo/workloads/deployments/shop/web/"


async def pods_of_web(place: Place) -> list[str]:
    listed = await place.ask("GET", "namespaces/shop/pods?labelSelector=app%3Dweb")
    return [pod["metadata"]["name"] for pod in listed["items"]]


def main_of(text: str) -> str:
    """The card with the main container's look."""
    return re.findall(r'id="c-([\w-]+)"[^>]*>(?:(?!id="c-).)*?role-main', text, re.DOTALL)[0]


async def test_a_choice_on_one_pod_holds_for_the_workload_and_all_its_pods(
    demo_viewer: Client, place: Place
) -> None:
    first, second, *_rest = await pods_of_web(place)
    page = f"/c/demo/pods/shop/{first}/"
    assert main_of((await demo_viewer.get(f"{page}?sel=c-nginx")).text) == "main-app"

    answer = await demo_viewer.post(
        f"{page}main/", {"container": "nginx", "next": f"{page}?sel=c-nginx&view=diagram"}
    )

    assert (answer.status, answer.header("location")) == (303, f"{page}?sel=c-nginx&view=diagram")
    for address in (page, f"/c/demo/pods/shop/{second}/", WEB):
        shown = await demo_viewer.get(f"{address}?sel=c-nginx")
        assert main_of(shown.text) == "nginx" and "You chose it." in shown.text
        assert "Decide again by the rules" in shown.text

    await demo_viewer.post(f"{WEB}main/", {"container": ""})

    shown = await demo_viewer.get(f"{page}?sel=c-nginx")
    assert main_of(shown.text) == "main-app" and "You chose it." not in shown.text
    assert "Treat as the main container" in shown.text


async def test_a_pod_without_workload_keeps_its_own_choice(demo_viewer: Client, place: Place) -> None:
    other: dict[str, Any] = {"name": "other", "image": "docker.io/library/busybox:1.36"}
    await place.ask(
        "POST",
        f"namespaces/{place.namespace}/pods",
        {"metadata": {"name": "bare"}, "spec": {"containers": [other | {"name": "app"}, other]}},
    )
    page = f"/c/demo/pods/{place.namespace}/bare/"
    await demo_viewer.get(page)

    await demo_viewer.post(f"{page}main/", {"container": "other"})

    assert main_of((await demo_viewer.get(page)).text) == "other"


async def test_a_link_in_the_panel_keeps_the_view(demo_viewer: Client) -> None:
    page = await demo_viewer.get(f"{WEB}?sel=c-nginx&view=table")

    assert 'href="?sel=w-nginx.main-app.8080&amp;view=table"' in page.text
    assert 'href="?view=table" data-clear' in page.text


async def test_only_a_regular_container_of_the_pod_can_be_chosen(demo_viewer: Client) -> None:
    answer = await demo_viewer.post(f"{WEB}main/", {"container": "nobody"})

    assert answer.status == 404
    assert "You chose it." not in (await demo_viewer.get(f"{WEB}?sel=c-nginx")).text


async def test_a_choice_never_leads_away_and_needs_the_form(demo_viewer: Client) -> None:
    away = await demo_viewer.post(f"{WEB}main/", {"container": "", "next": "//evil.example/"})
    forged = await demo_viewer.post(f"{WEB}main/", {"container": "nginx", "csrfmiddlewaretoken": "no"})

    assert away.header("location") == WEB
    assert forged.status == 403
    assert (await demo_viewer.get(f"{WEB}main/")).status == 405


async def test_a_choice_is_kept_in_read_only_mode_and_writes_nothing_to_the_cluster(
    demo_cluster: DemoCluster, dashboard_process: Starter
) -> None:
    dashboard = dashboard_process(demo_cluster.kubeconfig, ("--read-only",))
    client = Client(dashboard)
    await client.sign_in(dashboard.code)
    await client.get(f"{WEB}?sel=c-nginx")
    demo_cluster.forget_requests()

    answer = await client.post(f"{WEB}main/", {"container": "nginx"})

    assert answer.status == 303
    assert main_of((await client.get(WEB)).text) == "nginx"
    methods = {(r["method"], r["path"]) for r in demo_cluster.requests() if r["method"] != "GET"}
    assert not [path for _method, path in methods if "reviews" not in path]
    await client.close()
