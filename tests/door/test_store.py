import asyncio

import msgspec

from sidecars import store as stores
from sidecars import wire
from sidecars.rows import PodRow, pod_row
from sidecars.store import Change, ReflectorState, RowStore
from tests.door.scripted import pod


def rows_of(*names: str, version: int = 1) -> list[PodRow]:
    return [pod_row(msgspec.convert(pod(name, version), wire.Pod)) for name in names]


async def test_a_follower_gets_one_change_for_many() -> None:
    store: RowStore[PodRow] = RowStore()

    async with store.follow() as changes:
        store.change(rows_of("a"))
        store.change(rows_of("b"))
        store.change([], ["uid-a"])
        change = await anext(changes)

    assert change == Change(frozenset({"uid-b"}), frozenset({"uid-a"}), store.state)


async def test_two_followers_do_not_share_what_they_have_read() -> None:
    store: RowStore[PodRow] = RowStore()

    async with store.follow() as first, store.follow() as second:
        store.change(rows_of("a"))
        await anext(first)
        store.change(rows_of("b"))

        assert (await anext(first)).updated == {"uid-b"}
        assert (await anext(second)).updated == {"uid-a", "uid-b"}


async def test_a_change_of_state_alone_is_told() -> None:
    store: RowStore[PodRow] = RowStore()

    async with store.follow() as changes:
        store.set_state(ReflectorState("stale"))
        change = await anext(changes)

    assert change.state.phase == "stale"
    assert not change.updated


def test_a_swap_tells_only_the_difference() -> None:
    store: RowStore[PodRow] = RowStore()
    store.change(rows_of("a", "b", "c"))
    version = store.version

    store.swap({row.uid: row for row in [*rows_of("a", "b"), *rows_of("d")]})

    assert set(store.rows) == {"uid-a", "uid-b", "uid-d"}
    assert store.version == version + 1
    assert store.get("shop", "c") is None


def test_a_swap_of_equal_rows_changes_nothing() -> None:
    store: RowStore[PodRow] = RowStore()
    store.change(rows_of("a", "b"))
    version = store.version

    store.swap({row.uid: row for row in rows_of("a", "b")})

    assert store.version == version


def test_a_pod_that_comes_back_under_its_name_is_found_by_the_name() -> None:
    store: RowStore[PodRow] = RowStore()
    store.change(rows_of("a"))
    again = pod_row(msgspec.convert(pod("a", 2, uid="new"), wire.Pod))

    store.change([again])
    store.change([], ["uid-a"])

    assert store.get("shop", "a") == again


async def test_a_follower_that_falls_far_behind_is_told_to_read_everything(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(stores, "PENDING_LIMIT", 3)
    store: RowStore[PodRow] = RowStore()

    async with store.follow() as changes:
        for name in "abcde":
            store.change(rows_of(name))
        change = await anext(changes)

    assert change.whole
    assert not change.updated


async def test_a_follower_waits_while_nothing_happens() -> None:
    store: RowStore[PodRow] = RowStore()

    async with store.follow() as changes:
        waiting = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
        assert not waiting.done()
        store.change(rows_of("a"))

        assert (await waiting).updated == {"uid-a"}
