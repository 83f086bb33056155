"""Leases, append-only activity, and the audit log's lines."""

import asyncio
import json
import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.utils import timezone

from dashboard import audit, journal, leases
from dashboard.models import Activity, Attachment, Operation
from dashboard.operations import Operations, create_operation
from sidecars.attach import operation as states
from sidecars.attach.steps import Step
from sidecars.errors import NotRecorded
from tests.attach.test_plan import planned

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def state(settings: object, tmp_path: Path) -> Path:
    settings.SIDECAR_STATE_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def attachment(**fields: str) -> Attachment:
    told = {
        "owner": "local",
        "context": "demo",
        "resource": "deployments",
        "namespace": "shop",
        "name": "web",
    }
    return Attachment.objects.create(**told, preset="nginx-proxy", values={"listen": "8081"}, **fields)


def operation(kind: str = "attach") -> Operation:
    return Operation.objects.create(attachment=attachment(), kind=kind, owner="local", step="apply")


def load_state(attachment_id: str) -> states.Operation:
    plan = replace(planned(), attachment_id=attachment_id)
    return states.Operation("undo", Step.CONFIRM, plan, "nginx-proxy", "1", "0", {}, (), "", {}, {})


def test_a_lease_is_held_by_one_process() -> None:
    row = operation()
    Operation.objects.update(lease_owner="elsewhere:1:aa", lease_until=timezone.now() + timedelta(seconds=30))

    assert leases.acquire(row.pk) is None
    assert leases.unfinished() == []


def test_a_lease_that_ran_out_is_free() -> None:
    row = operation()
    Operation.objects.update(lease_owner="elsewhere:1:aa", lease_until=timezone.now() - timedelta(seconds=1))

    assert leases.acquire(row.pk) is not None
    assert leases.renew(row.pk)


def test_a_process_of_this_computer_that_has_ended_holds_nothing() -> None:
    row = operation()
    host = leases.OURSELVES.rsplit(":", 2)[0]
    gone = f"{host}:{2**22 + 1}:aa"  # above the largest process id
    Operation.objects.update(lease_owner=gone, lease_until=timezone.now() + timedelta(seconds=30))

    assert leases.acquire(row.pk) is not None


def test_a_stopped_operation_cannot_be_renewed_or_ended_twice() -> None:
    row = operation()
    leases.acquire(row.pk)

    journal.record_end(row.pk, Operation.Result.STOPPED)
    journal.record_end(row.pk, Operation.Result.DONE)

    assert not leases.renew(row.pk)
    assert list(Activity.objects.values_list("outcome", flat=True)) == ["stopped"]


def test_a_lease_that_could_not_be_given_back_is_taken_up_again() -> None:
    row = operation()
    leases.acquire(row.pk)  # its task ended, and a full disk kept the lease in the row

    assert leases.unfinished() == [row.pk]
    assert leases.acquire(row.pk) is not None


async def test_a_full_disk_for_a_moment_does_not_end_a_running_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([OperationalError("database or disk is full"), True, False])
    monkeypatch.setattr(leases, "RENEW_S", 0.0)
    monkeypatch.setattr(leases, "renew", lambda _id: _answer(next(answers)))

    await asyncio.wait_for(Operations()._keep_lease("0" * 8), 5)

    assert list(answers) == []


def _answer(answer: object) -> object:
    if isinstance(answer, Exception):
        raise answer
    return answer


def test_an_undo_runs_as_the_one_who_confirmed_it() -> None:
    state = load_state(attachment_id := "0a0b0c0d")
    undone = create_operation(attachment(id=attachment_id), state, owner="somebody-else", who={})

    assert undone.owner == "somebody-else"


def test_a_line_that_a_full_disk_tore_spoils_no_other(state: Path) -> None:
    (state / "audit.log").write_text('{"phase":"intent"}\n{"phase":"out')

    audit.record(Activity.Phase.INTENT, attachment(), kind="attach", who={})

    assert json.loads((state / "audit.log").read_text().splitlines()[-1])["phase"] == "intent"


def test_activity_is_append_only() -> None:
    audit.record(Activity.Phase.REFUSED, attachment(), kind="attach", who={}, outcome="moved")

    with pytest.raises(TypeError):
        Activity.objects.get().save()


def test_the_audit_log_is_for_its_owner_alone_and_hashes_values(state: Path) -> None:
    audit.record(Activity.Phase.INTENT, attachment(), kind="attach", who={"actor": {"username": "ann"}})

    path = state / "audit.log"
    line = json.loads(path.read_text())
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert line["actor"] == {"username": "ann"} and len(line["parameters"]["listen"]) == 16


def test_a_value_with_a_line_break_forges_no_line(state: Path) -> None:
    hostile = attachment(note='x\n{"phase": "outcome"}\u2028\x1b[31m')

    audit.record(Activity.Phase.INTENT, hostile, kind="attach", who={})

    text = (state / "audit.log").read_text()
    assert text.count("\n") == 1 and text.isascii() and "\x1b" not in text


def test_an_unwritable_audit_log_refuses_the_record(state: Path) -> None:
    (state / "audit.log").mkdir()

    with pytest.raises(NotRecorded):
        audit.record(Activity.Phase.INTENT, attachment(), kind="attach", who={})
    assert not Activity.objects.exists()


def test_a_full_disk_refuses_the_record() -> None:
    with pytest.raises(NotRecorded) as refused:
        audit.append(Path("/dev/full"), {"phase": "intent"})

    assert "No space left" in str(refused.value) or "no space left" in str(refused.value)
