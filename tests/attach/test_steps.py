"""The order of the steps, and an operation's way through JSON."""

import json

import pytest

from sidecars.attach import steps
from sidecars.attach.operation import Operation, dump, load
from sidecars.attach.steps import Step
from sidecars.errors import FieldConflict, OwnedField, Stale
from tests.attach.test_plan import planned
from tests.presets.samples import preset


def operation(step: Step = Step.CONFIRM, kind: steps.Kind = "attach") -> Operation:
    nginx = preset()
    values = nginx.read_values({})
    return Operation(
        kind=kind, step=step, plan=planned(), preset_id=nginx.id, preset_version=nginx.version,
        preset_digest=nginx.digest, values=values, checks_asked=nginx.render_checks(values),
        fingerprint="f", template_before={"a": "b"}, template_expected={},
    )  # fmt: skip


def test_an_operation_is_the_same_after_a_way_through_json() -> None:
    first = operation()

    again = load(json.loads(json.dumps(dump(first))))

    assert dump(again) == dump(first)
    assert (again.step, again.plan.field_manager) == (Step.CONFIRM, first.plan.field_manager)


@pytest.mark.parametrize("kind", ["attach", "undo"])
def test_nothing_changes_before_the_confirmation(kind: steps.Kind) -> None:
    path = steps.path(kind)

    assert not steps.CHANGING & set(path[: path.index(Step.CONFIRM) + 1])
    assert path[-1] is Step.DONE


def test_each_step_leads_to_the_next_and_the_last_to_none() -> None:
    walked, here = [], operation()
    while not here.is_finished:
        here = here.intend().proceed()
        walked.append(here.step)

    assert tuple(walked) == steps.path("attach")[3:]
    assert not here.pending
    with pytest.raises(ValueError, match="last step"):
        here.proceed()


def test_a_failure_keeps_the_step_and_the_owners_of_conflicting_fields() -> None:
    failed = operation(Step.APPLY).fail(FieldConflict((OwnedField(".spec.x", "argocd"),)))

    assert (failed.step, failed.failed_step) == (Step.FAILED, Step.APPLY)
    assert failed.failure.fields == ((".spec.x", "argocd"),)
    assert load(dump(failed)).failure.type == "FieldConflict"


def test_an_attach_that_wrote_something_can_be_undone() -> None:
    stale = Stale(resource="deployments", name="api")

    assert operation(Step.DONE).can_be_undone
    assert operation(Step.VERIFY).fail(stale).can_be_undone
    assert not operation(Step.CONFIRM).can_be_undone
    assert not operation(Step.DONE, "undo").can_be_undone
