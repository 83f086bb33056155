"""What driving an operation tells its caller, and what it wants recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sidecars.attach.operation import CheckResult, Operation
from sidecars.attach.rollout import Rollout
from sidecars.messages import Sentence


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything that a page about the operation shows."""

    operation: Operation
    sentence: Sentence
    rollout: Rollout | None = None

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        return self.operation.checks

    @property
    def is_finished(self) -> bool:
        return self.operation.is_finished


class Journal(Protocol):
    """No record, no write. Both store the operation together with the record.

    An intent without outcome means that nobody knows: it is read back before anything else.
    With an outcome `detail["step"]` is the step that ended; `operation` is at the next one.
    """

    async def record_intent(self, operation: Operation, detail: Mapping[str, Any]) -> None: ...

    async def record_outcome(self, operation: Operation, outcome: str, detail: Mapping[str, Any]) -> None: ...
