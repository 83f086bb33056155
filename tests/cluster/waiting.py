"""Waiting for a condition, with a limit."""

import time
from collections.abc import Callable


def wait_for(condition: Callable[[], bool], limit_s: float, pause_s: float = 0.1) -> bool:
    """True as soon as the condition holds, False when it did not within the limit."""
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause_s)
    return True
