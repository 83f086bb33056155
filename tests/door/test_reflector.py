"""LIST and WATCH against a peer that sends exactly what the test says."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sidecars import errors
from sidecars.cluster import reflector as reflectors
from sidecars.store import RowStore
from tests.door.scripted import Call, bookmark, event, pod, pod_list, scripted, status_body, until

pytestmark = pytest.mark.usefixtures("quick")


def names(store: RowStore[Any]) -> set[str]:
    return {row.name for row in store.rows.values()}


def script(
    *watches: Callable[[Call], Awaitable[None]], lists: list[Any] | None = None
) -> Callable[[Call], Awaitable[None]]:
    """The n-th LIST and the n-th WATCH get the n-th answer; the last ones stay."""
    listed, watched = iter(lists or [pod_list(pod("a"), pod("b"))]), iter(watches)

    async def answer(call: Call) -> None:
        if call.is_watch:
            await next(watched, silent)(call)
        else:
            call.answer(next(listed))

    return answer


async def silent(call: Call) -> None:
    call.begin_stream()
    await call.hold()


def says(*pieces: Any, then: str = "hold") -> Callable[[Call], Awaitable[None]]:
    async def answer(call: Call) -> None:
        call.begin_stream()
        call.send(*pieces)
        if then == "hold":
            await call.hold()
        elif then == "end":
            call.end_stream()
        else:
            await call.writer.drain()
            call.cut()

    return answer


async def test_the_watch_begins_at_the_version_of_the_list(tmp_path: Path) -> None:
    async with scripted(script(), tmp_path) as (server, cluster), cluster.reflect("pods") as reflection:
        await until(lambda: len(server.watches) == 1)

        query = server.watches[0].query
        assert (query["resourceVersion"], query["allowWatchBookmarks"]) == ("10", "true")
        assert 300 <= int(query["timeoutSeconds"]) <= 600
        assert reflection.store.state.phase == "live"


async def test_pages_show_as_they_come_and_then_the_list_is_complete(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        if call.is_watch:
            await silent(call)
        elif "continue" not in call.query:
            call.answer(pod_list(pod("a"), following="more"))
        elif reflection.store.rows:
            partial.append((names(reflection.store), reflection.store.state.complete))
            call.answer(pod_list(pod("b"), version=11))

    partial: list[Any] = []
    async with scripted(answer, tmp_path) as (server, cluster), cluster.reflect("pods") as reflection:
        await until(lambda: reflection.store.state.complete)

        assert partial == [({"a"}, False)]
        assert names(reflection.store) == {"a", "b"}
        assert server.calls[0].query["limit"] == "500"


async def test_events_change_the_rows(tmp_path: Path) -> None:
    events = [
        event("ADDED", pod("c", 11)),
        event("MODIFIED", pod("a", 12, phase="Failed")),
        event("DELETED", pod("b", 13)),
    ]
    async with scripted(script(says(*events)), tmp_path) as (_, cluster), cluster.reflect("pods") as held:
        await until(lambda: names(held.store) == {"a", "c"})

        row = held.store.get("shop", "a")
        assert row is not None
        assert row.status == "Failed"


async def test_a_bookmark_moves_the_place_to_resume_from(tmp_path: Path) -> None:
    watch = script(says(event("ADDED", pod("c", 11)), bookmark(99), then="cut"))
    async with scripted(watch, tmp_path) as (server, cluster), cluster.reflect("pods") as held:
        await until(lambda: len(server.watches) == 2)

        assert server.watches[1].query["resourceVersion"] == "99"
        assert names(held.store) == {"a", "b", "c"}


@pytest.mark.parametrize("form", ["event", "status"])
async def test_410_lists_again_without_a_flash(tmp_path: Path, form: str) -> None:
    async def gone(call: Call) -> None:
        if form == "status":
            call.refuse(410, "too old resource version", "Expired")
        else:
            await says(event("ERROR", status_body(410, "too old", "Expired")), then="end")(call)

    lists = [pod_list(pod("a"), pod("b")), pod_list(pod("b"), pod("c"), version=20)]
    async with (
        scripted(script(gone, lists=lists), tmp_path) as (server, cluster),
        cluster.reflect("pods") as held,
    ):
        sizes = []
        async with held.store.follow() as changes:
            async for _change in changes:
                sizes.append(len(held.store.rows))
                if "uid-c" in held.store.rows:
                    break

        assert 0 not in sizes
        assert names(held.store) == {"b", "c"}
        again = server.lists[1].query
        assert (again["resourceVersion"], again["resourceVersionMatch"]) == ("10", "NotOlderThan")


@pytest.mark.parametrize("code", [410, 504])
async def test_a_list_that_cannot_be_had_at_our_version_is_taken_from_the_newest(
    tmp_path: Path, code: int
) -> None:
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}

    async def answer(call: Call) -> None:
        if call.is_watch and call.query["resourceVersion"] == "10":
            call.refuse(410, reason="Expired")
        elif call.is_watch:
            await silent(call)
        elif "resourceVersion" in call.query:
            call.answer(status_body(code, "Too large", "Timeout", causes=[cause]), code)
        else:
            call.answer(pod_list(pod("a"), version=10 if len(server.lists) == 1 else 3))

    async with scripted(answer, tmp_path) as (server, cluster), cluster.reflect("pods") as held:
        await until(lambda: any(c.is_watch and c.query["resourceVersion"] == "3" for c in server.calls))

        assert names(held.store) == {"a"}


async def test_a_server_that_went_back_in_time_is_listed_anew(tmp_path: Path) -> None:
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}

    async def answer(call: Call) -> None:
        if call.is_watch:
            await (silent if call.query["resourceVersion"] == "3" else says(then="cut"))(call)
        elif "resourceVersion" in call.query:
            call.answer(status_body(504, "Timeout: Too large", "Timeout", causes=[cause]), 504)
        else:
            call.answer(pod_list(pod("a"), version=10 if len(server.lists) == 1 else 3))

    async with scripted(answer, tmp_path) as (server, cluster), cluster.reflect("pods") as held:
        server.agrees_on_versions = False
        await until(lambda: any(call.query["resourceVersion"] == "3" for call in server.watches))
        await until(lambda: held.store.state.phase == "live")


async def test_an_expired_continue_begins_the_list_again(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        if call.is_watch:
            await silent(call)
        elif "continue" in call.query and len(server.lists) == 2:
            call.refuse(410, reason="Expired")
        elif "continue" in call.query:
            call.answer(pod_list(pod("b")))
        else:
            call.answer(pod_list(pod("a"), following="more"))

    async with scripted(answer, tmp_path) as (server, cluster), cluster.reflect("pods") as held:
        await until(lambda: held.store.state.complete)

        assert names(held.store) == {"a", "b"}


async def test_403_is_forbidden_and_not_empty_and_is_asked_again(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        if len(server.calls) < 3:
            call.refuse(403, 'pods is forbidden: User "x" cannot list resource "pods"', "Forbidden")
        elif call.is_watch:
            await silent(call)
        else:
            call.answer(pod_list(pod("a")))

    async with scripted(answer, tmp_path) as (server, cluster), cluster.reflect("pods", "shop") as held:
        await until(lambda: held.store.state.phase == "forbidden")
        assert isinstance(held.store.state.error, errors.Forbidden)
        assert not held.store.state.complete

        await until(lambda: held.store.state.phase == "live")


async def test_a_server_that_closes_at_once_is_not_asked_in_a_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecars.cluster.transport.BACKOFF_BASE_S", 0.2)
    monkeypatch.setattr("sidecars.cluster.transport.BACKOFF_TOP_S", 30.0)
    watches = [says(then="end")] * 1000
    async with scripted(script(*watches), tmp_path) as (server, cluster), cluster.reflect("pods"):
        with pytest.raises(TimeoutError):
            await until(lambda: len(server.calls) > 20, limit_s=1)

        assert len(server.watches) <= 4


async def test_a_silent_watch_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reflectors, "SILENCE_S", 0.1)
    async with scripted(script(), tmp_path) as (server, cluster), cluster.reflect("pods"):
        await until(lambda: len(server.watches) >= 3)

        assert len(server.lists) == 1


async def test_rows_were_right_until_the_server_cut_the_watch(tmp_path: Path) -> None:
    """A quiet namespace and a busy cluster, cut together, count from the same moment."""
    cut_at: list[float] = []

    async def answer(call: Call) -> None:
        if call.is_watch and not cut_at:
            call.begin_stream()
            await call.writer.drain()
            await asyncio.sleep(0.3)
            cut_at.append(time.time())
            call.cut()
        elif cut_at:
            call.refuse(503)
        else:
            call.answer(pod_list(pod("a")))

    async with scripted(answer, tmp_path) as (server, cluster), cluster.reflect("pods") as held:
        server.agrees_on_versions = False
        await until(lambda: held.store.state.phase == "stale")

        assert abs(held.store.state.since - cut_at[0]) < 0.15


async def test_a_watch_that_breaks_is_resumed_without_a_list(tmp_path: Path) -> None:
    broken = b'{"type":"ADDED","object":{"metadata":{"na\n'
    watch = script(says(event("ADDED", pod("c", 11)), broken))
    async with scripted(watch, tmp_path) as (server, cluster), cluster.reflect("pods") as held:
        await until(lambda: len(server.watches) == 2)

        assert len(server.lists) == 1
        assert server.watches[1].query["resourceVersion"] == "11"
        assert "c" in names(held.store)


async def test_a_stream_cut_at_any_byte_is_resumed_to_the_same_rows(tmp_path: Path) -> None:
    """Each watch sends what follows the asked version and is cut somewhere inside."""
    things = [pod(f"p{i}", 100 + i, label="ü漢字🙂") for i in range(40)]
    dice = random.Random(7)

    async def answer(call: Call) -> None:
        if not call.is_watch:
            call.answer(pod_list(version=100))
            return
        since = int(call.query["resourceVersion"])
        lines = [
            event("ADDED", thing) for thing in things if int(thing["metadata"]["resourceVersion"]) > since
        ]
        raw = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
        call.begin_stream()
        call.send(raw[: dice.randrange(1, 3000)])
        call.end_stream()

    async with scripted(answer, tmp_path) as (_, cluster), cluster.reflect("pods") as held:
        await until(lambda: len(held.store.rows) == 39, limit_s=30)

        assert names(held.store) == {f"p{i}" for i in range(1, 40)}


async def test_a_line_of_three_megabytes_is_one_event(tmp_path: Path) -> None:
    large = pod("large", 11)
    large["metadata"]["annotations"] = {"note": "x" * (3 << 20)}
    async with (
        scripted(script(says(event("ADDED", large))), tmp_path) as (_, cluster),
        cluster.reflect("pods") as held,
    ):
        await until(lambda: "large" in names(held.store))


async def test_429_on_a_list_is_waited_out_as_told(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        if call.is_watch:
            await silent(call)
        elif len(server.calls) < 4:
            call.refuse(429, "slow down", "TooManyRequests", **{"Retry-After": "0"})
        else:
            call.answer(pod_list(pod("a")))

    async with scripted(answer, tmp_path) as (server, cluster), cluster.reflect("pods") as held:
        await until(lambda: held.store.state.phase == "live")

        assert len(server.lists) == 4


async def test_two_viewers_share_one_reflector_until_it_is_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scripted(script(), tmp_path) as (server, cluster):
        async with cluster.reflect("pods") as first, cluster.reflect("pods") as second:
            await until(lambda: first.store.state.complete)
            assert first.store is second.store
        async with cluster.reflect("pods") as third:
            assert third.store is first.store

        assert len(server.calls) <= 2


async def test_an_idle_reflector_ends_and_the_next_one_lists_anew(tmp_path: Path) -> None:
    lists = [pod_list(pod("a")), pod_list(pod("b"))]
    async with scripted(script(silent, silent, lists=lists), tmp_path) as (_, cluster):
        cluster._reflections._idle_s = 0.0
        async with cluster.reflect("pods") as first:
            await until(lambda: first.store.state.complete)
        await until(lambda: not cluster._reflections._running)
        async with cluster.reflect("pods") as second:
            await until(lambda: names(second.store) == {"b"})


async def test_401_fails_with_the_reason_and_recovers(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        if len(server.calls) <= 2:
            call.refuse(401, "Unauthorized", "Unauthorized")
        elif call.is_watch:
            await silent(call)
        else:
            call.answer(pod_list(pod("a")))

    async with scripted(answer, tmp_path) as (server, cluster), cluster.reflect("pods") as held:
        await until(lambda: held.store.state.phase == "failed")
        assert isinstance(held.store.state.error, errors.Unauthorized)

        await until(lambda: held.store.state.phase == "live")


async def test_a_mistake_of_ours_does_not_leave_rows_that_look_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scripted(script(says(event("ADDED", pod("c", 11)))), tmp_path) as (_, cluster):
        reflection = cluster.reflect("pods")
        monkeypatch.setattr(reflection._reflector, "_read_events", lambda _lines: 1 // 0)
        async with reflection:
            await until(lambda: reflection.store.state.phase == "failed")
