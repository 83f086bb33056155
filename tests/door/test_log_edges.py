"""What a merged view must not lose or keep at its edges: pods that come and go, skips, refusals, limits."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dashboard.log_ask import LogAsk
from dashboard.log_wish import wish_of
from sidecars import errors, logring
from sidecars.cluster import LogSource
from sidecars.cluster.logs import LogSources, LogWish, MergedLog, collecting, merged, shared, slots, sources
from sidecars.loglines import SECOND_NS
from tests.door.kubelet import Kubelet, T
from tests.door.scripted import Call, scripted, until
from tests.door.test_log_views import numbered, texts
from tests.door.viewing import Kubelets, Viewer

pytestmark = pytest.mark.usefixtures("quick")

YEARS_NS = 40 * 365 * 86400 * SECOND_NS  # from the scripted lines to some that are new by any clock
DEPLOYMENT = (LogSource("deployments", "shop", "shop", ("app",)),)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "TOGETHER_S", 0.01)
    monkeypatch.setattr(shared, "LINGER_S", 0.01)


async def test_pods_that_left_leave_nothing_behind_while_the_view_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged, "LEFT_MOST", 1)
    kubelets = Kubelets("one", "two", "three", "four")
    for kubelet in kubelets.pods.values():
        kubelet.write(*numbered(0, 3))
    async with scripted(kubelets, tmp_path) as (_, cluster):
        async with Viewer(cluster, sources=DEPLOYMENT) as viewer:
            await until(lambda: len(viewer.rows) == 12 and bool(kubelets.watching))
            for name in ("one", "two", "three"):
                kubelets.leave(name)
            await until(lambda: viewer.codes.count("leave") == 3)
            await until(lambda: [uid for uid, _name in cluster.logs._running] == ["uid-four"])
            kubelets["four"].write(*numbered(3, 4))
            await until(lambda: len(viewer.rows) == 13)
        await until(lambda: not cluster.logs._running)


async def test_a_view_that_is_cancelled_twice_lets_go_of_everything(tmp_path: Path) -> None:
    kubelets = Kubelets("one", "two")
    async with scripted(kubelets, tmp_path) as (_, cluster):

        async def look() -> None:
            async with MergedLog(cluster, LogSources(cluster, DEPLOYMENT), LogWish()) as log:
                async for _frame in log.frames():
                    pass

        looking = asyncio.create_task(look())
        await until(lambda: len(cluster.logs._running) == 2)
        looking.cancel()
        await asyncio.sleep(0)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)

        await until(lambda: not cluster.logs._running)
        await until(lambda: not [t for t in asyncio.all_tasks() if t.get_name() == "log source"])


@pytest.mark.parametrize("tail", [0, 100])
async def test_a_pod_that_joins_is_shown_from_its_first_line_whatever_the_tail(
    tmp_path: Path, tail: int
) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 150))
    wish = LogWish(tail_lines=tail)
    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, sources=DEPLOYMENT, wish=wish) as viewer,
    ):
        await until(lambda: viewer.states == {"one": "live"} and bool(kubelets.watching))
        kubelets.pods["two"] = Kubelet("two")
        kubelets["two"].write(*numbered(0, 150))
        kubelets.tell("ADDED", "two")
        await until(lambda: "join" in viewer.codes)
        kubelets["two"].write(*numbered(150, 151))
        await until(lambda: viewer.lines.get("two", [])[-1:] == ["line 150"])

    assert viewer.lines["two"] == texts(0, 151)


async def test_above_the_cap_a_pod_that_was_there_already_comes_with_its_tail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged, "STREAMS_MOST", 1)
    kubelets = Kubelets("one", "two")
    for kubelet in kubelets.pods.values():
        kubelet.write(*numbered(0, 50))
    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, sources=DEPLOYMENT, wish=LogWish(tail_lines=5)) as viewer,
    ):
        await until(lambda: len(viewer.rows) == 5 and bool(kubelets.watching))
        kubelets.leave(next(name for name, lines in viewer.lines.items() if lines))
        await until(lambda: len(viewer.rows) >= 10)

    assert viewer.lines == {"one": texts(45, 50), "two": texts(45, 50)}


async def test_a_skip_leaves_nothing_out_of_a_view_that_has_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged, "FRAME_CHARACTERS", 1)
    kubelets = Kubelets("one", "two")
    for kubelet in kubelets.pods.values():
        kubelet.write(*[(T + i, f"{i} {'x' * 200}") for i in range(2000)])
    wish = LogWish(follows=False)
    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one", "two", wish=wish) as viewer,
    ):
        await until(lambda: len(viewer.rows) > 0)
        viewer.log.skip()
        await until(viewer.task.done)

    assert len(viewer.rows) == 4000


async def test_a_list_that_cannot_be_had_is_an_error_and_no_workload_without_pods(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "FIRST_ROWS_S", 0.2)
    kubelets = Kubelets("one")
    kubelets.refuses_list = (500, "InternalError")
    async with scripted(kubelets, tmp_path) as (_, cluster):
        with pytest.raises(errors.ClusterError):
            await Viewer(cluster, sources=DEPLOYMENT).__aenter__()


async def test_a_view_whose_pods_may_no_longer_be_listed_is_told_once(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 1))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, sources=DEPLOYMENT) as viewer:
        await until(lambda: len(viewer.rows) == 1 and bool(kubelets.watching))
        kubelets.refuses_list = (403, "Forbidden")
        for call in kubelets.watching:
            call.cut()
        await until(lambda: any(frame.lost for frame in viewer.frames))
        kubelets["one"].write(*numbered(1, 2))
        await until(lambda: len(viewer.rows) == 2)

    lost = [one for frame in viewer.frames for one in frame.lost]
    assert [(source, type(error)) for source, error in lost] == [(DEPLOYMENT[0], errors.Forbidden)]


async def test_a_page_that_comes_back_gets_what_a_new_pod_wrote_before_the_last_line_shown(
    tmp_path: Path,
) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write((T + 10 * SECOND_NS, "shown"))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, sources=DEPLOYMENT) as before:
        await until(lambda: len(before.rows) == 1)
    kubelets.join("two").write((T + 5 * SECOND_NS, "not yet shown"))

    ask = LogAsk(DEPLOYMENT, tail="0")
    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(
            cluster,
            sources=DEPLOYMENT,
            wish=wish_of(ask, cluster, before.cursors, live=True),
            cursors=before.cursors,
        ) as after,
    ):
        await until(lambda: after.states.get("two") == "live")
        kubelets["two"].write((T + 11 * SECOND_NS, "later"))
        await until(lambda: "later" in after.texts)

    assert after.texts == ["not yet shown", "later"]


async def test_who_waits_for_a_slot_to_catch_up_says_so_and_holds_nobody_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "most", 2)
    kubelets = Kubelets("one", "two")
    for kubelet in kubelets.pods.values():
        kubelet.write(*numbered(0, 5))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as first:
        await until(lambda: len(first.rows) == 5)
        async with Viewer(cluster, "two", "one") as second:
            await until(lambda: second.states == {"one": "waiting", "two": "live"})
            await until(lambda: second.lines["two"] == texts(0, 5), limit_s=5.0)
            kubelets["two"].finish()  # its slot is free then
            await until(lambda: second.lines["one"] == texts(0, 5))


async def test_a_skip_leaves_no_mark_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of those that wait to be shown, nor of those that lie in the ring."""
    monkeypatch.setattr(collecting, "AHEAD_LINES", 50)
    kubelets = Kubelets("one")
    kubelet = kubelets["one"]
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as viewer:
        await until(lambda: "live" in viewer.states.values())
        viewer.may_read.clear()
        kubelet.write(*numbered(0, 3000))
        await until(lambda: len(viewer.rows) > 0)
        for second in (20, 21):
            kubelet.restart(f"id-{second}", seconds=second)
            kubelet.write((T + second * SECOND_NS, f"of {second}"))
            ring = cluster.logs._running["uid-one", "app"].ring
            await until(lambda own=ring, said=f"of {second}": own.chunks[-1].lines[-1].text == said)
        viewer.log.skip()
        viewer.may_read.set()
        await until(lambda: "skipped" in viewer.codes)

    skipped = sum(int(text) for _pod, code, text in viewer.notices if code == "skipped")
    assert viewer.codes.count("restart") == 2
    assert skipped + len(viewer.rows) == 3002


@pytest.mark.parametrize("wish", [LogWish(tail_lines=0), LogWish(since_ns=T + 100 * SECOND_NS)])
async def test_who_asks_for_new_lines_only_is_shown_no_history_that_another_reads(
    tmp_path: Path, wish: LogWish
) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 60_000))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as first:
        first.may_read.clear()
        await until(lambda: any(log._held_since for log in cluster.logs._running.values()))
        async with Viewer(cluster, "one", wish=wish) as second:
            await until(lambda: len(second.frames) > 0 and len(kubelets["one"].logs) > 1)
            kubelets["one"].write((T + YEARS_NS, "new"))
            await until(lambda: "new" in second.texts)
            first.may_read.set()
            await until(lambda: first.texts[-1:] == ["new"])
            kubelets["one"].write((T + YEARS_NS + 1, "newer"))
            await until(lambda: "newer" in second.texts)

    assert second.texts == ["new", "newer"]


async def test_who_reads_history_is_skipped_nothing_of_it_for_a_faster_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "AHEAD_LINES", 50)
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 60_000, SECOND_NS))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as slow:
        slow.may_read.clear()
        await until(lambda: any(log._held_since for log in cluster.logs._running.values()))
        async with Viewer(cluster, "one", wish=LogWish(tail_lines=5)) as fast:
            shared_log = cluster.logs._running["uid-one", "app"]
            await until(lambda: len(fast.rows) >= 5 and shared_log.ring.total == 60_000)
            slow.may_read.set()
            await until(lambda: slow.texts[-1:] == ["line 59999"], limit_s=30)

    assert "skipped" not in slow.codes
    assert slow.texts == texts(0, 60_000)


async def test_a_pod_that_vanished_before_its_log_was_read_is_gone_and_not_refused(tmp_path: Path) -> None:
    kubelets = Kubelets("one", "two")
    kubelets["two"].gone = True
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, sources=DEPLOYMENT) as viewer:
        await until(lambda: viewer.states.get("two") in ("ended", "refused"))

    assert viewer.states["two"] == "ended"
    assert viewer.notices == [("two", "end", "deleted")]


async def test_pods_above_the_cap_do_not_come_in_the_places_of_those_that_have_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged, "STREAMS_MOST", 2)
    monkeypatch.setattr(sources, "STREAMS_MOST", 2)
    kubelets = Kubelets("a", "b", "c", "d")
    for kubelet in kubelets.pods.values():
        kubelet.write(*numbered(0, 2))
        kubelet.finish()
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, sources=DEPLOYMENT) as viewer:
        await until(lambda: viewer.codes.count("end") == 2)
        kubelets.join("e").created = "2026-01-02T00:00:00Z"
        kubelets["e"].write(*numbered(0, 2))
        kubelets.tell("MODIFIED", "e")
        await until(lambda: len(viewer.lines.get("e", [])) == 2)

    assert {name for name, lines in viewer.lines.items() if lines} == {"a", "b", "e"}


async def test_of_thousands_of_pods_with_a_label_only_the_newest_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LOOKED_MOST", 3)
    kubelets = Kubelets(*(f"pod-{number}" for number in range(9)))
    kubelets["pod-7"].created = "2026-01-02T00:00:00Z"
    monkeypatch.setattr(kubelets, "owned", lambda name: labelled(kubelets, name))
    source = LogSource("selector", "shop", "app=web", ("*",))
    async with (
        scripted(kubelets, tmp_path) as (server, cluster),
        LogSources(cluster, (source,)) as found,
    ):
        looked = {call.path.rpartition("/")[2] for call in server.calls} - {"pods"}

    assert len(found.found.streams) == 9
    assert len(looked) == 3 and "pod-7" in looked


def labelled(kubelets: Kubelets, name: str) -> dict[str, Any]:
    thing = kubelets[name].pod()
    thing["metadata"]["labels"] = {"app": "web"}
    return thing


def has_rows(viewer: Viewer, count: int) -> bool:
    return len(viewer.rows) == count


async def test_a_place_in_the_ring_is_taken_up_though_the_clock_has_stepped_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logring, "LINES_MOST", 4)
    kubelets = Kubelets("one")
    kubelets["one"].write((T + 3600 * SECOND_NS, "before"))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as first:
        for count in range(1, 12):
            await until(partial(has_rows, first, count))
            kubelets["one"].write((T + count, f"line {count}"))
        await until(lambda: len(first.rows) == 12)
        async with Viewer(cluster, "one", cursors=first.cursors) as second:
            kubelets["one"].write((T + 12, "line 12"))
            await until(lambda: second.task.done() or bool(second.rows))

    assert second.texts == ["line 12"]


async def test_a_time_that_no_cursor_can_hold_is_no_time(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    raw = b"1969-12-31T23:59:59.000000000Z early\n2600-01-01T00:00:00.000000000Z late\n"
    kubelets["one"]._bytes = lambda *_: raw  # type: ignore[method-assign]
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as viewer:
        await until(lambda: viewer.task.done() or len(viewer.rows) == 2)

    assert [time_ns for time_ns, _text in viewer.rows] == [0, 0]


class Barred(Kubelets):
    """Pods of as many Jobs, which nobody may read."""

    def owned(self, name: str) -> dict[str, Any]:
        thing = super().owned(name)
        owner = {"kind": "Job", "name": f"nightly-1234567{name}", "controller": True, "uid": "job"}
        thing["metadata"]["ownerReferences"] = [owner]
        return thing

    async def __call__(self, call: Call) -> None:
        if "/batch/" in call.path:
            call.refuse(403, 'User "u" cannot list resource "jobs" in API group "batch"', "Forbidden")
        else:
            await super().__call__(call)


async def test_who_may_not_read_jobs_is_asked_once_and_not_for_each_job(tmp_path: Path) -> None:
    kubelets = Barred(*"12345")
    source = LogSource("cronjobs", "shop", "nightly", ("app",))
    async with (
        scripted(kubelets, tmp_path) as (server, cluster),
        LogSources(cluster, (source,)) as found,
    ):
        asked = [call for call in server.calls if "/jobs" in call.path]

    assert (len(found.found.streams), len(asked)) == (5, 1)


class Unwell(Kubelets):
    """One pod of a Job that somebody made by hand of the CronJob; the Jobs cannot be read at first."""

    is_unwell = True
    asked = 0

    def owned(self, name: str) -> dict[str, Any]:
        thing = super().owned(name)
        owner = {"kind": "Job", "name": "by-hand", "controller": True, "uid": "job"}
        thing["metadata"]["ownerReferences"] = [owner]
        return thing

    async def __call__(self, call: Call) -> None:
        if "/batch/" not in call.path:
            await super().__call__(call)
        elif self.is_unwell:
            self.asked += 1
            call.refuse(400, "not now", "BadRequest")
        else:
            owners = [{"kind": "CronJob", "name": "nightly"}]
            job = {"metadata": {"name": "by-hand", "ownerReferences": owners}}
            call.answer({"kind": "JobList", "metadata": {"resourceVersion": "1"}, "items": [job]})


async def test_jobs_that_could_not_be_read_are_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LOOK_AGAIN_S", 0.02)
    kubelets = Unwell("1")
    source = LogSource("cronjobs", "shop", "nightly", ("app",))
    async with scripted(kubelets, tmp_path) as (_, cluster), LogSources(cluster, (source,)) as found:
        await until(lambda: kubelets.asked == 9)  # more than there are changes of pods
        assert not found.found.streams
        kubelets.is_unwell = False
        await until(lambda: bool(found.found.streams))
