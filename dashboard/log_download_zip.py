"""A zip with one file a container, written in one go: nothing before what is written is looked at again."""

import io
import zipfile
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import IO, Any

from dashboard.log_download import Batches, Limits, Parts, Plain, hand_over, write_lines
from dashboard.log_files import Filter, Format
from sidecars.cluster import LogStream

INCOMPLETE = "INCOMPLETE.txt"


class _Pipe(io.RawIOBase):
    """What zipfile writes into. It cannot be wound back, so zipfile puts sizes behind each file."""

    def __init__(self) -> None:
        self.out = Plain()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.out.write(bytes(data))
        return len(data)


class _Entry:
    """A sink: one file of the zip; what has left it waits in the pipe."""

    def __init__(self, pipe: _Pipe, file: IO[bytes]) -> None:
        self._pipe, self._file = pipe, file

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def take(self) -> bytes:
        return self._pipe.out.take()

    @property
    def waiting(self) -> int:
        return self._pipe.out.waiting


async def zip_files(
    streams: Sequence[LogStream],
    read: Callable[[LogStream], Batches],
    form: Format,
    keep: Filter,
    limits: Limits,
    notes: Sequence[str],
    now: datetime,
) -> Parts:
    """One container after the other: `read` gives the lines of one. `notes`: what is missing."""
    pipe = _Pipe()
    archive = zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED)
    for stream in streams:
        entry = zipfile.ZipInfo(name_of(stream), now.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(entry, "w", force_zip64=True) as file:
            lines = write_lines(read(stream), [stream], form, keep, limits, _Entry(pipe, file))
            async with aclosing(lines) as parts:
                async for part in parts:
                    yield part
        async for part in hand_over(pipe.out, limits):
            yield part
        if limits.reason:
            notes = [*notes, limits.reason]
            break
    if notes:
        archive.writestr(INCOMPLETE, b"".join(map(form.incomplete, notes)))
    archive.close()
    async for part in hand_over(pipe.out, limits):
        yield part


def name_of(stream: LogStream) -> str:
    """Kubernetes lets no name hold what a path could mean something by."""
    target = stream.target
    return f"{target.namespace}/{target.pod}/{target.container}.log"
