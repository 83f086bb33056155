"""Server-side apply: ownership, conflicts, removal. The rules that attach and undo stand on."""

import pytest

from tests.contract.api import JSON, MERGE, Api, Obj, Reply, unique
from tests.contract.manifests import IMAGE, configmap, container, deployment, identity, with_template

SIDE = {"name": "side", "image": IMAGE, "restartPolicy": "Always"}


def _containers(reply: Reply, kind: str = "containers") -> list[Obj]:
    found: list[Obj] = reply.body["spec"]["template"]["spec"].get(kind, [])
    return found


def _names(reply: Reply, kind: str = "containers") -> list[str]:
    return [each["name"] for each in _containers(reply, kind)]


async def _base(api: Api, *containers: Obj, **spec: object) -> Obj:
    return await api.create("deployments", deployment(unique(), *containers, **spec), fieldManager="owner")


async def _apply(api: Api, base: Obj, body: Obj, manager: str = "ours", **query: str) -> Reply:
    return await api.apply("deployments", base["metadata"]["name"], body, manager, **query)


async def test_an_apply_creates_what_is_missing(api: Api) -> None:
    name = unique()

    reply = await api.apply("deployments", name, deployment(name), "ours")

    assert reply.status == 201
    entries = reply.body["metadata"]["managedFields"]
    assert [(each["manager"], each["operation"]) for each in entries] == [("ours", "Apply")]


async def test_what_an_apply_names_is_what_it_owns(api: Api) -> None:
    name = unique()

    reply = await api.apply("deployments", name, deployment(name), "ours")

    key = 'k:{"name":"app"}'
    own = {".": {}, "f:command": {}, "f:image": {}, "f:name": {}}
    spec = {"f:containers": {key: own}, "f:terminationGracePeriodSeconds": {}}
    template = {"f:metadata": {"f:labels": {"f:app": {}}}, "f:spec": spec}
    owned = {"f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": template}}
    assert reply.managed == {"ours": owned}


async def test_a_create_owns_defaults_and_parents_too(api: Api) -> None:
    made = await _base(api)

    fields = made["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]
    assert fields["f:strategy"] == {
        "f:rollingUpdate": {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}},
        "f:type": {},
    }
    template = fields["f:template"]
    assert template["f:metadata"] == {"f:labels": {".": {}, "f:app": {}}}
    assert set(template["f:spec"]["f:containers"]['k:{"name":"app"}']) == {
        ".", "f:command", "f:image", "f:imagePullPolicy", "f:name", "f:resources",
        "f:terminationMessagePath", "f:terminationMessagePolicy",
    }  # fmt: skip


async def test_an_apply_needs_a_field_manager(api: Api) -> None:
    name = unique()

    path = api.path("deployments", name)
    reply = await api.ask("PATCH", path, deployment(name), content_type="application/apply-patch+yaml")

    assert reply.status == 422
    assert reply.message == (
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'
    )


async def test_a_field_manager_has_at_most_128_bytes(api: Api) -> None:
    name = unique()

    reply = await api.apply("deployments", name, deployment(name), "x" * 129)

    assert reply.status == 422
    assert "fieldManager: Too long: may not be more than 128 bytes" in reply.message


async def test_a_uid_keeps_an_apply_from_creating(api: Api) -> None:
    body, uid = deployment(unique()), "11111111-1111-1111-1111-111111111111"
    body["metadata"]["uid"] = uid
    name = body["metadata"]["name"]

    reply = await api.apply("deployments", name, body, "ours")

    assert reply.status == 409
    assert reply.message == (
        f'Operation cannot be fulfilled on deployments.apps "{name}": uid mismatch: '
        f"the provided object specified uid {uid}, and no existing object was found"
    )


async def test_a_wrong_uid_alone_is_invalid(api: Api) -> None:
    base = await _base(api)

    reply = await _apply(api, base, identity(base, uid="other"))

    assert reply.status == 422
    causes = reply.body["details"]["causes"]
    assert causes[0]["field"] == "metadata.uid"
    assert 'metadata.uid: Invalid value: "other": field is immutable' in reply.message


async def test_a_stale_version_is_a_conflict(api: Api) -> None:
    base = await _base(api)
    version = base["metadata"]["resourceVersion"]
    await api.patch("deployments", base["metadata"]["name"], {"spec": {"minReadySeconds": 1}})

    body = with_template(base, {"containers": [container("new")]}, resourceVersion=version)
    reply = await _apply(api, base, body)

    assert reply.status == 409
    assert "the object has been modified; please apply your changes" in reply.message
    assert "causes" not in reply.body["details"]


async def test_a_recreated_object_is_a_conflict_by_its_version(api: Api) -> None:
    base = await _base(api)
    name = base["metadata"]["name"]
    await api.ask("DELETE", api.path("deployments", name))
    await api.wait_gone("deployments", name)
    await api.create("deployments", deployment(name))

    metadata = {key: base["metadata"][key] for key in ("uid", "resourceVersion")}
    reply = await _apply(api, base, identity(base, **metadata))

    assert reply.status == 409


async def test_a_changed_foreign_field_is_a_conflict_with_its_owner(api: Api) -> None:
    base = await _base(api)

    body = with_template(base, {"containers": [{"name": "app", "image": "other"}]})
    reply = await _apply(api, base, body)

    field = '.spec.template.spec.containers[name="app"].image'
    assert reply.status == 409
    assert reply.message == (f'Apply failed with 1 conflict: conflict with "owner" using apps/v1: {field}')
    cause = {"reason": "FieldManagerConflict", "message": 'conflict with "owner" using apps/v1',
             "field": field}  # fmt: skip
    assert reply.body["details"] == {"causes": [cause]}


async def test_several_conflicts_are_listed(api: Api) -> None:
    base = await _base(api)

    body = with_template(base, {"containers": [{"name": "app", "image": "other"}]})
    body["spec"]["replicas"] = 3
    reply = await _apply(api, base, body)

    assert reply.message == (
        'Apply failed with 2 conflicts: conflicts with "owner" using apps/v1:\n'
        '- .spec.replicas\n- .spec.template.spec.containers[name="app"].image'
    )
    fields = {cause["field"] for cause in reply.body["details"]["causes"]}
    assert len(fields) == 2


async def test_a_conflict_with_an_apply_names_no_version(api: Api) -> None:
    name = unique()
    base = (await api.apply("deployments", name, deployment(name), "first")).body

    reply = await _apply(api, base, identity(base) | {"spec": {"replicas": 3}})

    assert reply.message == 'Apply failed with 1 conflict: conflict with "first": .spec.replicas'


async def test_the_same_value_is_owned_together(api: Api) -> None:
    base = await _base(api)

    reply = await _apply(api, base, identity(base) | {"spec": {"replicas": 0}})

    assert reply.status == 200
    assert reply.managed["ours"] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" in reply.managed["owner"]["f:spec"]
    entry = next(e for e in reply.body["metadata"]["managedFields"] if e["manager"] == "ours")
    assert "time" not in entry


async def test_force_takes_the_field_over(api: Api) -> None:
    base = await _base(api)

    body = identity(base) | {"spec": {"minReadySeconds": 2, "replicas": 0}}
    body["spec"]["revisionHistoryLimit"] = 3
    reply = await _apply(api, base, body, force="true")

    assert reply.body["spec"]["revisionHistoryLimit"] == 3
    assert "f:revisionHistoryLimit" not in reply.managed["owner"]["f:spec"]
    assert "f:revisionHistoryLimit" in reply.managed["ours"]["f:spec"]


async def test_a_new_container_is_appended(api: Api) -> None:
    base = await _base(api, container("a"), container("b"))

    reply = await _apply(api, base, with_template(base, {"containers": [container("c")]}))

    assert _names(reply) == ["a", "b", "c"]


async def test_a_listed_container_steers_the_order_and_is_owned(api: Api) -> None:
    base = await _base(api, container("a"), container("b"))

    body = with_template(base, {"containers": [container("c"), {"name": "b"}]})
    reply = await _apply(api, base, body)

    assert _names(reply) == ["a", "c", "b"]
    owned = reply.managed["ours"]["f:spec"]["f:template"]["f:spec"]["f:containers"]
    assert owned['k:{"name":"b"}'] == {".": {}, "f:name": {}}


async def test_a_native_sidecar_goes_after_the_init_containers(api: Api) -> None:
    base = await _base(api, initContainers=[container("setup")])

    reply = await _apply(api, base, with_template(base, {"initContainers": [SIDE]}))

    assert _names(reply, "initContainers") == ["setup", "side"]
    assert _containers(reply, "initContainers")[1]["restartPolicy"] == "Always"
    assert _names(reply) == ["app"]


async def test_the_empty_set_removes_exactly_ours(api: Api) -> None:
    base = await _base(api, volumes=[{"name": "data", "emptyDir": {}}])
    spec = {
        "initContainers": [SIDE | {"volumeMounts": [{"name": "ours", "mountPath": "/x"}]}],
        "volumes": [{"name": "ours", "emptyDir": {}}],
    }
    metadata = {"annotations": {"attach.example/one": "x"}}
    await _apply(api, base, with_template(base, spec, metadata))

    reply = await _apply(api, base, identity(base))

    assert reply.body["spec"] == base["spec"]
    assert "ours" not in reply.managed


async def test_the_empty_set_of_a_stranger_changes_nothing(api: Api) -> None:
    base = await _base(api)

    reply = await _apply(api, base, identity(base), "nobody")

    assert reply.status == 200
    assert reply.body["spec"] == base["spec"]
    assert "nobody" not in reply.managed


async def test_a_field_no_longer_named_goes(api: Api) -> None:
    base = await _base(api)
    side = SIDE | {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}
    await _apply(api, base, with_template(base, {"initContainers": [side]}))

    side = SIDE | {"env": [{"name": "B", "value": "2"}]}
    reply = await _apply(api, base, with_template(base, {"initContainers": [side]}))

    assert _containers(reply, "initContainers")[0]["env"] == [{"name": "B", "value": "2"}]


async def test_a_shared_volume_stays_until_the_last_owner_goes(api: Api) -> None:
    base = await _base(api)
    body = with_template(base, {"volumes": [{"name": "shared", "emptyDir": {}}]})
    await _apply(api, base, body, "one")
    await _apply(api, base, body, "two")

    first = await _apply(api, base, identity(base), "one")
    last = await _apply(api, base, identity(base), "two")

    assert first.body["spec"]["template"]["spec"]["volumes"] == [{"name": "shared", "emptyDir": {}}]
    assert "volumes" not in last.body["spec"]["template"]["spec"]


async def test_a_foreign_update_in_our_item_goes_with_the_item(api: Api) -> None:
    base = await _base(api)
    name = base["metadata"]["name"]
    await _apply(api, base, with_template(base, {"containers": [container("side")]}))
    path = "/spec/template/spec/containers/1/image"
    change = [{"op": "replace", "path": path, "value": "docker.io/library/busybox:other"}]
    await api.patch("deployments", name, change, JSON, fieldManager="kubectl-set")

    reply = await _apply(api, base, identity(base), dryRun="All")

    assert reply.body["spec"] == base["spec"]
    assert "kubectl-set" not in reply.managed


async def test_an_item_that_another_apply_names_stays_as_a_stub(api: Api) -> None:
    base = await _base(api)
    await _apply(api, base, with_template(base, {"containers": [container("side")]}))
    theirs = {"containers": [{"name": "side", "image": IMAGE}]}
    await _apply(api, base, with_template(base, theirs), "theirs")

    reply = await _apply(api, base, identity(base), dryRun="All")

    assert _names(reply) == ["app", "side"]
    assert "command" not in _containers(reply)[1]


async def test_an_update_takes_a_field_silently(api: Api) -> None:
    base = await _base(api)
    name = base["metadata"]["name"]
    await _apply(api, base, with_template(base, {"containers": [container("side")]}))
    path = "/spec/template/spec/containers/1/image"
    change = [{"op": "replace", "path": path, "value": "other"}]

    reply = await api.patch("deployments", name, change, JSON, fieldManager="editor")

    key = 'k:{"name":"side"}'
    ours = reply.managed["ours"]["f:spec"]["f:template"]["f:spec"]["f:containers"][key]
    assert set(ours) == {".", "f:command", "f:name"}
    theirs = reply.managed["editor"]["f:spec"]["f:template"]["f:spec"]["f:containers"][key]
    assert theirs == {"f:image": {}}


async def test_a_null_list_is_owned_and_takes_nothing_away(api: Api) -> None:
    base = await _base(api, initContainers=[container("setup")])

    reply = await _apply(api, base, with_template(base, {"initContainers": None}))

    assert _names(reply, "initContainers") == ["setup"]
    owned = reply.managed["ours"]["f:spec"]["f:template"]["f:spec"]
    assert owned == {"f:initContainers": {}}


async def test_an_empty_list_is_neither_owned_nor_emptied(api: Api) -> None:
    base = await _base(api, initContainers=[container("setup")])

    reply = await _apply(api, base, with_template(base, {"initContainers": []}))

    assert _names(reply, "initContainers") == ["setup"]
    assert "ours" not in reply.managed


async def test_a_null_list_no_longer_named_leaves_the_owned_items(api: Api) -> None:
    base = await _base(api, initContainers=[container("setup")])
    await _apply(api, base, with_template(base, {"initContainers": None}))

    reply = await _apply(api, base, identity(base))

    assert _names(reply, "initContainers") == ["setup"]


async def test_an_atomic_list_is_replaced_whole(api: Api) -> None:
    base = await _base(api, tolerations=[{"key": "a", "operator": "Exists"}])

    body = with_template(base, {"tolerations": [{"key": "b", "operator": "Exists"}]})
    reply = await _apply(api, base, body)

    assert reply.status == 409
    assert reply.body["details"]["causes"][0]["field"] == ".spec.template.spec.tolerations"


@pytest.mark.parametrize(
    ("item", "key"),
    [
        ({"ports": [{"containerPort": 80, "protocol": "TCP"}]},
         ("f:ports", 'k:{"containerPort":80,"protocol":"TCP"}')),
        ({"env": [{"name": "A", "value": "1"}]}, ("f:env", 'k:{"name":"A"}')),
        ({"volumeMounts": [{"name": "v", "mountPath": "/m"}]},
         ("f:volumeMounts", 'k:{"mountPath":"/m"}')),
    ],
    ids=["ports", "env", "mounts"],
)  # fmt: skip
async def test_list_items_have_their_keys(api: Api, item: Obj, key: tuple[str, str]) -> None:
    base = await _base(api)

    spec = {"containers": [container("new", **item)], "volumes": [{"name": "v", "emptyDir": {}}]}
    reply = await _apply(api, base, with_template(base, spec))

    fields = reply.managed["ours"]["f:spec"]["f:template"]["f:spec"]["f:containers"]
    assert key[1] in fields['k:{"name":"new"}'][key[0]]


async def test_a_port_of_both_protocols_is_two_items(api: Api) -> None:
    ports = [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53, "protocol": "TCP"}]
    base = await _base(api)

    spec = {"containers": [container("dns", ports=ports)]}
    reply = await _apply(api, base, with_template(base, spec))

    assert _containers(reply)[1]["ports"] == ports


async def test_managed_fields_in_the_body_are_refused(api: Api) -> None:
    base = await _base(api)

    reply = await _apply(api, base, identity(base, managedFields=[]))

    assert reply.status == 400
    assert reply.message == "metadata.managedFields must be nil"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"apiVersion": "apps/v1beta1"}, "invalid object type: apps/v1beta1, Kind=Deployment"),
        ({"apiVersion": "v1"}, "invalid object type: /v1, Kind=Deployment"),
        ({"kind": "Pod"}, "invalid object type: apps/v1, Kind=Pod"),
        ({"metadata": {"name": "zz"}}, "the name of the object (zz) does not match the name on the URL"),
    ],
    ids=["version", "core", "kind", "name"],
)
async def test_a_body_for_something_else_is_refused(api: Api, change: Obj, said: str) -> None:
    base = await _base(api)

    reply = await _apply(api, base, identity(base) | change)

    assert reply.status == 400
    assert reply.message.startswith(said)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"foo": 1}, ".spec.foo: field not declared in schema"),
        ({"replicas": "3"}, ".spec.replicas: expected numeric (int or float), got string"),
        ({"template": {"spec": {"containers": [{"name": "a", "bar": 1}]}}},
         '.spec.template.spec.containers[name="a"].bar: field not declared in schema'),
        ({"template": {"spec": {"containers": [{"name": "a"}, {"name": "a"}]}}},
         '.spec.template.spec.containers: duplicate entries for key [name="a"]'),
    ],
    ids=["field", "type", "nested", "twice"],
)  # fmt: skip
async def test_a_body_outside_the_schema_is_refused(api: Api, spec: Obj, said: str) -> None:
    base = await _base(api)

    reply = await _apply(api, base, identity(base) | {"spec": spec})

    name = base["metadata"]["name"]
    assert reply.status == 500
    assert reply.message == (
        f"failed to create typed patch object (/{name}; apps/v1, Kind=Deployment): {said}"
    )


async def test_a_body_that_is_no_yaml_is_refused(api: Api) -> None:
    base = await _base(api)

    reply = await _apply(api, base, b"{bad: [")  # type: ignore[arg-type]

    assert reply.status == 400
    assert reply.message.startswith("error decoding YAML: error converting YAML to JSON: yaml: ")


async def test_an_incomplete_new_container_is_invalid(api: Api) -> None:
    base = await _base(api)

    reply = await _apply(api, base, with_template(base, {"containers": [{"name": "new"}]}))

    assert reply.status == 422
    assert reply.body["details"]["causes"] == [
        {"reason": "FieldValueRequired", "message": "Required value",
         "field": "spec.template.spec.containers[1].image"}
    ]  # fmt: skip


async def test_an_apply_that_changes_nothing_keeps_the_version(api: Api) -> None:
    body = configmap(unique(), data={"a": "b"})
    name = body["metadata"]["name"]
    first = await api.apply("configmaps", name, body, "ours")

    again = await api.apply("configmaps", name, body, "ours")

    assert again.body == first.body


async def test_a_dry_run_shows_and_keeps_nothing(api: Api) -> None:
    base = await _base(api)
    name = base["metadata"]["name"]

    body = with_template(base, {"containers": [container("side")]})
    reply = await _apply(api, base, body, dryRun="All")

    assert _names(reply) == ["app", "side"]
    assert reply.body["metadata"]["generation"] == 2
    live = await api.get("deployments", name)
    assert [each["name"] for each in live["spec"]["template"]["spec"]["containers"]] == ["app"]
    assert "ours" not in {each["manager"] for each in live["metadata"]["managedFields"]}


async def test_a_dry_run_of_an_undo_equals_the_time_before(api: Api) -> None:
    base = await _base(api)
    await _apply(api, base, with_template(base, {"initContainers": [SIDE]}))

    reply = await _apply(api, base, identity(base), dryRun="All")

    assert reply.body["spec"] == base["spec"]


async def test_an_object_without_owners_belongs_to_before_first_apply(api: Api) -> None:
    base = await _base(api)
    name = base["metadata"]["name"]
    emptied = await api.patch("deployments", name, {"metadata": {"managedFields": [{}]}}, MERGE)

    reply = await _apply(api, base, with_template(base, {"containers": [container("side")]}))

    assert "managedFields" not in emptied.body["metadata"]
    assert set(reply.managed) == {"before-first-apply", "ours"}


async def test_status_and_spec_have_owners_of_their_own(api: Api) -> None:
    base = await _base(api)
    name = base["metadata"]["name"]
    condition = {"type": "Tried", "status": "True"}

    body = {"status": {"conditions": [condition]}}
    reply = await api.patch("deployments", f"{name}/status", body, fieldManager="judge")

    entries = reply.body["metadata"]["managedFields"]
    judge = next(entry for entry in entries if entry["manager"] == "judge")
    assert judge["subresource"] == "status"
    assert "f:status" in judge["fieldsV1"]


async def test_updates_of_more_than_ten_managers_become_ancient(api: Api) -> None:
    made = await api.create("configmaps", configmap(unique(), data={"a": "b"}), fieldManager="m-00")
    name = made["metadata"]["name"]

    for number in range(1, 13):
        body = {"data": {f"key-{number}": "x"}}
        reply = await api.patch("configmaps", name, body, fieldManager=f"m-{number:02}")

    updates = [entry["manager"] for entry in reply.body["metadata"]["managedFields"]]
    assert len(updates) == 10
    assert "ancient-changes" in updates


async def test_apply_works_for_a_service_by_port_and_protocol(api: Api) -> None:
    name = unique()
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}}
    ports = [{"name": "web", "port": 80, "protocol": "TCP"}]
    await api.apply("services", name, body | {"spec": {"selector": {"a": "b"}, "ports": ports}}, "one")

    more = [{"name": "more", "port": 81, "protocol": "TCP"}]
    reply = await api.apply("services", name, body | {"spec": {"ports": more}}, "two")

    assert [port["port"] for port in reply.body["spec"]["ports"]] == [80, 81]
    assert 'k:{"port":81,"protocol":"TCP"}' in reply.managed["two"]["f:spec"]["f:ports"]
