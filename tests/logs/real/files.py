"""The container's own log files: the truth that what arrived is compared with.

The kubelet keeps few rotated files and compresses them, so each is kept by a hard link from the
moment it is seen. Their order is the order of their first lines.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

LOOK_S = 0.05
Line = tuple[int, str]  # ns since the epoch, text


@dataclass(frozen=True)
class Truth:
    """One container's lines in order; `ends`: the place behind the last line of each file but the last."""

    lines: tuple[Line, ...]
    ends: frozenset[int]


class KeptFiles:
    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self._folders: dict[str, Path] = {}
        self._seen: set[int] = set()

    def add(self, key: str, folder: Path) -> None:
        """`folder`: of one container; `key`: "uid/container"."""
        self._folders[key] = folder

    def look(self) -> None:
        for key, folder in self._folders.items():
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.inode() not in self._seen and not entry.name.endswith((".gz", ".tmp")):
                        self._keep(key, entry)

    def _keep(self, key: str, entry: "os.DirEntry[str]") -> None:
        link = self._kept / key / str(entry.inode())
        link.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(entry.path, link, follow_symlinks=True)
        except FileNotFoundError:
            return  # renamed meanwhile: the next look finds it
        self._seen.add(link.stat().st_ino)

    def read(self, key: str) -> Truth:
        files = [_read(path) for path in (self._kept / key).iterdir()]
        files = sorted((lines for lines in files if lines), key=lambda lines: lines[0])
        together = [line for lines in files for line in lines]
        ends, place = [], 0
        for lines in files[:-1]:
            place += len(lines)
            ends.append(place)
        return Truth(tuple(together), frozenset(ends))


@asynccontextmanager
async def keeping(kept: Path) -> AsyncIterator[KeptFiles]:
    """Looks every LOOK_S, since the files tell nobody that they are rotated."""
    files = KeptFiles(kept)

    async def watch() -> None:
        while True:
            files.look()
            await asyncio.sleep(LOOK_S)

    task = asyncio.create_task(watch())
    try:
        yield files
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _read(path: Path) -> list[Line]:
    """CRI: "time stream F text"; the writers' lines are too short to come in parts."""
    found = []
    seconds: dict[str, int] = {}
    for raw in path.read_text().split("\n")[:-1]:
        stamp, _stream, tag, text = raw.split(" ", 3)
        assert tag == "F", raw[:200]
        whole, _, rest = stamp.partition(".")
        if whole not in seconds:
            seconds[whole] = int(datetime.fromisoformat(whole + "+00:00").timestamp())
        assert rest.endswith("Z"), stamp
        found.append((seconds[whole] * 10**9 + int(rest[:-1].ljust(9, "0")), text))
    return found
