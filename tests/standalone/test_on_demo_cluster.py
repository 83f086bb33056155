"""Creation and removal on the demo API server: stops at any record, lost answers, others, rights."""

from pathlib import Path
from typing import Any

import pytest

from sidecars.attach.run.standalone import preview_remove
from sidecars.attach.steps import Step
from sidecars.errors import OutcomeUnknown
from tests.attach.journeys import Stopped, StoppingJournal
from tests.attach.samples import MemoryJournal, blocks, open_place, shown
from tests.standalone.samples import Stand, service, settled

NOTHING: dict[str, list[str]] = {"configmaps": [], "deployments": [], "services": [], "pods": []}
THEIRS = {"app": "other"}


class Deaf:
    """The cluster, but the answers to the first creation and deletion of each kind never arrive."""

    def __init__(self, cluster: Any) -> None:
        self._cluster, self._lost = cluster, set[tuple[str, str]]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cluster, name)

    async def create(self, resource: str, *args: Any, dry_run: bool = False, **kwargs: Any) -> Any:
        written = await self._cluster.create(resource, *args, dry_run=dry_run, **kwargs)
        self._lose("create", resource, is_real=not dry_run)
        return written

    async def delete(self, resource: str, *args: Any, **kwargs: Any) -> None:
        await self._cluster.delete(resource, *args, **kwargs)
        self._lose("delete", resource)

    def _lose(self, verb: str, resource: str, *, is_real: bool = True) -> None:
        if is_real and (verb, resource) not in self._lost:
            self._lost.add((verb, resource))
            raise OutcomeUnknown()


async def test_a_gateway_is_made_checked_and_removed(stand: Stand) -> None:
    made = await stand.make()
    seen = await stand.of_gateway()
    gone = await stand.remove(made)

    assert made.step is Step.DONE, shown(made)
    assert {c.id: c.verdict for c in made.checks} == dict.fromkeys(
        ("configmaps", "deployments", "services", "pods", "endpoints", "http", "log"), "passed"
    ), shown(made)
    assert [len(names) for names in seen.values()] == [1, 1, 1, 1]
    assert gone.step is Step.DONE, shown(gone)
    assert await stand.of_gateway() == NOTHING


async def test_a_review_writes_nothing(stand: Stand) -> None:
    seen = await stand.preview_gateway()

    assert not seen.preview.is_blocked, blocks(seen.preview)
    assert [one.kind for one in seen.objects] == ["ConfigMap", "Deployment", "Service"]
    assert await stand.of_gateway() == NOTHING


@pytest.mark.parametrize("last", range(8))
async def test_a_creation_goes_on_after_a_stop_at_any_record(stand: Stand, last: int) -> None:
    seen = await stand.preview_gateway()
    journal = StoppingJournal(last)
    with pytest.raises(Stopped):
        await stand.drive(seen.preview.operation, journal)

    done = await stand.drive(journal.operation, resumed := MemoryJournal())

    outcomes = [r[:2] for r in journal.records + resumed.records if r[0] in ("created", "found")]
    assert done.step is Step.DONE, shown(done)
    assert [step for _outcome, step in outcomes] == ["configmap", "deployment", "service"]
    assert (await stand.remove(done)).step is Step.DONE
    assert await stand.of_gateway() == NOTHING


@pytest.mark.parametrize("last", range(7))
async def test_a_removal_goes_on_after_a_stop_at_any_record(stand: Stand, last: int) -> None:
    made = await stand.make()
    seen = await preview_remove(stand.cluster, made)
    journal = StoppingJournal(last)
    with pytest.raises(Stopped):
        await stand.drive(seen.preview.operation, journal)

    done = await stand.drive(journal.operation)

    assert done.step is Step.DONE, shown(done)
    assert await stand.of_gateway() == NOTHING


@pytest.mark.parametrize("last", range(6))
async def test_what_a_stopped_creation_left_is_removed(stand: Stand, last: int) -> None:
    """Also the object whose intent alone is on record."""
    seen = await stand.preview_gateway()
    journal = StoppingJournal(last)
    with pytest.raises(Stopped):
        await stand.drive(seen.preview.operation, journal)

    gone = await stand.remove(journal.operation)

    assert gone.step is Step.DONE, shown(gone)
    assert await stand.of_gateway() == NOTHING


async def test_lost_answers_are_read_back_and_each_object_is_made_once(stand: Stand) -> None:
    seen = await stand.preview_gateway()
    deaf = Stand(Deaf(stand.cluster), stand.namespace)  # type: ignore[arg-type]

    made = await deaf.drive(seen.preview.operation, journal := MemoryJournal())
    gone = await deaf.remove(made, removal := MemoryJournal())

    assert made.step is Step.DONE, shown(made)
    assert [r[1] for r in journal.records if r[0] == "found"] == ["configmap", "deployment", "service"]
    assert gone.step is Step.DONE, shown(gone)
    assert [r[1] for r in removal.records if r[0] == "deleted"] == [
        "delete-service", "delete-deployment", "delete-configmap",
    ]  # fmt: skip
    assert await stand.of_gateway() == NOTHING


async def test_somebody_elses_object_that_comes_in_between_is_not_touched(stand: Stand) -> None:
    seen = await stand.preview_gateway()
    journal = StoppingJournal(3)  # the Deployment is there, the Service not yet
    with pytest.raises(Stopped):
        await stand.drive(seen.preview.operation, journal)
    body = service("front", stand.namespace, THEIRS)
    theirs = (await stand.cluster.create("services", stand.namespace, body, field_manager="other")).object

    failed = await stand.drive(journal.operation)
    gone = await stand.remove(failed)

    assert (failed.step, failed.failed_step) == (Step.FAILED, Step.SERVICE)
    assert failed.failure and failed.failure.type == "Clash"
    assert gone.step is Step.DONE, shown(gone)
    assert await stand.cluster.get("services", stand.namespace, "front") == theirs
    assert await stand.of_gateway() == NOTHING | {"services": ["front"]}


async def test_an_edit_between_review_and_deletion_stops_the_removal(stand: Stand) -> None:
    made = await stand.make()
    seen = await preview_remove(stand.cluster, made)
    edit = [{"op": "replace", "path": "/spec/replicas", "value": 2}]
    where = ("deployments", stand.namespace, "front")
    await stand.cluster.json_patch(*where, edit, field_manager="kubectl-scale")

    stopped = await stand.drive(seen.preview.operation)
    again = await preview_remove(stand.cluster, made)

    assert (stopped.step, stopped.failed_step) == (Step.FAILED, Step.DELETE_DEPLOYMENT)
    assert (await stand.cluster.get(*where))["spec"]["replicas"] == 2
    assert again.edited and "spec.replicas" in str([str(row.sentence) for row in again.preview.rows])
    assert (await stand.drive(again.preview.operation)).step is Step.DONE


async def test_nothing_is_begun_once_a_name_is_taken(stand: Stand) -> None:
    seen = await stand.preview_gateway()
    body = service("front", stand.namespace, THEIRS)
    await stand.cluster.create("services", stand.namespace, body, field_manager="other")

    done = await stand.drive(seen.preview.operation)

    assert (done.step, done.failed_step) == (Step.FAILED, Step.CONFIGMAP)
    assert await stand.of_gateway() == NOTHING | {"services": ["front"]}


async def test_what_was_deleted_by_hand_is_nothing_to_undo(stand: Stand) -> None:
    made = await stand.make()
    for resource, uid in made.objects.uids.items() if made.objects else ():
        name = made.objects.name_of(resource) if made.objects else ""
        await stand.cluster.delete(resource, stand.namespace, name, uid=uid)

    seen = await preview_remove(stand.cluster, made)

    assert seen.preview.nothing_to_do and seen.objects == ()


@pytest.mark.parametrize("resource", ["configmaps", "deployments", "services"])
async def test_a_missing_right_is_named_and_nothing_is_written(
    stand: Stand, demo_cluster: Any, tmp_path: Path, resource: str
) -> None:
    others = [r for r in ("configmaps", "deployments", "services", "pods") if r != resource]
    rules = [
        {"verbs": ["get", "list", "watch"], "groups": ["", "apps"], "resources": [resource, *others]},
        {"verbs": ["create", "delete"], "groups": ["", "apps"], "resources": others},
    ]
    token = demo_cluster.user(f"weak-{stand.namespace}", rules)
    async with open_place(demo_cluster.kubeconfig_of(token, tmp_path / "weak"), stand.namespace) as weak:
        seen = await Stand(weak.cluster, stand.namespace).preview_gateway()

    assert f"rights: Not permitted: create {resource} in {stand.namespace}." in blocks(seen.preview)
    assert await stand.of_gateway() == NOTHING


async def test_a_restricted_namespace_takes_it(stand: Stand) -> None:
    label = {"op": "add", "path": "/metadata/labels/pod-security.kubernetes.io~1enforce"}
    patch = [label | {"value": "restricted"}]
    await stand.cluster.json_patch("namespaces", "", stand.namespace, patch, field_manager="test")

    made = await stand.make(replicas=2)

    assert made.step is Step.DONE, shown(made)


async def test_a_pod_that_the_quota_refuses_blocks_before_anything_is_written(stand: Stand) -> None:
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "tight"}}
    quota["spec"] = {"hard": {"limits.memory": "32Mi"}}
    await stand.cluster.create("resourcequotas", stand.namespace, quota, field_manager="test")

    async def counts() -> Any:
        return (await stand.cluster.get("resourcequotas", stand.namespace, "tight")).get("status")

    await settled(counts)
    seen = await stand.preview_gateway()

    assert "quota" in str(blocks(seen.preview))
    assert await stand.of_gateway() == NOTHING
