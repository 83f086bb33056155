"""401, 403 and the reviews."""

import pytest

from tests.contract.api import Api, unique
from tests.contract.manifests import configmap

REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
READ_PODS = {"verbs": ["get", "list"], "resources": ["pods", "pods/log"]}


def _review(verb: str, resource: str, namespace: str, **more: str) -> dict:
    attributes = {"verb": verb, "resource": resource, "namespace": namespace, **more}
    return {"spec": {"resourceAttributes": attributes}}


async def test_a_wrong_token_is_unauthorized(stranger, api: Api) -> None:
    reply = await api.ask("GET", "/api/v1/pods", token="no-such-token", user=stranger.session)

    assert reply.status == 401
    wanted = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    assert reply.body == wanted | {"message": "Unauthorized", "reason": "Unauthorized", "code": 401}


async def test_health_needs_no_token(stranger, api: Api) -> None:
    reply = await api.ask("GET", "/readyz", token="", user=stranger.session)

    assert reply.text == "ok"


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/api/v1/nodes", 'nodes is forbidden: User "{user}" cannot list resource "nodes" in API '
         'group "" at the cluster scope'),
        ("GET", "/api/v1/namespaces/{ns}/configmaps", 'configmaps is forbidden: User "{user}" cannot '
         'list resource "configmaps" in API group "" in the namespace "{ns}"'),
        ("GET", "/api/v1/namespaces/{ns}/configmaps/x", 'configmaps "x" is forbidden: User "{user}" '
         'cannot get resource "configmaps" in API group "" in the namespace "{ns}"'),
        ("DELETE", "/api/v1/namespaces/{ns}/pods", 'pods is forbidden: User "{user}" cannot '
         'deletecollection resource "pods" in API group "" in the namespace "{ns}"'),
        ("GET", "/apis/apps/v1/namespaces/{ns}/deployments/x/scale", 'deployments.apps "x" is '
         'forbidden: User "{user}" cannot get resource "deployments/scale" in API group "apps" in '
         'the namespace "{ns}"'),
        ("GET", "/api/v1/namespaces/{ns}", 'namespaces "{ns}" is forbidden: User "{user}" cannot get '
         'resource "namespaces" in API group "" in the namespace "{ns}"'),
        ("GET", "/nothing", 'forbidden: User "{user}" cannot get path "/nothing"'),
    ],
    ids=["cluster", "list", "get", "delete", "scale", "namespace", "path"],
)  # fmt: skip
async def test_a_refusal_names_who_what_and_where(
    stranger, api: Api, method: str, path: str, said: str
) -> None:
    ask = await stranger([])
    name = await _name_of(ask)

    reply = await ask(method, path.format(ns=api.namespace))

    assert reply.status == 403
    assert reply.body["reason"] == "Forbidden"
    assert reply.message == said.format(ns=api.namespace, user=name)


async def _name_of(ask) -> str:
    reply = await ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
    return reply.body["status"]["userInfo"]["username"]


async def test_a_watch_is_refused_before_it_begins(stranger, api: Api) -> None:
    ask = await stranger([READ_PODS | {"namespaces": [api.namespace]}])

    reply = await ask("GET", api.path("pods"), watch="1")

    assert reply.status == 403
    assert 'cannot watch resource "pods"' in reply.message


async def test_a_right_in_one_namespace_is_none_in_another(stranger, api: Api) -> None:
    ask = await stranger([READ_PODS | {"namespaces": [api.namespace]}])

    assert (await ask("GET", api.path("pods"))).status == 200
    assert (await ask("GET", api.path("pods", namespace="default"))).status == 403
    assert (await ask("GET", "/api/v1/pods")).status == 403


async def test_a_right_to_one_name_is_none_to_another(stranger, api: Api) -> None:
    one = (await api.create("configmaps", configmap(unique())))["metadata"]["name"]
    rule = {"verbs": ["get"], "resources": ["configmaps"], "names": [one]}
    ask = await stranger([rule | {"namespaces": [api.namespace]}])

    assert (await ask("GET", api.path("configmaps", one))).status == 200
    assert (await ask("GET", api.path("configmaps", "other"))).status == 403


async def test_a_subresource_is_a_right_of_its_own(stranger, api: Api) -> None:
    rule = {"verbs": ["get"], "resources": ["pods"]}
    ask = await stranger([rule | {"namespaces": [api.namespace]}])

    reply = await ask("GET", api.path("pods", "x/log"))

    assert reply.status == 403
    assert 'cannot get resource "pods/log"' in reply.message


async def test_a_missing_object_is_forbidden_to_a_stranger(stranger, api: Api) -> None:
    ask = await stranger([])

    assert (await ask("GET", api.path("pods", "no-such"))).status == 403


@pytest.mark.parametrize(
    ("verb", "resource", "more", "allowed"),
    [
        ("list", "pods", {}, True),
        ("get", "pods", {"subresource": "log"}, True),
        ("delete", "pods", {}, False),
        ("list", "secrets", {}, False),
        ("list", "deployments", {"group": "apps"}, False),
    ],
)
async def test_a_review_answers_for_the_asker(
    stranger, api: Api, verb: str, resource: str, more: dict, allowed: bool
) -> None:
    ask = await stranger([READ_PODS | {"namespaces": [api.namespace]}])

    reply = await ask("POST", REVIEW, _review(verb, resource, api.namespace, **more))

    assert reply.status == 201
    assert reply.body["kind"] == "SelfSubjectAccessReview"
    assert reply.body["status"]["allowed"] is allowed
    assert reply.body["spec"]["resourceAttributes"]["verb"] == verb


async def test_an_administrator_may_everything(api: Api) -> None:
    reply = await api.ask("POST", REVIEW, _review("delete", "secrets", "default"))

    assert reply.body["status"]["allowed"] is True


async def test_an_empty_review_is_invalid(api: Api) -> None:
    reply = await api.ask("POST", REVIEW, {"spec": {}})

    assert reply.status == 422
    assert "exactly one of nonResourceAttributes or resourceAttributes must be specified" in reply.message


async def test_reviews_are_only_created(api: Api) -> None:
    reply = await api.ask("GET", REVIEW)

    assert reply.status == 405


async def test_a_review_of_oneself_tells_name_and_groups(stranger, api: Api) -> None:
    ask = await stranger([])

    reply = await ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})

    info = reply.body["status"]["userInfo"]
    assert reply.status == 201
    assert info["username"]
    assert info["uid"]
    assert "system:authenticated" in info["groups"]


async def test_rules_are_told_for_a_namespace(stranger, api: Api) -> None:
    ask = await stranger([READ_PODS | {"namespaces": [api.namespace]}])

    body = {"spec": {"namespace": api.namespace}}
    reply = await ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", body)

    rules = reply.body["status"]["resourceRules"]
    assert {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "pods/log"]} in rules
    assert reply.body["status"]["incomplete"] is False


async def test_rules_need_a_namespace(api: Api) -> None:
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"

    reply = await api.ask("POST", path, {"spec": {}})

    assert reply.status == 400
    assert reply.message == "no namespace on request"
