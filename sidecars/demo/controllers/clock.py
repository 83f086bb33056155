"""Timers for everything that the demo cluster does by itself, in one task.

The clock can run ahead of the loop: `fast_forward` lets an hour of cluster life happen at
once, so that a demo opens on workloads that have a past.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

BATCH = 100


class Timer:
    __slots__ = ("act",)

    def __init__(self, act: Callable[[], object]) -> None:
        self.act: Callable[[], object] | None = act

    def cancel(self) -> None:
        self.act = None


class Clock:
    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self.after_each: Callable[[], object] = lambda: None
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._virtual: float | None = None
        self._idle_until = 0.0
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._heap)

    def now(self) -> float:
        return time.time() if self._virtual is None else self._virtual

    def after(self, delay_s: float, act: Callable[[], object], *, idle: bool = False) -> Timer:
        """`idle` work (the next line of a quiet server) keeps its pace; fast_forward may skip it."""
        due = self.now() + (delay_s if idle else delay_s / self.speed)
        if idle and due < self._idle_until:
            due = self._idle_until + delay_s
        timer = Timer(act)
        heapq.heappush(self._heap, (due, next(self._order), timer))
        self._wake.set()
        return timer

    def at(self, due_s: float, act: Callable[[], object]) -> None:
        heapq.heappush(self._heap, (due_s, next(self._order), Timer(act)))
        self._wake.set()

    def fast_forward(self, start_s: float, *, idle_until_s: float) -> None:
        """Everything that happens from `start_s` until the present, at once."""
        end = time.time()
        self._virtual, self._idle_until = start_s, idle_until_s
        speed, self.speed = self.speed, 1.0
        self.after_each()
        while self._heap and self._heap[0][0] <= end:
            due, _, timer = heapq.heappop(self._heap)
            self._virtual = max(due, self._virtual)
            self._act(timer)
        self._virtual, self._idle_until, self.speed = None, 0.0, speed

    async def run(self) -> None:
        while True:
            self._wake.clear()
            for _ in range(BATCH):
                if not self._heap or self._heap[0][0] > self.now():
                    break
                self._act(heapq.heappop(self._heap)[2])
            wait_s = max(0.0, self._heap[0][0] - self.now()) if self._heap else None
            if wait_s == 0.0:
                await asyncio.sleep(0)
                continue
            try:
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def _act(self, timer: Timer) -> None:
        act, timer.act = timer.act, None  # who keeps timers sees that this one is over
        if act is None:
            return
        try:
            act()
            self.after_each()
        except Exception:  # one broken workload must not stop the cluster
            logger.exception("a demo controller failed")
