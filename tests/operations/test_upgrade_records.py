"""One sidecar's changes on record: one at a time, and what stood there before there were any."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from dashboard import audit, upgrades
from dashboard.identity import Identity
from dashboard.models import Activity, Attachment, Operation
from dashboard.operations import create_operation
from dashboard.upgrades import Superseded, TakenOut, UnderWay
from sidecars.attach.operation import dump
from sidecars.attach.steps import Step
from tests.attach.test_plan import planned
from tests.attach.test_upgrade import change
from tests.operations.test_records import attachment, load_state
from tests.presets.samples import preset

T = TypeVar("T")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def state(settings: object, tmp_path: Path) -> Path:
    settings.SIDECAR_STATE_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def record(of: Attachment, kind: str, result: str = "done", step: Step = Step.DONE) -> Operation:
    stored = dump(replace(change(planned(), planned(listen="8082")), kind=kind, step=step))
    finished = None if result == "running" else of.created
    return Operation.objects.create(
        attachment=of,
        kind=kind,
        owner="local",
        step=str(step),
        state=stored,
        result=result,
        finished=finished,
    )


def draft_of(head: Operation) -> Attachment:
    nginx = preset()
    draft = upgrades.draft_from(head, Identity("ann", "Ann", ""), nginx, {}, head.attachment)
    draft.save()
    return draft


async def refusal(draft: Attachment) -> type[Exception] | None:
    try:
        await upgrades.base_of(draft)
    except (UnderWay, TakenOut, Superseded) as error:
        return type(error)
    return None


def test_a_change_keeps_the_manager_of_the_first_and_what_was_typed() -> None:
    first = attachment(preset_version="0.9")
    draft = draft_of(record(first, "attach"))

    assert (draft.manager, draft.replaces_id, draft.owner) == (first.id, first.id, "ann")
    assert draft.values["listen"] == "8081" and draft.values["read_timeout"]
    assert draft.change_kind == "upgrade" and draft.former_version == "0.9"


def test_a_setting_that_the_version_no_longer_has_is_left_out() -> None:
    first = attachment()
    first.values = {"listen": "8081", "of_another_version": "x"}
    head = record(first, "attach")

    assert "of_another_version" not in draft_of(head).values


def test_two_changes_of_one_sidecar_are_never_under_way_at_once() -> None:
    first = attachment()
    head = record(first, "attach")
    one, other = draft_of(head), draft_of(head)
    begun = change(planned(), planned(listen="8082"))
    running = create_operation(one, begun, owner="local", who={})

    with pytest.raises(UnderWay):
        create_operation(other, begun, owner="local", who={})
    assert create_operation(one, begun, owner="local", who={}) == running


def test_an_undo_waits_until_the_change_of_the_same_sidecar_is_stopped() -> None:
    first = attachment()
    head = record(first, "attach")
    create_operation(draft_of(head), change(planned(), planned(listen="8082")), owner="local", who={})

    with pytest.raises(UnderWay):
        create_operation(first, load_state(first.id), owner="local", who={})


@pytest.mark.django_db(transaction=True)
async def test_a_draft_is_refused_when_the_sidecar_has_moved_on() -> None:
    first = await to_thread(attachment)
    head = await to_thread(record, first, "attach")
    draft = await to_thread(draft_of, head)
    free = await refusal(draft)
    running = await to_thread(record, await to_thread(draft_of, head), "upgrade", "running", Step.ROLLOUT)
    under_way = await refusal(draft)
    await Operation.objects.filter(pk=running.pk).aupdate(result="done", finished=first.created)
    superseded = await refusal(draft)
    await to_thread(record, first, "undo")

    assert (free, under_way, superseded) == (None, UnderWay, Superseded)
    assert await refusal(draft) is TakenOut


@pytest.mark.django_db(transaction=True)
async def test_a_change_that_never_wrote_is_not_what_the_sidecar_stands_on() -> None:
    first = await to_thread(attachment)
    head = await to_thread(record, first, "attach")
    await to_thread(record, await to_thread(draft_of, head), "upgrade", "stopped", Step.CONFIRM)

    assert (await upgrades.head_of(first.id)).pk == head.pk


async def to_thread(call: Callable[..., T], *args: Any) -> T:
    return await sync_to_async(call)(*args)


def test_the_activity_names_both_versions_of_an_upgrade_and_one_of_its_undo() -> None:
    draft = draft_of(record(attachment(preset_version="0.9"), "attach"))

    audit.record(Activity.Phase.INTENT, draft, kind=draft.change_kind, who={})
    audit.record(Activity.Phase.INTENT, draft, kind="undo", who={})

    version = preset().version
    assert list(Activity.objects.order_by("id").values_list("kind", "preset")) == [
        ("upgrade", f"nginx-proxy@0.9 → {version}"),
        ("undo", f"nginx-proxy@{version}"),
    ]


@pytest.mark.django_db(transaction=True)
def test_what_was_attached_before_changes_were_known_can_be_changed() -> None:
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    executor.migrate([("dashboard", "0003_chosen_main")])
    try:
        old = executor.loader.project_state([("dashboard", "0003_chosen_main")]).apps
        told = {"owner": "local", "context": "demo", "resource": "deployments", "namespace": "shop"}
        first = old.get_model("dashboard", "Attachment").objects.create(name="web", preset="p", **told)
        for kind in ("attach", "undo"):  # an undo began while its attach was not ended
            old.get_model("dashboard", "Operation").objects.create(attachment=first, kind=kind, owner="local")
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(newest)

    assert Attachment.objects.get().manager == first.id
    found = Operation.objects.order_by("kind").values_list("kind", "manager", "result")
    assert list(found) == [("attach", first.id, "stopped"), ("undo", first.id, "running")]
