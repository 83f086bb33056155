"""A row of the table: our figure, what it is measured against, and the bar."""

import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

LOOP = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` is figure to reference; `bar` is in the figure's unit. All but `name` may be unknown: a
    row without a figure was skipped, and `conditions` say why.
    """

    name: str
    figure: float | None
    unit: str
    reference: float | None
    reference_name: str
    bar: float | None
    conditions: str
    is_floor: bool = False  # the bar: more is better

    @property
    def ratio(self) -> float | None:
        return self.figure / self.reference if self.reference and self.figure is not None else None

    @property
    def met(self) -> bool | None:
        if self.bar is None or self.figure is None:
            return None
        return self.figure >= self.bar if self.is_floor else self.figure <= self.bar


def skipped(name: str, why: str) -> Row:
    return Row(name, None, "", None, "", None, f"skipped: {why}")


def fixed_loop() -> int:
    """The same work on every computer: what a figure in ms is read beside."""
    total = 0
    for number in range(LOOP):
        total = (total + number * 7) % 1_000_003
    return total


def milliseconds(work: Callable[[], object], *, rounds: int, warm: int = 3) -> float:
    """CPU time, the median of some rounds, after some that fill caches: on an idle computer work that
    waits for nothing takes as long by the clock, and on a busy one other programs do not count.
    """
    for _ in range(warm):
        work()
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        taken.append((time.process_time() - begun) * 1000)
    return statistics.median(taken)


def conditions() -> str:
    load = os.getloadavg()[0]
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}"
