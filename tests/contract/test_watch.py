"""WATCH: where it begins, what it sends, how it ends."""

from tests.contract.api import Api, unique
from tests.contract.manifests import configmap, deployment, pod


async def _version(api: Api, plural: str = "configmaps") -> str:
    reply = await api.ask("GET", api.path(plural), labelSelector="no=such")
    return str(reply.body["metadata"]["resourceVersion"])


def _of(name: str) -> dict[str, str]:
    return {"fieldSelector": f"metadata.name={name}"}


async def test_a_life_is_added_modified_deleted(api: Api) -> None:
    name, since = unique(), await _version(api)

    async with api.watch(api.path("configmaps"), resourceVersion=since, **_of(name)) as watch:
        await api.create("configmaps", configmap(name))
        await api.patch("configmaps", name, {"data": {"a": "b"}})
        await api.ask("DELETE", api.path("configmaps", name))
        events = await watch.take(3)

    assert [event["type"] for event in events] == ["ADDED", "MODIFIED", "DELETED"]
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    assert versions == sorted(set(versions))
    assert events[0]["object"]["kind"] == "ConfigMap"


async def test_a_watch_from_a_version_replays_what_came_after(api: Api) -> None:
    name = unique()
    made = await api.create("configmaps", configmap(name))
    since = made["metadata"]["resourceVersion"]
    await api.patch("configmaps", name, {"data": {"a": "b"}})

    async with api.watch(api.path("configmaps"), resourceVersion=since, **_of(name)) as watch:
        event = await watch.next()

    assert event and event["type"] == "MODIFIED"
    assert event["object"]["data"] == {"a": "b"}


async def test_a_watch_without_a_version_begins_with_what_is_there(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique()))
    name = made["metadata"]["name"]

    async with api.watch(api.path("configmaps"), **_of(name)) as watch:
        event = await watch.next()

    assert event == {"type": "ADDED", "object": made}


async def test_a_watch_from_0_begins_with_what_is_there(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique()))
    name = made["metadata"]["name"]

    async with api.watch(api.path("configmaps"), resourceVersion="0", **_of(name)) as watch:
        event = await watch.next()

    assert event and event["type"] == "ADDED"


async def test_an_object_that_leaves_a_selection_is_deleted(api: Api) -> None:
    label, since = unique("l"), await _version(api)
    query = {"labelSelector": f"set={label}"}

    async with api.watch(api.path("configmaps"), resourceVersion=since, **query) as watch:
        made = await api.create("configmaps", configmap(unique(), labels={"set": label}))
        name = made["metadata"]["name"]
        left = await api.patch("configmaps", name, {"metadata": {"labels": {"set": "other"}}})
        events = await watch.take(2)

    assert [event["type"] for event in events] == ["ADDED", "DELETED"]
    gone = events[1]["object"]["metadata"]
    assert gone["labels"] == {"set": label}
    assert gone["resourceVersion"] == left.body["metadata"]["resourceVersion"]


async def test_an_object_that_enters_a_selection_is_added(api: Api) -> None:
    label = unique("l")
    made = await api.create("configmaps", configmap(unique()))
    since = made["metadata"]["resourceVersion"]
    query = {"labelSelector": f"set={label}"}

    async with api.watch(api.path("configmaps"), resourceVersion=since, **query) as watch:
        body = {"metadata": {"labels": {"set": label}}}
        await api.patch("configmaps", made["metadata"]["name"], body)
        event = await watch.next()

    assert event and event["type"] == "ADDED"


async def test_a_watch_ends_at_its_time(api: Api) -> None:
    since = await _version(api)
    query = {"resourceVersion": since, "timeoutSeconds": "1", **_of("no-such")}

    async with api.watch(api.path("configmaps"), **query) as watch:
        events = await watch.rest()

    assert events == []
    assert watch.answer.status == 200


async def test_a_bookmark_tells_a_version_before_the_end(api: Api) -> None:
    since = await _version(api, "pods")
    query = {"resourceVersion": since, "timeoutSeconds": "6", "allowWatchBookmarks": "true"}

    async with api.watch(api.path("pods"), **query, **_of("no-such")) as watch:
        made = await api.create("pods", pod(unique()))
        events = await watch.rest()

    assert {event["type"] for event in events} == {"BOOKMARK"}
    mark = events[-1]["object"]
    assert int(mark["metadata"]["resourceVersion"]) >= int(made["metadata"]["resourceVersion"])
    assert (mark["kind"], mark["apiVersion"]) == ("Pod", "v1")
    assert mark["spec"] == {"containers": None}


async def test_a_watch_list_ends_its_beginning_with_a_bookmark(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique()))
    name = made["metadata"]["name"]
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan",
             "allowWatchBookmarks": "true"}  # fmt: skip

    async with api.watch(api.path("configmaps"), **query, **_of(name)) as watch:
        first, second = await watch.take(2)

    assert first["type"] == "ADDED"
    assert second["type"] == "BOOKMARK"
    assert second["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_version_that_is_none_is_an_error(api: Api) -> None:
    query = {"watch": "1", "resourceVersion": "zz"}

    reply = await api.ask("GET", api.path("configmaps"), **query)

    assert reply.status == 500
    assert 'Invalid value: "zz"' in reply.message


async def test_one_object_by_path_is_read_even_when_a_watch_is_asked(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique()))

    reply = await api.ask("GET", api.path("configmaps", made["metadata"]["name"]), watch="1")

    assert reply.body == made


async def test_a_watch_of_one_namespace_leaves_out_others(api: Api, apart: Api) -> None:
    since = await _version(apart)
    label = unique("l")
    query = {"resourceVersion": since, "labelSelector": f"set={label}"}

    async with apart.watch(apart.path("configmaps"), **query) as watch:
        await api.create("configmaps", configmap("elsewhere-" + label, labels={"set": label}))
        await apart.create("configmaps", configmap("here", labels={"set": label}))
        event = await watch.next()

    assert event and event["object"]["metadata"]["name"] == "here"


async def test_a_watch_over_all_namespaces_sees_a_deployment(api: Api) -> None:
    name, since = unique(), await _version(api, "deployments")
    query = {"resourceVersion": since, **_of(name)}

    async with api.watch("/apis/apps/v1/deployments", **query) as watch:
        await api.create("deployments", deployment(name))
        event = await watch.next()

    assert event and event["object"]["metadata"]["namespace"] == api.namespace


async def test_a_dry_run_is_not_seen_by_a_watch(api: Api) -> None:
    name, since = unique(), await _version(api, "pods")
    query = {"resourceVersion": since, **_of(name)}

    async with api.watch(api.path("pods"), **query) as watch:
        await api.create("pods", pod(name), dryRun="All")
        made = await api.create("pods", pod(name))
        event = await watch.next()

    assert event and event["object"]["metadata"]["uid"] == made["metadata"]["uid"]
