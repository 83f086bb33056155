"""What an attachment adds, from the workload and the preset alone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecars.attach import patches
from sidecars.attach.plan import Plan, free_name, plan
from sidecars.errors import Clash, Unsupported
from sidecars.presets import policy
from tests.attach.samples import live
from tests.presets.samples import preset

ID = "0a1b2c3d"


def planned(workload: dict[str, Any] | None = None, native: bool = True, **values: object) -> Plan:
    nginx = preset()
    chosen = nginx.read_values(values)
    return plan(workload or live(), nginx, chosen, attachment_id=ID, native=native)


def test_the_apply_set_holds_identity_and_our_items_only() -> None:
    body = patches.build_apply(planned(), "7")

    assert body["metadata"] == {"name": "api", "namespace": "shop", "uid": "u-1", "resourceVersion": "7"}
    assert set(body["spec"]) == {"template"} and set(body["spec"]["template"]) == {"metadata", "spec"}
    assert set(body["spec"]["template"]["spec"]) == {"initContainers", "volumes"}
    assert "main" not in json.dumps(body) and "null" not in json.dumps(body)


def test_a_native_sidecar_restarts_always_and_a_classic_one_says_nothing() -> None:
    classic = planned(native=False)

    assert planned().container["restartPolicy"] == "Always"
    assert "restartPolicy" not in classic.container
    assert list(patches.build_apply(classic, "7")["spec"]["template"]["spec"])[0] == "containers"


def test_every_port_says_its_protocol() -> None:
    assert all(port["protocol"] == "TCP" for port in planned().container["ports"])


def test_the_container_is_restricted_and_sees_no_token() -> None:
    container = planned().container

    assert policy.find_unsafe(container) == [] == policy.find_missing(container)
    assert all(policy.find_unsafe_volume(volume) == [] for volume in planned().volumes)


def test_the_configmap_is_immutable_named_by_its_content_and_owned_by_the_workload() -> None:
    first, second = planned().configmap, planned(read_timeout=61).configmap

    owner = first["metadata"]["ownerReferences"][0]
    assert first["immutable"] is True
    assert first["metadata"]["name"].startswith("api-nginx-proxy-")
    assert first["metadata"]["name"] != second["metadata"]["name"]
    assert (owner["uid"], owner["controller"]) == ("u-1", False) and "blockOwnerDeletion" not in owner


def test_the_manager_never_looks_like_kubectl() -> None:
    assert planned().field_manager == "sidecar-dash.0a1b2c3d"
    assert len(planned().field_manager) <= 128


@pytest.mark.parametrize("where", ["containers", "initContainers"])
def test_a_taken_name_gets_a_number(where: str) -> None:
    other = {"name": "nginx-proxy", "image": "x"}
    workload = live()
    workload["spec"]["template"]["spec"].setdefault(where, []).append(other)

    assert planned(workload).container_name == "nginx-proxy-2"


@given(wanted=st.text(alphabet="abc-", min_size=1, max_size=80), count=st.integers(0, 12))
def test_a_free_name_is_free_and_short_enough(wanted: str, count: int) -> None:
    taken: set[str] = set()
    for _number in range(count):
        taken.add(free_name(wanted, taken))

    assert len(taken) == count and all(len(name) <= 63 for name in taken)


def test_a_port_name_of_another_container_is_not_used_twice() -> None:
    workload = live()
    workload["spec"]["template"]["spec"]["containers"][0]["ports"][0]["name"] = "proxy"

    assert planned(workload).container["ports"][0]["name"] == "proxy-2"


def test_a_shared_folder_is_mounted_read_only_where_the_app_has_it() -> None:
    workload = with_volume({"emptyDir": {}}, "/data")

    mounts = planned(workload, static_prefix="/s/", static_dir="/data/pub/").container["volumeMounts"]

    assert mounts[-1] == {"name": "data", "mountPath": "/data", "readOnly": True}


@pytest.mark.parametrize(
    ("source", "path", "folder"),
    [
        ({"secret": {"secretName": "s"}}, "/data", "/data/"),
        ({"hostPath": {"path": "/"}}, "/data", "/data/"),
        ({"projected": {}}, "/data", "/data/"),
        ({"emptyDir": {}}, "/other", "/data/"),
        ({"emptyDir": {}}, "/tmp", "/tmp/x/"),
        ({"emptyDir": {}}, "/etc", "/etc/x/"),
        ({"emptyDir": {}}, "/etc/sidecar/in", "/etc/sidecar/in/"),
        ({"emptyDir": {}}, "/var/run/secrets/x", "/var/run/secrets/x/"),
    ],
)
def test_a_folder_that_must_not_be_shared_is_refused(source: dict[str, Any], path: str, folder: str) -> None:
    with pytest.raises(Clash) as caught:
        planned(with_volume(source, path), static_prefix="/s/", static_dir=folder)

    assert caught.value.field == "static_dir"


def with_two_volumes(inner: dict[str, Any]) -> dict[str, Any]:
    """One volume at /data, and another one at /data/pub, which hides that part of the first."""
    workload = with_volume({"emptyDir": {}}, "/data")
    pod = workload["spec"]["template"]["spec"]
    pod["volumes"].append({"name": "inner"} | inner)
    pod["containers"][0]["volumeMounts"].append({"name": "inner", "mountPath": "/data/pub"})
    return workload


def test_of_two_mounts_over_a_folder_the_one_that_the_app_sees_is_shared() -> None:
    workload = with_two_volumes({"emptyDir": {}})

    mounts = planned(workload, static_prefix="/s/", static_dir="/data/pub/x/").container["volumeMounts"]

    assert mounts[-1] == {"name": "inner", "mountPath": "/data/pub", "readOnly": True}


def test_a_volume_hidden_below_a_secret_does_not_stand_in_for_it() -> None:
    with pytest.raises(Clash):
        planned(
            with_two_volumes({"secret": {"secretName": "s"}}),
            static_prefix="/s/",
            static_dir="/data/pub/",
        )


def test_a_folder_that_only_the_app_s_own_environment_names_is_not_shared() -> None:
    workload = with_volume({"persistentVolumeClaim": {"claimName": "all"}}, "/data")
    mount = workload["spec"]["template"]["spec"]["containers"][0]["volumeMounts"][-1]
    mount["subPathExpr"] = "$(POD_NAME)"

    with pytest.raises(Clash):
        planned(workload, static_prefix="/s/", static_dir="/data/")


@pytest.mark.parametrize(
    "kind", ["Job", "CronJob", "Pod", "ReplicaSet", "StatefulSet", "DaemonSet", "Rollout"]
)
def test_other_kinds_are_refused_with_the_reason(kind: str) -> None:
    with pytest.raises(Unsupported) as caught:
        planned(live() | {"kind": kind})

    assert str(caught.value)


def test_a_workload_that_a_controller_owns_is_refused_naming_it() -> None:
    workload = live()
    owner = {"kind": "Database", "name": "orders", "controller": True}
    workload["metadata"]["ownerReferences"] = [owner]

    with pytest.raises(Unsupported, match="Database orders"):
        planned(workload)


def test_removal_tests_the_name_at_each_place_before_it_removes() -> None:
    workload = with_volume({"emptyDir": {}}, "/data")
    spec = workload["spec"]["template"]["spec"]
    found = planned(workload)
    spec["initContainers"] = [{"name": "first"}, dict(found.container)]
    spec["volumes"] += found.volumes

    operations = patches.build_removal(found, workload)

    removed = [o["path"] for o in operations if o["op"] == "remove"]
    tested = {o["path"]: o["value"] for o in operations if o["op"] == "test"}
    assert removed[0] == "/spec/template/spec/initContainers/1"
    assert removed[1:] == [f"/spec/template/spec/volumes/{n}" for n in (3, 2, 1)]
    assert all(f"{path}/name" in tested for path in removed)
    assert tested["/metadata/resourceVersion"] == "7" and tested["/metadata/uid"] == "u-1"


def with_volume(source: dict[str, Any], path: str) -> dict[str, Any]:
    workload = live()
    spec = workload["spec"]["template"]["spec"]
    spec["volumes"] = [{"name": "data", **source}]
    spec["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": path}]
    return workload
