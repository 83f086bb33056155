"""The steps of one change of a cluster, in order. Nothing is written before CONFIRM."""

from enum import StrEnum
from typing import Literal

Kind = Literal["attach", "upgrade", "undo", "create", "remove"]


class Step(StrEnum):
    PLAN = "plan"
    DRYRUN = "dryrun"
    CONFIRM = "confirm"
    CONFIGMAP = "configmap"
    APPLY = "apply"
    APPLY_EMPTY = "apply-empty"
    ROLLOUT = "rollout"
    VERIFY = "verify"
    CLEANUP = "cleanup"
    DEPLOYMENT = "deployment"
    SERVICE = "service"
    DELETE_SERVICE = "delete-service"
    DELETE_DEPLOYMENT = "delete-deployment"
    DELETE_CONFIGMAP = "delete-configmap"
    DONE = "done"
    FAILED = "failed"


PATHS: dict[Kind, tuple[Step, ...]] = {
    "attach": (
        Step.PLAN, Step.DRYRUN, Step.CONFIRM, Step.CONFIGMAP, Step.APPLY, Step.ROLLOUT,
        Step.VERIFY, Step.DONE,
    ),
    "upgrade": (
        Step.PLAN, Step.DRYRUN, Step.CONFIRM, Step.CONFIGMAP, Step.APPLY, Step.ROLLOUT,
        Step.VERIFY, Step.CLEANUP, Step.DONE,
    ),
    "undo": (
        Step.PLAN, Step.DRYRUN, Step.CONFIRM, Step.APPLY_EMPTY, Step.ROLLOUT, Step.VERIFY,
        Step.CLEANUP, Step.DONE,
    ),
    "create": (
        Step.PLAN, Step.DRYRUN, Step.CONFIRM, Step.CONFIGMAP, Step.DEPLOYMENT, Step.SERVICE,
        Step.ROLLOUT, Step.VERIFY, Step.DONE,
    ),
    "remove": (
        Step.PLAN, Step.DRYRUN, Step.CONFIRM, Step.DELETE_SERVICE, Step.DELETE_DEPLOYMENT,
        Step.DELETE_CONFIGMAP, Step.VERIFY, Step.DONE,
    ),
}  # fmt: skip
CHANGING = frozenset({
    Step.CONFIGMAP, Step.APPLY, Step.APPLY_EMPTY, Step.CLEANUP, Step.DEPLOYMENT, Step.SERVICE,
    Step.DELETE_SERVICE, Step.DELETE_DEPLOYMENT, Step.DELETE_CONFIGMAP,
})  # fmt: skip


def path(kind: Kind) -> tuple[Step, ...]:
    return PATHS[kind]


def following(kind: Kind, step: Step) -> Step:
    """Raises ValueError after the last step and for a step of the other kind."""
    steps = PATHS[kind]
    place = steps.index(step)
    if place + 1 == len(steps):
        raise ValueError(f"{step} is the last step")
    return steps[place + 1]


def is_finished(step: Step) -> bool:
    return step in (Step.DONE, Step.FAILED)


def may_have_written(kind: Kind, failed_step: Step) -> bool:
    """Whether an operation that failed at this step can have left something behind."""
    steps = PATHS[kind]
    first = next(i for i, step in enumerate(steps) if step in CHANGING)
    return steps.index(failed_step) >= first
