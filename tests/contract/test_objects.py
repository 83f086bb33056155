"""Create, get, update, delete: identity, preconditions, the wording of refusals."""

import re

import pytest

from tests.contract.api import JSON, MERGE, Api, unique
from tests.contract.manifests import configmap, container, deployment, pod

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def test_a_new_object_gets_uid_version_and_time(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique(), data={"a": "b"}))

    metadata = made["metadata"]
    assert UUID.fullmatch(metadata["uid"])
    assert metadata["resourceVersion"].isdigit()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", metadata["creationTimestamp"])
    assert "generation" not in metadata
    assert metadata["namespace"] == api.namespace


async def test_an_object_comes_back_as_it_was_made(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique(), data={"a": "b"}))

    assert await api.get("configmaps", made["metadata"]["name"]) == made


async def test_a_second_object_of_the_name_is_refused(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique()))
    name = made["metadata"]["name"]

    reply = await api.ask("POST", api.path("configmaps"), configmap(name))

    assert reply.status == 409
    assert reply.message == f'configmaps "{name}" already exists'
    assert reply.body["reason"] == "AlreadyExists"
    assert reply.body["details"] == {"name": name, "kind": "configmaps"}


async def test_a_generated_name_has_five_letters(api: Api) -> None:
    body = {"metadata": {"generateName": "made-"}}

    made = await api.create("configmaps", body)

    assert re.fullmatch(r"made-[bcdfghjklmnpqrstvwxz2456789]{5}", made["metadata"]["name"])
    assert made["metadata"]["generateName"] == "made-"


@pytest.mark.parametrize(
    ("method", "plural", "said"),
    [
        ("GET", "configmaps", 'configmaps "nope" not found'),
        ("DELETE", "pods", 'pods "nope" not found'),
        ("GET", "deployments", 'deployments.apps "nope" not found'),
        ("DELETE", "jobs", 'jobs.batch "nope" not found'),
    ],
)
async def test_a_missing_object_is_not_found(api: Api, method: str, plural: str, said: str) -> None:
    reply = await api.ask(method, api.path(plural, "nope"))

    assert reply.status == 404
    assert reply.message == said
    assert reply.body["details"]["name"] == "nope"


async def test_nothing_is_made_in_a_missing_namespace(api: Api) -> None:
    path = api.path("configmaps", namespace="nowhere")

    reply = await api.ask("POST", path, configmap("x"))

    assert reply.status == 404
    assert reply.message == 'namespaces "nowhere" not found'
    assert reply.body["details"] == {"name": "nowhere", "kind": "namespaces"}


async def test_a_body_for_another_namespace_is_refused(api: Api) -> None:
    body = configmap(unique())
    body["metadata"]["namespace"] = "elsewhere"

    reply = await api.ask("POST", api.path("configmaps"), body)

    assert reply.status == 400
    assert reply.message == (
        "the namespace of the provided object does not match the namespace sent on the request"
    )


async def test_a_body_of_another_name_is_refused(api: Api) -> None:
    reply = await api.ask("PUT", api.path("configmaps", "one"), configmap("two"))

    assert reply.status == 400
    assert reply.message == ("the name of the object (two) does not match the name on the URL (one)")


async def test_a_version_in_a_new_object_is_refused(api: Api) -> None:
    body = configmap(unique())
    body["metadata"]["resourceVersion"] = "5"

    reply = await api.ask("POST", api.path("configmaps"), body)

    assert reply.status == 500
    assert reply.message == "resourceVersion should not be set on objects to be created"


async def test_an_update_moves_the_version(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique(), data={"a": "b"}))
    made["data"]["a"] = "c"

    reply = await api.ask("PUT", api.path("configmaps", made["metadata"]["name"]), made)

    assert reply.status == 200
    assert int(reply.body["metadata"]["resourceVersion"]) > int(made["metadata"]["resourceVersion"])
    assert reply.body["data"] == {"a": "c"}


async def test_an_update_that_changes_nothing_keeps_the_version(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique(), data={"a": "b"}))

    reply = await api.ask("PUT", api.path("configmaps", made["metadata"]["name"]), made)

    assert reply.body["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def test_a_stale_update_is_a_conflict(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique(), data={"a": "b"}))
    name = made["metadata"]["name"]
    await api.patch("configmaps", name, {"data": {"a": "c"}})

    reply = await api.ask("PUT", api.path("configmaps", name), made)

    assert reply.status == 409
    assert reply.body["reason"] == "Conflict"
    assert reply.message == (
        f'Operation cannot be fulfilled on configmaps "{name}": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )


async def test_an_update_of_another_uid_is_a_conflict(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique()))
    name, uid = made["metadata"]["name"], made["metadata"]["uid"]
    made["metadata"]["uid"] = "other"

    reply = await api.ask("PUT", api.path("configmaps", name), made)

    assert reply.status == 409
    assert reply.message == (
        f'Operation cannot be fulfilled on configmaps "{name}": StorageError: invalid object, '
        f"Code: 4, Key: /registry/configmaps/{api.namespace}/{name}, ResourceVersion: 0, "
        "AdditionalErrorMsg: Precondition failed: UID in precondition: other, "
        f"UID in object meta: {uid}"
    )


async def test_a_deleted_object_leaves_a_success(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique()))
    name, uid = made["metadata"]["name"], made["metadata"]["uid"]

    reply = await api.ask("DELETE", api.path("configmaps", name))

    assert reply.body["status"] == "Success"
    assert reply.body["details"] == {"name": name, "kind": "configmaps", "uid": uid}
    assert (await api.ask("GET", api.path("configmaps", name))).status == 404


async def test_a_delete_of_another_uid_is_a_conflict(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique()))
    name, uid = made["metadata"]["name"], made["metadata"]["uid"]

    body = {"preconditions": {"uid": "other"}}
    reply = await api.ask("DELETE", api.path("configmaps", name), body)

    assert reply.status == 409
    assert reply.message == (
        f'Operation cannot be fulfilled on ConfigMap "{name}": the UID in the precondition '
        f"(other) does not match the UID in record ({uid}). The object might have been deleted "
        "and then recreated"
    )


async def test_a_delete_of_another_version_is_a_conflict(api: Api) -> None:
    made = await api.create("deployments", deployment(unique()))
    name = made["metadata"]["name"]

    body = {"preconditions": {"resourceVersion": "5"}}
    reply = await api.ask("DELETE", api.path("deployments", name), body)

    assert reply.status == 409
    assert "the ResourceVersion in the precondition (5) does not match" in reply.message
    assert f'fulfilled on Deployment.apps "{name}"' in reply.message


async def test_a_finalizer_holds_an_object_until_it_is_taken_away(api: Api) -> None:
    body = configmap(unique())
    body["metadata"]["finalizers"] = ["example.com/hold"]
    name = (await api.create("configmaps", body))["metadata"]["name"]

    reply = await api.ask("DELETE", api.path("configmaps", name))
    held = await api.get("configmaps", name)
    await api.patch("configmaps", name, {"metadata": {"finalizers": None}})

    assert reply.body["kind"] == "ConfigMap"
    assert held["metadata"]["deletionTimestamp"]
    assert held["metadata"]["deletionGracePeriodSeconds"] == 0
    assert (await api.ask("GET", api.path("configmaps", name))).status == 404


async def test_a_pod_without_a_node_goes_at_once(api: Api) -> None:
    made = await api.create("pods", pod(unique()))
    name = made["metadata"]["name"]

    reply = await api.ask("DELETE", api.path("pods", name))

    assert reply.body["kind"] == "Pod"
    assert (await api.ask("GET", api.path("pods", name))).status == 404


async def test_a_pod_on_a_node_is_only_marked(api: Api) -> None:
    # A node that does not exist: nobody ends the pod but the test.
    made = await api.create("pods", pod(unique(), nodeName="no-such-node"))
    name = made["metadata"]["name"]

    reply = await api.ask("DELETE", api.path("pods", name))
    forced = await api.ask("DELETE", api.path("pods", name), gracePeriodSeconds="0")

    assert reply.body["metadata"]["deletionGracePeriodSeconds"] == 30
    assert reply.body["metadata"]["generation"] == 2
    assert forced.status == 200
    assert (await api.ask("GET", api.path("pods", name))).status == 404


async def test_a_collection_is_deleted_by_label(api: Api) -> None:
    label = unique("l")
    for _ in range(2):
        await api.create("configmaps", configmap(unique(), labels={"set": label}))
    kept = await api.create("configmaps", configmap(unique()))

    reply = await api.ask("DELETE", api.path("configmaps"), labelSelector=f"set={label}")

    assert reply.body["kind"] == "ConfigMapList"
    left = await api.ask("GET", api.path("configmaps"), labelSelector=f"set={label}")
    assert left.body["items"] == []
    assert await api.get("configmaps", kept["metadata"]["name"]) == kept


@pytest.mark.parametrize(
    ("method", "name"), [("POST", "x"), ("PUT", ""), ("PATCH", "")], ids=["post", "put", "patch"]
)
async def test_a_method_out_of_place_is_not_allowed(api: Api, method: str, name: str) -> None:
    reply = await api.ask(method, api.path("configmaps", name), {}, content_type=MERGE)

    assert reply.status == 405
    assert reply.message == "the server does not allow this method on the requested resource"
    assert reply.body["reason"] == "MethodNotAllowed"


async def test_a_patch_of_an_unknown_type_is_unsupported(api: Api) -> None:
    reply = await api.ask("PATCH", api.path("configmaps", "x"), {}, content_type="application/zip")

    assert reply.status == 415
    assert reply.body["reason"] == "UnsupportedMediaType"


async def test_a_spec_change_bumps_the_generation(api: Api) -> None:
    made = await api.create("deployments", deployment(unique()))
    name = made["metadata"]["name"]

    changed = await api.patch("deployments", name, {"spec": {"paused": True}})
    labelled = await api.patch("deployments", name, {"metadata": {"labels": {"x": "y"}}})

    assert made["metadata"]["generation"] == 1
    assert changed.body["metadata"]["generation"] == 2
    assert labelled.body["metadata"]["generation"] == 2


async def test_a_status_written_to_the_object_is_ignored(api: Api) -> None:
    made = await api.create("pods", pod(unique()))
    name = made["metadata"]["name"]

    reply = await api.patch("pods", name, {"status": {"message": "hello"}})

    assert "message" not in reply.body["status"]


async def test_the_status_subresource_writes_status_alone(api: Api) -> None:
    made = await api.create("pods", pod(unique()))
    name = made["metadata"]["name"]

    body = {"status": {"message": "hello"}, "spec": {"activeDeadlineSeconds": 5}}
    reply = await api.patch("pods", f"{name}/status", body)

    assert reply.body["status"]["message"] == "hello"
    assert "activeDeadlineSeconds" not in reply.body["spec"]


async def test_a_dead_namespace_takes_nothing_new(apart: Api) -> None:
    body = configmap(unique())
    body["metadata"]["finalizers"] = ["example.com/hold"]
    name = (await apart.create("configmaps", body))["metadata"]["name"]
    await apart.ask("DELETE", f"/api/v1/namespaces/{apart.namespace}")

    reply = await apart.ask("POST", apart.path("configmaps"), configmap("late"))
    await apart.patch("configmaps", name, {"metadata": {"finalizers": None}})

    assert reply.status == 403
    assert "because it is being terminated" in reply.message


async def test_a_namespace_empties_itself_and_goes(apart: Api) -> None:
    await apart.create("configmaps", configmap("x"))

    reply = await apart.ask("DELETE", f"/api/v1/namespaces/{apart.namespace}")

    assert reply.body["status"]["phase"] == "Terminating"
    await apart.wait_absent(f"/api/v1/namespaces/{apart.namespace}")


async def test_a_json_patch_tests_before_it_writes(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique(), data={"a": "b", "c": "d"}))
    name = made["metadata"]["name"]
    operations = [
        {"op": "test", "path": "/metadata/resourceVersion",
         "value": made["metadata"]["resourceVersion"]},
        {"op": "replace", "path": "/data/a", "value": "new"},
        {"op": "remove", "path": "/data/c"},
        {"op": "add", "path": "/data/x~1y", "value": "slash"},
    ]  # fmt: skip
    del operations[3]

    first = await api.patch("configmaps", name, operations, JSON)
    second = await api.patch("configmaps", name, operations, JSON)

    assert first.body["data"] == {"a": "new"}
    assert second.status == 422
    assert second.message == "the server rejected our request due to an error in our request"


async def test_a_json_patch_inserts_and_appends_items(api: Api) -> None:
    made = await api.create("deployments", deployment(unique()))
    path = "/spec/template/spec/containers"
    operations = [
        {"op": "add", "path": f"{path}/-", "value": container("last")},
        {"op": "add", "path": f"{path}/0", "value": container("first")},
    ]

    reply = await api.patch("deployments", made["metadata"]["name"], operations, JSON)

    names = [each["name"] for each in reply.body["spec"]["template"]["spec"]["containers"]]
    assert names == ["first", "app", "last"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{bad", "error decoding patch: invalid character 'b' looking for beginning of object"),
        (b"[bad", "error decoding patch: invalid character 'b' looking for beginning of value"),
    ],
)
async def test_a_broken_patch_is_named(api: Api, body: bytes, said: str) -> None:
    made = await api.create("configmaps", configmap(unique()))
    kind = JSON if body.startswith(b"[") else MERGE

    reply = await api.patch("configmaps", made["metadata"]["name"], body, kind)

    assert reply.status == 400
    assert reply.message.startswith(said)


async def test_a_merge_patch_with_null_removes(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique(), data={"a": "b", "c": "d"}))

    reply = await api.patch("configmaps", made["metadata"]["name"], {"data": {"a": None}})

    assert reply.body["data"] == {"c": "d"}


async def test_a_merge_patch_with_a_stale_version_is_a_conflict(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique()))

    body = {"metadata": {"resourceVersion": "5"}, "data": {"a": "b"}}
    reply = await api.patch("configmaps", made["metadata"]["name"], body)

    assert reply.status == 409
    assert "the object has been modified" in reply.message
