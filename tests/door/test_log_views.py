"""The merged log of many containers: nothing lost, nothing twice, whatever happens to whom."""

import asyncio
import contextlib
import random
import time
from pathlib import Path

import pytest

from sidecars import errors, logring
from sidecars.cluster import LogSource, LogStream, LogTarget
from sidecars.cluster.logs import LogWish, collecting, merged, read_merged, reader, shared, sources, stretch
from sidecars.loglines import SECOND_NS
from tests.door.kubelet import Kubelet, T, shown_of
from tests.door.scripted import scripted, until
from tests.door.viewing import Kubelets, Viewer

pytestmark = pytest.mark.usefixtures("quick")


def numbered(first: int, last: int, step_ns: int = 1000) -> list[tuple[int, bytes | str]]:
    return [(T + i * step_ns, f"line {i}") for i in range(first, last)]


def texts(first: int, last: int) -> list[str]:
    return [f"line {i}" for i in range(first, last)]


def uneven(dice: random.Random, count: int) -> list[tuple[int, bytes | str]]:
    """Times that step back by up to half a second, few different texts, many equal lines."""
    now, lines = T, []
    for _ in range(count):
        now += dice.choice([0, 0, 1, 1000, 20_000_000])
        lines.append((now - dice.choice([0, 0, 0, 1, 400_000_000]), f"ä{dice.randrange(3)}"))
    return list(lines)


def written(kubelet: Kubelet) -> list[str]:
    return [text.decode() for own in kubelet.files.values() for _time, text in own]


def follows(kubelet: Kubelet) -> int:
    return len([call for call in kubelet.logs if "follow" in call.query])


@pytest.mark.parametrize("seed", range(4))
async def test_streams_cut_at_any_byte_give_every_line_once_and_in_order(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    kubelets = Kubelets(*(f"pod-{n}" for n in range(5)))
    lines = {name: uneven(dice, 300) for name in kubelets.pods}
    for kubelet in kubelets.pods.values():
        kubelet.cuts = sorted(dice.randrange(1, 12_000) for _ in range(8))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, *kubelets.pods) as viewer:
        while any(lines.values()):
            name = dice.choice([name for name in lines if lines[name]])
            count = dice.randint(1, 60)
            kubelets[name].write(*lines[name][:count])
            lines[name] = lines[name][count:]
            await asyncio.sleep(0)
        await until(lambda: len(viewer.rows) >= 1500, limit_s=30)

    for name, kubelet in kubelets.pods.items():
        assert viewer.lines[name] == written(kubelet)
    assert "gap" not in viewer.codes


async def test_lines_of_two_containers_come_in_the_order_of_their_times(tmp_path: Path) -> None:
    kubelets = Kubelets("one", "two")
    kubelets["one"].write(*[(T + 2 * i, f"one {i}") for i in range(500)])
    kubelets["two"].write(*[(T + 2 * i + 1, f"two {i}") for i in range(500)])
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one", "two") as viewer:
        await until(lambda: len(viewer.rows) == 1000)

    assert viewer.rows == sorted(viewer.rows)
    assert viewer.late == []


async def test_a_silent_container_does_not_stop_the_other(tmp_path: Path) -> None:
    kubelets = Kubelets("one", "two")
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one", "two") as viewer:
        await until(lambda: set(viewer.states.values()) == {"live"})
        kubelets["one"].write(*numbered(0, 3))
        await until(lambda: len(viewer.rows) == 3)

    assert viewer.lines["one"] == texts(0, 3)


async def test_a_line_that_comes_too_late_is_shown_and_marked(tmp_path: Path) -> None:
    kubelets = Kubelets("one", "two")
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one", "two") as viewer:
        await until(lambda: set(viewer.states.values()) == {"live"})
        kubelets["one"].write((T + SECOND_NS, "later"))
        await until(lambda: viewer.texts == ["later"])
        kubelets["two"].write((T, "earlier"))
        await until(lambda: len(viewer.rows) == 2)

    assert viewer.late == ["earlier"]


async def test_two_viewers_have_one_upstream(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 50))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as first:
        await until(lambda: len(first.rows) == 50)
        async with Viewer(cluster, "one") as second:
            await until(lambda: len(second.rows) == 50)
            kubelets["one"].write(*numbered(50, 100))
            await until(lambda: len(second.rows) == 100 and len(first.rows) == 100)

    assert first.texts == second.texts == texts(0, 100)
    assert follows(kubelets["one"]) == 1


@pytest.mark.parametrize("seed", range(6))
async def test_a_viewer_passes_from_its_own_read_to_the_ring_without_loss(tmp_path: Path, seed: int) -> None:
    """Equal lines, and times that step back, come in while it reads."""
    dice = random.Random(seed)
    kubelets = Kubelets("one")
    lines = uneven(dice, 2000)
    kubelets["one"].write(*lines[:400])
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as first:
        await until(lambda: len(first.rows) == 400)
        async with Viewer(cluster, "one") as second:
            for start in range(400, 2000, 40):
                kubelets["one"].write(*lines[start : start + 40])
                await asyncio.sleep(dice.choice([0, 0.001, 0.004]))
            await until(lambda: len(second.rows) >= 2000 and len(first.rows) >= 2000)

    assert first.texts == second.texts == written(kubelets["one"])
    assert follows(kubelets["one"]) == 1


@pytest.mark.parametrize("seed", range(4))
async def test_a_viewer_that_falls_out_of_the_ring_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(logring, "LINES_MOST", 100)
    monkeypatch.setattr(collecting, "AHEAD_LINES", 50)
    dice = random.Random(seed)
    kubelets = Kubelets("one")
    lines = uneven(dice, 3000)
    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one") as fast,
        Viewer(cluster, "one") as slow,
    ):
        for start in range(0, 3000, 30):
            kubelets["one"].write(*lines[start : start + 30])
            await until(lambda end=start + 30: len(fast.rows) >= end)
            if dice.random() < 0.2:
                slow.may_read.clear() if slow.may_read.is_set() else slow.may_read.set()
        slow.may_read.set()
        await until(lambda: len(slow.rows) >= 3000)

    assert slow.texts == fast.texts == written(kubelets["one"])
    assert len(kubelets["one"].logs) > 1 and follows(kubelets["one"]) == 1
    assert "gap" not in slow.codes and "skipped" not in slow.codes


async def test_a_viewer_half_a_minute_behind_is_told_exactly_how_many_lines_it_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logring, "LINES_MOST", 100)
    monkeypatch.setattr(collecting, "AHEAD_LINES", 50)
    kubelets = Kubelets("one")
    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one") as fast,
        Viewer(cluster, "one") as slow,
    ):
        kubelets["one"].write(*numbered(0, 10, SECOND_NS))
        await until(lambda: len(slow.rows) == 10 and "live" in slow.states.values())
        slow.may_read.clear()
        for start in range(10, 1000, 30):
            kubelets["one"].write(*numbered(start, start + 30, SECOND_NS))
            await until(lambda end=start + 30: len(fast.rows) >= end)
        slow.may_read.set()
        await until(lambda: slow.texts[-1] == fast.texts[-1])

    skipped = [int(text) for _pod, code, text in slow.notices if code == "skipped"]
    assert skipped and len(slow.rows) + sum(skipped) == len(fast.rows) == 1000
    assert slow.texts == [text for text in fast.texts if text in set(slow.texts)]


async def test_a_single_slow_viewer_slows_its_upstream_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logring, "LINES_MOST", 100)
    monkeypatch.setattr(collecting, "AHEAD_LINES", 50)
    kubelets = Kubelets("one")
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as viewer:
        await until(lambda: "live" in viewer.states.values())
        viewer.may_read.clear()
        kubelets["one"].write(*numbered(0, 50_000))
        await until(lambda: any(s._held_since is not None for s in cluster.logs._running.values()))
        viewer.may_read.set()
        await until(lambda: len(viewer.rows) == 50_000, limit_s=30)

    assert viewer.texts == texts(0, 50_000)
    assert len(kubelets["one"].logs) == 1


async def test_skip_leaves_out_what_is_between_and_counts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "AHEAD_LINES", 50)
    kubelets = Kubelets("one")
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as viewer:
        await until(lambda: "live" in viewer.states.values())
        viewer.may_read.clear()
        kubelets["one"].write(*numbered(0, 60_000))
        await until(lambda: len(viewer.rows) > 0)
        viewer.log.skip()
        viewer.may_read.set()
        await until(lambda: "skipped" in viewer.codes)
        kubelets["one"].write((T + 10 * SECOND_NS, "now"))
        await until(lambda: viewer.texts[-1] == "now")

    skipped = sum(int(text) for _pod, code, text in viewer.notices if code == "skipped")
    assert skipped > 0 and len(viewer.rows) - 1 + skipped == 60_000
    assert viewer.rows == sorted(viewer.rows)


async def test_the_upstream_ends_soon_after_its_last_viewer_and_not_before(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 1))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as stays:
        async with Viewer(cluster, "one") as goes:
            await until(lambda: len(goes.rows) == 1)
        kubelets["one"].write(*numbered(1, 2))
        await until(lambda: len(stays.rows) == 2)
        await stays.__aexit__()
        upstream = next(call for call in kubelets["one"].logs if "follow" in call.query)

        await until(upstream.reader.at_eof, limit_s=2.0)

    assert follows(kubelets["one"]) == 1


@pytest.mark.parametrize("seed", range(4))
async def test_a_page_that_comes_back_goes_on_at_its_very_place_in_the_ring(
    tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    kubelets = Kubelets("one", "two")
    lines = {name: uneven(dice, 600) for name in kubelets.pods}
    shown: dict[str, list[str]] = {name: [] for name in kubelets.pods}
    cursors = {}
    async with scripted(kubelets, tmp_path) as (_, cluster):
        for start in range(0, 600, 60):
            async with Viewer(cluster, "one", "two", cursors=cursors) as viewer:
                for name in kubelets.pods:
                    kubelets[name].write(*lines[name][start : start + 60])
                stop_at = dice.randrange(1, 120)
                await until(lambda at=stop_at, seen=viewer: len(seen.rows) >= at)
            cursors = viewer.cursors
            for name in kubelets.pods:
                shown[name] += viewer.lines[name]
        async with Viewer(cluster, "one", "two", cursors=cursors) as viewer:
            await until(lambda: sum(map(len, shown.values())) + len(viewer.rows) >= 1200)

    for name, kubelet in kubelets.pods.items():
        assert shown[name] + viewer.lines[name] == written(kubelet)
        assert follows(kubelet) == 1


async def test_a_page_that_comes_back_to_another_process_goes_on_by_digests(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    lines = [(T + i // 7, f"line {i % 3}") for i in range(1000)]  # seven lines share a timestamp
    kubelets["one"].write(*lines)
    shown: list[str] = []
    cursors = {}
    for count in (1, 200, 333, 999):
        async with (
            scripted(kubelets, tmp_path) as (_, cluster),
            Viewer(cluster, "one", cursors=cursors) as viewer,
        ):
            missing = count - len(shown)
            await until(lambda more=missing, seen=viewer: len(seen.rows) >= more)
        shown += viewer.texts
        cursors = viewer.cursors

    assert shown == [text for _time, text in lines]


async def test_a_container_that_is_refused_does_not_end_the_others(tmp_path: Path) -> None:
    kubelets = Kubelets("one", "two")
    kubelets["two"].refuses = (403, 'User "u" cannot get resource "pods/log" in API group ""', "Forbidden")
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one", "two") as viewer:
        await until(lambda: viewer.states.get("two") == "refused")
        kubelets["one"].write(*numbered(0, 2))
        await until(lambda: len(viewer.rows) == 2)

    problems = [problem for frame in viewer.frames for _number, problem in frame.problems]
    assert [type(problem) for problem in problems] == [errors.Forbidden]


async def test_a_view_whose_every_log_is_refused_ends_with_the_reason(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].refuses = (403, 'User "u" cannot get resource "pods/log" in API group ""', "Forbidden")
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as viewer:
        with pytest.raises(errors.Forbidden):
            await viewer.task


@pytest.mark.parametrize("status", [400, 500])
async def test_a_container_whose_log_fails_is_tried_again_while_the_others_go_on(
    tmp_path: Path, status: int
) -> None:
    kubelets = Kubelets("one", "two")
    kubelets["two"].refuses = (status, "no", "")
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one", "two") as viewer:
        kubelets["one"].write(*numbered(0, 2))
        await until(lambda: len(viewer.rows) == 2)
        kubelets["two"].refuses = None
        kubelets["two"].write(*numbered(2, 4))
        await until(lambda: len(viewer.rows) == 4)

    assert viewer.lines["two"] == texts(2, 4)


async def test_pods_of_a_deployment_join_and_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "TOGETHER_S", 0.01)
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 1))
    source = LogSource("deployments", "shop", "shop", ("app",))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, sources=(source,)) as viewer:
        await until(lambda: len(viewer.rows) == 1 and bool(kubelets.watching))
        kubelets.join("two").write(*numbered(1, 2))
        await until(lambda: len(viewer.rows) == 2)
        kubelets.leave("one")
        await until(lambda: "leave" in viewer.codes)

    assert [(code, text) for _pod, code, text in viewer.notices] == [
        ("join", "two/app"),
        ("end", "deleted"),
        ("leave", "one/app"),
    ]


async def test_a_namespace_whose_pods_may_not_be_listed_says_so(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelets.forbids_list = True
    kubelets["one"].write(*numbered(0, 1))
    wanted = (LogSource("deployments", "shop", "shop", ("app",)), LogSource("pods", "shop", "one", ("app",)))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, sources=wanted) as viewer:
        await until(lambda: len(viewer.rows) == 1)
        found = viewer.log._sources.found

    assert [(source.resource, type(error)) for source, error in found.problems] == [
        ("deployments", errors.Forbidden)
    ]


async def test_a_workload_that_may_not_be_read_at_all_is_an_error(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelets.forbids_list = True
    source = LogSource("deployments", "shop", "shop", ("app",))
    async with scripted(kubelets, tmp_path) as (_, cluster):
        with pytest.raises(errors.Forbidden):
            await Viewer(cluster, sources=(source,)).__aenter__()


async def test_above_the_cap_the_view_says_how_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged, "STREAMS_MOST", 2)
    kubelets = Kubelets("one", "two", "three")
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, *kubelets.pods) as viewer:
        await until(lambda: any(frame.streams for frame in viewer.frames))

    told = next(frame for frame in viewer.frames if frame.streams)
    assert (len(told.streams or ()), told.available) == (2, 3)


async def pods_shown(tmp_path: Path, kubelets: Kubelets, *opened: LogSource) -> list[str]:
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, sources=opened) as viewer:
        await until(lambda: any(frame.streams for frame in viewer.frames))
    told = next(frame for frame in viewer.frames if frame.streams)
    return [state.stream.target.pod for state in told.streams or ()]


async def test_above_the_cap_the_newest_pods_are_chosen_and_always_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged, "STREAMS_MOST", 3)
    kubelets = Kubelets(*(f"pod-{n:02}" for n in range(12)))
    for name in ("pod-07", "pod-03"):
        kubelets[name].created = "2026-01-02T00:00:00Z"

    shown = await pods_shown(tmp_path, kubelets, LogSource("deployments", "shop", "shop", ("app",)))

    assert shown == ["pod-03", "pod-07", "pod-00"]


@pytest.mark.parametrize(("most", "shown"), [(2, ["old", "new"]), (1, ["new"])])
async def test_sources_keep_their_order_unless_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, shown: list[str]
) -> None:
    monkeypatch.setattr(merged, "STREAMS_MOST", most)
    monkeypatch.setattr(sources, "STREAMS_MOST", most)
    kubelets = Kubelets("old", "new")
    kubelets["new"].created = "2026-01-02T00:00:00Z"
    named = [LogSource("pods", "shop", name, ("app",)) for name in kubelets.pods]

    assert await pods_shown(tmp_path, kubelets, *named) == shown


async def test_above_the_process_limit_a_stream_waits_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.slots, "most", 1)
    kubelets = Kubelets("one", "two")
    for name in kubelets.pods:
        kubelets[name].write(*numbered(0, 2))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one", "two") as viewer:
        await until(lambda: "waiting" in viewer.states.values() and len(viewer.rows) == 2)
        kubelets["one"].finish()
        await until(lambda: len(viewer.rows) == 4)

    assert shared.slots.taken == 0


async def test_an_empty_log_is_live_though_nothing_answers_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kubelet's answer begins with its first line."""
    monkeypatch.setattr(stretch, "OPENING_S", 0.05)
    monkeypatch.setattr(stretch, "WATCHDOG_S", 0.05)
    kubelets = Kubelets("one")
    kubelets["one"].answers_late = True
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as viewer:
        await until(lambda: viewer.states.get("one") == "live")
        await until(lambda: len(kubelets["one"].logs) >= 4)  # the watchdog looks, and leaves the stream alone
        kubelets["one"].write(*numbered(0, 3))
        await until(lambda: len(viewer.rows) == 3)

    assert (follows(kubelets["one"]), viewer.codes) == (1, [])


async def test_how_far_the_shown_lines_lag_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "AHEAD_LINES", 50)
    monkeypatch.setattr(reader, "FAR_S", 10_000.0)
    kubelets = Kubelets("one")
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as viewer:
        await until(lambda: viewer.states.get("one") == "live")
        kubelets["one"].write(*numbered(0, 5000, SECOND_NS))
        await until(lambda: len(viewer.rows) == 5000)

    lags = [frame.behind_s for frame in viewer.frames if frame.rows]
    assert max(lags) > 1.0 and lags[-1] == 0.0


async def test_a_page_that_comes_back_to_a_log_rotated_empty_is_told_of_the_gap_once(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    before = {"uid-one/app": shown_of("one", (T - 5, "rotated away"))}
    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one") as other,
        Viewer(cluster, "one", cursors=before) as viewer,
    ):
        await until(lambda: viewer.codes == ["gap"])
        kubelets["one"].write(*numbered(0, 3))
        await until(lambda: len(viewer.rows) == 3 and len(other.rows) == 3)

    assert (viewer.codes, other.codes) == (["gap"], [])
    assert viewer.texts == texts(0, 3)


async def test_a_pause_in_the_log_is_no_lag_and_neither_is_its_history(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 3000, SECOND_NS))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as viewer:
        await until(lambda: len(viewer.rows) == 3000 and viewer.states.get("one") == "live")
        for hour in (2, 3, 4):
            time_ns = T + hour * 3600 * SECOND_NS
            kubelets["one"].write((time_ns, f"hour {hour}"))
            await until(lambda: viewer.texts[-1:] == [f"hour {hour}"])  # noqa: B023  awaited within its round

    assert {frame.behind_s for frame in viewer.frames if frame.rows} == {0.0}


async def test_a_restart_is_marked_once_for_each_viewer_and_no_last_word_is_lost(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelet = kubelets["one"]
    kubelet.write(*numbered(0, 20))
    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one") as first,
        Viewer(cluster, "one") as second,
    ):
        await until(lambda: len(first.rows) == 20 and len(second.rows) == 20)
        kubelet.files["id-1"] += [(T + 30_000, b"last words")]
        kubelet.files["id-2"] = [(T + 2 * SECOND_NS, b"hello again")]
        kubelet.restart("id-2", seconds=2)
        await until(lambda: all("hello again" in viewer.texts for viewer in (first, second)))

    for viewer in (first, second):
        assert viewer.texts == [*texts(0, 20), "last words", "hello again"]
        assert viewer.codes == ["restart"]


async def test_a_page_that_comes_back_after_a_restart_gets_the_rest_of_the_old_instance(
    tmp_path: Path,
) -> None:
    kubelets = Kubelets("one")
    kubelet = kubelets["one"]
    kubelet.write(*numbered(0, 20))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as before:
        await until(lambda: len(before.rows) == 20)
    kubelet.files["id-1"] += [(T + 30_000, b"last words")]
    kubelet.files["id-2"] = [(T + 2 * SECOND_NS, b"hello again")]
    kubelet.restart("id-2", seconds=2)

    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one", cursors=before.cursors) as after,
    ):
        await until(lambda: "hello again" in after.texts)

    assert (after.texts, after.codes) == (["last words", "hello again"], ["restart"])


async def test_a_page_that_comes_back_after_a_rotation_is_told_of_a_possible_gap(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelet = kubelets["one"]
    kubelet.write(*numbered(0, 20))
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as before:
        await until(lambda: len(before.rows) == 20)
    kubelet.files["id-1"] = []
    kubelet.write(*numbered(100, 110))

    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one", cursors=before.cursors) as after,
    ):
        await until(lambda: len(after.rows) == 10)

    assert [(code, text) for _pod, code, text in after.notices] == [("gap", "possible")]


async def test_a_container_in_crash_loop_holds_the_others_no_longer_than_the_window(tmp_path: Path) -> None:
    kubelets = Kubelets("one", "two")
    kubelets["two"].write(*numbered(0, 1))
    kubelets["two"].state = {"waiting": {"reason": "CrashLoopBackOff"}}
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one", "two") as viewer:
        await until(lambda: viewer.states.get("two") == "waiting")
        kubelets["one"].write(*numbered(1, 2))
        await until(lambda: len(viewer.rows) == 2, limit_s=5.0)


async def test_a_page_that_comes_back_is_shown_a_pod_that_joined_meanwhile_from_its_first_line(
    tmp_path: Path,
) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 10))
    wish = LogWish(tail_lines=5)
    source = (LogSource("deployments", "shop", "shop", ("app",)),)
    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, sources=source, wish=wish) as before,
    ):
        await until(lambda: len(before.rows) == 5)
    kubelets.join("two").write(*numbered(10, 30))

    wish = LogWish(since_ns=min(cursor.time_ns for cursor in before.cursors.values()) - SECOND_NS)
    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, sources=source, wish=wish, cursors=before.cursors) as after,
    ):
        await until(lambda: len(after.rows) == 20)

    assert after.lines == {"two": texts(10, 30)}


async def test_a_page_that_comes_back_is_told_of_a_pod_that_left(tmp_path: Path) -> None:
    kubelets = Kubelets("one", "two")
    for name in kubelets.pods:
        kubelets[name].write(*numbered(0, 1))
    source = (LogSource("deployments", "shop", "shop", ("app",)),)
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, sources=source) as before:
        await until(lambda: len(before.rows) == 2)
    del kubelets.pods["two"]

    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, sources=source, cursors=before.cursors) as after,
    ):
        await until(lambda: "leave" in after.codes)

    assert after.rows == []


async def test_nothing_is_followed_past_the_end_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged, "UNTIL_S", 1e9)  # the lines are old
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 5))
    wish = LogWish(until_ns=T + 6000)
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one", wish=wish) as viewer:
        await until(lambda: len(viewer.rows) == 5)
        kubelets["one"].write(*numbered(5, 10))
        await viewer.task

    assert viewer.texts == texts(0, 7)


async def test_a_silent_log_is_followed_no_longer_than_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged, "UNTIL_S", 0.2)
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 5))
    wish = LogWish(until_ns=time.time_ns())
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one", wish=wish) as viewer:
        await until(viewer.task.done)

    assert viewer.texts == texts(0, 5)


async def test_two_hundred_viewers_of_one_container_have_one_upstream(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 10))
    async with scripted(kubelets, tmp_path) as (_, cluster), contextlib.AsyncExitStack() as stack:
        viewers = [await stack.enter_async_context(Viewer(cluster, "one")) for _ in range(200)]
        viewers[0].may_read.clear()
        await until(lambda: all(len(viewer.rows) == 10 for viewer in viewers[1:]))
        kubelets["one"].write(*numbered(10, 1000))
        await until(lambda: all(len(viewer.rows) == 1000 for viewer in viewers[1:]), limit_s=30)

    assert follows(kubelets["one"]) == 1
    assert all(viewer.texts == texts(0, 1000) for viewer in viewers[1:])


@pytest.mark.parametrize("tail", [None, 7])
async def test_without_following_all_lines_come_in_order_and_then_an_end(
    tmp_path: Path, tail: int | None
) -> None:
    kubelets = Kubelets("one", "two")
    kubelets["one"].write(*[(T + 2 * i, f"one {i}") for i in range(5000)])
    kubelets["two"].write(*[(T + 2 * i + 1, f"two {i}") for i in range(5000)])
    streams = [LogStream(LogTarget("shop", name, f"uid-{name}", "app")) for name in kubelets.pods]
    rows: list[tuple[int, str]] = []
    async with scripted(kubelets, tmp_path) as (_, cluster):
        async for batch in read_merged(cluster, streams, LogWish(tail)):
            rows += [(line.time_ns, line.text) for _place, line in batch]

    assert rows == sorted(rows)
    assert len(rows) == (10_000 if tail is None else 2 * tail)
    assert all("follow" not in call.query for name in kubelets.pods for call in kubelets[name].logs)


async def test_a_read_that_breaks_goes_on_where_it_broke(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 3000))
    kubelets["one"].breaks_after = [10_000, 50_000]
    streams = [LogStream(LogTarget("shop", "one", "uid-one", "app"))]
    found: list[str] = []
    async with scripted(kubelets, tmp_path) as (_, cluster):
        async for batch in read_merged(cluster, streams, LogWish()):
            found += [line.text for _place, line in batch]

    assert found == texts(0, 3000)


async def test_equal_lines_of_one_moment_that_come_after_the_own_read_are_new(tmp_path: Path) -> None:
    same: list[tuple[int, bytes | str]] = [(T, "same")] * 100
    kubelets = Kubelets("one")
    kubelets["one"].write(*same)
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as before:
        await until(lambda: len(before.rows) == 100)
    kubelets["one"].write(*same)

    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one") as first,
        Viewer(cluster, "one") as second,
        Viewer(cluster, "one", cursors=before.cursors) as returned,
    ):
        await until(lambda: len(first.rows) == len(second.rows) == 200 and len(returned.rows) == 100)
        await until(lambda: {v.states.get("one") for v in (first, second, returned)} == {"live"})
        kubelets["one"].write(*same)
        await until(lambda: len(first.rows) == len(second.rows) == 300 and len(returned.rows) == 200)

    assert follows(kubelets["one"]) == 2  # one for each process
