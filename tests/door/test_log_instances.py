"""Instances of a container that end, are pruned or are replaced while somebody reads: marks that are true."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sidecars.cluster.logs import collecting, merged
from sidecars.loglines import SECOND_NS
from sidecars.logplace import Cursor
from tests.door.kubelet import Kubelet, Reader, T, shown_of
from tests.door.scripted import Call, scripted, until
from tests.door.test_log_views import numbered, texts
from tests.door.viewing import Kubelets, Viewer

pytestmark = pytest.mark.usefixtures("quick")

CRASHED = {"waiting": {"reason": "CrashLoopBackOff"}}
SHOWN = [(T + i * 1000, f"line {i}") for i in range(3)]


def crashed() -> Kubelet:
    kubelet = Kubelet()
    kubelet.write(*SHOWN)
    kubelet.state = CRASHED
    return kubelet


async def cursor_of(kubelets: Kubelets, folder: Path) -> dict[str, Cursor]:
    """What a page has whose dashboard is stopped."""
    async with scripted(kubelets, folder) as (_, cluster), Viewer(cluster, "one") as viewer:
        await until(lambda: any(cursor.is_ended for cursor in viewer.cursors.values()))
    return viewer.cursors


async def test_a_page_learns_that_the_instance_it_was_shown_has_ended(tmp_path: Path) -> None:
    """In no frame of lines: the end shows only afterwards."""
    kubelets = Kubelets("one")
    kubelets["one"].write(*SHOWN)
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as viewer:
        await until(lambda: len(viewer.rows) == 3)
        assert not viewer.cursors["uid-one/app"].is_ended
        kubelets["one"].state = CRASHED
        kubelets["one"].wake()
        await until(lambda: viewer.cursors["uid-one/app"].is_ended)
        kubelets["one"].restart("id-2", seconds=2)
        kubelets["one"].write((T + 2 * SECOND_NS, "again"))
        await until(lambda: viewer.texts[-1] == "again")

    assert not viewer.cursors["uid-one/app"].is_ended
    assert sum(frame.cursors != {} and not frame.rows for frame in viewer.frames) == 1


async def test_a_viewer_who_reads_for_himself_learns_it_too(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 3))
    kubelets["one"].finish()
    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one") as first,
        Viewer(cluster, "one") as second,
    ):
        await until(lambda: first.task.done() and second.task.done())

    for viewer in (first, second):
        assert viewer.cursors["uid-one/app"].is_ended


async def test_an_ended_instance_whose_log_is_gone_is_no_gap_for_who_has_seen_its_end(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*SHOWN)
    kubelets["one"].state = CRASHED
    cursors = await cursor_of(kubelets, tmp_path)
    kubelets["one"].files["id-1"] = []
    kubelets["one"].lost = {"id-1"}

    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one", cursors=cursors) as viewer,
    ):
        await until(lambda: viewer.states.get("one") == "waiting")
        kubelets["one"].restart("id-2", seconds=2)
        kubelets["one"].write((T + 2 * SECOND_NS, "again"))
        await until(lambda: viewer.texts[-1:] == ["again"])

    assert (viewer.texts, viewer.codes) == (["again"], ["restart"])


async def test_an_ended_instance_is_not_shown_again_and_who_never_saw_it_gets_it_whole(
    tmp_path: Path,
) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 300, SECOND_NS))
    kubelets["one"].state = CRASHED
    cursors = await cursor_of(kubelets, tmp_path)

    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one", cursors=cursors) as returned,
        Viewer(cluster, "one") as new,
    ):
        await until(lambda: len(new.rows) == 300)
        await until(lambda: returned.states.get("one") == new.states.get("one") == "waiting")

    assert (returned.rows, returned.codes) == ([], [])
    assert new.texts == texts(0, 300)


async def test_an_instance_between_the_one_that_was_seen_to_its_end_and_the_present_one_is_a_gap(
    tmp_path: Path,
) -> None:
    kubelet = Kubelet()
    kubelet.restart("id-2", seconds=2)
    kubelet.restart("id-3", seconds=4)
    kubelet.write((T + 4 * SECOND_NS, "third"))
    since = shown_of("web", *SHOWN, is_ended=True)
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster, since) as reader:
        await until(lambda: reader.texts == ["third"])

    assert reader.notices == [("gap", "restarts"), ("restart", "")]


async def test_a_new_instance_that_was_silent_when_the_page_left_is_no_gap(tmp_path: Path) -> None:
    kubelets = Kubelets("one")
    kubelets["one"].write(*SHOWN)
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as before:
        await until(lambda: len(before.rows) == 3)
        kubelets["one"].restart("id-2", seconds=2)
        await until(lambda: before.codes == ["restart"])

    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one", cursors=before.cursors) as after,
    ):
        await until(lambda: after.states.get("one") == "live")
        kubelets["one"].write((T + 2 * SECOND_NS, "at last"))
        await until(lambda: len(after.rows) == 1)

    assert (after.texts, after.codes) == (["at last"], [])


@asynccontextmanager
async def restarted_and_cut(folder: Path) -> AsyncIterator[tuple[Kubelet, Reader]]:
    """The new instance's streams broke before its first line; a further one is open."""
    kubelet = Kubelet()
    kubelet.write(*SHOWN)
    async with scripted(kubelet, folder) as (_, cluster), Reader(cluster) as reader:
        await until(lambda: len(reader.texts) == 3)
        kubelet.cuts = [0, 0]
        kubelet.restart("id-2", seconds=2)
        await until(lambda: len([call for call in kubelet.logs if "follow" in call.query]) == 4)
        yield kubelet, reader


async def test_a_new_instance_whose_stream_breaks_before_its_first_line_is_no_gap(tmp_path: Path) -> None:
    async with restarted_and_cut(tmp_path) as (kubelet, reader):
        kubelet.write((T + 2 * SECOND_NS, "at last"))
        await until(lambda: len(reader.texts) == 4)

    assert reader.notices == [("restart", "")]


async def test_a_new_instance_of_which_nothing_was_read_for_a_while_may_have_lost_its_beginning(
    tmp_path: Path,
) -> None:
    """Its first file may have been rotated away, which the API does not tell."""
    async with restarted_and_cut(tmp_path) as (kubelet, reader):
        kubelet.write((T + 8 * SECOND_NS, "line 3000"), (T + 8 * SECOND_NS + 1, "line 3001"))
        await until(lambda: len(reader.texts) == 5)

    assert reader.notices == [("restart", ""), ("gap", "possible")]


async def test_no_cursor_says_ended_before_the_last_line_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged, "FRAME_CHARACTERS", 1)
    kubelets = Kubelets("one")
    kubelets["one"].write(*numbered(0, 5))
    kubelets["one"].finish()
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as viewer:
        await until(viewer.task.done)

    told = [frame.cursors["uid-one/app"].is_ended for frame in viewer.frames if frame.cursors]
    assert told == [False] * 5 + [True]


async def test_an_end_whose_lines_still_wait_for_another_container_is_told_with_them(tmp_path: Path) -> None:
    kubelets = Kubelets("one", "two")
    kubelets["one"].write(*SHOWN)
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one", "two") as viewer:
        await until(lambda: viewer.states == {"one": "live", "two": "live"})
        kubelets["one"].write((T + 9000, "last words"))
        kubelets["one"].finish()
        await until(lambda: "end" in viewer.codes)
        await until(lambda: viewer.cursors["uid-one/app"].is_ended)

    assert viewer.lines["one"] == [*texts(0, 3), "last words"]


async def test_what_a_viewer_skipped_is_not_shown_to_him_in_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where times step back."""
    monkeypatch.setattr(collecting, "AHEAD_LINES", 50)
    kubelets = Kubelets("one")
    async with scripted(kubelets, tmp_path) as (_, cluster), Viewer(cluster, "one") as before:
        await until(lambda: before.states.get("one") == "live")
        before.may_read.clear()
        kubelets["one"].write(*numbered(0, 3000))
        await until(lambda: len(before.rows) > 0)
        ring = cluster.logs._running["uid-one", "app"].ring
        for count, line in enumerate([(T + 9_000_000, "ahead"), (T + 8_000_000, "behind")], 3001):
            kubelets["one"].write(line)
            await until(lambda total=count: ring.total == total)
        before.log.skip()
        before.may_read.set()
        await until(lambda: "skipped" in before.codes)

    kubelets["one"].write((T + 8_500_000, "new"))
    async with (
        scripted(kubelets, tmp_path) as (_, cluster),
        Viewer(cluster, "one", cursors=before.cursors) as after,
    ):
        await until(lambda: "new" in after.texts)

    assert (after.texts, after.codes) == (["new"], [])


@asynccontextmanager
async def drained(
    kubelet: Kubelet, folder: Path, meanwhile: Callable[[], None], since: Cursor
) -> AsyncIterator[Reader]:
    """`meanwhile` happens after the pod was looked at, before the previous instance's log is answered."""
    left = [meanwhile]

    async def answer(call: Call) -> None:
        if "previous" in call.query and left:
            left.pop()()
        await kubelet(call)

    async with scripted(answer, folder) as (_, cluster), Reader(cluster, since) as reader:
        yield reader


def after_a_restart() -> Kubelet:
    kubelet = Kubelet()
    kubelet.write(*SHOWN, (T + 9000, "last words"))
    kubelet.restart("id-2", seconds=2)
    kubelet.write((T + 2 * SECOND_NS, "second"))
    return kubelet


def restart_again(kubelet: Kubelet) -> None:
    kubelet.restart("id-3", seconds=4)
    kubelet.write((T + 4 * SECOND_NS, "third"))


async def test_a_previous_instance_that_is_replaced_before_it_is_read_is_one_gap(tmp_path: Path) -> None:
    """What is read in its place is of the instance after it, and told once."""
    kubelet = after_a_restart()
    since = shown_of("web", *SHOWN)
    async with drained(kubelet, tmp_path, lambda: restart_again(kubelet), since) as reader:
        await until(lambda: "third" in reader.texts)

    assert reader.texts == ["second", "third"]
    assert [code for code, _text in reader.notices] == ["gap", "restart", "restart"]


async def test_so_is_one_of_which_no_line_was_ever_seen(tmp_path: Path) -> None:
    """No line of it can be missed where it should come again: only the pod's status tells."""
    kubelet = after_a_restart()
    since = Cursor("uid-web", "app", "id-1")
    async with drained(kubelet, tmp_path, lambda: restart_again(kubelet), since) as reader:
        await until(lambda: "third" in reader.texts)

    assert reader.texts == ["second", "third"]
    assert reader.notices == [("gap", "restarts"), ("restart", ""), ("restart", "")]


async def test_a_previous_instance_that_is_replaced_after_it_was_read_is_no_gap(tmp_path: Path) -> None:
    kubelet = after_a_restart()
    reads = 0

    async def answer(call: Call) -> None:
        nonlocal reads
        await kubelet(call)
        reads += "previous" in call.query
        if "previous" in call.query and reads == 1:
            restart_again(kubelet)

    since = shown_of("web", *SHOWN)
    async with scripted(answer, tmp_path) as (_, cluster), Reader(cluster, since) as reader:
        await until(lambda: "third" in reader.texts)

    assert reader.texts == ["last words", "second", "third"]
    assert reader.notices == [("restart", ""), ("restart", "")]


async def test_a_previous_instance_that_is_pruned_before_it_is_read_is_one_gap(tmp_path: Path) -> None:
    kubelet = after_a_restart()

    def prune() -> None:
        kubelet.lost = {"id-1"}

    async with drained(kubelet, tmp_path, prune, shown_of("web", *SHOWN)) as reader:
        await until(lambda: "second" in reader.texts)

    assert reader.texts == ["second"]
    assert reader.notices == [("gap", "previous"), ("restart", "")]
