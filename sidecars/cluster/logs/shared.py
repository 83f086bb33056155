"""One upstream for each container of an identity's cluster, whoever looks at it.

It goes at the pace of its fastest reader: as long as nobody has read what is in the ring, the node's
file is the buffer, and nothing is lost. A slower reader falls out of the ring and helps itself.
"""

import asyncio
import logging
import secrets
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

from sidecars import errors
from sidecars.cluster.logs.follow import Follower, start
from sidecars.cluster.logs.slots import slots
from sidecars.cluster.logs.targets import LogTarget, LogWish
from sidecars.loglines import SECOND_NS
from sidecars.logplace import Cursor
from sidecars.logring import Ring

if TYPE_CHECKING:
    from sidecars.cluster.cluster import Cluster

log = logging.getLogger(__name__)

LINGER_S = 1.0  # a page that is loaded anew finds its upstream again
HELD_S = 1.0  # so long held back, the upstream is no longer at the log's end
FULL = 0.5  # of the ring unread by everybody: wait for them

Key = tuple[str, str]


class RingReader(Protocol):
    @property
    def seq(self) -> int: ...
    @property
    def is_joined(self) -> bool: ...

    def stir(self) -> None: ...


class SharedLog:
    """`state` and `detail` are the follower's, then "ended" or "refused" (with `error`)."""

    def __init__(self, cluster: "Cluster", target: LogTarget, wish: LogWish, cursor: Cursor | None) -> None:
        self.id = secrets.token_hex(4)
        self.ring = Ring()
        self.error: errors.SidecarsError | None = None
        self.readers: set[RingReader] = set()
        self.ending: asyncio.TimerHandle | None = None
        self._end_state = ""
        self._waits_for_slot = False
        self._held_since: float | None = None
        self._room = asyncio.Event()
        self._follower = Follower(cluster, target, start(wish, target, cursor), wish, self._stir_all)
        self.task = asyncio.create_task(self._run(), name=f"log {target.pod}/{target.container}")

    @property
    def state(self) -> str:
        if self._waits_for_slot:
            return "waiting"
        return self._end_state or self._follower.state

    @property
    def detail(self) -> str:
        return "cap" if self._waits_for_slot else self._follower.detail

    @property
    def ended_id(self) -> str:
        """The instance that had ended and was read to its end, all of which is in the ring."""
        return self._follower.position.ended_id

    @property
    def is_over(self) -> bool:
        return bool(self._end_state)

    @property
    def has_begun(self) -> bool:
        """From now on nothing is missed: what a reader finds in the file and not here came before."""
        return self._follower.has_begun or self.is_over

    @property
    def newest_ns(self) -> int:
        """The time up to which the log is known to have gone on."""
        held_s = time.monotonic() - self._held_since if self._held_since is not None else 0.0
        return self.ring.top_ns + int(held_s * SECOND_NS) if self.ring.top_ns else 0

    def fall_behind(self) -> None:
        """A reader wants to leave out everything up to now: also what is held back."""
        if self._held_since is not None:
            self._follower.fall_behind()

    def note_read(self) -> None:
        if self._held_since is not None and not self._is_ahead():
            self._room.set()

    async def _run(self) -> None:
        try:
            async with slots.take(self._note_waiting):
                self._waits_for_slot = False
                async with aclosing(self._follower.run()) as pieces:
                    async for piece in pieces:
                        self.ring.append(piece.lines, piece.keys, piece.instance)
                        self._stir_all()
                        await asyncio.sleep(0)  # a stream that is never empty must not hold the loop
                        await self._wait_for_readers()
            self._end_state = "ended"
        except errors.SidecarsError as error:
            self.error, self._end_state = error, "refused"
        except Exception:  # a mistake of ours: the stream must not look live for ever
            log.exception("A log stream failed")
            self.error, self._end_state = errors.SidecarsError(), "refused"
        finally:
            self._stir_all()

    def _note_waiting(self) -> None:
        self._waits_for_slot = True
        self._stir_all()

    def _is_ahead(self) -> bool:
        joined = [reader for reader in self.readers if reader.is_joined]
        if not joined:
            return not self.readers
        return all(self.ring.unread(reader.seq) > FULL for reader in joined)

    async def _wait_for_readers(self) -> None:
        while self._is_ahead():
            self._held_since = self._held_since or time.monotonic()
            self._room.clear()
            await self._room.wait()
        if self._held_since is not None and time.monotonic() - self._held_since > HELD_S:
            self._follower.fall_behind()
        self._held_since = None

    def _stir_all(self) -> None:
        for reader in self.readers:
            reader.stir()


class LogHub:
    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._running: dict[Key, SharedLog] = {}

    def enter(
        self, reader: RingReader, target: LogTarget, wish: LogWish, cursor: Cursor | None
    ) -> tuple[SharedLog, bool]:
        """The upstream, and whether it was begun for this reader: then it reads what was wished for."""
        key = (target.uid, target.container)
        found = self._running.get(key)
        is_new = found is None or found.is_over
        if found is None or is_new:
            found = self._running[key] = SharedLog(self._cluster, target, wish, cursor)
        if found.ending is not None:
            found.ending.cancel()
            found.ending = None
        found.readers.add(reader)
        found.note_read()
        return found, is_new

    def leave(self, reader: RingReader, target: LogTarget, shared: SharedLog) -> None:
        shared.readers.discard(reader)
        if shared.readers:
            shared.note_read()
        elif shared.ending is None:
            loop = asyncio.get_running_loop()
            shared.ending = loop.call_later(LINGER_S, self._end, (target.uid, target.container), shared)

    def _end(self, key: Key, shared: SharedLog) -> None:
        if self._running.get(key) is shared:
            del self._running[key]
        shared.task.cancel()

    async def close(self) -> None:
        ended = list(self._running.values())
        self._running.clear()
        for shared in ended:
            if shared.ending is not None:
                shared.ending.cancel()
            shared.task.cancel()
        await asyncio.gather(*(shared.task for shared in ended), return_exceptions=True)
