"""What a computer that is not idle does to work that is always the same: read beside the tasks of a page."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

EVERY_S = 0.1
ROUNDS = 100_000


@dataclass
class Control:
    """Times of one fixed loop, run ten times a second."""

    clock_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def told(self, limit_ms: float) -> str:
        by_clock, by_cpu = _over(self.clock_ms, limit_ms), _over(self.cpu_ms, limit_ms)
        return (
            f"beside it a fixed loop of {min(self.cpu_ms):.0f} ms took over {limit_ms:g} ms "
            f"{by_clock} of {len(self.clock_ms)} times by the clock, {by_cpu} by its own time"
        )


@contextmanager
def control() -> Iterator[Control]:
    found, is_over = Control(), threading.Event()

    def run() -> None:
        while not is_over.wait(EVERY_S):
            clock, cpu, total = time.perf_counter(), time.thread_time(), 0
            for number in range(ROUNDS):
                total = (total + number * 7) % 1_000_003
            found.clock_ms.append((time.perf_counter() - clock) * 1000)
            found.cpu_ms.append((time.thread_time() - cpu) * 1000)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        is_over.set()
        thread.join()


def _over(times: list[float], limit_ms: float) -> int:
    return sum(time_ms > limit_ms for time_ms in times)
