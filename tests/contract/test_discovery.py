"""What the server says it serves."""

import pytest

from tests.contract.api import Api

GROUPS = {
    "api/v1": ["pods", "pods/log", "pods/ephemeralcontainers", "pods/proxy", "pods/status",
               "configmaps", "services", "secrets", "events", "nodes", "namespaces",
               "serviceaccounts", "resourcequotas", "limitranges"],
    "apis/apps/v1": ["deployments", "deployments/scale", "replicasets", "statefulsets",
                     "daemonsets", "controllerrevisions"],
    "apis/batch/v1": ["jobs", "jobs/status", "cronjobs"],
    "apis/autoscaling/v2": ["horizontalpodautoscalers"],
    "apis/policy/v1": ["poddisruptionbudgets"],
    "apis/discovery.k8s.io/v1": ["endpointslices"],
    "apis/authorization.k8s.io/v1": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    "apis/authentication.k8s.io/v1": ["selfsubjectreviews"],
}  # fmt: skip
# What differs by version or is of no concern to a client that reads by name.
IGNORED = ("storageVersionHash", "responseKind")


@pytest.mark.parametrize("path", sorted(GROUPS))
async def test_a_resource_is_described_as_the_real_server_describes_it(api: Api, path: str) -> None:
    reply = await api.ask("GET", f"/{path}")

    rows = {row["name"]: row for row in reply.body["resources"]}
    assert reply.body["kind"] == "APIResourceList"
    for name in GROUPS[path]:
        plain = {key: value for key, value in rows[name].items() if key not in IGNORED}
        assert plain == EXPECTED.get(name, plain)
        assert set(plain) >= {"name", "singularName", "namespaced", "kind", "verbs"}


ALL = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
EXPECTED = {
    "pods": {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ALL,
             "shortNames": ["po"], "categories": ["all"]},
    "pods/log": {"name": "pods/log", "singularName": "", "namespaced": True, "kind": "Pod",
                 "verbs": ["get"]},
    "pods/ephemeralcontainers": {"name": "pods/ephemeralcontainers", "singularName": "",
                                 "namespaced": True, "kind": "Pod",
                                 "verbs": ["get", "patch", "update"]},
    "pods/proxy": {"name": "pods/proxy", "singularName": "", "namespaced": True,
                   "kind": "PodProxyOptions",
                   "verbs": ["create", "delete", "get", "patch", "update"]},
    "deployments": {"name": "deployments", "singularName": "deployment", "namespaced": True,
                    "kind": "Deployment", "verbs": ALL, "shortNames": ["deploy"],
                    "categories": ["all"]},
    "deployments/scale": {"name": "deployments/scale", "singularName": "", "namespaced": True,
                          "group": "autoscaling", "version": "v1", "kind": "Scale",
                          "verbs": ["get", "patch", "update"]},
    "selfsubjectreviews": {"name": "selfsubjectreviews", "singularName": "selfsubjectreview",
                           "namespaced": False, "kind": "SelfSubjectReview", "verbs": ["create"]},
    "nodes": {"name": "nodes", "singularName": "node", "namespaced": False, "kind": "Node",
              "verbs": ALL, "shortNames": ["no"]},
    "cronjobs": {"name": "cronjobs", "singularName": "cronjob", "namespaced": True,
                 "kind": "CronJob", "verbs": ALL, "shortNames": ["cj"], "categories": ["all"]},
}  # fmt: skip


async def test_the_groups_list_names_the_preferred_versions(api: Api) -> None:
    reply = await api.ask("GET", "/apis")

    groups = {group["name"]: group for group in reply.body["groups"]}
    entry = {"groupVersion": "apps/v1", "version": "v1"}
    assert groups["apps"]["preferredVersion"] == entry
    assert entry in groups["apps"]["versions"]


async def test_a_group_alone_is_an_api_group(api: Api) -> None:
    reply = await api.ask("GET", "/apis/apps")

    entry = {"groupVersion": "apps/v1", "version": "v1"}
    wanted = {"kind": "APIGroup", "apiVersion": "v1", "name": "apps"}
    assert reply.body == wanted | {"versions": [entry], "preferredVersion": entry}


async def test_the_core_group_has_one_version(api: Api) -> None:
    reply = await api.ask("GET", "/api")

    assert reply.body["kind"] == "APIVersions"
    assert reply.body["versions"] == ["v1"]


async def test_the_version_is_that_of_1_34(api: Api) -> None:
    reply = await api.ask("GET", "/version")

    assert (reply.body["major"], reply.body["minor"]) == ("1", "34")
    assert reply.body["gitVersion"].startswith("v1.34.4")


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
async def test_a_healthy_server_says_ok(api: Api, path: str) -> None:
    reply = await api.ask("GET", path)

    assert (reply.status, reply.text) == (200, "ok")


@pytest.mark.parametrize("path", ["/apis/nothing.example/v1", "/nothing"])
async def test_an_unknown_path_is_plain_text(api: Api, path: str) -> None:
    reply = await api.ask("GET", path)

    assert reply.status == 404
    assert reply.text == "404 page not found\n"
    assert reply.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "path", ["/api/v1/namespaces/default/foos", "/apis/apps/v2/deployments", "/api/v1/pods/x/y/z"]
)
async def test_an_unknown_resource_is_a_status(api: Api, path: str) -> None:
    reply = await api.ask("GET", path)

    assert reply.status == 404
    assert reply.message == "the server could not find the requested resource"
    assert reply.body["reason"] == "NotFound"
    assert reply.body["details"] == {}


async def test_every_answer_carries_an_audit_id_and_json(api: Api) -> None:
    reply = await api.ask("GET", "/api/v1/namespaces/default")

    assert reply.headers["Audit-Id"]
    assert reply.headers["Content-Type"] == "application/json"
    assert "no-cache" in reply.headers["Cache-Control"]
    assert reply.headers["Date"]
