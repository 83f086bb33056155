"""Reads that wait out a short absence of the API server."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sidecars.errors import Busy, Forbidden, Unreachable

Answer = TypeVar("Answer")
PATIENCE_S = 60.0


async def patiently(ask: Callable[[], Awaitable[Answer]], limit_s: float = PATIENCE_S) -> Answer:
    """Raises Unreachable or Busy after `limit_s` of them."""
    ends, pause_s = time.monotonic() + limit_s, 0.5
    while True:
        try:
            return await ask()
        except (Unreachable, Busy) as error:
            wait_s = max(pause_s, error.retry_after_s if isinstance(error, Busy) else 0.0)
            if time.monotonic() + wait_s > ends:
                raise
            await asyncio.sleep(wait_s)
            pause_s = min(pause_s * 2, 5.0)


async def if_permitted(ask: Awaitable[Answer]) -> Answer | None:
    """None without the right: the caller says "not checked"."""
    try:
        return await ask
    except Forbidden:
        return None
