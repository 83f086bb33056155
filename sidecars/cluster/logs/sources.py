"""From what an address names to the containers it means now, and again whenever that changes.

The pods of a workload come from the viewer's own watch of the namespace.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from sidecars import errors
from sidecars.cluster.logs.members import Members
from sidecars.cluster.logs.targets import STREAMS_MOST, LogSource, LogStream, LogTarget
from sidecars.manifests import read_pod
from sidecars.rows import PodRow, epoch
from sidecars.store import Change, ReflectorState, RowStore
from sidecars.topology import Role

if TYPE_CHECKING:
    from sidecars.cluster.cluster import Cluster

log = logging.getLogger(__name__)

FIRST_ROWS_S = 10.0
TOGETHER_S = 0.2  # changes that come together are looked at together
LOOKED_MOST = 2 * STREAMS_MOST  # pods at a time whose roles are looked up: labels may choose thousands
LOOK_AGAIN_S = 10.0  # a single pod may get an ephemeral container

Manifest = Mapping[str, Any]
Roles = Mapping[str, str]  # container -> role, in the order of the manifest
MainOf = Callable[[Manifest], str]  # the viewer's own choice of the main container, or ""


def _no_choice(_pod: Manifest) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Found:
    """`streams`: of each source those of its newest pods first; of more than a view holds, of all sources.

    `problems`: sources that cannot be read, each with the reason; the others count.
    """

    streams: tuple[LogStream, ...] = ()
    problems: tuple[tuple[LogSource, errors.SidecarsError], ...] = ()
    is_final: bool = True  # nothing can join any more


@dataclass(slots=True)
class _Feed:
    """What one source gives now."""

    source: LogSource
    streams: dict[str, tuple[LogStream, ...]] = field(default_factory=dict)  # by pod uid
    problem: errors.SidecarsError | None = None
    is_final: bool = False


class LogSources:
    """`async with` it; `found` is right from then on, `changed` tells that it is another."""

    def __init__(
        self, cluster: "Cluster", sources: tuple[LogSource, ...], main_of: MainOf = _no_choice
    ) -> None:
        self._cluster, self._main_of = cluster, main_of
        self._feeds = [_Feed(source) for source in dict.fromkeys(sources)]
        self._roles: dict[tuple[str, ...], Roles] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._found: Found | None = None
        self.changed = asyncio.Event()

    @property
    def found(self) -> Found:
        self._found = self._found or self._find()  # a view asks at every frame
        return self._found

    def _tell(self) -> None:
        self._found = None
        self.changed.set()

    def _find(self) -> Found:
        feeds = self._feeds
        by_key = {s.key: s for feed in feeds for s in _newest_first(chain(*feed.streams.values()))}
        streams = tuple(by_key.values())
        chosen = _newest_first(streams) if len(streams) > STREAMS_MOST else streams
        problems = tuple((feed.source, feed.problem) for feed in feeds if feed.problem)
        return Found(chosen, problems, all(feed.is_final for feed in feeds))

    async def __aenter__(self) -> "LogSources":
        """Raises the first problem if no source can be read at all."""
        firsts = [asyncio.get_running_loop().create_future() for _ in self._feeds]
        for feed, first in zip(self._feeds, firsts, strict=True):
            run = self._follow_pod if feed.source.resource == "pods" else self._follow_workload
            self._tasks.append(asyncio.create_task(self._guard(feed, first, run), name="log source"))
        try:
            await asyncio.gather(*firsts)
            problems = [feed.problem for feed in self._feeds]
            if problems and all(problems):
                raise next(filter(None, problems))
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _guard(
        self,
        feed: _Feed,
        first: "asyncio.Future[None]",
        run: Callable[[_Feed], AsyncGenerator[None, None]],
    ) -> None:
        """Each step of a feed is told; what fails is its problem, and the others go on."""
        try:
            async with aclosing(run(feed)) as steps:
                async for _step in steps:
                    if not first.done():
                        first.set_result(None)
                    self._tell()
        except errors.SidecarsError as error:
            feed.problem, feed.is_final = error, True
        except Exception:  # a mistake of ours: nothing would join, without a word
            log.exception("A log source failed")
            feed.problem, feed.is_final = errors.SidecarsError(), True
        finally:
            if not first.done():
                first.set_result(None)
            self._tell()

    async def _follow_pod(self, feed: _Feed) -> AsyncGenerator[None, None]:
        source = feed.source
        pod = await self._cluster.get("pods", source.namespace, source.name)
        uid = str(pod["metadata"]["uid"])
        feed.is_final = not source.takes_all or _is_over(pod)
        feed.streams[uid] = self._of_manifest(source, pod)
        yield
        while not feed.is_final:
            await asyncio.sleep(LOOK_AGAIN_S)
            try:
                pod = await self._cluster.get("pods", source.namespace, source.name)
            except errors.NotFound:
                break
            except errors.ClusterError:
                continue
            if str(pod["metadata"]["uid"]) != uid or _is_over(pod):
                break
            if (streams := self._of_manifest(source, pod)) != feed.streams[uid]:
                feed.streams[uid] = streams
                yield
        feed.is_final = True

    def _of_manifest(self, source: LogSource, pod: Manifest) -> tuple[LogStream, ...]:
        roles = self._read_roles(pod)
        names = _chosen(source, roles)
        missing = next((name for name in names if name not in roles), None)
        if missing is not None:
            raise errors.NotFound(resource="containers", name=missing[:253])
        metadata, node = pod["metadata"], str((pod.get("spec") or {}).get("nodeName") or "")
        uid, created = str(metadata["uid"]), epoch(metadata.get("creationTimestamp"))
        return tuple(
            LogStream(LogTarget(source.namespace, source.name, uid, name), roles[name], node, created)
            for name in names
        )

    def _read_roles(self, pod: Manifest) -> Roles:
        found = read_pod(dict(pod), chosen_main=self._main_of(pod))
        return {c.name: c.role.value for c in found.containers}

    async def _follow_workload(self, feed: _Feed) -> AsyncGenerator[None, None]:
        source = feed.source
        members = Members(self._cluster, source)
        async with self._cluster.reflect("pods", source.namespace) as reflection:
            store: RowStore[PodRow] = reflection.store
            async with store.follow() as changes, aclosing(_looks(store, changes, members)) as looks:
                await _first_rows(store)
                await members.check()
                uids = set(store.rows)
                while True:
                    looked, members.is_unsure = 0, False
                    for uid in sorted(uids, key=lambda uid: _age_key(store.rows.get(uid))):
                        row = store.rows.get(uid)
                        own = row if row and await members.include(row) else None
                        await self._update(feed, uid, own, looks=looked < LOOKED_MOST)
                        looked += own is not None
                    feed.problem = _problem_of(store.state)
                    if isinstance(feed.problem, errors.Forbidden):
                        feed.streams.clear()
                    yield
                    uids = await anext(looks) | {uid for uid in feed.streams if uid not in store.rows}

    async def _update(self, feed: _Feed, uid: str, row: PodRow | None, *, looks: bool) -> None:
        if row is None:
            feed.streams.pop(uid, None)
            return
        roles = await self._roles_of(row) if looks else dict(_plain_roles(row))
        names = _chosen(feed.source, roles)
        feed.streams[uid] = tuple(
            LogStream(LogTarget(row.namespace, row.name, uid, name), roles[name], row.node, row.created)
            for name in names
            if name in roles
        )

    async def _roles_of(self, row: PodRow) -> Roles:
        """Pods of one template have the same roles: one of them is read."""
        key = (row.owner_kind, row.owner_name or row.name, *(c.name for c in row.containers))
        if key not in self._roles:
            try:
                pod = await self._cluster.get("pods", row.namespace, row.name)
                self._roles[key] = self._read_roles(pod)
            except errors.ClusterError:
                return dict(_plain_roles(row))
        return self._roles[key]


def _newest_first(streams: Iterable[LogStream]) -> tuple[LogStream, ...]:
    """In the same order whenever it is asked for; the containers of a pod stay in theirs."""
    return tuple(sorted(streams, key=lambda stream: (-stream.created, stream.target.pod)))


def _age_key(row: PodRow | None) -> float:
    """The newest first, as they are shown."""
    return -row.created if row else 0.0


def _is_over(pod: Manifest) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def _chosen(source: LogSource, roles: Roles) -> tuple[str, ...]:
    if source.takes_all:
        return tuple(roles)
    if source.containers:
        return source.containers
    regular = [name for name, role in roles.items() if role in (Role.MAIN, Role.SIDECAR)]
    main = next((name for name, role in roles.items() if role == Role.MAIN), None)
    return (main,) if main else tuple(regular[:1] or list(roles)[:1])


def _plain_roles(row: PodRow) -> Iterator[tuple[str, str]]:
    """What a row alone says: the first regular container is taken for the main one."""
    regular = next((c.name for c in row.containers if c.role == "container"), "")
    for container in row.containers:
        role = container.role
        if role == "container":
            role = Role.MAIN.value if container.name == regular else Role.SIDECAR.value
        yield container.name, role


def _problem_of(state: ReflectorState) -> errors.SidecarsError | None:
    """A list that never came is no workload without pods; one that came is right until told otherwise."""
    if state.phase == "forbidden":
        return state.error
    return None if state.complete else state.error or errors.Busy()


async def _looks(
    store: RowStore[PodRow], changes: AsyncIterator[Change], members: Members
) -> AsyncGenerator[set[str], None]:
    """Whose rows have changed; all of them again after a while in which not every answer was sure."""
    waiting: asyncio.Task[Change] | None = None
    try:
        while True:
            await asyncio.sleep(TOGETHER_S)
            waiting = waiting or asyncio.ensure_future(anext(changes))
            await asyncio.wait({waiting}, timeout=LOOK_AGAIN_S if members.is_unsure else None)
            if not waiting.done():
                yield set(store.rows)
                continue
            change, waiting = waiting.result(), None
            yield set(store.rows) if change.whole else set(change.updated | change.removed)
    finally:
        if waiting:
            waiting.cancel()


async def _first_rows(store: RowStore[PodRow]) -> None:
    """Until the list is whole, or it is known that it cannot be had; a short outage is waited out."""
    try:
        async with asyncio.timeout(FIRST_ROWS_S), store.follow() as changes:
            while not store.state.complete and store.state.phase in (
                "starting",
                "catching-up",
                "live",
                "stale",
            ):
                await anext(changes)
    except TimeoutError:
        pass
    if store.state.phase == "forbidden" and store.state.error is not None:
        raise store.state.error
