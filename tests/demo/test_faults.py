"""The fault hooks do what they say, and nothing more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.contract.api import Api, open_session, read_server, unique
from tests.contract.manifests import configmap
from tests.demo_fixture import DemoCluster


@pytest.fixture
async def api(own_demo_cluster: DemoCluster) -> AsyncIterator[Api]:
    server = read_server(own_demo_cluster.kubeconfig, "demo", None)
    async with open_session(server.tls) as session:
        yield Api(session, server, "default")


async def test_a_status_is_answered_once_with_its_retry_after(
    own_demo_cluster: DemoCluster, api: Api
) -> None:
    own_demo_cluster.fault("status", path="/pods$", status=429, retry_after=7)

    first = await api.ask("GET", api.path("pods"))
    second = await api.ask("GET", api.path("pods"))

    assert (first.status, second.status) == (429, 200)
    assert first.headers["Retry-After"] == "7"
    assert first.body["reason"] == "TooManyRequests"


async def test_a_dropped_answer_has_been_carried_out(own_demo_cluster: DemoCluster, api: Api) -> None:
    own_demo_cluster.fault("drop", method="POST")
    name = unique()

    with pytest.raises(aiohttp.ClientError):
        await api.create("configmaps", configmap(name))

    assert (await api.get("configmaps", name))["metadata"]["name"] == name


@pytest.mark.parametrize("size", [0, 1, 100])
async def test_a_body_is_cut_after_so_many_bytes(own_demo_cluster: DemoCluster, api: Api, size: int) -> None:
    own_demo_cluster.fault("cut", path=r"\?watch$", bytes=size)

    async with api.watch(api.path("configmaps")) as watch:
        with pytest.raises(aiohttp.ClientError):
            await watch.answer.content.readexactly(size)
            await watch.answer.read()


async def test_a_stalled_watch_stays_open_and_silent(own_demo_cluster: DemoCluster, api: Api) -> None:
    own_demo_cluster.fault("stall", path=r"\?watch$", bytes=10)

    async with api.watch(api.path("configmaps"), timeoutSeconds="1") as watch:
        assert len(await watch.answer.content.readexactly(10)) == 10
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(watch.answer.content.read(1), 1.5)


async def test_a_watch_may_begin_with_an_error_event(own_demo_cluster: DemoCluster, api: Api) -> None:
    own_demo_cluster.fault("error", path=r"\?watch$", status=410)

    async with api.watch(api.path("configmaps")) as watch:
        event = await watch.next()
        end = await watch.next()

    assert event and event["type"] == "ERROR"
    assert event["object"]["code"] == 410
    assert end is None


async def test_after_a_compaction_old_versions_and_tokens_are_gone(
    own_demo_cluster: DemoCluster, api: Api
) -> None:
    first = await api.ask("GET", "/api/v1/pods", limit="1")
    own_demo_cluster.hook("compact")
    await api.create("configmaps", configmap(unique()))

    page = await api.ask("GET", "/api/v1/pods", **{"continue": first.body["metadata"]["continue"]})
    async with api.watch("/api/v1/pods", resourceVersion="5") as watch:
        event = await watch.next()

    assert page.status == 410
    assert page.body["reason"] == "Expired"
    assert page.body["metadata"]["continue"]
    assert event and event["object"]["message"].startswith("too old resource version: 5 (")


async def test_a_rewound_server_counts_from_an_earlier_version(
    own_demo_cluster: DemoCluster, api: Api
) -> None:
    before = await api.ask("GET", "/api/v1/pods")
    own_demo_cluster.hook("rewind", by=200)

    after = await api.ask("GET", "/api/v1/pods")

    versions = [int(reply.body["metadata"]["resourceVersion"]) for reply in (before, after)]
    assert versions[1] < versions[0]


async def test_an_expired_token_is_unauthorized(own_demo_cluster: DemoCluster, api: Api) -> None:
    rule = {"verbs": ["list"], "resources": ["pods"]}
    token = own_demo_cluster.user("short", [rule])

    before = await api.ask("GET", "/api/v1/pods", token=token)
    own_demo_cluster.hook("expire", token=token)
    after = await api.ask("GET", "/api/v1/pods", token=token)

    assert (before.status, after.status) == (200, 401)


async def test_a_revoked_rule_is_forbidden(own_demo_cluster: DemoCluster, api: Api) -> None:
    rule = {"verbs": ["list"], "resources": ["pods"]}
    token = own_demo_cluster.user("fired", [rule])

    own_demo_cluster.hook("rules", name="fired", rules=[])
    reply = await api.ask("GET", "/api/v1/pods", token=token)

    assert reply.status == 403


async def test_a_revoked_rule_ends_an_open_watch_when_asked(own_demo_cluster: DemoCluster, api: Api) -> None:
    async with api.watch("/api/v1/pods", fieldSelector="metadata.name=no-such") as watch:
        own_demo_cluster.hook("watches")

        assert await watch.next() is None


async def test_the_request_log_tells_who_asked_what(own_demo_cluster: DemoCluster, api: Api) -> None:
    own_demo_cluster.forget_requests()
    await api.ask("GET", api.path("pods"), limit="3")

    (entry,) = [e for e in own_demo_cluster.requests() if e["agent"].startswith("contract")]

    assert (entry["method"], entry["path"], entry["status"]) == ("GET", api.path("pods"), 200)
    assert entry["query"] == {"limit": ["3"]}
    assert entry["user"] == "admin"
    assert "Bearer" not in json.dumps(entry)


async def test_bookmarks_come_as_often_as_told(own_demo_cluster: DemoCluster, api: Api) -> None:
    own_demo_cluster.hook("watches", bookmark_s=0.1)

    query = {"allowWatchBookmarks": "true", "fieldSelector": "metadata.name=no-such"}
    async with api.watch("/api/v1/pods", **query) as watch:
        event = await watch.next()

    assert event and event["type"] == "BOOKMARK"
