"""Who may change the cluster, and who uses it: file locks that die with their holders.

turn   held by whoever builds, starts or stops.
use    shared by test sessions; to replace or stop the cluster one must own it alone.
quiet  shared by each single test; a fault in the cluster needs it alone.
gate   passed before `quiet` is shared, held by whoever waits for it alone: so a fault waits
       for the tests that run, and not for those that follow.
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
    """One process's use of the cluster; ends with `leave`, or with the process."""

    def __init__(self, places: Places, say: Say) -> None:
        self._places = places
        self._say = say
        self._use = _open(places.use_lock)
        self._quiet = _open(places.quiet_lock)
        self._gate = _open(places.gate_lock)
        self._in_test = False
        self._is_silent = False

    def join(self) -> None:
        fcntl.flock(self._use, fcntl.LOCK_SH)

    def leave_to_others(self) -> None:
        """Before one waits for the turn: whoever has it may wait for our end."""
        fcntl.flock(self._use, fcntl.LOCK_UN)
        self.end_test()

    def try_own(self) -> bool:
        """When it fails our share is lost as well (so the kernel does it); join again."""
        return _try(self._use, fcntl.LOCK_EX)

    def own(self, limit_s: float) -> None:
        """Waits for the end of every other session. Call with the turn taken, so that none begins."""
        self._wait(self._use, self._places.use_lock, limit_s)

    def begin_test(self) -> None:
        """Waits out the faults of other sessions; ends our own silence."""
        if self._in_test:
            return  # to wait at the gate with our share in hand would block who waits for it
        if not self._is_silent:
            fcntl.flock(self._gate, fcntl.LOCK_SH)
        fcntl.flock(self._quiet, fcntl.LOCK_SH)
        fcntl.flock(self._gate, fcntl.LOCK_UN)
        self._in_test, self._is_silent = True, False

    def end_test(self) -> None:
        fcntl.flock(self._quiet, fcntl.LOCK_UN)
        self._in_test = self._is_silent = False

    def silence(self, limit_s: float) -> None:
        """Waits until no test of another session runs; `begin_test` ends the silence."""
        if self._is_silent:
            return
        # Ours counts as paused, or two that wait here would wait for each other.
        self.end_test()
        try:
            self._wait(self._gate, self._places.gate_lock, limit_s)
            self._wait(self._quiet, self._places.quiet_lock, limit_s)
            self._is_silent = True
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    def _wait(self, file: IO[str], path: Path, limit_s: float) -> None:
        told, end = False, time.monotonic() + limit_s
        while not _try(file, fcntl.LOCK_EX):
            others = describe_holders(path)
            if time.monotonic() > end:
                raise InUse(f"The test cluster is still in use by {others} after {limit_s:.0f} s.")
            if not told:
                self._say(f"Waiting for {others}, whose tests also use the test cluster.")
                told = True
            time.sleep(0.1)

    def leave(self) -> None:
        for file in (self._use, self._quiet, self._gate):
            file.close()
