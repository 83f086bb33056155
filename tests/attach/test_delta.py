"""The dry run's difference: ours, shown, or forbidden."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from sidecars.attach import delta
from sidecars.attach.plan import Plan, plan
from tests.attach.samples import live
from tests.attach.test_plan import planned
from tests.presets.samples import preset as catalogue_preset

Spec = dict[str, Any]


def dry_run(
    change: Callable[[Spec], object] = lambda spec: None, chosen: Plan | None = None
) -> tuple[Spec, Spec]:
    """(live, what the server would store), the second altered in its pod spec."""
    before = live()
    after = copy.deepcopy(before)
    found = chosen or planned(before)
    template = after["spec"]["template"]
    template["metadata"]["annotations"] = {found.annotation_key: found.annotation}
    template["spec"]["initContainers"] = [copy.deepcopy(dict(found.container))]
    template["spec"]["volumes"] = [dict(volume) for volume in found.volumes]
    if found.app_mounts:
        template["spec"]["containers"][0].setdefault("volumeMounts", []).extend(found.app_mounts)
    after["metadata"] |= {"resourceVersion": "8", "generation": 2}
    change(template["spec"])
    return before, after


def test_our_items_alone_are_ours_and_nothing_else_is_shown() -> None:
    before, after = dry_run()

    judged = delta.judge(before, after, planned())

    assert judged.ours and not judged.added_by_server and not judged.forbidden


def test_what_the_server_fills_in_inside_our_container_is_ours() -> None:
    before, after = dry_run(lambda s: s["initContainers"][0].update(terminationMessagePath="/dev/x"))

    assert not delta.judge(before, after, planned()).forbidden


def test_a_label_from_a_webhook_is_shown() -> None:
    before, after = dry_run()
    after["metadata"]["labels"] = {"injected": "yes"}

    judged = delta.judge(before, after, planned())

    assert [change.path for change in judged.added_by_server] == ["metadata.labels.injected"]


FORBIDDEN: list[tuple[str, Callable[[Spec], object]]] = [
    ("hostNetwork", lambda s: s.update(hostNetwork=True)),
    ("hostPID", lambda s: s.update(hostPID=True)),
    ("hostIPC", lambda s: s.update(hostIPC=True)),
    ("shareProcessNamespace", lambda s: s.update(shareProcessNamespace=True)),
    ("serviceAccountName", lambda s: s.update(serviceAccountName="admin")),
    ("nodeName", lambda s: s.update(nodeName="n1")),
    ("fsGroup", lambda s: s["securityContext"].update(fsGroup=0)),
    ("hostPath", lambda s: s["volumes"].append({"name": "x", "hostPath": {"path": "/"}})),
    ("secret", lambda s: s["volumes"].append({"name": "x", "secret": {"secretName": "s"}})),
    ("projected", lambda s: s["volumes"].append({"name": "x", "projected": {"sources": []}})),
    ("image", lambda s: s["containers"][0].update(image="evil")),
    ("command", lambda s: s["containers"][0].update(command=["evil"])),
    ("env", lambda s: s["containers"][0]["env"][0].update(value="evil")),
    ("containers", lambda s: s["containers"].pop()),
    ("privileged", lambda s: s["containers"][0]["securityContext"].update(privileged=True)),
    ("hostPort", lambda s: s["initContainers"][0]["ports"][0].update(hostPort=80)),
    ("privileged", lambda s: s["initContainers"][0]["securityContext"].update(privileged=True)),
    ("runAsUser", lambda s: s["initContainers"][0]["securityContext"].update(runAsUser=0)),
    (
        "capabilities.add",
        lambda s: s["initContainers"][0]["securityContext"]["capabilities"].update(add=["X"]),
    ),
    ("procMount", lambda s: s["initContainers"][0]["securityContext"].update(procMount="Unmasked")),
    (
        "readOnlyRootFilesystem",
        lambda s: s["initContainers"][0]["securityContext"].pop("readOnlyRootFilesystem"),
    ),
    ("restartPolicy", lambda s: s["initContainers"][0].pop("restartPolicy")),
    ("volumeMounts", lambda s: s["initContainers"][0]["volumeMounts"].pop()),
    ("subPath", lambda s: s["initContainers"][0]["volumeMounts"][0].update(subPath="../x")),
    ("initContainers", lambda s: s["initContainers"].pop()),
]


@pytest.mark.parametrize(("path", "change"), FORBIDDEN, ids=[path for path, _change in FORBIDDEN])
def test_a_change_that_no_preset_may_make_is_forbidden(path: str, change: Callable[[Spec], object]) -> None:
    before, after = dry_run(change)

    forbidden = delta.judge(before, after, planned()).forbidden

    assert any(path in found for found in forbidden), forbidden


def test_init_containers_in_another_order_are_forbidden() -> None:
    before, after = dry_run()
    for workload, names in ((before, "ab"), (after, "ba")):
        inits = [{"name": name, "image": "x"} for name in names]
        spec = workload["spec"]["template"]["spec"]
        spec["initContainers"] = inits + spec.get("initContainers", [])

    assert "spec.template.spec.initContainers" in delta.judge(before, after, planned()).forbidden


def test_a_removal_that_takes_more_than_ours_is_forbidden() -> None:
    after, before = dry_run()
    after["spec"]["template"]["spec"]["containers"][0].pop("command")

    assert delta.judge_removal(before, after, planned()).forbidden


def test_the_fingerprint_ignores_versions_and_sees_values() -> None:
    prints = set()
    for number in range(3):
        before, after = dry_run()
        after["metadata"]["resourceVersion"] = str(number)
        after["status"] = {"replicas": number}
        prints.add(delta.fingerprint("u-1", "d", delta.judge(before, after, planned()).ours))
    before, after = dry_run(lambda s: s["initContainers"][0].update(image="other"))
    other = delta.fingerprint("u-1", "d", delta.judge(before, after, planned()).ours)

    assert len(prints) == 1 and other not in prints


def test_an_outline_holds_no_values() -> None:
    outlined = delta.outline(live())

    assert "hunter2" not in str(outlined)
    assert any("GREETING" in path for path in outlined)


def test_items_with_one_key_are_told_apart() -> None:
    twins = [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]

    changes = delta.compare(delta.outline(twins, "env"), delta.outline(twins[:1], "env"))

    assert {change.kind for change in changes} == {"removed"}


def env_of(secret: str) -> Spec:
    return {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": secret, "key": "token"}}}


def test_a_secret_that_was_named_in_the_settings_may_be_read() -> None:
    before, preset = live(), catalogue_preset("fluent-bit")
    values = preset.read_values({"token": "sink/token"})
    chosen = plan(before, preset, values, attachment_id="0a1b2c3d", new_volume=True)
    _before, after = dry_run(chosen=chosen)

    assert "sink" in str(chosen.container["env"])
    assert delta.judge(before, after, chosen).forbidden == ()


def test_a_secret_that_a_webhook_gives_the_sidecar_is_forbidden() -> None:
    before, after = dry_run(lambda s: s["initContainers"][0].update(env=[env_of("other")]))

    forbidden = delta.judge(before, after, planned()).forbidden

    assert forbidden == ("spec.template.spec.initContainers[nginx-proxy].env",)
