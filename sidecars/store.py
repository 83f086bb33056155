"""Rows of one resource and scope by uid, and the feed of their changes.

A consumer that is slow gets one larger Change, never a queue: each follower has a set of
touched uids and an event. Nothing here knows HTTP; the reflector writes, pages read.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from sidecars.errors import SidecarsError

Phase = Literal["starting", "live", "catching-up", "stale", "forbidden", "failed"]

PENDING_LIMIT = 100_000


class Row(Protocol):
    @property
    def uid(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def resource_version(self) -> str: ...


RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True, slots=True)
class ReflectorState:
    """How far the rows can be believed.

    `since` (seconds since the epoch, own clock): when `live` began, else the last moment
    the rows were known to be right. `complete`: a whole list has been seen at least once.
    """

    phase: Phase = "starting"
    since: float = 0.0
    error: SidecarsError | None = None
    complete: bool = False
    retry_in_s: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """`whole`: the follower fell too far behind and must read all rows again."""

    updated: frozenset[str]
    removed: frozenset[str]
    state: ReflectorState
    whole: bool = False


class RowStore(Generic[RowT]):
    def __init__(self) -> None:
        self.rows: dict[str, RowT] = {}
        self.state = ReflectorState()
        self.version = 0
        self._uids: dict[tuple[str, str], str] = {}
        self._followers: set[_Follower] = set()

    def get(self, namespace: str, name: str) -> RowT | None:
        uid = self._uids.get((namespace, name))
        return None if uid is None else self.rows.get(uid)

    def change(self, updated: Iterable[RowT], removed: Iterable[str] = ()) -> None:
        """Removals first: a pod that comes back under its name has a new uid."""
        gone, touched = set(), set()
        for uid in removed:
            row = self.rows.pop(uid, None)
            if row is not None:
                gone.add(uid)
                if self._uids.get((row.namespace, row.name)) == uid:
                    del self._uids[row.namespace, row.name]
        for row in updated:
            touched.add(row.uid)
            self.rows[row.uid] = row
            self._uids[row.namespace, row.name] = row.uid
        gone -= touched
        if touched or gone:
            self.version += 1
            for follower in self._followers:
                follower.note(touched, gone)

    def swap(self, rows: Mapping[str, RowT]) -> None:
        """Replaces everything in one step; followers hear the difference only."""
        old = self.rows
        updated = [
            row
            for uid, row in rows.items()
            if uid not in old or old[uid].resource_version != row.resource_version
        ]
        self.change(updated, [uid for uid in old if uid not in rows])

    def set_state(self, state: ReflectorState) -> None:
        self.state = state
        for follower in self._followers:
            follower.wake.set()

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[AsyncIterator[Change]]:
        """`async with store.follow() as changes: async for change in changes: ...`

        The feed begins with the changes after entering; read `rows` inside the block.
        It never ends by itself.
        """
        follower = _Follower()
        self._followers.add(follower)
        try:
            yield self._changes(follower)
        finally:
            self._followers.discard(follower)

    async def _changes(self, follower: "_Follower") -> AsyncIterator[Change]:
        while True:
            await follower.wake.wait()
            yield follower.take(self.state)


class _Follower:
    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.updated: set[str] = set()
        self.removed: set[str] = set()
        self.whole = False

    def note(self, updated: set[str], removed: set[str]) -> None:
        self.wake.set()
        if self.whole:
            return
        self.updated |= updated
        self.updated -= removed
        self.removed -= updated
        self.removed |= removed
        if len(self.updated) + len(self.removed) > PENDING_LIMIT:
            self.whole = True
            self.updated.clear()
            self.removed.clear()

    def take(self, state: ReflectorState) -> Change:
        change = Change(frozenset(self.updated), frozenset(self.removed), state, self.whole)
        self.updated, self.removed, self.whole = set(), set(), False
        self.wake.clear()
        return change
