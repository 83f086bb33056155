"""Who holds which reflector: one per resource and scope of an identity's cluster."""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from sidecars.cluster.reflector import Reflector
from sidecars.cluster.resources import Resource
from sidecars.cluster.transport import Transport
from sidecars.store import RowStore

IDLE_S = 60.0


class Reflection:
    """A share in one reflector. Entered by each viewer; idle reflectors end after a while."""

    def __init__(self, owner: "Reflections", key: tuple[str, str], reflector: Reflector) -> None:
        self._owner, self._key, self._reflector = owner, key, reflector

    @property
    def store(self) -> RowStore[Any]:
        return self._reflector.store

    async def __aenter__(self) -> "Reflection":
        self._reflector = self._owner.hold(self._key, self._reflector)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._owner.let_go(self._key)


@dataclass(slots=True)
class _Running:
    reflector: Reflector
    task: asyncio.Task[None] | None = None
    holders: int = 0
    ending: asyncio.TimerHandle | None = None


class Reflections:
    """At most one reflector per resource and scope of one identity's cluster."""

    def __init__(self, transport: Transport, *, idle_s: float = IDLE_S) -> None:
        self._transport, self._idle_s = transport, idle_s
        self._running: dict[tuple[str, str], _Running] = {}

    def of(self, resource: Resource, namespace: str) -> Reflection:
        key = (resource.plural, namespace)
        running = self._running.get(key)
        reflector = running.reflector if running else Reflector(self._transport, resource, namespace)
        return Reflection(self, key, reflector)

    def hold(self, key: tuple[str, str], reflector: Reflector) -> Reflector:
        running = self._running.setdefault(key, _Running(reflector))
        running.holders += 1
        if running.ending is not None:
            running.ending.cancel()
            running.ending = None
        if running.task is None:
            running.task = asyncio.create_task(running.reflector.run(), name=f"reflect {'/'.join(key)}")
        return running.reflector

    def let_go(self, key: tuple[str, str]) -> None:
        running = self._running.get(key)
        if running is None:
            return
        running.holders -= 1
        if running.holders == 0:
            loop = asyncio.get_running_loop()
            running.ending = loop.call_later(self._idle_s, self._end, key)

    def _end(self, key: tuple[str, str]) -> None:
        running = self._running.get(key)
        if running is not None and running.holders == 0:
            del self._running[key]
            if running.task is not None:
                running.task.cancel()

    async def close(self) -> None:
        ended = list(self._running.values())
        self._running.clear()
        for running in ended:
            if running.ending is not None:
                running.ending.cancel()
            if running.task is not None:
                running.task.cancel()
        await asyncio.gather(*(r.task for r in ended if r.task is not None), return_exceptions=True)
