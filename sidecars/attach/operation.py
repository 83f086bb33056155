"""The state of one change: everything needed to go on after a restart. JSON-serialisable."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import msgspec

from sidecars.attach import steps
from sidecars.attach.plan import Plan
from sidecars.attach.standalone.objects import Objects
from sidecars.attach.steps import Kind, Step
from sidecars.errors import FieldConflict, SidecarsError
from sidecars.messages import Sentence
from sidecars.presets.schema import PresetCheck

Method = Literal["apply", "json-patch", "nothing"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A SidecarsError as it can be stored; `type` is its class's name."""

    type: str
    sentence: Sentence
    advice: str = ""
    fields: tuple[tuple[str, str], ...] = ()  # of a conflict: (path, manager)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """ "not-checked" is no success: the sentence says what is missing."""

    id: str
    verdict: Literal["passed", "failed", "not-checked"]
    sentence: Sentence
    sent: str = ""  # what was asked, as a person would type it
    received: str = ""  # the beginning of the answer; hostile text


@dataclass(frozen=True, slots=True)
class Operation:
    kind: Kind
    step: Step
    plan: Plan
    preset_id: str
    preset_version: str
    preset_digest: str
    values: Mapping[str, Any]
    checks_asked: tuple[PresetCheck, ...]
    fingerprint: str
    template_before: Mapping[str, str]  # outline of the template before, without values; an undo's: `origin`
    template_expected: Mapping[str, str]  # outline after this operation, from its dry run
    method: Method = "apply"
    pending: bool = False  # the intent of `step` is recorded, its outcome is not
    generation: int = 0  # of the workload after our write; 0 before
    checks: tuple[CheckResult, ...] = ()
    notes: tuple[Sentence, ...] = ()  # what the end says: kept ConfigMap, others' edits, …
    failed_step: Step | None = None
    failure: Failure | None = None
    former: Plan | None = None  # an upgrade's: what it replaces
    template_first: Mapping[str, str] = field(
        default_factory=dict
    )  # an upgrade's: outline before the attach it goes back to
    former_configmaps: tuple[str, ...] = ()  # of settings before these, which may still be there
    objects: Objects | None = None  # of a Deployment of its own

    @property
    def attachment_id(self) -> str:
        return self.plan.attachment_id

    @property
    def is_finished(self) -> bool:
        return steps.is_finished(self.step)

    @property
    def can_be_undone(self) -> bool:
        """An attach, an upgrade or a creation that may have written something."""
        if self.kind in ("undo", "remove"):
            return False
        reached = self.failed_step or self.step
        return self.step is Step.DONE or steps.may_have_written(self.kind, reached)

    @property
    def origin(self) -> Mapping[str, str]:
        """Outline of the template before there was a sidecar: what an undo goes back to."""
        return self.template_first or self.template_before

    @property
    def configmaps(self) -> tuple[str, ...]:
        """The names of all that this attachment ever had and that may be left."""
        own = [self.plan.configmap_name] if self.plan.configmap else []
        return tuple(dict.fromkeys([*own, *self.former_configmaps]))

    def proceed(self, **changes: Any) -> "Operation":
        """To the next step."""
        return replace(self, step=steps.following(self.kind, self.step), pending=False, **changes)

    def intend(self) -> "Operation":
        return replace(self, pending=True)

    def fail(self, error: SidecarsError) -> "Operation":
        return replace(
            self, step=Step.FAILED, pending=False, failed_step=self.step, failure=read_failure(error)
        )


def read_failure(error: SidecarsError) -> Failure:
    plain = {k: v if isinstance(v, (int, float)) else str(v) for k, v in error.parameters.items()}
    fields = error.fields if isinstance(error, FieldConflict) else ()
    owned = tuple((f.path, f.manager) for f in fields)
    # A private subclass goes by the name of the error that pages know.
    kind = next(c.__name__ for c in type(error).__mro__ if c.__module__ == SidecarsError.__module__)
    return Failure(kind, Sentence(error.sentence, plain), error.advice, owned)


def dump(operation: Operation) -> dict[str, Any]:
    dumped: dict[str, Any] = msgspec.to_builtins(operation)
    return dumped


def load(stored: Mapping[str, Any]) -> Operation:
    return msgspec.convert(stored, Operation)
