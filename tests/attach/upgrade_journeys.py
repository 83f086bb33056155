"""Other settings and other versions of an attached sidecar: the same on both kinds of cluster."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from sidecars.attach import run
from sidecars.attach.operation import Operation
from sidecars.attach.steps import Step
from sidecars.presets.preset import Preset
from sidecars.presets.schema import Image
from tests.attach.journeys import MISSING, Deaf, Stopped, StoppingJournal, apply
from tests.attach.samples import MemoryJournal, Place, blocks, shown
from tests.presets.samples import preset, sharing

USER = 12345


def next_version() -> Preset:
    return replace(preset(), version="9.0.0", digest="9" * 64)


def as_user(uid: int = USER) -> Preset:
    """The same version and configuration; one value of the container is another."""
    nginx = preset()
    container = copy.deepcopy(dict(nginx.container))
    container["securityContext"]["runAsUser"] = uid
    return replace(nginx, container=container)


async def template(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = (await place.get())["spec"]["template"]
    return found


async def sidecar(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = (await template(place))["spec"]["initContainers"][0]
    return found


class UpgradeJourneys:
    async def test_other_parameters_reach_the_same_container(self, place: Place) -> None:
        before = await place.deploy()
        attached = await place.attach()

        changed = await place.upgrade(attached, listen="8082", read_timeout="61")

        assert changed.step is Step.DONE, shown(changed)
        assert {c.id: c.verdict for c in changed.checks} == dict.fromkeys(
            ("fields", "template", "pods", "http", "log"), "passed"
        ), shown(changed)
        container = await sidecar(place)
        assert (container["name"], [p["containerPort"] for p in container["ports"]]) == (
            attached.plan.container_name,
            [8082],
        )
        assert len((await template(place))["spec"]["volumes"]) == len(attached.plan.volumes)
        undone = await place.undo(changed)
        assert undone.step is Step.DONE and undone.method == "apply", shown(undone)
        assert (await place.get())["spec"] == before["spec"]

    async def test_another_version_is_told_by_the_annotation(self, place: Place) -> None:
        await place.deploy()
        attached = await place.attach()

        changed = await place.upgrade(attached, next_version())

        annotations = (await template(place))["metadata"]["annotations"]
        assert changed.step is Step.DONE, shown(changed)
        assert annotations == {attached.plan.annotation_key: "nginx-proxy@9.0.0+sha256." + "9" * 12}

    async def test_two_changes_in_a_row_and_an_undo_leave_nothing(self, place: Place) -> None:
        before = await place.deploy()
        first = await place.upgrade(await place.attach(), read_timeout="61")

        second = await place.upgrade(first, next_version(), listen="8083")
        undone = await place.undo(second)

        assert second.step is Step.DONE, shown(second)
        assert undone.step is Step.DONE, shown(undone)
        assert "The template equals the one before: the diff is empty." in shown(undone)[0]
        assert (await place.get())["spec"] == before["spec"]
        managers = {entry["manager"] for entry in (await place.get())["metadata"]["managedFields"]}
        assert second.plan.field_manager not in managers

    async def test_every_configmap_goes_once_no_old_template_needs_it(self, place: Place) -> None:
        await place.deploy(replicas=0, revisionHistoryLimit=0)
        attached = await place.attach()
        changed = await place.upgrade(attached, read_timeout="61")
        between = await configmaps(place, changed)

        undone = await place.undo(changed)

        sets = await place.cluster.list("replicasets", place.namespace)
        assert between[0] == changed.plan.configmap_name and len(set(between)) == len(between)
        assert len(await configmaps(place, changed)) <= len(sets) - 1, undone.notes
        assert undone.step is Step.DONE, shown(undone)

    async def test_a_configmap_of_the_former_settings_stays_while_a_rollback_needs_it(
        self, place: Place
    ) -> None:
        await place.deploy(replicas=0)
        attached = await place.attach()

        changed = await place.upgrade(attached, read_timeout="61")

        assert await place.configmaps(attached) == [attached.plan.configmap_name]
        assert changed.former_configmaps == (attached.plan.configmap_name,)
        assert "so that a rollback works" in str([str(note) for note in changed.notes])

    async def test_a_change_of_one_value_is_written_and_not_taken_for_done(self, place: Place) -> None:
        """It owns the fields that it owned before: only the value tells."""
        await place.deploy(replicas=0)
        attached = await place.attach()

        changed = await place.upgrade(attached, as_user())

        assert changed.step is Step.DONE, shown(changed)
        assert (await sidecar(place))["securityContext"]["runAsUser"] == USER
        assert (await place.get())["metadata"]["generation"] == 3

    @pytest.mark.parametrize("last", range(8))
    async def test_a_change_of_one_value_goes_on_after_a_stop_at_any_record(
        self, place: Place, last: int
    ) -> None:
        await place.deploy(replicas=0)
        preview = await place.preview_upgrade(await place.attach(), as_user())
        journal = StoppingJournal(last)
        try:
            done = await place.drive(preview.operation, journal)
        except Stopped:
            done = await place.drive(journal.operation)

        assert done.step is Step.DONE, shown(done)
        assert (await sidecar(place))["securityContext"]["runAsUser"] == USER
        assert (await place.get())["metadata"]["generation"] == 3

    @pytest.mark.parametrize("last", range(7))
    async def test_other_parameters_go_on_after_a_stop_at_any_record(self, place: Place, last: int) -> None:
        await place.deploy()
        preview = await place.preview_upgrade(await place.attach(), listen="8082")
        journal = StoppingJournal(last)
        with pytest.raises(Stopped):
            await place.drive(preview.operation, journal)

        done = await place.drive(journal.operation, resumed := MemoryJournal())

        written = [r for r in journal.records + resumed.records if r[:2] == ("written", "apply")]
        assert done.step is Step.DONE, shown(done)
        assert len(written) <= 1
        assert (await place.get())["metadata"]["generation"] == 3

    async def test_a_change_whose_answer_is_lost_is_read_back_by_its_values(self, place: Place) -> None:
        await place.deploy(replicas=0)
        preview = await place.preview_upgrade(await place.attach(), as_user())

        deaf = Place(Deaf(place.cluster), place.namespace)  # type: ignore[arg-type]
        done = await deaf.drive(preview.operation, journal := MemoryJournal())

        assert done.step is Step.DONE, shown(done)
        assert ("found", "apply") in [record[:2] for record in journal.records]
        assert (await place.get())["metadata"]["generation"] == 3

    async def test_a_foreign_edit_in_between_survives_the_change_and_the_undo(self, place: Place) -> None:
        await place.deploy(replicas=0)
        attached = await place.attach()
        await place.patch({"op": "add", "path": "/spec/template/metadata/annotations/team", "value": "shop"})

        changed = await place.upgrade(attached, listen="8082")
        between = (await template(place))["metadata"]["annotations"]
        undone = await place.undo(changed)

        assert between["team"] == "shop" and attached.plan.annotation_key in between
        assert undone.step is Step.DONE, shown(undone)
        assert (await template(place))["metadata"]["annotations"] == {"team": "shop"}
        assert "initContainers" not in (await template(place))["spec"]

    async def test_a_foreign_edit_after_the_review_does_not_matter_to_the_change(self, place: Place) -> None:
        await place.deploy(replicas=0)
        preview = await place.preview_upgrade(await place.attach(), listen="8082")
        await place.patch({"op": "add", "path": "/spec/template/metadata/annotations/team", "value": "shop"})

        done = await place.drive(preview.operation)

        assert done.step is Step.DONE, shown(done)
        assert (await template(place))["metadata"]["annotations"]["team"] == "shop"

    async def test_a_field_that_another_changed_is_named_and_never_forced(self, place: Place) -> None:
        await place.deploy(replicas=0)
        attached = await place.attach()
        at = "/spec/template/spec/initContainers/0/securityContext/runAsUser"
        await place.patch({"op": "replace", "path": at, "value": 777}, manager="kubectl-edit")

        preview = await place.preview_upgrade(attached, as_user())

        drift = [str(row.sentence) for row in preview.rows if row.id == "drift"]
        assert preview.is_blocked and "kubectl-edit" in str(preview.conflicts)
        assert "kubectl-edit" in drift[0] and "never forced" in drift[0]
        assert (await sidecar(place))["securityContext"]["runAsUser"] == 777

    async def test_a_part_that_another_owns_too_is_not_left_behind_unseen(self, place: Place) -> None:
        await place.deploy(replicas=0)
        folder = {"static_prefix": "/s/", "static_dir": "/srv/pub/"}
        preview = await place.preview(of=sharing(), new_volume=True, **folder)
        attached = await place.drive(preview.operation)
        shared = [v for v in attached.plan.volumes if v["name"].endswith("shared")]
        await apply(place, "gitops", {"template": {"spec": {"volumes": shared}}})

        changed = await place.preview_upgrade(attached, sharing())

        assert changed.is_blocked and "shared" in str(blocks(changed))

    async def test_a_folder_that_is_no_longer_shared_goes_from_the_app_too(self, place: Place) -> None:
        before = (await place.deploy(replicas=0))["spec"]["template"]
        folder = {"static_prefix": "/s/", "static_dir": "/srv/pub/"}
        preview = await place.preview(of=sharing(), new_volume=True, **folder)
        attached = await place.drive(preview.operation)

        changed = await place.upgrade(attached, sharing())

        assert changed.step is Step.DONE, shown(changed)
        spec = (await template(place))["spec"]
        assert not spec["containers"][0].get("volumeMounts")
        assert not [v for v in spec["volumes"] if v["name"].endswith("shared")]
        undone = await place.undo(changed)
        assert undone.step is Step.DONE, shown(undone)
        assert await template(place) == before

    async def test_an_ordinary_container_keeps_its_place_after_the_app(self, place: Place) -> None:
        before = (await place.deploy(replicas=0))["spec"]["template"]
        preview = await place.preview(of=sharing(), native=False)
        attached = await place.drive(preview.operation)

        folder = {"static_prefix": "/s/", "static_dir": "/srv/pub/"}
        chosen = sharing()
        wider = await run.preview_upgrade(
            place.cluster, chosen, chosen.read_values(folder), attached, new_volume=True
        )
        changed = await place.drive(wider.operation)

        names = [c["name"] for c in (await template(place))["spec"]["containers"]]
        assert changed.step is Step.DONE, shown(changed)
        assert names == ["main", "nginx-proxy"]
        assert (await place.undo(changed)).step is Step.DONE
        assert await template(place) == before

    async def test_what_was_applied_under_our_name_is_not_deleted(self, place: Place) -> None:
        await place.deploy(replicas=0)
        attached = await place.attach()
        await apply(place, attached.plan.field_manager, (await place.get())["spec"])

        preview = await place.preview_upgrade(attached, listen="8082")

        assert preview.is_blocked and "would delete them" in str(blocks(preview))

    async def test_a_sidecar_that_was_taken_out_meanwhile_is_not_changed(self, place: Place) -> None:
        before = await place.deploy(replicas=0)
        attached = await place.attach()
        await place.undo(attached)

        preview = await place.preview_upgrade(attached, listen="8082")

        assert [row.id for row in preview.rows] == ["gone"] and preview.is_blocked
        assert (await template(place)) == before["spec"]["template"]

    async def test_an_undo_between_review_and_confirmation_stops_the_change(self, place: Place) -> None:
        before = await place.deploy(replicas=0)
        attached = await place.attach()
        preview = await place.preview_upgrade(attached, listen="8082")
        await place.undo(attached)

        done = await place.drive(preview.operation)

        assert done.step is Step.FAILED and done.failure and done.failure.type == "Stale"
        assert (await template(place)) == before["spec"]["template"]
        assert await place.configmaps(done) == []

    async def test_the_settings_that_it_has_already_are_no_change(self, place: Place) -> None:
        await place.deploy(replicas=0)
        attached = await place.attach()

        preview = await place.preview_upgrade(attached)

        assert preview.is_blocked and "Nothing would change" in str(blocks(preview))

    async def test_its_own_port_is_no_clash_and_the_app_s_is(self, place: Place) -> None:
        await place.deploy()
        attached = await place.attach()

        same = await place.preview_upgrade(attached, read_timeout="61")
        clash = await place.preview_upgrade(attached, listen="8080", upstream_port="9090")

        assert not same.is_blocked, blocks(same)
        assert [(row.id, row.field) for row in clash.rows if row.verdict == "block"] == [("port", "listen")]

    async def test_a_stopped_change_can_be_undone_whether_it_wrote_or_not(self, place: Place) -> None:
        before = await place.deploy(replicas=0)
        stopped = []
        for last in (1, 3):  # the ConfigMap is there; the template is written
            attached = await place.attach()
            preview = await place.preview_upgrade(attached, sharing(), listen="8082")
            journal = StoppingJournal(last)
            with pytest.raises(Stopped):
                await place.drive(preview.operation, journal)
            stopped.append((await sidecar(place))["ports"][0]["containerPort"])

            undone = await place.undo(journal.operation)

            assert undone.step is Step.DONE, shown(undone)
            assert (await template(place)) == before["spec"]["template"]
        assert stopped == [8081, 8082]

    async def test_the_undo_of_a_change_that_did_not_write_takes_the_former_items(self, place: Place) -> None:
        before = (await place.deploy(replicas=0))["spec"]["template"]
        folder = {"static_prefix": "/s/", "static_dir": "/srv/pub/"}
        shared = await place.preview(of=sharing(), new_volume=True, **folder)
        preview = await place.preview_upgrade(await place.drive(shared.operation), sharing())
        journal = StoppingJournal(1)  # the ConfigMap of the new settings is there, the template is not
        with pytest.raises(Stopped):
            await place.drive(preview.operation, journal)

        undone = await place.undo(journal.operation)

        assert undone.step is Step.DONE, shown(undone)
        assert await template(place) == before
        assert await configmaps(place, undone) == [shared.operation.plan.configmap_name], undone.notes

    async def test_settings_that_do_not_work_are_changed_again(self, place: Place) -> None:
        await place.deploy(progressDeadlineSeconds=4)
        attached = await place.attach()
        broken = replace(preset(), image=Image(MISSING, "1"))
        failed = await place.upgrade(attached, broken)

        mended = await place.upgrade(failed)

        assert failed.failed_step is Step.ROLLOUT, shown(failed)
        assert mended.step is Step.DONE, shown(mended)

    async def test_former_settings_that_come_back_during_the_rollout_are_told(self, place: Place) -> None:
        await place.deploy()
        attached = await place.attach()
        former = await template(place)
        preview = await place.preview_upgrade(attached, listen="8082")

        done: Operation | None = None
        async for progress in run.drive(place.cluster, preview.operation, MemoryJournal()):
            done = progress.operation
            if done.step is Step.ROLLOUT and progress.rollout is None:
                await place.patch({"op": "replace", "path": "/spec/template", "value": former})

        assert done and done.step is Step.FAILED, done and shown(done)


async def configmaps(place: Place, operation: Operation) -> list[str]:
    """Those of all its settings that are there."""
    found = await place.cluster.list("configmaps", place.namespace)
    there = [configmap["metadata"]["name"] for configmap in found]
    return [name for name in operation.configmaps if name in there]
