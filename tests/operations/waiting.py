"""Waiting for a condition, with a limit."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

LIMIT_S = 90.0


async def until(look: Callable[[], Awaitable[Any]], limit_s: float = LIMIT_S) -> Any:
    end = time.monotonic() + limit_s
    while True:
        found = await look()
        if found:
            return found
        assert time.monotonic() < end, f"not within {limit_s} s"
        await asyncio.sleep(0.05)
