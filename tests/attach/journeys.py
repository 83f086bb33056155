"""Attach, verify, undo: the same journeys on the real cluster and on the demo server."""

import asyncio
import json
import uuid

import pytest

from sidecars.attach import run
from sidecars.attach.steps import Step
from sidecars.errors import NotRecorded, OutcomeUnknown, Unreachable
from tests.attach.samples import MemoryJournal, Place, blocks, shown
from tests.presets.samples import sharing

MISSING = "127.0.0.1:1/missing"
FOREIGN = {"op": "add", "path": "/spec/template/metadata/annotations", "value": {"team": "shop"}}


class Journeys:
    async def test_a_proxy_is_attached_checked_and_undone(self, place: Place) -> None:
        before = await place.deploy()

        attached = await place.attach()
        undone = await place.undo(attached)

        assert attached.step is Step.DONE, shown(attached)
        assert {c.id: c.verdict for c in attached.checks} == dict.fromkeys(
            ("fields", "template", "pods", "http", "log"), "passed"
        ), shown(attached)
        assert undone.step is Step.DONE, shown(undone)
        assert (await place.get())["spec"] == before["spec"]

    async def test_a_new_volume_is_mounted_in_the_app_too_and_taken_away_again(self, place: Place) -> None:
        before = (await place.deploy())["spec"]["template"]
        folder = {"static_prefix": "/s/", "static_dir": "/srv/pub/"}

        preview = await place.preview(of=sharing(), new_volume=True, **folder)
        attached = await place.drive(preview.operation)

        assert attached.step is Step.DONE, shown(attached)
        app = (await place.get())["spec"]["template"]["spec"]["containers"][0]
        assert "/srv/pub" in [mount["mountPath"] for mount in app["volumeMounts"]]
        undone = await place.undo(attached)
        assert undone.step is Step.DONE and undone.method == "apply", shown(undone)
        assert (await place.get())["spec"]["template"] == before

    async def test_an_ordinary_container_stands_behind_the_app_that_gets_a_new_mount(
        self, place: Place
    ) -> None:
        """kubectl logs and exec take the first container: that stays the app."""
        before = (await place.deploy(replicas=0))["spec"]["template"]
        folder = {"static_prefix": "/s/", "static_dir": "/srv/pub/"}

        preview = await place.preview(of=sharing(), new_volume=True, native=False, **folder)
        attached = await place.drive(preview.operation)

        names = [c["name"] for c in (await place.get())["spec"]["template"]["spec"]["containers"]]
        assert attached.step is Step.DONE, shown(attached)
        assert names == ["main", "nginx-proxy"]
        assert (await place.undo(attached)).step is Step.DONE
        assert (await place.get())["spec"]["template"] == before

    async def test_a_foreign_edit_in_between_survives_the_undo(self, place: Place) -> None:
        await place.deploy()
        attached = await place.attach()
        await place.patch(FOREIGN | {"path": FOREIGN["path"] + "/team", "value": "shop"})

        undone = await place.undo(attached)

        template = (await place.get())["spec"]["template"]
        assert undone.step is Step.DONE, shown(undone)
        assert template["metadata"]["annotations"] == {"team": "shop"}
        assert "initContainers" not in template["spec"] and "volumes" not in template["spec"]

    async def test_a_foreign_edit_before_confirming_does_not_matter_to_the_change(self, place: Place) -> None:
        await place.deploy()
        preview = await place.preview()
        await place.patch({"op": "replace", "path": "/spec/replicas", "value": 2})

        done = await place.drive(preview.operation)

        assert done.step is Step.DONE, shown(done)

    async def test_a_clash_that_appears_after_the_review_stops_the_change(self, place: Place) -> None:
        await place.deploy()
        preview = await place.preview()
        volume = {"name": preview.operation.plan.volumes[1]["name"], "emptyDir": {}}
        await place.patch({"op": "add", "path": "/spec/template/spec/volumes", "value": [volume]})

        done = await place.drive(preview.operation)

        assert (done.step, done.failed_step) == (Step.FAILED, Step.CONFIGMAP)
        assert done.failure.type == "Stale"
        assert "initContainers" not in (await place.get())["spec"]["template"]["spec"]

    async def test_a_conflict_names_field_and_manager_and_changes_nothing(self, place: Place) -> None:
        before = await place.deploy()
        attachment_id = "00c0ffee"
        name = f"attach.sidecar-dash.io~1{attachment_id}"
        await place.patch(FOREIGN, {"op": "add", "path": f"{FOREIGN['path']}/{name}", "value": "mine"})

        preview = await place.preview(attachment_id)

        assert preview.is_blocked and "kubectl-edit" in str(blocks(preview))
        assert preview.conflicts[0].manager.startswith("kubectl-edit")
        assert (await place.get())["spec"]["template"]["spec"] == before["spec"]["template"]["spec"]

    async def test_a_workload_that_was_made_anew_is_refused(self, place: Place) -> None:
        first = await place.deploy()
        preview = await place.preview()
        await place.cluster.delete("deployments", place.namespace, "api", uid=first["metadata"]["uid"])
        await place.deploy()

        done = await place.drive(preview.operation)

        assert done.failure.type == "Stale"
        assert "initContainers" not in (await place.get())["spec"]["template"]["spec"]

    async def test_a_deleted_workload_is_not_brought_back(self, place: Place) -> None:
        first = await place.deploy()
        preview = await place.preview()
        await place.cluster.delete("deployments", place.namespace, "api", uid=first["metadata"]["uid"])

        done = await place.drive(preview.operation)

        assert done.failure.type == "NotFound"
        assert await place.cluster.list("deployments", place.namespace) == []

    async def test_a_port_that_is_taken_blocks_under_its_field(self, place: Place) -> None:
        await place.deploy()

        preview = await place.preview(listen="8080", upstream_port="9090")

        row = next(row for row in preview.rows if row.verdict == "block")
        assert (row.id, row.field, row.sentence.parameters["container"]) == ("port", "listen", "main")
        assert preview.operation is None

    @pytest.mark.parametrize("last", range(6))
    async def test_a_change_goes_on_after_a_stop_at_any_record(self, place: Place, last: int) -> None:
        await place.deploy()
        preview = await place.preview()
        journal = StoppingJournal(last)
        with pytest.raises(Stopped):
            await place.drive(preview.operation, journal)

        done = await place.drive(journal.operation, resumed := MemoryJournal())

        written = [r for r in journal.records + resumed.records if r[:2] == ("written", "apply")]
        assert done.step is Step.DONE, shown(done)
        assert len(written) <= 1

    @pytest.mark.parametrize("last", range(5))
    async def test_an_undo_goes_on_after_a_stop_at_any_record(self, place: Place, last: int) -> None:
        before = await place.deploy()
        preview = await run.preview_undo(place.cluster, await place.attach())
        journal = StoppingJournal(last)
        with pytest.raises(Stopped):
            await place.drive(preview.operation, journal)

        done = await place.drive(journal.operation)

        assert done.step is Step.DONE, shown(done)
        assert (await place.get())["spec"] == before["spec"]

    async def test_a_write_whose_answer_is_lost_is_read_back(self, place: Place) -> None:
        await place.deploy()
        preview = await place.preview()
        deaf = Deaf(place.cluster)

        journal = MemoryJournal()
        done = await Place(deaf, place.namespace).drive(preview.operation, journal)

        generation = (await place.get())["metadata"]["generation"]
        assert done.step is Step.DONE, shown(done)
        assert ("found", "apply") in [record[:2] for record in journal.records]
        assert generation == 2

    async def test_an_image_changed_by_hand_goes_with_the_sidecar(self, place: Place) -> None:
        before = await place.deploy()
        attached = await place.attach()
        at = "/spec/template/spec/initContainers/0/image"
        image = {"op": "replace", "path": at, "value": "docker.io/library/nginx:1.30"}
        await place.patch(image, manager="kubectl-set")

        undone = await place.undo(attached)

        assert undone.step is Step.DONE, shown(undone)
        assert (await place.get())["spec"]["template"] == before["spec"]["template"]

    async def test_a_container_that_another_applied_too_is_removed_by_a_patch(self, place: Place) -> None:
        before = await place.deploy()
        attached = await place.attach()
        kept = {key: attached.plan.container[key] for key in ("name", "image")}
        await apply(place, "gitops", {"template": {"spec": {"initContainers": [kept]}}})

        preview = await run.preview_undo(place.cluster, attached)
        undone = await place.drive(preview.operation)

        assert preview.operation.method == "json-patch"
        assert "gitops" in str([str(row.sentence) for row in preview.rows])
        assert undone.step is Step.DONE, shown(undone)
        assert (await place.get())["spec"]["template"] == before["spec"]["template"]

    async def test_what_was_applied_under_our_name_is_left_alone(self, place: Place) -> None:
        before = await place.deploy()
        attached = await place.attach()
        await apply(place, attached.plan.field_manager, (await place.get())["spec"])

        preview = await run.preview_undo(place.cluster, attached)
        undone = await place.drive(preview.operation)

        assert preview.operation.method == "json-patch"
        assert undone.step is Step.DONE, shown(undone)
        assert (await place.get())["spec"]["template"] == before["spec"]["template"]

    async def test_many_rounds_leave_the_object_as_large_as_one(self, place: Place) -> None:
        await place.deploy(replicas=0)
        sizes = []
        for _round in range(20):
            await place.undo(await place.attach())
            found = await place.get()
            sizes.append((len(str(found["spec"])), len(found["metadata"]["managedFields"])))

        assert len(set(sizes)) == 1

    async def test_two_people_attach_at_once_and_both_sidecars_are_there(self, place: Place) -> None:
        await place.deploy(replicas=0)
        previews = [await place.preview(listen=str(port)) for port in (8081, 8082)]

        done = await asyncio.gather(*(place.drive(p.operation) for p in previews))

        ended = sorted(str(operation.step) for operation in done)
        names = [c["name"] for c in (await place.get())["spec"]["template"]["spec"]["initContainers"]]
        assert ended == ["done", "failed"] and names == ["nginx-proxy"]

    async def test_an_attach_that_failed_halfway_can_be_undone(self, place: Place) -> None:
        before = await place.deploy()
        preview = await place.preview()
        journal = StoppingJournal(3)
        with pytest.raises(Stopped):
            await place.drive(preview.operation, journal)

        undone = await place.undo(journal.operation)

        assert journal.operation.can_be_undone
        assert undone.step is Step.DONE, shown(undone)
        assert (await place.get())["spec"] == before["spec"]

    async def test_an_undo_of_what_is_gone_already_says_so_and_ends_well(self, place: Place) -> None:
        await place.deploy(replicas=0)
        attached = await place.attach()
        await place.undo(attached)

        preview = await run.preview_undo(place.cluster, attached)
        again = await place.drive(preview.operation)

        assert preview.nothing_to_do and preview.diff == ()
        assert again.step is Step.DONE, shown(again)

    async def test_the_configmap_goes_when_no_old_pod_template_needs_it(self, place: Place) -> None:
        await place.deploy(revisionHistoryLimit=0)
        attached = await place.attach()
        found = await place.cluster.list("configmaps", place.namespace)
        names = [c["metadata"]["name"] for c in found if "nginx-proxy" in c["metadata"]["name"]]

        undone = await place.undo(attached)

        left = await place.cluster.list("configmaps", place.namespace)
        kept = [c["metadata"]["name"] for c in left if c["metadata"]["name"] in names]
        sets = await place.cluster.list("replicasets", place.namespace)
        assert names and bool(kept) == (len(sets) > 1), undone.notes

    async def test_an_attach_that_fails_before_the_template_leaves_no_configmap(self, place: Place) -> None:
        await place.deploy(replicas=0)
        preview = await place.preview()
        volume = {"name": preview.operation.plan.volumes[1]["name"], "emptyDir": {}}

        async for progress in run.drive(place.cluster, preview.operation, journal := MemoryJournal()):
            if progress.operation.step is Step.APPLY:
                await place.patch({"op": "add", "path": "/spec/template/spec/volumes", "value": [volume]})

        assert progress.operation.failed_step is Step.APPLY, shown(progress.operation)
        assert await place.configmaps(preview.operation) == []
        assert ("intent", "apply") in [record[:2] for record in journal.records]

    async def test_an_undo_deletes_a_configmap_that_alone_is_left(self, place: Place) -> None:
        await place.deploy(replicas=0)
        preview = await place.preview()
        journal = StoppingJournal(1)  # the ConfigMap is there, the template has not been touched
        with pytest.raises(Stopped):
            await place.drive(preview.operation, journal)
        there = await place.configmaps(preview.operation)

        undo = await run.preview_undo(place.cluster, journal.operation)
        undone = await place.drive(undo.operation)

        assert len(there) == 1 and undo.leftover and not undo.nothing_to_do
        assert undone.step is Step.DONE, shown(undone)
        assert await place.configmaps(preview.operation) == []

    async def test_a_configmap_that_a_copy_of_the_workload_uses_stays(self, place: Place) -> None:
        await place.deploy(replicas=0, revisionHistoryLimit=0)
        attached = await place.attach()
        copy = (await place.get())["spec"] | {"selector": {"matchLabels": {"app": "copy"}}}
        copy["template"]["metadata"]["labels"] = {"app": "copy"}
        await place.deploy("copy", **copy)

        undone = await place.undo(attached)

        assert len(await place.configmaps(attached)) == 1, undone.notes

    async def test_a_paused_workload_says_so_and_goes_on_when_it_is_resumed(self, place: Place) -> None:
        await place.deploy()
        await place.patch({"op": "add", "path": "/spec/paused", "value": True})
        preview = await place.preview()

        stages = []
        async for progress in run.drive(place.cluster, preview.operation, MemoryJournal()):
            stages.append(progress.rollout.stage if progress.rollout else "")
            if stages[-1] == "paused" and stages.count("paused") == 1:
                await place.patch({"op": "remove", "path": "/spec/paused"})

        assert "paused" in stages and progress.operation.step is Step.DONE, shown(progress.operation)

    async def test_a_sidecar_that_took_the_name_of_one_that_went_is_not_its_undo_s(
        self, place: Place
    ) -> None:
        before = await place.deploy(replicas=0)
        first = await place.attach()
        await place.patch({"op": "replace", "path": "/spec/template", "value": before["spec"]["template"]})
        second = await place.attach()

        preview = await run.preview_undo(place.cluster, first)

        assert first.plan.container_name == second.plan.container_name
        assert preview.nothing_to_do and preview.diff == ()
        assert (await place.undo(second)).step is Step.DONE
        assert (await place.get())["spec"]["template"] == before["spec"]["template"]

    async def test_an_undo_after_a_missed_deadline_waits_for_its_own_rollout(self, place: Place) -> None:
        before = await place.deploy(progressDeadlineSeconds=4, strategy={"type": "Recreate"})
        failed = await place.drive((await place.preview(image=MISSING)).operation)

        undone = await place.undo(failed)

        assert failed.failed_step is Step.ROLLOUT, shown(failed)
        assert undone.step is Step.DONE, shown(undone)
        assert (await place.get())["spec"]["template"] == before["spec"]["template"]

    async def test_a_configuration_that_went_before_the_template_needs_it_is_made_again(
        self, place: Place
    ) -> None:
        await place.deploy()
        preview = await place.preview()

        async for progress in run.drive(place.cluster, preview.operation, MemoryJournal()):
            if progress.operation.step is Step.APPLY:
                where = ("configmaps", place.namespace, progress.operation.plan.configmap_name)
                found = await place.cluster.get(*where)
                await place.cluster.delete(*where, uid=found["metadata"]["uid"])

        assert progress.operation.step is Step.DONE, shown(progress.operation)

    async def test_a_configuration_of_an_earlier_workload_is_not_relied_on(self, place: Place) -> None:
        await place.deploy(replicas=0)
        preview = await place.preview()
        configmap = json.loads(json.dumps(preview.operation.plan.configmap))
        configmap["metadata"]["ownerReferences"][0]["uid"] = str(uuid.uuid4())
        await place.cluster.create("configmaps", place.namespace, configmap, field_manager="earlier")

        done = await place.drive(preview.operation)

        found = await place.cluster.list("configmaps", place.namespace)
        name = preview.operation.plan.configmap_name
        owners = [c["metadata"].get("ownerReferences") for c in found if c["metadata"]["name"] == name]
        is_ours = bool(owners) and owners[0][0]["uid"] == preview.operation.plan.uid
        assert is_ours if done.step is Step.DONE else done.failure.type == "Stale"

    async def test_pods_that_come_during_the_checks_are_waited_for(self, place: Place) -> None:
        await place.deploy()
        preview = await place.preview()

        async for progress in run.drive(place.cluster, preview.operation, MemoryJournal()):
            if progress.operation.step is Step.VERIFY:
                await place.patch({"op": "replace", "path": "/spec/replicas", "value": 3})

        assert progress.operation.step is Step.DONE, shown(progress.operation)

    async def test_a_cluster_that_is_away_during_the_checks_fails_no_check(self, place: Place) -> None:
        await place.deploy()
        preview = await place.preview()

        done = await Place(Away(place.cluster), place.namespace).drive(preview.operation)

        assert done.step is Step.DONE, shown(done)

    async def test_a_record_that_fails_once_fails_no_change(self, place: Place) -> None:
        await place.deploy()
        operation, journal = (await place.preview()).operation, ForgetfulJournal()
        for _attempt in range(9):
            try:
                done = await place.drive(operation, journal)
                break
            except NotRecorded:
                operation = journal.operation if journal.stored else operation

        assert done.step is Step.DONE, shown(done)
        assert (await place.get())["metadata"]["generation"] == 2


class ForgetfulJournal(MemoryJournal):
    """Every second record cannot be written."""

    is_full = False

    async def record_intent(self, *record: object) -> None:
        self._fill()
        await super().record_intent(*record)

    async def record_outcome(self, *record: object) -> None:
        self._fill()
        await super().record_outcome(*record)

    def _fill(self) -> None:
        self.is_full = not self.is_full
        if self.is_full:
            raise NotRecorded(cause="the disk is full")


class Away:
    """The cluster, but the first three requests through it find nobody."""

    def __init__(self, cluster: object) -> None:
        self._cluster, self._left = cluster, 3

    def __getattr__(self, name: str) -> object:
        return getattr(self._cluster, name)

    async def proxy_get(self, *args: object) -> object:
        self._left -= 1
        if self._left >= 0:
            raise Unreachable(server="it", cause="refused")
        return await self._cluster.proxy_get(*args)


class Stopped(Exception):
    pass


class StoppingJournal(MemoryJournal):
    """Ends the program right after its record number `last`."""

    def __init__(self, last: int) -> None:
        super().__init__()
        self.last = last

    async def record_intent(self, *record: object) -> None:
        await super().record_intent(*record)
        self._count()

    async def record_outcome(self, *record: object) -> None:
        await super().record_outcome(*record)
        self._count()

    def _count(self) -> None:
        if len(self.records) > self.last:
            raise Stopped


class Deaf:
    """The cluster, but the answer to the first write of the template never arrives."""

    def __init__(self, cluster: object) -> None:
        self._cluster, self._is_deaf = cluster, True

    def __getattr__(self, name: str) -> object:
        return getattr(self._cluster, name)

    async def apply(self, *args: object, dry_run: bool = False, **kwargs: object) -> object:
        written = await self._cluster.apply(*args, dry_run=dry_run, **kwargs)
        if self._is_deaf and not dry_run:
            self._is_deaf = False
            raise OutcomeUnknown()
        return written


async def apply(place: Place, manager: str, spec: dict[str, object]) -> None:
    """Server-side apply by somebody else, or under somebody else's name."""
    metadata = {"name": "api", "namespace": place.namespace}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    await place.cluster.apply("deployments", place.namespace, "api", body, field_manager=manager)
