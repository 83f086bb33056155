"""Who may change the cluster, and who uses it: two file locks that die with their holders.

The turn lock is held by whoever builds, starts or stops. The use lock is shared by test
sessions; stopping or replacing the cluster, and faults in it, take it alone.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .failures import InUse
from .places import Places
from .progress import Say


def find_holders(path: Path) -> list[int]:
    """Process ids that hold a lock on the file, as far as the kernel tells them here."""
    if not path.exists():
        return []
    inode = str(path.stat().st_ino)
    rows = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    held = {int(row[4]) for row in rows if row[1] == "FLOCK" and row[5].split(":")[-1] == inode}
    return sorted(held - {os.getpid()})


def describe_holders(path: Path) -> str:
    pids = ", ".join(str(pid) for pid in find_holders(path) if pid > 0)
    return f"process {pids}" if pids else "another process"


def _open(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a")


def _try(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def take_turn(places: Places, say: Say) -> Iterator[None]:
    """Waits as long as the holder lives: a first build takes a quarter of an hour."""
    with _open(places.turn_lock) as file:
        told = 0.0
        while not _try(file, fcntl.LOCK_EX):
            if time.monotonic() - told > 60:
                told = time.monotonic()
                say(f"Waiting for {describe_holders(places.turn_lock)} to finish with the test cluster.")
            time.sleep(0.2)
        yield


@contextmanager
def try_turn(places: Places) -> Iterator[bool]:
    with _open(places.turn_lock) as file:
        yield _try(file, fcntl.LOCK_EX)


class Use:
    """One process's use of the cluster. The lock ends with `leave`, or with the process."""

    def __init__(self, places: Places) -> None:
        self._path = places.use_lock
        self._file = _open(self._path)

    def try_share(self) -> bool:
        return _try(self._file, fcntl.LOCK_SH)

    def try_alone(self) -> bool:
        return _try(self._file, fcntl.LOCK_EX)

    def wait_alone(self, say: Say, limit_s: float) -> None:
        """A fault in the cluster must not reach the tests of another session."""
        end = time.monotonic() + limit_s
        if self.try_alone():
            return
        say(f"Waiting for {self.describe_others()} to finish its tests before a fault is made.")
        while not self.try_alone():
            if time.monotonic() > end:
                raise InUse(f"{self.describe_others()} still uses the test cluster after {limit_s:.0f} s.")
            time.sleep(0.1)

    def wait_share(self) -> None:
        """Ends the time alone; a session that waits for a fault of its own may go first."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def describe_others(self) -> str:
        return describe_holders(self._path)

    def leave(self) -> None:
        self._file.close()
