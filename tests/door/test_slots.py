"""The streams that a process may hold: first come, first served, none lost."""

import asyncio

from sidecars.cluster.logs.slots import Slots
from tests.door.scripted import until


async def test_above_the_limit_the_first_who_waits_is_the_next() -> None:
    slots, got = Slots(1), []
    waited: list[str] = []

    async def use(name: str, leave: asyncio.Event) -> None:
        async with slots.take(lambda: waited.append(name)):
            got.append(name)
            await leave.wait()

    leaves = {name: asyncio.Event() for name in "abc"}
    tasks = [asyncio.create_task(use(name, leaves[name])) for name in "abc"]
    await until(lambda: waited == ["b", "c"])
    leaves["a"].set()
    await until(lambda: got == ["a", "b"])
    for leave in leaves.values():
        leave.set()
    await asyncio.gather(*tasks)

    assert (got, slots.taken) == (["a", "b", "c"], 0)


async def test_one_that_is_cancelled_while_it_waits_or_as_it_is_called_loses_no_slot() -> None:
    slots = Slots(1)

    async def use() -> None:
        async with slots.take(lambda: None):
            await asyncio.sleep(0)

    for _round in range(20):
        tasks = [asyncio.create_task(use()) for _ in range(4)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.sleep(0)
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    assert slots.taken == 0
