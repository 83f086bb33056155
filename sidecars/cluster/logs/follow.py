"""Following one container's log across cuts, restarts and rotations.

EOF is not the end: the pod is read again and decides. Every reconnect, gap, restart and
end is a line of kind "notice". Source of the traps: kubernetes#59902, #115702, and the
kubelet's answer, in CrashLoopBackOff, with the last terminated instance.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp

from sidecars import errors
from sidecars.cluster.failures import Asked
from sidecars.cluster.instances import Instance, container_names, read_instance
from sidecars.cluster.logs.targets import LogTarget
from sidecars.cluster.resources import build_path, is_label, resource_of
from sidecars.cluster.transport import Request, backoff
from sidecars.loglines import SECOND_NS, Cursor, LogLine, Position, Splitter, read_line

if TYPE_CHECKING:
    from sidecars.cluster.cluster import Cluster

CHUNK_BYTES = 64 * 1024
BATCH_LINES = 1000
WATCHDOG_S = 30.0
READ_TRIES = 4
WAIT_TOP_S = 5.0  # a container that is about to start is looked at this often

# The kubelet's own words, in place of a log, when the instance was already removed.
LOST = "unable to retrieve container logs for "

Batch = tuple[LogLine, ...]


@dataclass(frozen=True, slots=True)
class LogWish:
    """From where to where. `tail_lines` None: all; it counts for each container.

    `follows` False: what there is now, to its end.
    """

    tail_lines: int | None = None
    since_ns: int | None = None
    until_ns: int | None = None
    is_previous: bool = False
    follows: bool = True

    @property
    def is_finite(self) -> bool:
        return self.is_previous or not self.follows


async def follow(
    cluster: "Cluster",
    target: LogTarget,
    since: Cursor | None = None,
    *,
    tail_lines: int | None = None,
    previous: bool = False,
) -> AsyncGenerator[Batch, None]:
    """Batches of at most 1,000 lines, in the order of the container's file, until its end.

    Raises NotFound when there is no such pod or container, Forbidden without
    `get pods/log`, Unauthorized. Everything else is waited out, with notices.
    """
    if not is_label(target.container):
        raise errors.NotFound(resource="containers", name=target.container[:253])
    follower = _Follower(cluster, target, since, tail_lines)
    # aclosing: a viewer that leaves closes the upstream now, not when garbage is collected.
    batches = follower.read(previous=True, follow=False) if previous else follower.run()
    async with aclosing(batches):
        async for batch in batches:
            yield batch
    if previous:
        yield (follower.notice("end", "previous"),)


@dataclass(slots=True)
class _Follower:
    cluster: "Cluster"
    target: LogTarget
    since: Cursor | None
    tail_lines: int | None
    since_ns: int | None = None
    position: Position = field(init=False)
    attempt: int = 0
    said_waiting: str = ""
    stalled: bool = False
    is_cut: bool = False  # said so, and not yet connected again
    uid: str = ""

    def __post_init__(self) -> None:
        self.uid = self.target.uid
        self.position = Position(self.since or Cursor(self.target.uid, self.target.container))

    def notice(self, code: str, text: str = "") -> LogLine:
        target = self.target
        return LogLine(self.position.time_ns, text, "notice", target.container, target.pod, code)

    async def run(self) -> AsyncGenerator[Batch, None]:
        is_first = True
        while True:
            try:
                instance = await self.look(is_first)
                is_first = False
                if instance is None:
                    yield (self.notice("end", "deleted"),)
                    return
                async with aclosing(self.pass_over(instance)) as batches:
                    async for batch in batches:
                        yield batch
                if instance.is_over and not self.stalled:
                    yield (self.notice("end", "finished"),)
                    return
            except (errors.Unreachable, errors.Busy) as error:
                if not self.is_cut:
                    self.is_cut = True
                    yield (self.notice("reconnect", type(error).__name__),)
            except errors.NotFound:
                # The log answers 404 for a pod that is gone: the next look says so for sure.
                if is_first:
                    raise
            await asyncio.sleep(backoff(self.attempt, top_s=WAIT_TOP_S))
            self.attempt += 1

    async def pass_over(self, instance: Instance) -> AsyncGenerator[Batch, None]:
        """One stretch: the rest of an instance that was replaced, then the present one."""
        started_ns = None
        if self.position.container_id and instance.id != self.position.container_id:
            if not instance.id:
                return
            async with aclosing(self.drain(instance)) as batches:
                async for batch in batches:
                    yield batch
            started_ns = instance.started_ns
            yield (self.notice("restart"),)
        if not instance.id:
            if instance.waiting != self.said_waiting:
                self.said_waiting = instance.waiting
                yield (self.notice("waiting", instance.waiting),)
            return
        self.position.container_id = instance.id
        self.said_waiting = ""
        async with aclosing(self.read(follow=instance.is_running, started_ns=started_ns)) as batches:
            async for batch in batches:
                yield batch

    async def drain(self, instance: Instance) -> AsyncGenerator[Batch, None]:
        if instance.previous_id != self.position.container_id:
            yield (self.notice("gap", "restarts"),)
            return
        async with aclosing(self.read(previous=True, follow=False)) as batches:
            async for batch in batches:
                yield batch

    async def look(self, must_exist: bool) -> Instance | None:
        target = self.target
        try:
            pod = await self.cluster.get("pods", target.namespace, target.pod)
        except errors.NotFound:
            if must_exist:
                raise
            return None
        uid = str(pod["metadata"]["uid"])
        self.uid = self.uid or uid
        if uid != self.uid:
            return None
        if target.container not in container_names(pod):
            raise errors.NotFound(resource="containers", name=target.container)
        return read_instance(pod, target.container)

    async def read(
        self, *, follow: bool, previous: bool = False, started_ns: int | None = None
    ) -> AsyncGenerator[Batch, None]:
        """One request, until EOF or until the watchdog gives it up.

        A last line without its newline counts only if nothing more can be added to it: a
        stream that was followed may have been cut inside the line, which comes again.
        """
        params = self._params(follow, previous, from_start=started_ns is not None)
        resumed = self.position.time_ns > 0
        self.position.begin_replay(keep_all_from_ns=started_ns)
        splitter = Splitter()
        expects_overlap = resumed and started_ns is None
        self.stalled = False
        try:
            async with self.cluster.transport.stream(
                self._request(params), silence_s=None, buffer_bytes=CHUNK_BYTES
            ) as stream:
                if self.is_cut:
                    self.is_cut = False
                    yield (self.notice("back"),)
                while chunk := await self._chunk(stream, follow):
                    lines = self._admit(splitter.feed(chunk))
                    if lines and expects_overlap:
                        expects_overlap = False
                        if not self.position.overlapped:
                            yield (self.notice("gap", "possible"),)
                    for start in range(0, len(lines), BATCH_LINES):
                        self.attempt = 0
                        yield tuple(lines[start : start + BATCH_LINES])
        except errors.Rejected as error:
            # 400: the container waits to start, or there is no previous instance.
            if error.code != 400:
                raise
            if previous:
                yield (self.notice("gap", "previous"),)
        except _Stalled:
            self.stalled = True
            yield (self.notice("reconnect", "stalled"),)
        if not follow and (rest := self._admit(splitter.end())):
            yield tuple(rest)

    async def _chunk(self, stream: aiohttp.StreamReader, follow: bool) -> bytes:
        while True:
            try:
                async with asyncio.timeout(WATCHDOG_S):
                    return await stream.read(CHUNK_BYTES)
            except TimeoutError:
                # Rotation can stall a stream for good (kubernetes#59902): is there more?
                if not follow or await self._is_behind():
                    raise _Stalled from None

    async def _is_behind(self) -> bool:
        request = self._request({"timestamps": "true", "tailLines": "1"})
        try:
            answer = await self.cluster.transport.ask(request)
        except errors.ClusterError:
            return True
        if answer.status != 200:
            return True
        time_ns, _text = read_line(answer.body.rstrip(b"\n"))
        return time_ns > self.position.time_ns

    def _admit(self, found: list[tuple[int, str, int]]) -> list[LogLine]:
        lines: list[LogLine] = []
        container, pod, admits = self.target.container, self.target.pod, self.position.admits
        since_ns = self.since_ns or 0
        for time_ns, text, dropped in found:
            if not admits(time_ns, text) or 0 < time_ns < since_ns:
                continue
            if time_ns == 0 and text.startswith(LOST):
                lines.append(self.notice("gap", "lost"))
                continue
            lines.append(LogLine(time_ns, text, "line", container, pod))
            if dropped:
                lines.append(self.notice("truncated", str(dropped)))
        return lines

    def _params(self, follow: bool, previous: bool, from_start: bool) -> dict[str, str]:
        params = {"timestamps": "true"}
        if follow:
            params["follow"] = "true"
        if previous:
            params["previous"] = "true"
        if from_start:
            return params
        if since_ns := self.position.since_ns or self.since_ns:
            since = datetime.fromtimestamp(since_ns // SECOND_NS, UTC)
            params["sinceTime"] = since.strftime("%Y-%m-%dT%H:%M:%SZ")
        if self.tail_lines is not None and not self.position.time_ns:
            params["tailLines"] = str(self.tail_lines)
        return params

    def _request(self, params: dict[str, str]) -> Request:
        target = self.target
        path = build_path(resource_of("pods"), target.namespace, target.pod, "log")
        asked = Asked("get", "pods/log", target.namespace, target.pod)
        return Request("GET", path, asked, params | {"container": target.container})


class _Stalled(Exception):
    """No bytes for a while although the file has more, or nobody can tell."""


async def read_whole(
    cluster: "Cluster", target: LogTarget, wish: LogWish, since: Cursor | None = None
) -> AsyncGenerator[Batch, None]:
    """What there is now, without following; empty while the container has not started.

    A connection that breaks is taken up where it broke, a few times. Raises what follow raises.
    """
    if not is_label(target.container):
        raise errors.NotFound(resource="containers", name=target.container[:253])
    follower = _Follower(cluster, target, since, wish.tail_lines, wish.since_ns)
    for attempt in range(READ_TRIES):
        try:
            batches = follower.read(follow=False, previous=wish.is_previous)
            async with aclosing(batches):
                async for batch in batches:
                    kept = _until(wish.until_ns, batch)
                    if kept:
                        yield kept
                    if len(kept) < len(batch):
                        return
        except (errors.Unreachable, errors.Busy):
            if attempt == READ_TRIES - 1:
                raise
        else:
            break
        await asyncio.sleep(backoff(attempt, top_s=WAIT_TOP_S))
    if wish.is_previous:
        yield (follower.notice("end", "previous"),)


def _until(until_ns: int | None, batch: Batch) -> Batch:
    if until_ns is None or all(line.time_ns <= until_ns for line in batch):
        return batch
    return batch[: next(i for i, line in enumerate(batch) if line.time_ns > until_ns)]


async def read_tail(
    cluster: "Cluster", target: LogTarget, *, tail_lines: int, previous: bool = False
) -> Batch:
    """The last lines now, without following. Empty while the container has not started."""
    wish = LogWish(tail_lines, is_previous=previous)
    found: list[LogLine] = []
    async with aclosing(read_whole(cluster, target, wish)) as batches:
        async for batch in batches:
            found += (line for line in batch if line.code != "end")
    return tuple(found)
