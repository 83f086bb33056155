"""The Deployments that a sidecar can be attached to: filtered by words, at most a page of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sidecars.rows import DeploymentRow

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class WorkloadPage:
    rows: tuple[DeploymentRow, ...]
    matched: int
    total: int

    @property
    def left_out(self) -> int:
        return self.matched - len(self.rows)


def find_workloads(rows: Iterable[DeploymentRow], text: str) -> WorkloadPage:
    """Every word has to be in the name, the namespace or a container's name."""
    known = list(rows)
    wanted = text.lower().split()
    found = [row for row in known if all(word in _haystack(row) for word in wanted)]
    found.sort(key=lambda row: (row.namespace, row.name))
    return WorkloadPage(tuple(found[:PAGE_SIZE]), len(found), len(known))


def _haystack(row: DeploymentRow) -> str:
    return " ".join((row.namespace, row.name, *row.containers, *row.native_sidecars)).lower()
