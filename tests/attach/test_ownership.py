"""Field sets, as managedFields writes them."""

from typing import Any

import pytest

from sidecars.attach import ownership, patches
from tests.attach.samples import live
from tests.attach.test_plan import planned


def fields_of(body: Any, key: str = "") -> dict[str, Any]:
    """The fieldsV1 that a real API server writes for an apply of the body."""
    found: dict[str, Any] = {}
    for name, value in body.items():
        keys = ownership.LIST_KEYS.get(name)
        if isinstance(value, list) and keys:
            found[f"f:{name}"] = {_item_key(item, keys): {".": {}} | fields_of(item) for item in value}
        else:
            found[f"f:{name}"] = fields_of(value) if isinstance(value, dict) else {}
    return found


def _item_key(item: dict[str, Any], keys: tuple[str, ...]) -> str:
    return "k:" + str({key: item[key] for key in keys}).replace("'", '"').replace(": ", ":").replace(
        ", ", ","
    )


def held(**changes: Any) -> dict[str, Any]:
    plan = planned()
    workload = live()
    fields = fields_of({"spec": patches.build_apply(plan, "7")["spec"]}) | changes
    entry = {"manager": plan.field_manager, "operation": "Apply", "fieldsV1": fields}
    workload["metadata"]["managedFields"] = [{"manager": "kubectl", "operation": "Update"}, entry]
    return workload


def compare(workload: dict[str, Any]) -> str:
    plan = planned()
    return ownership.compare(workload, plan.field_manager, patches.build_apply(plan, "7"))


def test_an_entry_with_exactly_our_fields_is_exact() -> None:
    assert compare(held()) == "exact"


def test_an_entry_with_the_apps_fields_too_is_more() -> None:
    assert compare(held(**{"f:metadata": {"f:labels": {"f:app": {}}}})) == "more"


def test_an_entry_that_lost_a_field_is_less() -> None:
    workload = held()
    spec = workload["metadata"]["managedFields"][1]["fieldsV1"]["f:spec"]["f:template"]["f:spec"]
    spec.pop("f:volumes")

    assert compare(workload) == "less"


@pytest.mark.parametrize("manager", ["sidecar-dash.ffffffff", "kubectl"])
def test_no_entry_of_ours_is_none(manager: str) -> None:
    workload = held()
    workload["metadata"]["managedFields"][1]["manager"] = manager

    assert compare(workload) == "none"


def test_a_manager_inside_our_container_is_named_and_one_elsewhere_is_not() -> None:
    plan, workload = planned(), held()
    inside = {
        "f:spec": {
            "f:template": {"f:spec": {"f:initContainers": {'k:{"name":"nginx-proxy"}': {"f:image": {}}}}}
        }
    }
    elsewhere = {"f:spec": {"f:replicas": {}}}
    for name, fields in (("kubectl-set", inside), ("scaler", elsewhere)):
        workload["metadata"]["managedFields"].append({"manager": name, "fieldsV1": fields})

    others = ownership.co_owners(workload, plan.field_manager, patches.build_apply(plan, "7"))

    assert others == ("kubectl-set",)


def test_a_reference_to_a_secret_or_a_field_of_the_pod_is_one_field() -> None:
    """As a real API server lists them: these mappings are atomic."""
    named = {"secretKeyRef": {"name": "gateway", "key": "first"}}
    pod = {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}
    body = {"env": [{"name": "KEY", "valueFrom": named}, {"name": "POD", "valueFrom": pod}]}

    fields = ownership.expected_fields(body)

    assert ("f:env", 'k:{"name":"KEY"}', "f:valueFrom", "f:secretKeyRef") in fields
    assert ("f:env", 'k:{"name":"POD"}', "f:valueFrom", "f:fieldRef") in fields
    assert len(fields) == 4
