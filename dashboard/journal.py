"""The records of one operation: intent before each changing step, outcome after it.

Implements `sidecars.attach.run.Journal`. No record, no write: what fails here ends the step
before it reaches the cluster.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from asgiref.sync import sync_to_async
from django.db import DatabaseError, transaction
from django.utils import timezone

from dashboard import audit, leases
from dashboard.models import Activity, Attachment, Operation, OperationEvent
from sidecars.attach import operation as states
from sidecars.errors import NotRecorded
from sidecars.messages import gettext_noop as _

T = TypeVar("T")


class LeaseLost(Exception):
    """The operation was stopped, or another process drives it: this one must write nothing more."""


class DatabaseJournal:
    def __init__(self, row: Operation) -> None:
        self.row = row
        self.attachment: Attachment = row.attachment

    async def record_intent(self, operation: states.Operation, detail: Mapping[str, Any]) -> None:
        await self._write(self._record, OperationEvent.Kind.INTENT, operation, "", detail)

    async def record_outcome(
        self, operation: states.Operation, outcome: str, detail: Mapping[str, Any]
    ) -> None:
        await self._write(self._record, OperationEvent.Kind.OUTCOME, operation, outcome, detail)

    async def record_progress(
        self, operation: states.Operation, seen: Mapping[str, Any], *, sentence: Mapping[str, Any] | None
    ) -> None:
        """What a step saw. A new sentence is an event of its own."""
        await self._write(self._record_progress, operation, seen, sentence)

    async def record_problem(self, problem: Mapping[str, Any] | None) -> None:
        """Why it waits: shown until the next progress."""
        await self._write(self._update, problem=problem)

    async def record_end(
        self,
        result: Operation.Result,
        operation: states.Operation | None = None,
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        await self._write(record_end, self.row.pk, result, operation, problem)

    async def _write(self, record: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        try:
            return await sync_to_async(record)(*args, **kwargs)
        except DatabaseError as error:
            raise NotRecorded(cause=_("the database is not writable")) from error

    def _record(
        self, kind: OperationEvent.Kind, operation: states.Operation, outcome: str, detail: Mapping[str, Any]
    ) -> None:
        detail = msgspec.to_builtins(dict(detail))
        facts = {"step": str(operation.step), **detail}  # an outcome names the step that ended
        with transaction.atomic():
            self._update(step=str(operation.step), state=states.dump(operation), problem=None)
            known = Activity.objects.filter(operation=self.row.pk, phase=Activity.Phase.INTENT)
            if kind == OperationEvent.Kind.INTENT and not known.exists():
                audit.record(
                    Activity.Phase.INTENT,
                    self.attachment,
                    kind=self.row.said_kind,
                    who=self.row.who,
                    operation=self.row.pk,
                    facts=facts,
                )
            else:
                line = {"phase": f"step-{kind}", "operation": self.row.pk, "outcome": outcome, **facts}
                audit.write_line({"time": timezone.now().isoformat(), **line})
            OperationEvent.objects.create(
                operation=self.row,
                kind=kind,
                step=facts["step"],
                detail={"outcome": outcome, **detail},
            )

    def _record_progress(
        self, operation: states.Operation, seen: Mapping[str, Any], sentence: Mapping[str, Any] | None
    ) -> None:
        with transaction.atomic():
            self._update(
                step=str(operation.step), state=states.dump(operation), progress=dict(seen), problem=None
            )
            if sentence is not None:
                OperationEvent.objects.create(
                    operation=self.row,
                    kind=OperationEvent.Kind.PROGRESS,
                    step=str(operation.step),
                    detail=dict(sentence),
                )

    def _update(self, **fields: Any) -> None:
        if leases.ours(self.row.pk).update(**fields, updated=timezone.now()) != 1:
            raise LeaseLost(self.row.pk)


def record_end(
    operation_id: str,
    result: Operation.Result,
    operation: states.Operation | None = None,
    problem: Mapping[str, Any] | None = None,
) -> None:
    """Ends an operation once, whoever drove it: a second end changes nothing."""
    with transaction.atomic():
        row = Operation.objects.select_for_update().select_related("attachment").get(pk=operation_id)
        if row.result != Operation.Result.RUNNING:
            return
        row.result, row.finished = result, timezone.now()
        row.lease_owner, row.lease_until = "", None
        if operation is not None:
            row.step, row.state = str(operation.step), states.dump(operation)
        row.problem = dict(problem) if problem else None
        row.save()
        audit.record(
            Activity.Phase.OUTCOME,
            row.attachment,
            kind=row.said_kind,
            who=row.who,
            operation=row.pk,
            outcome=str(result),
            facts={"step": row.step, "problem": problem, **_facts_of(row)},
        )


def _facts_of(row: Operation) -> dict[str, Any]:
    """Versions, hash and Audit-ID of the writes, gathered from their events."""
    names = ("patch_sha256", "resource_version_before", "resource_version_after", "audit_id", "warnings")
    facts: dict[str, Any] = {}
    for event in row.events.exclude(kind=OperationEvent.Kind.PROGRESS):
        facts |= {name: event.detail[name] for name in names if event.detail.get(name)}
    return facts
