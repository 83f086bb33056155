"""Carries out operations: one task each, in this process, whoever's browser has left.

A task ends by its operation's end, by a lost lease, or by shutdown, which leaves the intent for
the next start. The sweeper takes up what was never begun or was left by a process that ended.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any

import msgspec
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.http import Http404

from dashboard import leases
from dashboard.clusters import clusters
from dashboard.identity import local_identity
from dashboard.journal import DatabaseJournal, LeaseLost, record_end
from dashboard.models import Attachment, Operation
from dashboard.upgrades import UnderWay
from sidecars.attach import delta, run, verify
from sidecars.attach import operation as states
from sidecars.attach.steps import Step
from sidecars.cluster import Cluster
from sidecars.errors import (
    BadConfiguration,
    Busy,
    NotFound,
    NotRecorded,
    OutcomeUnknown,
    SidecarsError,
    Unauthorized,
    Unreachable,
)
from sidecars.messages import gettext_noop as _

log = logging.getLogger(__name__)

SWEEP_S = 5.0
RETRY_S = 3.0
LOOK_S = 2.0  # how often a follower looks at the row when another process drives it

AWAY = (Unreachable, Unauthorized, Busy, OutcomeUnknown, NotRecorded, BadConfiguration)
BROKEN = {
    "sentence": _("Something in the dashboard itself went wrong; its log has the details."),
    "advice": _("Look at the workload, then undo the change or try again."),
    "parameters": {},
}


def problem_record(error: SidecarsError) -> dict[str, Any]:
    parameters = {name: str(value) for name, value in error.parameters.items()}
    return {"sentence": error.sentence, "advice": error.advice, "parameters": parameters}


class Operations:
    """The tasks of this process. Owns them: nothing else starts or ends one."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._followers: dict[str, set[asyncio.Event]] = {}
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if not settings.SIDECAR_READ_ONLY:
            self._sweeper = asyncio.create_task(self._sweep(), name="operations-sweeper")

    async def close(self) -> None:
        tasks = [task for task in (self._sweeper, *self._tasks.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def launch(self, operation_id: str) -> None:
        """Starts driving; a second call for a running operation changes nothing."""
        if operation_id in self._tasks:
            return
        task = asyncio.create_task(self._drive(operation_id), name=f"operation-{operation_id}")
        self._tasks[operation_id] = task
        task.add_done_callback(lambda _task: self._tasks.pop(operation_id, None))

    async def stop(self, operation_id: str) -> None:
        """Ends an unfinished operation so that an undo can take its place."""
        await sync_to_async(record_end)(operation_id, Operation.Result.STOPPED)
        task = self._tasks.get(operation_id)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._tell(operation_id)

    async def follow(self, operation_id: str) -> AsyncGenerator[Operation, None]:
        """The operation now and after each change, until it has ended."""
        event = asyncio.Event()
        self._followers.setdefault(operation_id, set()).add(event)
        seen: object = None
        try:
            while True:
                event.clear()
                rows = Operation.objects.select_related("attachment")
                row = await rows.aget(pk=operation_id)
                if row.updated != seen:
                    seen = row.updated
                    yield row
                if row.result != Operation.Result.RUNNING:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), LOOK_S)
        finally:
            self._followers[operation_id].discard(event)
            if not self._followers[operation_id]:
                del self._followers[operation_id]

    def _tell(self, operation_id: str) -> None:
        for event in self._followers.get(operation_id, ()):
            event.set()

    async def _sweep(self) -> None:
        while True:
            try:
                for operation_id in await sync_to_async(leases.unfinished)():
                    self.launch(operation_id)
            except Exception:
                log.exception("Looking for unfinished operations failed; trying again.")
            await asyncio.sleep(SWEEP_S)

    async def _drive(self, operation_id: str) -> None:
        try:
            row = await sync_to_async(leases.acquire)(operation_id)
        except DatabaseError as error:
            log.warning("Operation %s waits for the database: %s", operation_id, error)
            return
        if row is None:
            return
        if row.owner != local_identity().key:
            await sync_to_async(leases.release)(operation_id)  # waits until its owner signs in
            return
        work = asyncio.create_task(self._until_done(row))
        keep = asyncio.create_task(self._keep_lease(operation_id))
        try:
            await asyncio.wait({work, keep}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (work, keep):
                task.cancel()
            await asyncio.gather(work, keep, return_exceptions=True)
            with suppress(Exception):  # a lease that cannot be given back ends by itself
                await sync_to_async(leases.release)(operation_id)
            self._tell(operation_id)

    async def _keep_lease(self, operation_id: str) -> None:
        """Ends when the lease is lost. A full disk alone loses it only once its time has run out."""
        clock = asyncio.get_running_loop().time
        ends = clock() + leases.LEASE_S
        while clock() < ends:
            try:
                if not await sync_to_async(leases.renew)(operation_id):
                    return
                ends = clock() + leases.LEASE_S
            except DatabaseError as error:
                log.warning("The lease of operation %s is not renewed: %s", operation_id, error)
            await asyncio.sleep(leases.RENEW_S)

    async def _until_done(self, row: Operation) -> None:
        journal = DatabaseJournal(row)
        while True:
            try:
                async with clusters.hold(local_identity(), row.attachment.context) as cluster:
                    await self._carry_out(row.pk, cluster, journal)
                return
            except (LeaseLost, Http404):  # stopped, or its context is gone from the kubeconfig
                return
            except AWAY as error:
                await self._wait(row.pk, journal, error)
            except SidecarsError as error:
                await journal.record_end(Operation.Result.FAILED, problem=problem_record(error))
                return
            except Exception:
                log.exception("Operation %s failed.", row.pk)
                await journal.record_end(Operation.Result.FAILED, problem=BROKEN)
                return

    async def _wait(self, operation_id: str, journal: DatabaseJournal, error: SidecarsError) -> None:
        """A cluster that is away, or a full disk, is no failure of the change: it goes on later."""
        with suppress(NotRecorded):
            await journal.record_problem(problem_record(error))
        self._tell(operation_id)
        await asyncio.sleep(RETRY_S)

    async def _carry_out(self, operation_id: str, cluster: Cluster, journal: DatabaseJournal) -> None:
        row = await Operation.objects.select_related("attachment").aget(pk=operation_id)
        operation = states.load(row.state)
        seen: dict[str, Any] = row.progress or {}
        async for progress in run.drive(cluster, operation, journal):
            operation = progress.operation
            now = _seen(progress, seen)
            if now != seen:
                is_new = now.get("sentence") != seen.get("sentence")
                await journal.record_progress(operation, now, sentence=now["sentence"] if is_new else None)
                seen = now
                self._tell(operation_id)
        if operation.step == Step.FAILED:
            failure = msgspec.to_builtins(operation.failure)
            await journal.record_end(Operation.Result.FAILED, operation, _failure_problem(failure))
        else:
            if row.kind == Operation.Kind.UNDO:
                proof = await _prove(cluster, operation)
                await journal.record_progress(operation, seen | {"proof": proof}, sentence=None)
            await journal.record_end(Operation.Result.DONE, operation)
        self._tell(operation_id)


operations = Operations()


def _seen(progress: run.Progress, before: Mapping[str, Any]) -> dict[str, Any]:
    """The rollout stays as it was seen last while later steps work."""
    rollout = msgspec.to_builtins(progress.rollout) if progress.rollout else before.get("rollout")
    return {
        "sentence": msgspec.to_builtins(progress.sentence),
        "rollout": rollout,
        "checks": msgspec.to_builtins(progress.checks),
    }


def _failure_problem(failure: Mapping[str, Any] | None) -> dict[str, Any]:
    sentence = (failure or {}).get("sentence") or {}
    return {
        "sentence": sentence.get("message", ""),
        "parameters": sentence.get("parameters", {}),
        "advice": (failure or {}).get("advice", ""),
    }


async def _prove(cluster: Cluster, operation: states.Operation) -> list[dict[str, str]] | None:
    """Where the template differs from the one before the attach: nowhere, or by others' edits."""
    plan = operation.plan
    try:
        live = await cluster.get(plan.resource, plan.namespace, plan.name)
    except NotFound:  # deleted since: the undo has succeeded all the same
        return None
    changes = delta.compare(operation.template_before, verify.template_outline(live, plan))
    return [{"path": change.path, "kind": change.kind} for change in changes]


def create_operation(
    attachment: Attachment, state: states.Operation, *, owner: str, who: Mapping[str, Any]
) -> Operation:
    """Recorded, not begun; runs as `owner`, who confirmed it. The same submit twice is one change.

    Raises UnderWay if another change of the same sidecar has not ended.
    """
    kind = Operation.Kind(state.kind)
    try:
        with transaction.atomic():
            attachment.save()
            return Operation.objects.create(
                attachment=attachment,
                kind=kind,
                owner=owner,
                step=str(state.step),
                state=states.dump(state),
                who=dict(who),
                request_id=who.get("request_id", ""),
            )
    except IntegrityError:
        own = attachment.operations.filter(kind=kind).order_by("-started").first()
        if own is None:
            raise UnderWay from None
        return own
