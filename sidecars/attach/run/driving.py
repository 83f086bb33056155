"""Carries a confirmed operation out, step by step; from any step again after a restart."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from sidecars.attach import verify
from sidecars.attach.operation import Operation
from sidecars.attach.run.checking import check_attach
from sidecars.attach.run.cleaning import clean_up
from sidecars.attach.run.driver import Driver
from sidecars.attach.run.following import read_rollout
from sidecars.attach.run.progress import Journal, Progress
from sidecars.attach.run.streams import closing
from sidecars.attach.run.writing import create_configmap, write_template
from sidecars.attach.steps import Step
from sidecars.attach.workload import deadline_s
from sidecars.cluster.cluster import Cluster
from sidecars.cluster.rollout import follow_rollout
from sidecars.errors import Busy, SidecarsError, Unauthorized, Unreachable
from sidecars.messages import gettext_noop as _

GRACE_S = 60.0  # beyond the workload's own deadline
REVERTED = _("Somebody took the sidecar out of the template meanwhile.")
STUCK = _("The rollout did not end in time.")
CHECK_FAILED = _("A check failed. The sidecar is attached; look at it, or undo.")
NOT_REMOVED = _("The sidecar is not wholly removed.")


async def drive(cluster: Cluster, operation: Operation, journal: Journal) -> AsyncIterator[Progress]:
    """Ends with `operation.is_finished`. Raises Unreachable, Busy or Unauthorized when the
    cluster stays away: the operation then stands where it stood, and can be driven again."""
    driver = Driver(cluster, operation, journal)
    if operation.step is Step.CONFIRM:
        driver.operation = operation.proceed()
    while not driver.operation.is_finished:
        yield driver.progress()
        try:
            async with closing(_take_step(driver)) as steps:
                async for progress in steps:
                    yield progress
        except (Unreachable, Busy, Unauthorized):
            raise
        except SidecarsError as error:
            await driver.fail(error)
    yield driver.progress()


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
    await steps[driver.operation.step](driver)


async def _follow(driver: Driver) -> AsyncIterator[Progress]:
    plan, rollout = driver.plan, None
    limit_s = deadline_s(await driver.get()) + GRACE_S
    followed = follow_rollout(driver.cluster, plan.resource, plan.namespace, plan.name, plan.uid)
    async with closing(followed) as states:
        while rollout is None or rollout.stage != "complete":
            is_paused = rollout is not None and rollout.stage == "paused"
            try:
                state = await asyncio.wait_for(anext(states), None if is_paused else limit_s)
            except TimeoutError as error:
                raise SidecarsError(STUCK) from error
            rollout = read_rollout(state)
            yield driver.progress(rollout)
            if state.generation > driver.operation.generation and not driver.is_applied(await driver.get()):
                raise SidecarsError(REVERTED)
            if rollout.stage == "failed":
                parameters = dict(rollout.sentence.parameters)
                raise SidecarsError(rollout.sentence.message, advice="", **parameters)
    await driver.finish("complete", {"pods": rollout.desired})


async def _verify(driver: Driver) -> None:
    is_attach = driver.operation.kind == "attach"
    if is_attach:
        checks = await check_attach(driver.cluster, driver.operation)
    else:
        checks = verify.judge_undo(await driver.get(), driver.operation)
    verdicts = {check.id: check.verdict for check in checks}
    if "failed" in verdicts.values():
        driver.operation = replace(driver.operation, checks=checks)
        raise SidecarsError(CHECK_FAILED if is_attach else NOT_REMOVED)
    await driver.finish("verified", verdicts, checks=checks)
