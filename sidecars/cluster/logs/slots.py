"""How many log streams this process may hold open towards all clusters."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

STREAMS_MOST = 200


class Slots:
    """First come, first served. It belongs to no event loop, so the process can hold one for good."""

    def __init__(self, most: int = STREAMS_MOST) -> None:
        self.most = most
        self.taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def take(self, on_wait: Callable[[], None]) -> AsyncIterator[None]:
        """`on_wait` is called when there is none free now."""
        if self.taken >= self.most:
            on_wait()
            await self._wait()
        else:
            self.taken += 1
        try:
            yield
        finally:
            self._give_on()

    async def _wait(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_on()
            raise

    def _give_on(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)  # the slot changes hands
                return
        self.taken -= 1


slots = Slots()
