"""The plan of a Deployment of its own, and how what the cluster has is judged. No cluster."""

import copy
from typing import Any

import pytest
import yaml

from sidecars.attach.operation import Operation, dump, load
from sidecars.attach.plan import plan
from sidecars.attach.standalone import judging, preflight, writing
from sidecars.attach.standalone.objects import RESOURCES, plan_standalone, selector_of
from sidecars.attach.standalone.place import Place, can_stand_alone, read_place
from sidecars.attach.standalone.routes import find_routes
from sidecars.attach.steps import Step
from sidecars.errors import Unsupported
from sidecars.presets import policy
from tests.attach.samples import live as workload
from tests.presets.samples import preset
from tests.standalone.samples import gateway, planned, route, service, spot, values

TYPED = {"namespace": "shop", "name": "front", "replicas": "2", "port": "80"}


def stored(body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """As an API server returns it."""
    made = copy.deepcopy(dict(body))
    made["metadata"] |= {"uid": "u-9", "resourceVersion": "4", "generation": 1, "managedFields": []}
    return made | {"status": {"replicas": 1}} | more


def test_the_container_is_the_one_that_a_sidecar_would_be() -> None:
    alone, _objects = planned()

    beside = plan(workload(), gateway(), values(), attachment_id=alone.attachment_id, native=False)

    assert alone.container == beside.container


def test_every_object_carries_labels_and_the_mark_of_its_attachment() -> None:
    alone, objects = planned()

    for resource in RESOURCES:
        metadata = objects.bodies[resource]["metadata"]
        assert metadata["labels"]["app.kubernetes.io/name"] == "front"
        assert metadata["labels"]["app.kubernetes.io/managed-by"] == "sidecar-dashboard"
        assert metadata["annotations"] == {alone.annotation_key: gateway().annotation}
        assert metadata["namespace"] == "shop"


def test_the_pods_get_no_token_and_pass_the_restricted_level() -> None:
    _alone, objects = planned(replicas=3)

    spec = objects.bodies["deployments"]["spec"]
    pod = spec["template"]["spec"]
    assert (spec["replicas"], pod["automountServiceAccountToken"]) == (3, False)
    assert [policy.find_missing(c) for c in pod["containers"]] == [[]]
    assert [list(volume)[1] for volume in pod["volumes"]] == ["configMap", "emptyDir"]


def test_the_service_selects_these_pods_alone_and_their_first_port() -> None:
    alone, objects = planned(port=8000)

    spec = objects.bodies["services"]["spec"]
    template = objects.bodies["deployments"]["spec"]["template"]
    assert spec["selector"] == selector_of(alone) and alone.attachment_id in spec["selector"].values()
    assert spec["selector"].items() <= template["metadata"]["labels"].items()
    assert spec["ports"] == [{"name": "http", "port": 8000, "protocol": "TCP", "targetPort": "gateway"}]


def test_the_configmap_has_no_owner_and_is_what_the_pods_mount() -> None:
    alone, objects = planned()

    configmap = objects.bodies["configmaps"]
    assert "ownerReferences" not in configmap["metadata"] and configmap["immutable"] is True
    assert alone.volumes[0]["configMap"]["name"] == configmap["metadata"]["name"]


def test_a_preset_that_needs_an_app_is_refused() -> None:
    nginx = preset("nginx-proxy")

    assert not can_stand_alone(nginx)
    with pytest.raises(Unsupported):
        plan_standalone(nginx, nginx.read_values({}), spot(), attachment_id="0a1b2c3d")


def test_an_operation_survives_being_stored() -> None:
    alone, objects = planned()
    made = objects.with_made("configmaps", "u-1", {"data": "x"})
    operation = Operation(
        "create", Step.SERVICE, alone, "api-gateway", "1", "d", values(), gateway().render_checks(values()),
        "f", {}, {}, objects=made,
    )  # fmt: skip

    assert dump(load(dump(operation))) == dump(operation)
    assert load(dump(operation)).can_be_undone


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("namespace", ["", "Shop", "-a", "a" * 64, "a.b", "a\n"]),
        ("name", ["", "1st", "a_b", "a.b", "a" * 64, "-a", "a-", "a\n", "ａ"]),
        ("replicas", ["", "0", "11", "-1", "1.5", "１", "1 "]),
        ("port", ["", "0", "65536", "http", "080000"]),
    ],
)
def test_what_is_no_place_is_refused_at_its_field(field: str, bad: list[str]) -> None:
    for typed in bad:
        place, errors = read_place(TYPED | {field: typed})
        assert place is None and list(errors) == [field], typed


def test_a_place_is_read() -> None:
    assert read_place(TYPED) == (Place("shop", "front", 2, 80), {})


def test_a_lost_answer_is_read_back_as_ours_edited_or_somebody_elses() -> None:
    alone, objects = planned()
    body = dict(objects.bodies["deployments"])
    scaled, foreign = stored(body), stored(body)
    scaled["spec"]["replicas"] = 5
    foreign["metadata"]["annotations"] = {alone.annotation_key: "another@1"}

    assert judging.read_back(stored(body), body, alone) == "ours"
    assert judging.read_back(scaled, body, alone) == "edited"
    assert judging.read_back(foreign, body, alone) == "foreign"
    assert judging.read_back({"metadata": {}}, body, alone) == "foreign"


def test_what_controllers_write_is_no_edit_and_what_others_write_is() -> None:
    alone, objects = planned()
    body = objects.bodies["deployments"]
    made = judging.outline_of(stored(dict(body)), alone)
    later = stored(dict(body))
    later["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "1"
    edited = copy.deepcopy(later)
    edited["spec"]["template"]["spec"]["containers"][0]["image"] = "other:1"

    assert judging.find_edits(made, later, body, alone) == ()
    assert judging.find_edits(made, edited, body, alone) == (
        "spec.template.spec.containers[api-gateway].image",
    )


def test_defaults_are_shown_and_what_no_preset_may_have_is_forbidden() -> None:
    _alone, objects = planned()
    body = dict(objects.bodies["deployments"])
    defaulted, hostile = stored(body), stored(body)
    defaulted["spec"]["template"]["spec"]["dnsPolicy"] = "ClusterFirst"
    pod = hostile["spec"]["template"]["spec"]
    pod |= {"hostNetwork": True, "serviceAccountName": "admin", "automountServiceAccountToken": True}
    pod["containers"] = [*pod["containers"], {"name": "miner", "image": "x"}]
    pod["containers"][0]["securityContext"]["privileged"] = True
    secret = {"secretKeyRef": {"name": "theirs", "key": "password"}}
    pod["containers"][0]["env"] = [{"name": "PASSWORD", "valueFrom": secret}]
    pod["volumes"] = [*pod["volumes"], {"name": "node", "hostPath": {"path": "/"}}]

    fine, bad = judging.judge_creation(body, defaulted), judging.judge_creation(body, hostile)

    assert fine.forbidden == ()
    assert [change.path for change in fine.added_by_server] == ["spec.template.spec.dnsPolicy"]
    at = "spec.template.spec"
    assert {
        f"{at}.hostNetwork", f"{at}.serviceAccountName", f"{at}.automountServiceAccountToken",
        f"{at}.containers[miner]", f"{at}.containers[api-gateway].securityContext.privileged",
        f"{at}.containers[api-gateway].env", f"{at}.volumes[node]",
    } <= set(bad.forbidden)  # fmt: skip


def test_a_key_that_was_asked_for_is_not_forbidden() -> None:
    keyed = gateway().read_values({"routes": [route("api.shop.svc", auth="key")], "key": "gateway/key"})
    _alone, objects = plan_standalone(gateway(), keyed, spot(), attachment_id="0a1b2c3d")
    body = dict(objects.bodies["deployments"])

    assert "secretKeyRef" in str(body) and judging.judge_creation(body, stored(body)).forbidden == ()


def test_the_address_of_a_dry_run_changes_no_fingerprint() -> None:
    alone, objects = planned()
    body = objects.bodies["services"]
    prints = set()
    for address in ("10.96.0.7", "10.96.0.8"):
        tried = stored(dict(body))
        tried["spec"] |= {"clusterIP": address, "clusterIPs": [address]}
        prints.add(judging.fingerprint(alone, "d", [judging.judge_creation(body, tried)]))

    assert len(prints) == 1
    other = stored(dict(body))
    other["spec"]["type"] = "NodePort"
    assert judging.fingerprint(alone, "d", [judging.judge_creation(body, other)]) not in prints


def rows(**around: Any) -> dict[str, list[str]]:
    alone, objects = planned()
    seen: dict[str, Any] = {
        "taken": dict.fromkeys(RESOURCES, False),
        "services": [],
        "quotas": [],
        "missing": [],
    }
    found = preflight.preflight(
        gateway(), around.pop("values", values()), alone, objects, preflight.Around(**seen | around)
    )
    said: dict[str, list[str]] = {}
    for row in found:
        said.setdefault(row.verdict, []).append(str(row.sentence))
    return said


def test_a_taken_name_blocks_for_each_kind() -> None:
    said = rows(taken={"configmaps": False, "deployments": True, "services": None})

    assert said["block"] == ["Deployment front is there already."]
    assert any("Service front is not checked" in row for row in said["warn"])


def test_a_missing_right_to_create_blocks_and_the_others_warn() -> None:
    said = rows(missing=[("create", "services"), ("delete", "configmaps"), ("patch", "deployments")])

    assert said["block"] == ["Not permitted: create services in shop."]
    assert any("delete configmaps in shop. You could not undo" in row for row in said["warn"])
    assert any("patch deployments in shop. You could not change" in row for row in said["warn"])


def test_a_service_of_others_that_would_select_the_pods_blocks() -> None:
    fits = service("theirs", "shop", {"app.kubernetes.io/name": "front"})
    other = service("api", "shop", {"app": "api"})

    assert [row for row in rows(services=[fits, other])["block"] if "theirs" in row]
    assert "block" not in rows(services=[other])


def test_a_route_to_the_pod_itself_blocks_and_one_to_nowhere_warns() -> None:
    services = [service("api", "shop", {"app": "api"}, port=9000)]
    targets = values(route("127.0.0.1", prefix="/a"), route("gone.shop.svc", prefix="/b"))
    wrong = values(
        route("api.shop.svc.cluster.local", 9001, prefix="/c"), route("x.elsewhere.svc", prefix="/d")
    )

    assert any("127.0.0.1 is the pod itself" in row for row in rows(values=targets)["block"])
    assert any("no Service gone in shop" in r for r in rows(values=targets, services=services)["warn"])
    assert any("Service api has no port 9001" in r for r in rows(values=wrong, services=services)["warn"])
    assert "elsewhere" not in str(rows(values=wrong, services=services))


def test_routes_come_from_services_that_a_gateway_can_reach() -> None:
    named = service("b", "shop", {"app": "b"})
    named["spec"]["ports"] = [{"port": 9, "name": "metrics"}, {"port": 80, "name": "http-web"}]
    outside = service("c", "shop", {})
    outside["spec"] |= {"type": "ExternalName", "externalName": "example.org"}
    udp = service("d", "shop", {"app": "d"})
    udp["spec"]["ports"][0]["protocol"] = "UDP"
    many = [service(f"s{number:02}", "shop", {"app": "s"}) for number in range(30)]

    found = find_routes(gateway(), [named, outside, udp, service("a", "shop", {"app": "a"})], "shop")
    rows = found["routes"].value

    assert [(r["prefix"], r["host"], r["port"], r["auth"]) for r in rows] == [
        ("/a", "a.shop.svc", "9000", ""), ("/b", "b.shop.svc", "80", ""),
    ]  # fmt: skip
    assert len(find_routes(gateway(), many, "shop")["routes"].value) == 20
    assert find_routes(gateway(), [outside, udp], "shop") == {}


def test_the_yaml_is_what_is_sent_and_ends_no_here_document_early() -> None:
    _alone, objects = planned()

    command = writing.kubectl_create(objects)

    lines = command.splitlines()
    assert lines[0] == "kubectl create -f - <<'SIDECAR_OBJECTS'" and lines.count("SIDECAR_OBJECTS") == 1
    loaded = list(yaml.safe_load_all("\n".join(lines[1:-1])))
    assert loaded == [objects.bodies[resource] for resource in RESOURCES]
    assert "envoy.json: |" in command
