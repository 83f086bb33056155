"""Deletes sessions that have expired: also who only opens the sign-in page gets one."""

import asyncio
import logging

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError

log = logging.getLogger(__name__)

PAUSE_S = 3600.0


class Housekeeping:
    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="housekeeping")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await sync_to_async(SessionStore.clear_expired)()
            except DatabaseError as error:
                log.warning("Expired sessions stay for now: %s", error)
            await asyncio.sleep(PAUSE_S)


housekeeping = Housekeeping()
