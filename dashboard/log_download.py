"""A log as a file, sent as it is read: at most one part and one batch of lines are in memory.

A browser that reads slowly slows the upstream. A file that could not be read to its end says so in its
last line; one whose browser takes nothing for a while, or whose viewer signs out, ends there too.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

from dashboard.error_pages import sentence_of
from dashboard.log_files import Filter, Format
from sidecars.cluster import LogStream
from sidecars.errors import Forbidden, SidecarsError, Unauthorized
from sidecars.loglines import LogLine

PART_BYTES = 64 * 1024
LOOK_S = 15.0  # at the sign-in, and at whether the browser still takes something
STALLED_S = 60.0

Batches = AsyncGenerator[tuple[tuple[int, LogLine], ...], None]
Parts = AsyncGenerator[bytes, None]
IsSignedIn = Callable[[], Awaitable[bool]]


class Sink(Protocol):
    """Where lines become parts of a file."""

    def write(self, data: bytes) -> None: ...

    def take(self) -> bytes: ...

    @property
    def waiting(self) -> int: ...


class Plain:
    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> None:
        self._held += data

    def take(self) -> bytes:
        taken, self._held = bytes(self._held), bytearray()
        return taken

    @property
    def waiting(self) -> int:
        return len(self._held)


@dataclass(slots=True)
class Limits:
    """What ends a file before its end. `reason` is the sentence that it ends with."""

    bytes_most: int
    is_signed_in: IsSignedIn
    reason: str = ""
    written: int = 0  # before a zip makes it smaller
    taken_at: float = 0.0
    is_waiting: bool = False  # for the browser
    reading: Batches | None = None

    def count(self, size: int) -> None:
        self.written += size
        if self.written >= self.bytes_most:
            self.reason = _("it is longer than %(bytes)s bytes, the most that one download holds.") % {
                "bytes": self.bytes_most
            }

    async def watch(self) -> None:
        """Beside the file. What the browser does not take is not read: its upstreams are closed."""
        while not self.reason:
            await asyncio.sleep(LOOK_S)
            if not await self.is_signed_in():
                self.reason = _("the viewer has signed out.")
            elif self.is_waiting and time.monotonic() - self.taken_at > STALLED_S:
                self.reason = _("the browser took nothing for a minute.")
            if self.reason and self.is_waiting and self.reading is not None:
                await self.reading.aclose()


async def begun(batches: Batches) -> Batches:
    """The same, with its first lines read: who may not read them gets an answer and no file.

    Raises Forbidden and Unauthorized. What else goes wrong is said in the file.
    """
    first: tuple[tuple[int, LogLine], ...] = ()
    problem: SidecarsError | None = None
    try:
        first = await anext(batches)  # with a default Python 3.11 raises SystemError where there is none
    except StopAsyncIteration:
        pass
    except (Forbidden, Unauthorized):
        raise
    except SidecarsError as error:
        problem = error
    return _again(first, batches, problem)


async def _again(
    first: tuple[tuple[int, LogLine], ...], batches: Batches, problem: SidecarsError | None
) -> Batches:
    async with aclosing(batches):
        yield first
        if problem is not None:
            raise problem
        async for batch in batches:
            yield batch


async def write_lines(
    batches: Batches, streams: Sequence[LogStream], form: Format, keep: Filter, limits: Limits, sink: Sink
) -> Parts:
    """All batches, into the sink; its parts as they become large enough. The rest stays in the sink."""
    limits.reading = batches
    try:
        async with aclosing(batches):
            async for batch in batches:
                for number, line in batch:
                    if line.kind == "line" and not keep.admits(line.text):
                        continue
                    data = form.line(streams[number], line)
                    sink.write(data)
                    limits.count(len(data))
                    if sink.waiting >= PART_BYTES:
                        async for part in hand_over(sink, limits):
                            yield part
                    if limits.reason:
                        break
                if limits.reason:
                    break
    except SidecarsError as error:
        sink.write(form.incomplete(sentence_of(error)))
    if limits.reason:
        sink.write(form.incomplete(limits.reason))


async def hand_over(sink: Sink, limits: Limits) -> Parts:
    """One part, if there is anything; others run before the next."""
    part = sink.take()
    if not part:
        return
    limits.taken_at, limits.is_waiting = time.monotonic(), True
    yield part
    limits.is_waiting = False
    await asyncio.sleep(0)


async def one_file(
    batches: Batches,
    streams: Sequence[LogStream],
    form: Format,
    keep: Filter,
    limits: Limits,
    notes: Sequence[str] = (),
    refused: Mapping[int, SidecarsError] | None = None,
) -> Parts:
    """`notes`: what is missing of what was asked for; `refused` is filled while batches are read."""
    sink = Plain()
    async with aclosing(write_lines(batches, streams, form, keep, limits, sink)) as parts:
        async for part in parts:
            yield part
    for note in (*notes, *(_of(streams[number], error) for number, error in (refused or {}).items())):
        sink.write(form.incomplete(note))
    async for part in hand_over(sink, limits):
        yield part


def _of(stream: LogStream, error: SidecarsError) -> str:
    target = stream.target
    return f"pods/{target.namespace}/{target.pod}:{target.container}: {sentence_of(error)}"


async def guarded(parts: Parts, limits: Limits, held: AsyncExitStack) -> Parts:
    """The parts of a file, with the watch beside them. `held` is let go at the end."""
    async with held:
        watch = asyncio.create_task(limits.watch(), name="log download")
        try:
            async with aclosing(parts):
                async for part in parts:
                    yield part
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)


class Body:
    """For Django, which closes an answer's content in a thread when the browser has left."""

    def __init__(self, parts: Parts, held: AsyncExitStack) -> None:
        self._parts, self._held, self._loop = parts, held, asyncio.get_running_loop()

    def __aiter__(self) -> Parts:
        return self._parts

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop)

    async def _end(self) -> None:
        await self._parts.aclose()
        await self._held.aclose()  # parts that nobody began let nothing go
