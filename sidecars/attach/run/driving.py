"""Carries a confirmed operation out, step by step; from any step again after a restart."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from sidecars.attach import upgrade, verify
from sidecars.attach.operation import Operation
from sidecars.attach.rollout import Rollout
from sidecars.attach.run.checking import check_attach
from sidecars.attach.run.cleaning import clean_up, drop_unused
from sidecars.attach.run.driver import Driver
from sidecars.attach.run.following import read_rollout
from sidecars.attach.run.progress import Journal, Progress
from sidecars.attach.run.standalone.making import MAKES, make_object
from sidecars.attach.run.standalone.removing import DELETES, delete_object
from sidecars.attach.run.standalone.verifying import verify_standalone
from sidecars.attach.run.streams import closing
from sidecars.attach.run.writing import create_configmap, keep_configmap, write_template
from sidecars.attach.steps import Step
from sidecars.attach.workload import deadline_s
from sidecars.cluster.cluster import Cluster
from sidecars.cluster.rollout import follow_rollout
from sidecars.errors import Busy, NotRecorded, OutcomeUnknown, SidecarsError, Unauthorized, Unreachable
from sidecars.messages import gettext_noop as _

GRACE_S = 60.0  # beyond the workload's own deadline
OVERDUE_S = 30.0  # how long the deadline that an earlier rollout missed may still be told
REVERTED = _("Somebody took the sidecar out of the template meanwhile.")
TURNED_BACK = _("Somebody put the former settings back into the template meanwhile.")
RETURNED = _("Somebody put the sidecar back into the template meanwhile.")
STUCK = _("The rollout did not end in time.")
CHECK_FAILED = _("A check failed. The sidecar is attached; look at it, or undo.")
NOT_REMOVED = _("The sidecar is not wholly removed.")


async def drive(cluster: Cluster, operation: Operation, journal: Journal) -> AsyncIterator[Progress]:
    """Ends with `operation.is_finished`. Raises Unreachable, Busy or Unauthorized when the
    cluster stays away, NotRecorded when the journal does: the operation then stands where it
    was recorded last, and can be driven again."""
    driver = Driver(cluster, operation, journal)
    if operation.step is Step.CONFIRM:
        driver.operation = operation.proceed()
    while not driver.operation.is_finished:
        yield driver.progress()
        try:
            async with closing(_take_step(driver)) as steps:
                async for progress in steps:
                    yield progress
        except (Unreachable, Busy, Unauthorized, NotRecorded):
            raise
        except SidecarsError as error:
            if _has_only_a_configmap(driver.operation, error):
                await drop_unused(driver)
            await driver.fail(error)
    yield driver.progress()


def _has_only_a_configmap(operation: Operation, error: SidecarsError) -> bool:
    """Not after a lost answer: the template may come to need it yet."""
    is_before = operation.kind != "undo" and operation.step in (Step.CONFIGMAP, Step.APPLY)
    return is_before and not isinstance(error, OutcomeUnknown)


async def _take_step(driver: Driver) -> AsyncIterator[Progress]:
    if driver.operation.step is Step.ROLLOUT:
        async with closing(_follow(driver)) as followed:
            async for progress in followed:
                yield progress
        return
    steps: dict[Step, Callable[[Driver], Awaitable[None]]] = {
        Step.CONFIGMAP: create_configmap,
        Step.APPLY: write_template,
        Step.APPLY_EMPTY: write_template,
        Step.VERIFY: _verify,
        Step.CLEANUP: clean_up,
    }
    if driver.operation.kind in ("create", "remove"):
        steps = dict.fromkeys(MAKES, make_object)
        steps |= dict.fromkeys(DELETES, delete_object)
        steps[Step.VERIFY] = verify_standalone
    await steps[driver.operation.step](driver)


async def _follow(driver: Driver) -> AsyncIterator[Progress]:
    if driver.operation.kind != "undo":
        await keep_configmap(driver)
    plan, watched = driver.plan, _Watched(deadline_s(await driver.get()) + GRACE_S)
    followed = follow_rollout(driver.cluster, plan.resource, plan.namespace, plan.name, plan.uid)
    async with closing(followed) as states:
        while watched.rollout is None or watched.rollout.stage != "complete":
            try:
                state = await asyncio.wait_for(anext(states), watched.limit_s())
            except TimeoutError as error:
                raise watched.failure() from error
            watched.see(read_rollout(state))
            yield driver.progress(watched.rollout)
            is_edited = state.generation > driver.operation.generation
            if (
                is_edited
                and driver.operation.kind != "create"
                and verify.is_gone(await driver.get(), driver.operation)
            ):
                raise SidecarsError(_reverted(driver.operation, await driver.get()))
            if watched.has_failed:
                raise watched.failure()
    await driver.finish("complete", {"pods": watched.rollout.desired})


def _reverted(operation: Operation, live: Mapping[str, Any]) -> str:
    if operation.kind == "undo":
        return RETURNED
    return TURNED_BACK if upgrade.is_there(live, operation.plan) else REVERTED


class _Watched:
    """A rollout as it was seen so far, and how long it may stay as it is.

    The controller keeps telling a missed deadline until the next rollout moves its first pod:
    until then it says nothing about ours.
    """

    def __init__(self, limit_s: float) -> None:
        self.rollout: Rollout | None = None
        self._limit_s = limit_s
        self._has_moved = False
        self._overdue_until: float | None = None

    def see(self, rollout: Rollout) -> None:
        self.rollout = rollout
        self._has_moved = self._has_moved or rollout.stage in ("progressing", "paused")
        if rollout.stage == "failed" and self._overdue_until is None:
            self._overdue_until = self._now() + OVERDUE_S

    @property
    def has_failed(self) -> bool:
        is_over = self._overdue_until is not None and self._now() >= self._overdue_until
        return self._stage == "failed" and (self._has_moved or is_over)

    def limit_s(self) -> float | None:
        if self._stage == "failed" and self._overdue_until is not None:
            return max(self._overdue_until - self._now(), 0.1)
        return None if self._stage == "paused" else self._limit_s

    def failure(self) -> SidecarsError:
        if self.rollout is None or self.rollout.stage != "failed":
            return SidecarsError(STUCK)
        parameters = dict(self.rollout.sentence.parameters)
        return SidecarsError(self.rollout.sentence.message, advice="", **parameters)

    @property
    def _stage(self) -> str:
        return self.rollout.stage if self.rollout else ""

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


async def _verify(driver: Driver) -> None:
    is_attach = driver.operation.kind != "undo"
    if is_attach:
        checks = await check_attach(driver.cluster, driver.operation)
    else:
        checks = verify.judge_undo(await driver.get(), driver.operation)
    verdicts = {check.id: check.verdict for check in checks}
    if "failed" in verdicts.values():
        driver.operation = replace(driver.operation, checks=checks)
        raise SidecarsError(CHECK_FAILED if is_attach else NOT_REMOVED)
    await driver.finish("verified", verdicts, checks=checks)
