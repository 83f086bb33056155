"""Restarts among the simulated pods, so that large lists have something to follow."""

from __future__ import annotations

import random

from ..store import Obj, Store, timestamp
from .clock import Clock
from .world import SIMULATED


class Churn:
    """Restarts at an even pace; one timer for all pods."""

    def __init__(self, store: Store, clock: Clock, events_per_s: float) -> None:
        self._store = store
        self._clock = clock
        self._period_s = max(0.05, 1 / events_per_s)
        self._share = events_per_s * self._period_s
        self._due = 0.0
        self._names = [
            (each["metadata"]["namespace"], each["metadata"]["name"])
            for each in store.list("pods")
            if str(each["spec"].get("nodeName", "")).startswith(SIMULATED)
        ]
        self._random = random.Random(1)  # noqa: S311
        if self._names:
            clock.after(self._period_s, self._beat, idle=True)

    def _beat(self) -> None:
        self._due += self._share
        while self._due >= 1:
            self._due -= 1
            namespace, name = self._random.choice(self._names)
            if self._store.find("pods", namespace, name):
                self._store.edit("pods", namespace, name, self._restart, "", "status")
        self._clock.after(self._period_s, self._beat, idle=True)

    def _restart(self, pod: Obj) -> None:
        container = self._random.choice(pod["status"]["containerStatuses"])
        now = timestamp(self._clock.now())
        container["restartCount"] += 1
        container["state"] = {"running": {"startedAt": now}}
