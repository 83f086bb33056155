"""Logs of a CronJob, whose pods belong to its Jobs, and of all pods that have labels."""

import html
import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.dashboard_process import Client, Page
from tests.logs.conftest import Lesser
from tests.logs.rows import lines_of
from tests.logs.test_entries import links
from tests.logs.test_page import view
from tests.logs.test_socket import notices, open_log, texts
from tests.pods.viewing import IMAGE, Place

Obj = dict[str, Any]


def says(text: str) -> Obj:
    container = {"name": "app", "image": IMAGE, "command": ["sh", "-c", f"echo {text}"]}
    return {"spec": {"restartPolicy": "Never", "containers": [container]}}


async def batch(place: Place, kind: str, name: str, spec: Obj, owner: Obj | None = None) -> Obj:
    """Makes a Job or a CronJob; as an owner reference."""
    owners = [owner] if owner else []
    body = {"apiVersion": "batch/v1", "kind": kind, "spec": spec}
    body["metadata"] = {"name": name, "ownerReferences": owners}
    path = f"/apis/batch/v1/namespaces/{place.namespace}/{kind.lower()}s"
    async with place.http.post(f"{place.cluster.server}{path}", json=body) as answer:
        assert answer.status == 201, await answer.text()
        made = await answer.json()
    uid = made["metadata"]["uid"]
    return {"apiVersion": "batch/v1", "kind": kind, "name": name, "uid": uid, "controller": True}


async def nightly(place: Place) -> Obj:
    """A CronJob with two Jobs, one of them made by hand; the third Job only looks like one of its."""
    spec = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": says("template")}}}
    cron_job = await batch(place, "CronJob", "nightly", spec)
    await batch(place, "Job", "nightly-29000000", {"template": says("scheduled")}, cron_job)
    await batch(place, "Job", "by-hand", {"template": says("by hand")}, cron_job)
    await batch(place, "Job", "nightly-12345678", {"template": says("foreign")})
    return cron_job


async def until_lines(viewer: Client, source: str, count: int) -> Page:
    page = await view(viewer, source)
    while len(lines_of(page)) < count:
        page = await view(viewer, source)
    return page


async def test_a_cron_job_shows_the_pods_of_all_its_jobs_and_of_no_other(
    demo_viewer: Client, place: Place
) -> None:
    await nightly(place)
    await until_lines(demo_viewer, f"jobs/{place.namespace}/nightly-12345678:app", 1)

    page = await until_lines(demo_viewer, f"cronjobs/{place.namespace}/nightly:app", 2)

    assert sorted(lines_of(page)) == ["by hand", "scheduled"]
    assert re.search(
        rf"kubectl logs -f --tail=500 -n {place.namespace} nightly-29000000-\w+ -c app", page.text
    )


async def test_who_may_not_read_jobs_sees_those_that_are_named_as_the_cron_jobs(
    place: Place, lesser_viewer: Lesser
) -> None:
    await nightly(place)

    client = await lesser_viewer(place.namespace, "pods", "pods/log")
    page = await until_lines(client, f"cronjobs/{place.namespace}/nightly:app", 2)

    assert sorted(lines_of(page)) == ["foreign", "scheduled"]


async def test_the_pods_of_a_new_job_join(demo_viewer: Client, place: Place) -> None:
    cron_job = await nightly(place)
    live = await open_log(demo_viewer, place, "cronjobs/nightly:app")
    await live.until(lambda _f: len(texts(live)) == 2)

    await batch(place, "Job", "again", {"template": says("again")}, cron_job)
    await batch(place, "Job", "nightly-87654321", {"template": says("foreign")})

    await live.until(lambda _f: "again" in texts(live))
    assert "join" in notices(live) and "foreign" not in texts(live)


async def test_a_cron_job_has_a_way_to_its_logs(demo_viewer: Client, place: Place) -> None:
    await nightly(place)

    page = await demo_viewer.get(f"/c/demo/workloads/cronjobs/{place.namespace}/nightly/")

    assert f"/c/demo/logs/?src=cronjobs/{place.namespace}/nightly" in links(page.text)


async def test_a_selector_shows_all_pods_with_the_labels_and_those_that_come(
    demo_viewer: Client, place: Place
) -> None:
    for name, labels in (("one", {"app": "a"}), ("two", {"app": "a", "tier": "test"}), ("three", {})):
        await place.pod(name, f"echo {name}; sleep 36000", labels=labels)
    source = f"selector/{place.namespace}/{quote('app=a,tier!=test')}"

    page = await until_lines(demo_viewer, source, 1)
    live = await open_log(demo_viewer, place, "selector/app=a,tier!=test")
    await live.until(lambda _f: texts(live) == ["one"])
    await place.pod("four", "echo four; sleep 36000", labels={"app": "a"})
    await live.until(lambda _f: texts(live) == ["one", "four"])

    assert lines_of(page) == ["one"]
    command = f"kubectl logs -f --tail=500 -n {place.namespace} -l 'app=a,tier!=test' --prefix"
    assert command in html.unescape(page.text)


@pytest.mark.parametrize("labels", ["app=a b", "=a", "", "app in (a"])
async def test_what_is_no_selector_is_refused_with_words(demo_viewer: Client, labels: str) -> None:
    page = await view(demo_viewer, f"selector/shop/{quote(labels)}")

    assert page.status == 400
    assert f"“{labels}” is not a label selector." in html.unescape(page.text)


@pytest.mark.parametrize(
    ("asked", "source"),
    [
        ("ns=shop&q=-l+app%3Dweb,tier!%3Dtest", "selector/shop/app%3Dweb,tier%21%3Dtest"),
        ("ns=shop&q=-l+app%3Dweb+-l+tier", "selector/shop/app%3Dweb,tier"),
        ("ns=shop&ns=pay&q=-l+app%3Dweb", ""),
        ("ns=shop&q=-l+app%3Dweb+main", ""),
        ("ns=shop&q=!-l+app%3Dweb", ""),
        ("ns=shop", ""),
        ("ns=shop&q=-l+%22app+in+(web,x:y)%22", ""),
    ],
)
async def test_the_pods_list_leads_to_the_logs_of_the_pods_that_labels_choose(
    demo_viewer: Client, asked: str, source: str
) -> None:
    page = await demo_viewer.get(f"/c/demo/pods/?{asked}")

    found = [link for link in links(page.text) if "selector" in link]
    assert found == ([f"/c/demo/logs/?src={source}"] if source else [])
    assert not source or (await demo_viewer.get(found[0])).status == 200
