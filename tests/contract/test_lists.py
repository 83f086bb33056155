"""LIST: versions, pages, selectors."""

import pytest

from tests.contract.api import Api, unique
from tests.contract.manifests import configmap, pod


async def _fill(api: Api, count: int = 5) -> list[str]:
    names = [f"item-{number}" for number in range(count)]
    for number, name in enumerate(names):
        labels = {"set": "paged", "number": str(number), "half": "low" if number < 2 else "high"}
        await api.create("configmaps", configmap(name, labels=labels))
    return names


def _names(body: dict) -> list[str]:
    return [item["metadata"]["name"] for item in body["items"]]


PAGED = {"labelSelector": "set=paged"}


async def test_a_list_has_a_version_and_bare_items(apart: Api) -> None:
    await _fill(apart, 2)

    reply = await apart.ask("GET", apart.path("configmaps"), **PAGED)

    assert reply.body["kind"] == "ConfigMapList"
    assert reply.body["apiVersion"] == "v1"
    assert reply.body["metadata"]["resourceVersion"].isdigit()
    assert "kind" not in reply.body["items"][0]
    assert "apiVersion" not in reply.body["items"][0]


async def test_an_empty_list_has_items(api: Api) -> None:
    reply = await api.ask("GET", api.path("cronjobs"), labelSelector="no=such")

    assert reply.body["items"] == []
    assert reply.body["kind"] == "CronJobList"


async def test_a_list_is_in_order_of_names(apart: Api) -> None:
    for name in ("b", "a.b", "a-b", "a"):
        await apart.create("configmaps", configmap(name, labels={"set": "paged"}))

    reply = await apart.ask("GET", apart.path("configmaps"), **PAGED)

    assert _names(reply.body) == ["a", "a-b", "a.b", "b"]


async def test_pages_join_to_the_whole_list(apart: Api) -> None:
    await _fill(apart)
    whole = await apart.ask("GET", apart.path("configmaps"))
    found, token, pages = [], "", 0

    while pages == 0 or token:
        more = {"continue": token} if token else {}
        reply = await apart.ask("GET", apart.path("configmaps"), limit="2", **more)
        found += _names(reply.body)
        token = reply.body["metadata"].get("continue", "")
        pages += 1

    assert found == _names(whole.body)
    assert pages == 3


async def test_a_page_tells_how_many_remain(apart: Api) -> None:
    await _fill(apart)

    reply = await apart.ask("GET", apart.path("configmaps"), limit="2")

    assert reply.body["metadata"]["remainingItemCount"] == 4
    assert reply.body["metadata"]["continue"]


async def test_a_selected_page_does_not_tell_how_many_remain(apart: Api) -> None:
    await _fill(apart)

    reply = await apart.ask("GET", apart.path("configmaps"), limit="2", **PAGED)

    assert "remainingItemCount" not in reply.body["metadata"]
    assert reply.body["metadata"]["continue"]


async def test_pages_show_one_moment(apart: Api) -> None:
    await _fill(apart)
    first = await apart.ask("GET", apart.path("configmaps"), limit="2", **PAGED)
    await apart.create("configmaps", configmap("item-9", labels={"set": "paged"}))
    await apart.ask("DELETE", apart.path("configmaps", "item-4"))

    token = first.body["metadata"]["continue"]
    query = {"limit": "9", "continue": token}
    second = await apart.ask("GET", apart.path("configmaps"), **query, **PAGED)

    assert _names(second.body) == ["item-2", "item-3", "item-4"]
    version = first.body["metadata"]["resourceVersion"]
    assert second.body["metadata"]["resourceVersion"] == version


async def test_a_page_that_holds_all_has_no_token(apart: Api) -> None:
    await _fill(apart, 2)
    whole = await apart.ask("GET", apart.path("configmaps"))

    limit = str(len(whole.body["items"]))
    reply = await apart.ask("GET", apart.path("configmaps"), limit=limit)

    assert "continue" not in reply.body["metadata"]


async def test_a_full_page_of_a_selection_may_promise_too_much(apart: Api) -> None:
    await _fill(apart, 2)

    reply = await apart.ask("GET", apart.path("configmaps"), limit="2", **PAGED)
    token = reply.body["metadata"]["continue"]
    last = await apart.ask("GET", apart.path("configmaps"), **{"continue": token}, **PAGED)

    assert last.body["items"] == []
    assert "continue" not in last.body["metadata"]


async def test_a_broken_token_is_refused(api: Api) -> None:
    reply = await api.ask("GET", api.path("configmaps"), limit="1", **{"continue": "zzz"})

    assert reply.status == 400
    assert reply.message.startswith("invalid continue token: continue key is not valid")


@pytest.mark.parametrize(
    ("selector", "numbers"),
    [
        ("number=1", "1"),
        ("number==1", "1"),
        ("number!=1", "0234"),
        ("number in (1,3)", "13"),
        ("number notin (1,3)", "024"),
        ("half", "01234"),
        ("!half", ""),
        ("half=high,number!=4", "23"),
        ("half in (low),number in (0, 4)", "0"),
    ],
)
async def test_labels_select(apart: Api, selector: str, numbers: str) -> None:
    await _fill(apart)

    query = f"set=paged,{selector}"
    reply = await apart.ask("GET", apart.path("configmaps"), labelSelector=query)

    assert _names(reply.body) == [f"item-{number}" for number in numbers]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("metadata.name=item-1", ["item-1"]),
        ("metadata.name!=item-1", ["item-0", "item-2", "item-3", "item-4"]),
        ("metadata.namespace=elsewhere", []),
    ],
)
async def test_fields_select(apart: Api, selector: str, names: list[str]) -> None:
    await _fill(apart)

    reply = await apart.ask("GET", apart.path("configmaps"), fieldSelector=selector, **PAGED)

    assert _names(reply.body) == names


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("spec.nodeName=no-such-node", 1),
        ("spec.nodeName=", 0),
        ("status.phase=Pending", 1),
        ("status.phase!=Pending", 0),
        ("spec.restartPolicy=Always", 1),
    ],
)
async def test_pods_select_by_node_and_phase(api: Api, selector: str, found: int) -> None:
    name = unique()
    await api.create("pods", pod(name, nodeName="no-such-node"))

    query = f"metadata.name={name},{selector}"
    reply = await api.ask("GET", api.path("pods"), fieldSelector=query)
    await api.ask("DELETE", api.path("pods", name), gracePeriodSeconds="0")

    assert len(reply.body["items"]) == found


async def test_events_select_by_their_object(api: Api) -> None:
    name = unique()
    involved = {"kind": "Pod", "name": name, "namespace": api.namespace, "uid": "u-1"}
    body = {"metadata": {"name": name}, "involvedObject": involved, "reason": "Tried", "type": "Normal"}
    await api.create("events", body)

    query = f"involvedObject.name={name},involvedObject.uid=u-1,type=Normal"
    reply = await api.ask("GET", api.path("events"), fieldSelector=query)

    assert _names(reply.body) == [name]


@pytest.mark.parametrize(
    ("plural", "query", "said"),
    [
        ("configmaps", {"labelSelector": "a in"}, "unable to parse requirement: found '' expected: '('"),
        ("configmaps", {"fieldSelector": "data.x=1"}, '"data.x" is not a known field selector: only'),
        ("pods", {"fieldSelector": "spec.foo=1"}, "field label not supported: spec.foo"),
        ("pods", {"fieldSelector": "zz"}, "invalid selector: 'zz'; can't understand 'zz'"),
        ("pods", {"limit": "x"}, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("pods", {"resourceVersion": "zz"}, "invalid resource version: resourceVersion: Invalid value"),
    ],
)
async def test_a_wrong_question_is_named(api: Api, plural: str, query: dict, said: str) -> None:
    reply = await api.ask("GET", api.path(plural), **query)

    assert reply.status == 400
    assert reply.message.startswith(said)
    assert reply.body["reason"] == "BadRequest"


async def test_a_version_of_the_future_is_a_timeout(api: Api) -> None:
    reply = await api.ask("GET", api.path("configmaps"), resourceVersion="999999999")

    assert reply.status == 504
    assert reply.message.startswith("Timeout: Too large resource version: 999999999, current: ")
    assert reply.headers["Retry-After"] == "1"
    assert reply.body["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


async def test_a_list_over_all_namespaces_holds_ours(api: Api) -> None:
    name = (await api.create("configmaps", configmap(unique())))["metadata"]["name"]

    query = f"metadata.name={name}"
    reply = await api.ask("GET", "/api/v1/configmaps", fieldSelector=query)

    assert [item["metadata"]["namespace"] for item in reply.body["items"]] == [api.namespace]


async def test_a_list_at_version_0_ignores_the_limit(apart: Api) -> None:
    await _fill(apart)

    reply = await apart.ask("GET", apart.path("configmaps"), limit="2", resourceVersion="0")

    assert len(reply.body["items"]) >= 5
    assert "continue" not in reply.body["metadata"]
