"""What the review page shows before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sidecars.attach.clashes import PreflightRow
from sidecars.attach.delta import Delta
from sidecars.attach.operation import Operation
from sidecars.diffs import DiffLine, count
from sidecars.errors import OwnedField
from sidecars.messages import Sentence


@dataclass(frozen=True, slots=True)
class Preview:
    """`operation` stands at CONFIRM; None if a row blocks. `merged` is the workload afterwards."""

    operation: Operation | None
    rows: tuple[PreflightRow, ...]
    diff: tuple[DiffLine, ...]
    consequences: tuple[Sentence, ...]
    live: Mapping[str, Any]
    merged: Mapping[str, Any] | None
    delta: Delta = Delta((), (), ())
    warnings: tuple[str, ...] = ()  # of the API server
    conflicts: tuple[OwnedField, ...] = ()
    kubectl: str = ""
    leftover: str = ""  # an undo's: the ConfigMap that alone is left, and goes

    @property
    def is_blocked(self) -> bool:
        return self.operation is None or any(row.verdict == "block" for row in self.rows)

    @property
    def nothing_to_do(self) -> bool:
        is_out = self.operation is not None and self.operation.method == "nothing"
        return is_out and not self.leftover

    @property
    def added(self) -> int:
        return count(self.diff)[0]

    @property
    def removed(self) -> int:
        return count(self.diff)[1]
