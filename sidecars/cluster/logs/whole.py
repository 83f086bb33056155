"""The whole logs up to now, merged: for downloads, and for a page without JavaScript."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from sidecars import errors
from sidecars.cluster.logs.collecting import collect
from sidecars.cluster.logs.reader import Reader
from sidecars.cluster.logs.targets import LogStream, LogWish
from sidecars.loglines import LogLine
from sidecars.logmerge import Merge

if TYPE_CHECKING:
    from sidecars.cluster.cluster import Cluster


async def read_merged(
    cluster: "Cluster",
    streams: Sequence[LogStream],
    wish: LogWish,
    refused: dict[int, errors.SidecarsError] | None = None,
) -> AsyncGenerator[tuple[tuple[int, LogLine], ...], None]:
    """(place in `streams`, line) up to now, in order, without following; flat in memory.

    Raises what refuses all of them. What refuses some is put into `refused`, by their places, and the
    others go on; without it the first is raised. Close it (`aclosing`) when leaving early.
    """
    refused = {} if (raises := refused is None) else refused
    wake = asyncio.Event()
    merge = Merge()
    wish = replace(wish, follows=False)
    readers = [Reader(cluster, n, stream, wish, None, wake.set) for n, stream in enumerate(streams)]
    for reader in readers:
        merge.open(reader.number)
    try:
        while not all(reader.is_over for reader in readers) or merge.waiting:
            wake.clear()
            has_more = collect(merge, readers)
            rows, _late = merge.take(time.monotonic())
            if rows:
                yield tuple((number, line) for _key, number, line in rows)
            elif not has_more and not all(reader.is_over for reader in readers):
                due = merge.due(now := time.monotonic())
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if due is None else due - now):
                        await wake.wait()
            refused |= {r.number: r.problem for r in readers if r.is_over and r.problem}
            if refused and (raises or (len(refused) == len(readers) and not merge.waiting)):
                raise next(iter(refused.values()))
    finally:
        await asyncio.gather(*(reader.close() for reader in readers))
