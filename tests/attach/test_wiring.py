"""Folders that sidecar and app share: what is mounted where, and what is refused."""

from typing import Any

import pytest

from sidecars.attach import delta, patches
from sidecars.attach.clashes import Surroundings, preflight
from sidecars.attach.plan import Plan, plan
from sidecars.errors import Clash
from tests.attach.samples import live
from tests.presets.samples import sharing

VALUES = {"static_prefix": "/s/", "static_dir": "/data/pub/"}


def planned(workload: dict[str, Any], *, new_volume: bool = True, app: str = "", **values: str) -> Plan:
    preset = sharing()
    read = preset.read_values(VALUES | values)
    return plan(workload, preset, read, attachment_id="0123abcd", new_volume=new_volume, app=app)


def mounted(path: str, source: dict[str, Any] | None = None, **mount: Any) -> dict[str, Any]:
    workload = live()
    spec = workload["spec"]["template"]["spec"]
    spec["volumes"] = [{"name": "data"} | (source or {"emptyDir": {}})]
    spec["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": path} | mount]
    return workload


def test_a_volume_of_the_app_is_shared_as_it_is() -> None:
    found = planned(mounted("/data", subPath="a"))

    assert found.container["volumeMounts"][-1] == {"name": "data", "mountPath": "/data", "subPath": "a"}
    assert found.app_mounts == ()


def test_without_a_volume_there_a_new_one_is_mounted_on_both_sides() -> None:
    found = planned(live())

    new = {"name": "sd-0123abcd-shared", "mountPath": "/data/pub"}
    assert found.container["volumeMounts"][-1] == new and list(found.app_mounts) == [new]
    assert {"name": new["name"], "emptyDir": {"sizeLimit": "1Gi"}} in found.volumes


def test_a_new_volume_has_to_be_asked_for() -> None:
    with pytest.raises(Clash) as caught:
        planned(live(), new_volume=False)

    assert caught.value.field == "static_dir"
    assert "let a new volume be made" in str(caught.value)


def test_a_folder_that_the_app_may_only_read_is_no_place_to_write() -> None:
    with pytest.raises(Clash):
        planned(mounted("/data", readOnly=True))


@pytest.mark.parametrize(
    "folder", ["/etc/app/", "/usr/share/x/", "/tmp/x/", "/proc/x/", "/var/run/secrets/x/"]
)
def test_a_new_volume_never_hides_what_a_container_needs(folder: str) -> None:
    with pytest.raises(Clash):
        planned(live(), static_dir=folder)


def test_the_deepest_mount_is_the_one_that_holds_a_folder() -> None:
    workload = mounted("/data")
    spec = workload["spec"]["template"]["spec"]
    spec["volumes"].append({"name": "keys", "secret": {"secretName": "s"}})
    spec["containers"][0]["volumeMounts"].append({"name": "keys", "mountPath": "/data/pub"})

    with pytest.raises(Clash):
        planned(workload)


def test_another_container_than_the_main_one_can_share() -> None:
    workload = mounted("/data")
    containers = workload["spec"]["template"]["spec"]["containers"]
    containers.append(containers[0] | {"name": "worker"})
    containers[0] = {**containers[0], "volumeMounts": []}

    assert planned(workload, app="worker").app == "worker"
    with pytest.raises(Clash):
        planned(workload, app="nobody")


def test_a_new_volume_is_not_mounted_in_a_container_that_would_have_to_be_made_for_it() -> None:
    workload = live()
    native = {"name": "mesh", "image": "x", "restartPolicy": "Always"}
    workload["spec"]["template"]["spec"]["initContainers"] = [native]

    with pytest.raises(Clash) as caught:
        planned(workload, app="mesh")

    assert caught.value.parameters["container"] == "mesh"


def test_of_the_app_the_apply_set_names_only_our_mount() -> None:
    body = patches.build_apply(planned(live()), "7")

    app = body["spec"]["template"]["spec"]["containers"][0]
    assert app == {"name": "main", "volumeMounts": [{"name": "sd-0123abcd-shared", "mountPath": "/data/pub"}]}


def test_the_mount_on_the_app_is_ours_and_its_other_mounts_are_not() -> None:
    found = planned(live())

    at = "spec.template.spec.containers[main].volumeMounts"
    assert delta.is_ours(found, f"{at}[/data/pub].name")
    assert not delta.is_ours(found, f"{at}[/other].name")
    assert not delta.is_ours(found, "spec.template.spec.containers[main].image")


def test_a_removal_by_hand_takes_the_mount_from_the_app_again() -> None:
    found, workload = planned(live()), mounted("/other")
    workload["spec"]["template"]["spec"]["containers"][0]["volumeMounts"].append(dict(found.app_mounts[0]))

    operations = patches.build_removal(found, workload)

    at = "/spec/template/spec/containers/0/volumeMounts/1"
    assert {"op": "test", "path": f"{at}/mountPath", "value": "/data/pub"} in operations
    assert {"op": "remove", "path": at} in operations


def test_a_new_volume_and_another_user_are_warned_of() -> None:
    workload = live()

    rows = preflight(workload, sharing(), planned(workload), Surroundings())

    assert {"new-volume", "users"} <= {row.id for row in rows if row.verdict == "warn"}


def test_the_ports_of_an_app_with_our_mount_still_count() -> None:
    first = planned(live())
    workload = live()
    app = workload["spec"]["template"]["spec"]["containers"][0]
    app["volumeMounts"] = [dict(first.app_mounts[0])]
    pod = {"metadata": {}, "spec": {"containers": [app | {"ports": [{"containerPort": 8081}]}]}}

    rows = preflight(workload, sharing(), first, Surroundings(pods=[pod]))

    assert "port" in [row.id for row in rows if row.verdict == "block"]
