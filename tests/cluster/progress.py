"""Lines that say what happens, with the time since the start."""

import sys
import time
from collections.abc import Callable

Say = Callable[[str], None]


def make_say(write: Callable[[str], object] = sys.stderr.write) -> Say:
    start = time.monotonic()

    def say(text: str) -> None:
        minutes, seconds = divmod(time.monotonic() - start, 60)
        write(f"[{int(minutes):2d}:{seconds:04.1f}] {text}\n")

    return say
