"""Start and stop: what runs beside requests begins here and is ended here, in reverse order."""

import asyncio
import gc
import logging
import os
import sys
import webbrowser
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from django.conf import settings

from dashboard.clusters import clusters
from dashboard.housekeeping import housekeeping
from dashboard.observing import observations
from dashboard.operations import operations
from dashboard.security.gate import Receive, Scope, Send
from dashboard.security.launch import launch_secret
from dashboard.terminal import print_link, say

log = logging.getLogger(__name__)
Part = tuple[str, Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]

# name, start, stop. Operations resume unfinished changes; they end before their connections do.
PARTS: list[Part] = [
    ("housekeeping", housekeeping.start, housekeeping.close),
    ("clusters", clusters.start, clusters.close),
    ("operations", operations.start, operations.close),
    ("observations", observations.start, observations.close),
]
_ready = False


def is_ready() -> bool:
    return _ready


class Lifespan:
    """The ASGI lifespan protocol, to which Channels' router passes uvicorn's events."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        global _ready
        await receive()
        async with AsyncExitStack() as stop:
            for _name, start, close in PARTS:
                await start()
                stop.push_async_callback(close)
            _ready = True
            # What is loaded by now stays: the collector need not walk it again for each picture.
            gc.freeze()
            await send({"type": "lifespan.startup.complete"})
            await asyncio.to_thread(_announce)
            await receive()
            _ready = False
        await send({"type": "lifespan.shutdown.complete"})


def _announce() -> None:
    if clusters.problem is not None:
        say(f"No cluster yet: {clusters.problem}")
    mode = " (read-only)" if settings.SIDECAR_READ_ONLY else ""
    say(f"Sidecar Dashboard{mode} is running. Ctrl-C stops it.")
    link = launch_secret.link()
    print_link(link)
    if _has_screen() and not settings.SIDECAR_NO_BROWSER:
        webbrowser.open(link)


def _has_screen() -> bool:
    """A server reached by ssh has a terminal and no screen; a text browser would take the terminal."""
    names = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in {"darwin", "win32"} or any(os.environ.get(name) for name in names)
