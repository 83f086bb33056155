"""Following one container's log across cuts, restarts and rotations.

EOF is not the end: the pod is read again and decides. Every reconnect, gap, restart and
end is a line of kind "notice". Source of the traps: kubernetes#59902, #115702, and the
kubelet's answer, in CrashLoopBackOff, with the last terminated instance.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from sidecars import errors
from sidecars.cluster.instances import Instance, container_names, read_instance
from sidecars.cluster.logs.stretch import Piece, Stretch
from sidecars.cluster.logs.targets import LogTarget, LogWish
from sidecars.cluster.transport import backoff
from sidecars.logknown import Position
from sidecars.logplace import Cursor

WAIT_TOP_S = 5.0  # a container that is about to start is looked at this often


@dataclass(slots=True)
class Follower(Stretch):
    """Stretch after stretch, through all the instances of a container."""

    said_waiting: str = ""
    replaced_by: Instance | None = None  # the instance that was to be read next had ended by then

    async def run(self) -> AsyncGenerator[Piece, None]:
        """Until the end. Raises NotFound at the first look at a mere name, Forbidden, Unauthorized."""
        is_first = True
        while True:
            wait_s = 0.0
            try:
                instance = await self.look(is_first and not self.target.uid)  # known by uid: it was there
                is_first = False
                if instance is None:
                    yield self.notice("end", "deleted")
                    return
                async with aclosing(self.pass_over(instance, follow=True)) as pieces:
                    async for piece in pieces:
                        yield piece
                if instance.is_over and not self.stalled:
                    yield self.notice("end", "finished")
                    return
            except (errors.Unreachable, errors.Busy, errors.Rejected) as error:
                if not self.is_cut:
                    self.is_cut = True
                    yield self.notice("reconnect", type(error).__name__)
                self.say("cut", type(error).__name__)
                wait_s = error.retry_after_s if isinstance(error, errors.Busy) else 0.0
            except errors.NotFound:
                # The log answers 404 for a pod that is gone: the next look says so for sure.
                if is_first:
                    raise
            # A stream that ended after new lines is taken up at once; one that gives nothing, ever later.
            await asyncio.sleep(wait_s + backoff(self.attempt - 3, top_s=WAIT_TOP_S))
            self.attempt += 1

    async def catch_up(self) -> AsyncGenerator[Piece, None]:
        """What there is by now beyond the position, restarts included. Raises what breaks it."""
        self.reached_end = False
        instance = await self.look(must_exist=False)
        if instance is not None:
            async with aclosing(self.pass_over(instance, follow=False)) as pieces:
                async for piece in pieces:
                    yield piece

    async def pass_over(self, instance: Instance, *, follow: bool) -> AsyncGenerator[Piece, None]:
        """One stretch: the rest of an instance that was replaced, then the present one."""
        started_ns = None
        while self.position.container_id and instance.id != self.position.container_id:
            if not instance.id:
                return
            seen = instance
            async with aclosing(self.drain(instance, started_ns)) as pieces:
                async for piece in pieces:
                    yield piece
            if self.replaced_by is not None:
                seen, self.replaced_by = self.replaced_by, None
            started_ns = instance.started_ns
            self.position.container_id = instance.id
            self.unread_from_ns = instance.started_ns
            yield self.notice("restart")
            instance = seen
        if not instance.id:
            self.say("waiting", instance.waiting)
            if instance.waiting != self.said_waiting:
                self.said_waiting = instance.waiting
                yield self.notice("waiting", instance.waiting)
            return
        self.position.container_id = instance.id
        self.said_waiting = ""
        self.unread_from_ns = max(self.unread_from_ns, instance.started_ns)
        is_running = instance.is_running
        if not is_running and self.position.ended_id == instance.id:
            # Nothing can come of it, and by now its log may be gone.
            self.has_begun = self.reached_end = True
            if follow:
                self.say("waiting", instance.waiting or "Terminated")
            return
        stretch = self.read(follow=follow and is_running, started_ns=started_ns, keeps_rest=not is_running)
        async with aclosing(stretch) as pieces:
            async for piece in pieces:
                yield piece
        if not is_running and self.reached_end:
            self.position.ended_id = instance.id
        if follow and not is_running:
            self.say("waiting", instance.waiting or "Terminated")

    async def drain(self, instance: Instance, started_ns: int | None) -> AsyncGenerator[Piece, None]:
        """The rest of the instance before that one. `started_ns`: it is read from its beginning."""
        old_id = self.position.container_id
        if self.position.ended_id == old_id:
            if instance.previous_id not in ("", old_id):
                yield self.notice("gap", "restarts")
            return
        if instance.previous_id != old_id:
            yield self.notice("gap", "restarts")
            return
        had_lines, is_told = self.position.time_ns > 0 and not self.position.is_fresh, False
        async with aclosing(self.read(previous=True, follow=False, started_ns=started_ns)) as pieces:
            async for piece in pieces:
                is_told = is_told or any(line.code == "gap" for line in piece.lines)
                yield piece
        # The kubelet answers with whatever instance is the previous one by then.
        now = await self.look(must_exist=False)
        if now is None or now.id in ("", instance.id):
            return
        if not is_told and not (had_lines and self.position.overlapped):
            yield self.notice("gap", "restarts")
        self.replaced_by = now

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


def start(wish: LogWish, target: LogTarget, since: Cursor | None) -> Position:
    starts_inside = wish.tail_lines is not None or wish.since_ns is not None
    return Position(since or Cursor(target.uid, target.container), starts_inside=starts_inside)
