"""Carries a confirmed operation out, step by step; from any step again after a restart."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from sidecars.attach import verify
from sidecars.attach.operation import Operation
from sidecars.attach.plan import Plan
from sidecars.attach.rollout import Rollout
from sidecars.attach.run import cleaning
from sidecars.attach.run.checking import check_attach
from sidecars.attach.run.following import read_rollout
from sidecars.attach.run.patience import patiently
from sidecars.attach.run.progress import Journal, Progress
from sidecars.attach.run.rehearsal import Rehearsal, rehearse_attach, rehearse_undo
from sidecars.attach.run.streams import closing
from sidecars.attach.steps import Step
from sidecars.attach.workload import deadline_s
from sidecars.cluster.cluster import Cluster, Written
from sidecars.cluster.rollout import follow_rollout
from sidecars.errors import (
    Busy,
    Clash,
    ForbiddenPath,
    NotFound,
    OutcomeUnknown,
    Rejected,
    SidecarsError,
    Stale,
    Unauthorized,
    Unreachable,
)
from sidecars.fields import integer, text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _

TRIES = 5  # of a write that met others' writes
POLL_S, GRACE_S = 1.0, 60.0
SENTENCES: Mapping[Step, str] = {
    Step.CONFIGMAP: _("Creating the sidecar's configuration."),
    Step.APPLY: _("Adding the sidecar to the template."),
    Step.APPLY_EMPTY: _("Taking the sidecar out of the template."),
    Step.ROLLOUT: _("Waiting for the pods."),
    Step.VERIFY: _("Checking what is there now."),
    Step.CLEANUP: _("Tidying up."),
    Step.DONE: _("Done."),
    Step.FAILED: _("Failed."),
}
CHANGED = _("%(resource)s %(name)s changed since you looked. Nothing was written.")
REVERTED = _("Somebody took the sidecar out of the template meanwhile.")
STUCK = _("The rollout did not end in time.")
CHECK_FAILED = _("A check failed. The sidecar is attached; look at it, or undo.")
OTHER_CONTENT = _("A ConfigMap named %(name)s is there already, with other content.")
NOT_REMOVED = _("The sidecar is not wholly removed.")


async def drive(cluster: Cluster, operation: Operation, journal: Journal) -> AsyncIterator[Progress]:
    """Ends with `operation.is_finished`. Raises Unreachable, Busy or Unauthorized when the
    cluster stays away: the operation then stands where it stood, and can be driven again."""
    driver = _Driver(cluster, operation, journal)
    if operation.step is Step.CONFIRM:
        driver.operation = operation.proceed()
    while not driver.operation.is_finished:
        yield driver.progress()
        try:
            async for progress in driver.take_step():
                yield progress
        except (Unreachable, Busy, Unauthorized):
            raise
        except SidecarsError as error:
            await driver.fail(error)
    yield driver.progress()


class _Driver:
    def __init__(self, cluster: Cluster, operation: Operation, journal: Journal) -> None:
        self.cluster = cluster
        self.operation = operation
        self.journal = journal

    @property
    def plan(self) -> Plan:
        return self.operation.plan

    def progress(self, rollout: Rollout | None = None) -> Progress:
        operation = self.operation
        sentence = rollout.sentence if rollout else Sentence(SENTENCES[operation.step])
        if operation.failure:
            sentence = operation.failure.sentence
        return Progress(operation, sentence, rollout)

    async def take_step(self) -> AsyncIterator[Progress]:
        if self.operation.step is Step.ROLLOUT:
            async for progress in self._follow_rollout():
                yield progress
            return
        steps: dict[Step, Callable[[], Awaitable[None]]] = {
            Step.CONFIGMAP: self._create_configmap,
            Step.APPLY: self._write_template,
            Step.APPLY_EMPTY: self._write_template,
            Step.VERIFY: self._verify,
            Step.CLEANUP: self._clean_up,
        }
        await steps[self.operation.step]()

    async def fail(self, error: SidecarsError) -> None:
        ended = self.operation.step
        self.operation = self.operation.fail(error)
        detail = {"step": ended, "error": type(error).__name__}
        await self.journal.record_outcome(self.operation, "failed", detail)

    async def _intend(self, detail: Mapping[str, Any]) -> None:
        if not self.operation.pending:
            self.operation = self.operation.intend()
            await self.journal.record_intent(self.operation, detail)

    async def _finish(self, outcome: str, detail: Mapping[str, Any], **changes: Any) -> None:
        ended = self.operation.step
        self.operation = self.operation.proceed(**changes)
        await self.journal.record_outcome(self.operation, outcome, {"step": ended, **detail})

    async def _get(self) -> dict[str, Any]:
        plan = self.plan
        live = await patiently(lambda: self.cluster.get(plan.resource, plan.namespace, plan.name))
        if text(live, "metadata", "uid") != plan.uid:
            raise self._changed()
        return live

    def _changed(self) -> Stale:
        return Stale(CHANGED, resource=self.plan.resource, name=self.plan.name)

    async def _rehearse(self, live: Mapping[str, Any]) -> Rehearsal:
        """The dry run once more: what was confirmed is what happens, or nothing."""
        ask = rehearse_attach if self.operation.kind == "attach" else rehearse_undo
        rehearsal = await patiently(lambda: ask(self.cluster, live, self.plan))
        if rehearsal.fingerprint(self.plan, self.operation.preset_digest) != self.operation.fingerprint:
            raise self._changed()
        if rehearsal.delta.forbidden:
            raise ForbiddenPath(path=rehearsal.delta.forbidden[0])
        return rehearsal

    async def _create_configmap(self) -> None:
        plan = self.plan
        configmap = plan.configmap
        if configmap is None:
            await self._finish("nothing", {})
            return
        if not self.operation.pending:
            await self._settle(self._rehearse_live)
        await self._intend({"configmap": plan.configmap_name})
        for _attempt in range(TRIES):
            try:
                written = await patiently(
                    lambda: self.cluster.create(
                        "configmaps", plan.namespace, configmap, field_manager=plan.field_manager
                    )
                )
            except OutcomeUnknown:
                continue  # by name: created again it is "already there"
            except Rejected as error:
                if error.reason != "AlreadyExists":
                    raise
                await self._compare_configmap(configmap)
                await self._finish("found", {})
                return
            await self._finish("created", {"audit_id": written.audit_id})
            return
        raise OutcomeUnknown()

    async def _compare_configmap(self, wanted: Mapping[str, Any]) -> None:
        plan = self.plan
        found = await self.cluster.get("configmaps", plan.namespace, plan.configmap_name)
        if found.get("data") != wanted["data"] or found.get("immutable") is not True:
            raise Clash(OTHER_CONTENT, name=plan.configmap_name)

    async def _rehearse_live(self) -> None:
        live = await self._get()
        if verify.read_back(live, self.plan) != "applied":
            await self._rehearse(live)

    async def _settle(self, ask: Callable[[], Awaitable[None]]) -> None:
        """Again while others write in between."""
        for attempt in range(TRIES):
            try:
                return await ask()
            except Stale as error:
                if error.sentence == CHANGED or attempt + 1 == TRIES:
                    raise
        return None

    async def _write_template(self) -> None:
        """One write. What became of an earlier try is read back first."""
        unknown = False
        for attempt in range(TRIES):
            live = await self._get()
            if self._is_applied(live):
                await self._finish("found", {}, generation=integer(live, "metadata", "generation") or 0)
                return
            try:
                rehearsal = await self._rehearse(live)
                await self._intend(_detail(rehearsal, live))
                written = await self._write(rehearsal)
            except Stale as error:
                if error.sentence == CHANGED or attempt + 1 == TRIES:
                    raise
                continue
            except OutcomeUnknown:
                unknown = True
                await asyncio.sleep(POLL_S)
                continue
            except Rejected:
                if rehearsal.method != "json-patch" or not await self._has_moved(live):
                    raise
                continue
            after = {"resource_version_after": text(written.object, "metadata", "resourceVersion")}
            seen = {"audit_id": written.audit_id, "warnings": list(written.warnings)}
            generation = integer(written.object, "metadata", "generation") or 0
            await self._finish("written", after | seen, generation=generation)
            return
        raise OutcomeUnknown() if unknown else self._changed()

    def _is_applied(self, live: Mapping[str, Any]) -> bool:
        if self.operation.kind == "attach":
            return verify.read_back(live, self.plan) == "applied"
        return verify.read_back_undo(live, self.plan) == "applied"

    async def _has_moved(self, live: Mapping[str, Any]) -> bool:
        now = await self._get()
        return text(now, "metadata", "resourceVersion") != text(live, "metadata", "resourceVersion")

    async def _write(self, rehearsal: Rehearsal) -> Written:
        plan = self.plan
        send = self.cluster.json_patch if rehearsal.method == "json-patch" else self.cluster.apply
        where = (plan.resource, plan.namespace, plan.name)
        return await patiently(lambda: send(*where, rehearsal.body, field_manager=plan.field_manager))

    async def _follow_rollout(self) -> AsyncIterator[Progress]:
        plan, rollout = self.plan, None
        limit_s = deadline_s(await self._get()) + GRACE_S
        followed = follow_rollout(self.cluster, plan.resource, plan.namespace, plan.name, plan.uid)
        async with closing(followed) as states:
            while rollout is None or rollout.stage != "complete":
                is_paused = rollout is not None and rollout.stage == "paused"
                try:
                    state = await asyncio.wait_for(anext(states), None if is_paused else limit_s)
                except TimeoutError as error:
                    raise SidecarsError(STUCK) from error
                rollout = read_rollout(state)
                yield self.progress(rollout)
                if state.generation > self.operation.generation and not self._is_applied(await self._get()):
                    raise SidecarsError(REVERTED)
                if rollout.stage == "failed":
                    parameters = dict(rollout.sentence.parameters)
                    raise SidecarsError(rollout.sentence.message, advice="", **parameters)
        await self._finish("complete", {"pods": rollout.desired})

    async def _verify(self) -> None:
        attach = self.operation.kind == "attach"
        if attach:
            checks = await check_attach(self.cluster, self.operation)
        else:
            checks = verify.judge_undo(await self._get(), self.operation)
        verdicts = {check.id: check.verdict for check in checks}
        if "failed" in verdicts.values():
            self.operation = replace(self.operation, checks=checks)
            raise SidecarsError(CHECK_FAILED if attach else NOT_REMOVED)
        await self._finish("verified", verdicts, checks=checks)

    async def _clean_up(self) -> None:
        note, found = await cleaning.find_leftover(self.cluster, self.plan)
        if found is None:
            await self._finish("kept", {}, notes=(note,))
            return
        await self._intend({"configmap": self.plan.configmap_name})
        uid = text(found, "metadata", "uid")
        try:
            await self.cluster.delete("configmaps", self.plan.namespace, self.plan.configmap_name, uid=uid)
        except NotFound:
            pass
        await self._finish("deleted", {}, notes=(note,))


def _detail(rehearsal: Rehearsal, live: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "method": rehearsal.method,
        "patch_sha256": hashlib.sha256(msgspec.json.encode(rehearsal.body)).hexdigest(),
        "resource_version_before": text(live, "metadata", "resourceVersion"),
        "warnings": list(rehearsal.written.warnings),
    }
