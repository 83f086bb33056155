"""Other settings in the place of those attached, from objects alone."""

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sidecars.attach import consequences, delta, patches, upgrade
from sidecars.attach.clashes import Surroundings, judge_quota
from sidecars.attach.drift import judge_drift, judge_services, preflight_upgrade
from sidecars.attach.operation import Operation, dump, load
from sidecars.attach.plan import Plan, plan
from sidecars.attach.rollout import is_carrier
from sidecars.attach.steps import Step
from sidecars.attach.verify import is_gone, template_outline
from tests.attach.samples import live
from tests.attach.test_ownership import fields_of
from tests.attach.test_plan import ID, planned
from tests.presets.samples import preset, sharing

Workload = dict[str, Any]
FOLDER = {"static_prefix": "/s/", "static_dir": "/srv/pub/"}


def carrying(found: Plan, held: Plan | None = None) -> Workload:
    """The app with this sidecar, and the fields of `held` (or its own) under its manager."""
    workload = live()
    template = workload["spec"]["template"]
    template["metadata"]["annotations"] = {found.annotation_key: found.annotation}
    template["spec"][found.container_list] = [
        *template["spec"].get(found.container_list, []),
        copy.deepcopy(dict(found.container)),
    ]
    template["spec"]["volumes"] = [dict(volume) for volume in found.volumes]
    if found.app_mounts:
        template["spec"]["containers"][0]["volumeMounts"] = [dict(m) for m in found.app_mounts]
    fields = fields_of({"spec": patches.build_apply(held or found, "7")["spec"]})
    entry = {"manager": found.field_manager, "operation": "Apply", "fieldsV1": fields}
    workload["metadata"]["managedFields"] = [entry]
    return workload


def mounted() -> Plan:
    """With a new volume that the app mounts too."""
    chosen = sharing()
    values = chosen.read_values(FOLDER)
    return plan(live(), chosen, values, attachment_id=ID, new_volume=True)


def as_user(found: Plan, uid: int = 12345) -> Plan:
    """The same fields with another value."""
    context = {**found.container["securityContext"], "runAsUser": uid}
    return replace(found, container={**found.container, "securityContext": context})


def change(former: Plan, new: Plan) -> Operation:
    values: dict[str, Any] = {}
    return Operation(
        kind="upgrade", step=Step.CONFIRM, plan=new, preset_id="nginx-proxy", preset_version="2",
        preset_digest="d", values=values, checks_asked=(), fingerprint="f",
        template_before=template_outline(carrying(former), new),
        template_expected=template_outline(carrying(new), new),
        former=upgrade.remembered(former), template_first=template_outline(live(), new),
        former_configmaps=(former.configmap_name,),
    )  # fmt: skip


@pytest.mark.parametrize("found", [planned(), planned(native=False), mounted()])
def test_without_the_sidecar_the_workload_is_the_one_before(found: Plan) -> None:
    workload = carrying(found)
    kept = copy.deepcopy(workload)

    bare = upgrade.without(workload, found)

    changes = delta.compare(template_outline(live(), found), template_outline(bare, found))
    assert {change.path.rsplit(".", 1)[-1] for change in changes} <= {
        "annotations", "volumes", "volumeMounts", "initContainers",
    }  # fmt: skip
    assert workload == kept


def test_a_foreign_container_and_annotation_stay_when_ours_are_left_out() -> None:
    workload = carrying(planned())
    workload["spec"]["template"]["metadata"]["annotations"]["team"] = "shop"
    workload["spec"]["template"]["spec"]["initContainers"].insert(0, {"name": "first"})

    template = upgrade.without(workload, planned())["spec"]["template"]

    assert template["metadata"]["annotations"] == {"team": "shop"}
    assert template["spec"]["initContainers"] == [{"name": "first"}]


def test_another_value_of_the_same_field_is_not_taken_for_written() -> None:
    former = planned()
    operation = change(former, as_user(former))

    assert not upgrade.is_applied(carrying(former), operation)
    assert upgrade.is_applied(carrying(operation.plan), operation)


def test_values_that_are_there_but_not_ours_are_not_our_write() -> None:
    former = planned()
    operation = change(former, as_user(former))
    by_hand = carrying(operation.plan)
    by_hand["metadata"]["managedFields"] = []

    assert not upgrade.is_applied(by_hand, operation)


def test_a_foreign_edit_beside_does_not_hide_what_was_written() -> None:
    former = planned()
    operation = change(former, planned(listen="8082"))
    edited = carrying(operation.plan)
    edited["spec"]["template"]["spec"]["initContainers"][0]["env"] = [{"name": "DEBUG", "value": "1"}]

    assert upgrade.is_applied(edited, operation)
    assert upgrade.standing(edited, operation) == "new"


def test_the_plan_in_force_is_the_one_that_the_template_shows() -> None:
    former, new = planned(), planned(listen="8082", read_timeout="61")
    operation = change(former, new)
    edited = carrying(former)
    edited["spec"]["template"]["spec"]["initContainers"][0]["ports"] = []

    assert upgrade.in_force(carrying(new), operation).container == new.container
    assert upgrade.in_force(carrying(former), operation).container == former.container
    assert upgrade.in_force(edited, operation).container == former.container


def test_former_settings_in_the_template_are_a_change_that_was_reverted() -> None:
    former = planned()
    operation = change(former, planned(listen="8082"))

    assert is_gone(carrying(former), operation) and is_gone(live(), operation)
    assert not is_gone(carrying(operation.plan), operation)


def test_an_upgrade_survives_the_way_through_json_and_keeps_no_former_content() -> None:
    operation = change(planned(), planned(listen="8082"))

    stored = json.dumps(dump(operation))
    again = load(json.loads(stored))

    assert dump(again) == dump(operation)
    assert again.former and again.former.configmap == {"metadata": {"name": planned().configmap_name}}
    assert again.configmaps == (again.plan.configmap_name, planned().configmap_name)
    assert again.origin == again.template_first


def test_a_pod_with_the_former_configuration_does_not_carry_the_new_one() -> None:
    former, new = planned(), planned(read_timeout="61")
    pods = [carrying(found)["spec"]["template"] for found in (former, new)]

    assert former.annotation == new.annotation
    assert [is_carrier(pod, new) for pod in pods] == [False, True]


def judged(former: Plan, new: Plan, alter: Any = lambda spec: None) -> delta.Delta:
    after = carrying(new)
    alter(after["spec"]["template"]["spec"])
    return delta.judge_upgrade(carrying(former), after, new, former)


def test_our_items_may_come_change_and_go() -> None:
    grown, shrunk = judged(planned(), mounted()), judged(mounted(), planned())

    assert {c.kind for c in grown.ours} == {"added", "changed"} and not grown.forbidden
    assert {c.kind for c in shrunk.ours} == {"removed", "changed"} and not shrunk.forbidden


@pytest.mark.parametrize(
    "alter",
    [
        lambda s: s["containers"][0].update(image="evil"),
        lambda s: s["containers"][0]["env"].pop(),
        lambda s: s.update(hostNetwork=True),
        lambda s: s["volumes"].append({"name": "x", "hostPath": {"path": "/"}}),
        lambda s: s["initContainers"][0]["securityContext"].update(privileged=True),
        lambda s: s["initContainers"][0]["volumeMounts"].pop(),
        lambda s: s["initContainers"][0].pop("restartPolicy"),
    ],
)
def test_nothing_else_may_change_with_an_upgrade(alter: Any) -> None:
    assert judged(planned(), planned(listen="8082"), alter).forbidden


def test_a_sidecar_that_would_lose_its_place_is_refused() -> None:
    former, new = planned(), planned(listen="8082")
    workloads = [carrying(former), carrying(new)]
    for workload, place in zip(workloads, (0, 1), strict=True):
        workload["spec"]["template"]["spec"]["initContainers"].insert(place, {"name": "first"})

    judged = delta.judge_upgrade(*workloads, new, former)

    assert "spec.template.spec.initContainers" in judged.forbidden


def test_what_only_the_former_settings_had_must_not_stay() -> None:
    former, new = mounted(), planned()
    left = carrying(new)
    left["spec"]["template"]["spec"]["volumes"].append({"name": f"sd-{ID}-shared"})

    assert delta.find_staying(left, new, former) == (f"spec.template.spec.volumes[sd-{ID}-shared]",)
    assert delta.find_staying(carrying(new), new, former) == ()


def rows(former: Plan, new: Plan) -> Mapping[str, str]:
    found = preflight_upgrade(carrying(former), preset(), new, former, Surroundings((1, 30), (), (), (), ()))
    return {row.id: row.verdict for row in found}


def test_the_sidecar_s_own_name_and_port_are_no_clash() -> None:
    assert set(rows(planned(), planned(read_timeout="61")).values()) <= {"pass", "warn"}
    assert rows(planned(), planned(listen="8080", upstream_port="9090"))["port"] == "block"


def test_a_container_that_was_called_otherwise_keeps_its_name() -> None:
    chosen = preset()
    kept = plan(live(), chosen, chosen.read_values({}), attachment_id=ID, container_name="nginx-proxy-2")

    assert kept.container_name == kept.container["name"] == "nginx-proxy-2"


def test_drift_names_the_others_and_blocks_only_where_an_apply_would_delete() -> None:
    found = planned()
    clean, shared, more = carrying(found), carrying(found), carrying(found)
    theirs = {"f:spec": {"f:template": {"f:spec": {"f:initContainers": {
        'k:{"name":"nginx-proxy"}': {"f:image": {}}}}}}}  # fmt: skip
    shared["metadata"]["managedFields"].append({"manager": "kubectl-set", "fieldsV1": theirs})
    more["metadata"]["managedFields"][0]["fieldsV1"]["f:metadata"] = {"f:labels": {"f:app": {}}}

    drifts = [judge_drift(workload, found)[-1] for workload in (clean, shared, more)]

    assert [row.verdict for row in drifts] == ["pass", "warn", "block"]
    assert drifts[1].sentence.parameters["managers"] == "kubectl-set"


def service(name: str, target: object, **selector: str) -> Workload:
    spec = {"selector": selector or {"app": "api"}, "ports": [{"port": 80, "targetPort": target}]}
    return {"metadata": {"name": name}, "spec": spec}


def test_a_service_that_would_lead_to_no_listener_is_told() -> None:
    former, new = planned(), planned(listen="8082")
    services = [
        service("lost", 8081), service("named", "proxy"), service("app", 8080),
        service("other", 8081, app="other"),
    ]  # fmt: skip

    said = [judge_services(carrying(former), new, former, found) for found in (services, None)]

    assert [row.sentence.parameters.get("service") for row in said[0]] == ["lost"]
    assert "not permitted" in str(said[1][0].sentence)
    assert judge_services(carrying(former), planned(read_timeout="61"), former, services) == ()


def test_an_earlier_version_in_the_template_is_told() -> None:
    rolled_back = carrying(planned())
    later = replace(planned(), annotation="nginx-proxy@2.0.0+sha256.000000000000")

    row = next(row for row in judge_drift(rolled_back, later) if row.id == "version")

    assert row.verdict == "warn" and "2.0.0" in str(row.sentence.parameters["wanted"])


def test_the_quota_counts_what_grows_and_not_what_is_there_already() -> None:
    found = planned()
    hard = found.container["resources"]["requests"]["memory"]
    full = {"status": {"hard": {"requests.memory": "100Mi"}, "used": {"requests.memory": "80Mi"}}}
    around = Surroundings(quotas=[full])

    assert hard and judge_quota(live(), found, around).verdict == "warn"
    assert judge_quota(live(replicas=0), found, around, found).verdict == "pass"


def test_the_words_say_the_port_that_nobody_listens_on_any_more() -> None:
    former, new = planned(), planned(listen="8082")

    said = [str(sentence) for sentence in consequences.of_upgrade(carrying(former), new, former)]

    assert any("Nothing listens on port 8081 any more" in one for one in said)
    assert any("An undo takes the sidecar out entirely" in one for one in said)


def test_the_same_by_kubectl_keeps_every_item_in_its_place() -> None:
    former, new = mounted(), planned(listen="8082")
    workload = carrying(former)
    workload["spec"]["template"]["spec"]["volumes"].insert(0, {"name": "data", "emptyDir": {}})

    operations = patches.build_replacement(new, former, workload)

    kinds = {(o["op"], o["path"].rpartition("/")[0].rpartition("/")[2]) for o in operations}
    assert ("replace", "initContainers") in kinds and ("remove", "volumes") in kinds
    assert ("remove", "volumeMounts") in kinds
    paths = [o["path"] for o in operations if o["path"].startswith("/spec/template/spec/volumes/")]
    assert not any(path.endswith("/0") for path in paths)
