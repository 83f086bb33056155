"""The log page as the server draws it: also what a browser without JavaScript sees."""

import re

import pytest

from tests.dashboard_process import Client, Page
from tests.logs.conftest import Lesser
from tests.logs.rows import lines_of, rows_of
from tests.pods.viewing import IMAGE, Place, is_running

HOSTILE = r"""echo '<img src=x onerror=alert(1)>'; printf '\033[31mred\033[0m\n'; sleep 3600"""


async def log_page(viewer: Client, place: Place, pod: str, more: str = "") -> Page:
    return await viewer.get(f"/c/demo/logs/?src=pods/{place.namespace}/{pod}:app{more}")


async def page_with(viewer: Client, place: Place, pod: str, text: str, more: str = "") -> Page:
    """The page once it holds `text`."""
    await place.until(pod, lambda found: found["status"].get("containerStatuses"))
    page = await log_page(viewer, place, pod, more)
    while text not in page.text:
        page = await log_page(viewer, place, pod, more)
    return page


async def test_the_end_of_the_log_is_there_without_javascript(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", "echo first; echo second; sleep 3600")

    page = await page_with(demo_viewer, place, "one", "second")

    assert lines_of(page) == ["first", "second"]
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}", rows_of(page)[0].clock)


async def test_a_hostile_line_is_text(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", HOSTILE)

    page = await page_with(demo_viewer, place, "one", "onerror")

    assert "&lt;img src=x onerror=alert(1)&gt;" in page.text and "<img" not in page.text
    assert "\x1b" not in page.text


async def test_without_a_container_the_main_one_is_opened(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")

    page = await demo_viewer.get(f"/c/demo/logs/?src=pods/{place.namespace}/one")

    assert page.header("location") == f"/c/demo/logs/?src=pods/{place.namespace}/one:app"


async def test_an_unknown_container_is_404(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")

    assert (await demo_viewer.get(f"/c/demo/logs/?src=pods/{place.namespace}/one:no")).status == 404


async def test_without_a_source_the_pods_are_the_place_to_choose_one(demo_viewer: Client) -> None:
    for source in ("", "?src="):
        answer = await demo_viewer.get(f"/c/demo/logs/{source}")

        assert (answer.status, answer.header("location")) == (302, "/c/demo/pods/")


async def test_an_address_without_a_pod_is_404(demo_viewer: Client) -> None:
    for source in ("?src=pods/..%2f..%2fsecrets/a", "?src=secrets/shop/web", "?src=pods/a/b:c%0a"):
        assert (await demo_viewer.get(f"/c/demo/logs/{source}")).status == 404, source


async def test_the_tail_is_as_long_as_asked_for(demo_viewer: Client, place: Place) -> None:
    numbers = " ".join(map(str, range(300)))
    await place.pod("one", f"for i in {numbers}; do echo line $i; done; sleep 3600")
    await page_with(demo_viewer, place, "one", "line 299")

    page = await log_page(demo_viewer, place, "one", "&tail=100")

    assert lines_of(page) == [f"line {number}" for number in range(200, 300)]


async def test_the_previous_instance_is_one_link_away(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", "echo goodbye; exit 1")
    await place.until("one", lambda p: p["status"]["containerStatuses"][0]["restartCount"])

    page = await log_page(demo_viewer, place, "one")
    before = await log_page(demo_viewer, place, "one", "&previous=1")
    await place.until("one", lambda p: "waiting" in p["status"]["containerStatuses"][0]["state"])
    waiting = await log_page(demo_viewer, place, "one", "&previous=1")

    assert f"?src=pods/{place.namespace}/one:app&amp;previous=1" in page.text
    assert "goodbye" in lines_of(before)
    assert "its last instance is the previous one" in waiting.text
    assert "its last instance is the previous one" not in page.text


RANGES = ["since=2026-01-02T10:00:10Z&until=2026-01-02T10:00:00Z", "since=5m&until=2026-01-02T10:00:00Z"]


@pytest.mark.parametrize("asked", RANGES)
async def test_a_range_that_ends_before_it_begins_is_refused_with_words(
    demo_viewer: Client, place: Place, asked: str
) -> None:
    await place.pod("one")

    page = await log_page(demo_viewer, place, "one", f"&{asked}")
    file = await demo_viewer.get(f"/c/demo/logs/download/?src=pods/{place.namespace}/one:app&{asked}")

    for refused in (page, file):
        assert refused.status == 400
        assert "The time range ends before it begins." in refused.text
        assert "“until” in the address must be later than “since”." in refused.text


async def test_a_span_up_to_now_takes_the_place_of_a_range_that_is_over(
    demo_viewer: Client, place: Place
) -> None:
    await place.pod("one")

    page = await log_page(demo_viewer, place, "one", "&since=2026-01-02T10:00:00Z&until=2026-01-02T10:00:10Z")

    assert f'href="?src=pods/{place.namespace}/one:app&amp;since=5m"' in page.text


async def test_a_container_that_waits_has_no_lines_and_says_so(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", nodeSelector={"no": "such"})

    page = await log_page(demo_viewer, place, "one")

    assert page.status == 200 and lines_of(page) == []
    assert 'data-why="not-started"' in page.text


async def test_who_may_not_read_logs_is_told_which_right_is_missing(
    place: Place, lesser_viewer: Lesser
) -> None:
    await place.pod("one")
    await place.until("one", is_running)

    page = await log_page(await lesser_viewer(place.namespace, "pods"), place, "one")

    assert page.status == 403 and "get pods/log" in page.text


def two(first: str, second: str) -> list[dict[str, object]]:
    """Two containers, `app` and `helper`; scripts are sh."""
    return [
        {"name": name, "image": IMAGE, "command": ["sh", "-c", script]}
        for name, script in (("app", first), ("helper", second))
    ]


async def view(viewer: Client, *sources: str, more: str = "") -> Page:
    return await viewer.get("/c/demo/logs/?" + "&".join(f"src={source}" for source in sources) + more)


async def has_started(place: Place, pod: str) -> None:
    await place.until(pod, lambda p: len(p["status"].get("containerStatuses", ())) == 2)
    await place.until(pod, lambda p: all("running" in c["state"] for c in p["status"]["containerStatuses"]))


async def test_the_lines_of_two_containers_are_in_one_order(demo_viewer: Client, place: Place) -> None:
    first = "for i in 1 2 3 4 5; do echo a; sleep 2; done; sleep 3600"
    await place.pod("one", containers=two(first, first.replace("echo a", "echo b")))
    await has_started(place, "one")

    page = await view(demo_viewer, f"pods/{place.namespace}/one:*")
    while len(rows_of(page)) < 10:
        page = await view(demo_viewer, f"pods/{place.namespace}/one:*")

    found = rows_of(page)
    assert [row.clock for row in found] == sorted(row.clock for row in found)
    assert {(row.container, row.text) for row in found} == {("app", "a"), ("helper", "b")}


async def test_a_workload_shows_all_its_pods_and_leads_to_each(demo_viewer: Client) -> None:
    page = await view(demo_viewer, "deployments/shop/web:nginx")

    pods = set(re.findall(r'href="\?src=pods/shop/(web-[^":]+):nginx"', page.text))
    assert page.status == 200 and len(pods) == 2
    assert '<h1 class="mono">web</h1>' in page.text
    assert "kubectl logs -f --tail=500 -n shop deployment/web --all-pods --prefix -c nginx" in page.text


async def test_a_pod_leads_to_all_pods_of_its_workload(demo_viewer: Client, place: Place) -> None:
    listed = await place.ask("GET", "namespaces/shop/pods?labelSelector=app%3Dweb")
    pod = listed["items"][0]["metadata"]["name"]

    page = await view(demo_viewer, f"pods/shop/{pod}:nginx")

    assert 'href="?src=deployments/shop/web:nginx"' in page.text
    assert f'href="?src=pods/shop/{pod}:*"' in page.text


@pytest.mark.parametrize(
    "source", ["deployments/shop/none", "deployments/shop/web:none", "pods/shop/none:app", "jobs/none/none"]
)
async def test_what_is_not_there_is_404_and_said_by_name(demo_viewer: Client, source: str) -> None:
    page = await view(demo_viewer, source)

    assert page.status == 404 and "none is not there" in page.text


async def test_one_wrong_source_does_not_hide_the_others(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", "echo first; sleep 3600")
    await page_with(demo_viewer, place, "one", "first")

    page = await view(demo_viewer, f"pods/{place.namespace}/one:app", f"pods/{place.namespace}/two:app")

    assert page.status == 200 and lines_of(page) == ["first"]
    assert "Pod two is not there." in page.text
    assert f'href="?src=pods/{place.namespace}/one:app">Leave it out' in page.text


async def test_the_annotation_decides_which_container_is_opened(demo_viewer: Client, place: Place) -> None:
    body = {
        "metadata": {
            "name": "one",
            "annotations": {"kubectl.kubernetes.io/default-container": "helper"},
        },
        "spec": {"containers": two("sleep 3600", "sleep 3600")},
    }
    await place.ask("POST", f"namespaces/{place.namespace}/pods", body)

    page = await view(demo_viewer, f"pods/{place.namespace}/one")

    assert page.header("location") == f"/c/demo/logs/?src=pods/{place.namespace}/one:helper"


async def test_the_viewers_own_choice_of_main_is_opened_for_a_pod_and_its_workload(
    demo_viewer: Client, place: Place
) -> None:
    listed = await place.ask("GET", "namespaces/shop/pods?labelSelector=app%3Dweb")
    pod = listed["items"][0]["metadata"]["name"]
    main = f"/c/demo/pods/shop/{pod}/main/"
    await demo_viewer.get(f"/c/demo/pods/shop/{pod}/?sel=c-nginx")
    assert (await demo_viewer.post(main, {"container": "nginx"})).status == 303
    try:
        of_pod = await view(demo_viewer, f"pods/shop/{pod}")
        of_all = await view(demo_viewer, "deployments/shop/web")
    finally:
        await demo_viewer.post(main, {"container": ""})
    by_rule = await view(demo_viewer, "deployments/shop/web")

    assert of_pod.header("location").endswith(f"?src=pods/shop/{pod}:nginx")
    assert of_all.header("location").endswith("?src=deployments/shop/web:nginx")
    assert by_rule.header("location").endswith("?src=deployments/shop/web:main-app")


async def test_a_workload_without_pods_says_so(demo_viewer: Client, place: Place) -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": two("sleep 1", "sleep 1")}}
    spec = {"replicas": 0, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "none"}, "spec": spec}
    address = f"{place.cluster.server}/apis/apps/v1/namespaces/{place.namespace}/deployments"
    async with place.http.post(address, json=body) as answer:
        assert answer.status == 201

    page = await view(demo_viewer, f"deployments/{place.namespace}/none:app")

    assert page.status == 200 and 'data-why="no-pods"' in page.text


async def test_without_a_restart_there_is_nothing_before_it(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")
    await place.until("one", is_running)

    page = await log_page(demo_viewer, place, "one", "&previous=1")

    file = await demo_viewer.get(
        f"/c/demo/logs/download/?src=pods/{place.namespace}/one:app&previous=1&format=text"
    )

    assert 'data-why="no-previous"' in page.text
    assert [row.text for row in rows_of(page)] == [
        "There is no previous instance: the container has not been restarted."
    ]
    assert file.text == "# end: There is no previous instance: the container has not been restarted.\n"


async def test_the_server_draws_what_the_address_filters_and_hides(demo_viewer: Client, place: Place) -> None:
    await place.pod("one", containers=two("echo GET /a; echo put /b; sleep 3600", "echo get /c; sleep 3600"))
    await has_started(place, "one")
    source = f"pods/{place.namespace}/one:*"
    page = await view(demo_viewer, source)
    while len(lines_of(page)) < 3:
        page = await view(demo_viewer, source)

    async def with_query(more: str) -> list[str]:
        return lines_of(await view(demo_viewer, source, more=more))

    assert sorted(await with_query("&q=get")) == ["GET /a", "get /c"]
    assert await with_query("&q=get&case=1") == ["get /c"]
    assert await with_query("&q=get&invert=1") == ["put /b"]
    assert await with_query("&hide=app") == ["get /c"]
    assert await with_query("&solo=app") == ["GET /a", "put /b"]
    assert len(await with_query("&q=get&mode=highlight")) == 3


async def test_above_the_cap_it_is_said_how_many_there_are(demo_viewer: Client, place: Place) -> None:
    many = [{"name": f"c{n}", "image": IMAGE, "command": ["sleep", "3600"]} for n in range(53)]
    await place.pod("one", containers=many)

    page = await view(demo_viewer, f"pods/{place.namespace}/one:*")

    assert "50 of 53 containers" in page.text
    file = await demo_viewer.get(f"/c/demo/logs/download/?src=pods/{place.namespace}/one:*")
    assert file.text.splitlines()[-1] == "# incomplete: 50 of 53 containers, the newest pods first"


async def test_who_may_not_read_the_workload_but_its_pods_sees_their_logs(lesser_viewer: Lesser) -> None:
    client = await lesser_viewer("shop", "pods", "pods/log")

    page = await view(client, "deployments/shop/web:nginx")
    other = await view(client, "deployments/pay/checkout:app")

    assert page.status == 200 and 'data-why="no-pods"' not in page.text
    assert other.status == 403 and "list pods" in other.text
