"""Following a log: nothing lost, nothing twice, every break told."""

import random
from pathlib import Path

import pytest

from sidecars import errors
from sidecars.cluster import LogTarget
from sidecars.cluster.logs import stretch
from sidecars.loglines import SECOND_NS
from tests.door.kubelet import Kubelet, Reader, T, shown_of
from tests.door.scripted import Call, scripted, until

pytestmark = pytest.mark.usefixtures("quick")


def numbered(first: int, last: int, step_ns: int = 1000) -> list[tuple[int, bytes | str]]:
    return [(T + i * step_ns, f"line {i}") for i in range(first, last)]


async def test_lines_come_as_they_are_written(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 3))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(lambda: len(reader.lines) == 3)
        kubelet.write(*numbered(3, 4))
        await until(lambda: len(reader.lines) == 4)

    assert reader.texts == [f"line {i}" for i in range(4)]
    assert reader.lines[3].time_ns == T + 3000
    assert kubelet.logs[0].query == {"timestamps": "true", "follow": "true", "container": "app"}


async def test_tail_lines_are_asked_for_at_the_start_only(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 10))
    kubelet.cuts = [1 << 20]
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster, tail_lines=2) as reader:
        await until(lambda: len(reader.lines) == 2)

    assert kubelet.logs[0].query["tailLines"] == "2"
    assert reader.texts == ["line 8", "line 9"]


async def test_a_log_cut_at_any_byte_gives_every_line_once(tmp_path: Path) -> None:
    dice = random.Random(3)
    kubelet = Kubelet()
    lines = [(T + i // 50, f"zeile {i % 7} ü漢🙂") for i in range(1000)]  # fifty lines share a timestamp
    kubelet.write(*lines)
    kubelet.cuts = sorted(dice.randrange(1, 60_000) for _ in range(40))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(lambda: len(reader.texts) >= 1000, limit_s=30)

    assert sorted(reader.texts) == sorted(str(text) for _, text in lines)
    assert not [n for n in reader.notices if n[0] == "gap"]


async def test_a_finished_container_is_read_to_its_end(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 3))
    kubelet.finish()
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(reader.task.done)

    assert reader.texts == ["line 0", "line 1", "line 2"]
    assert reader.notices == [("end", "finished")]


async def test_the_last_words_before_the_end_are_not_lost(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 1))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(lambda: len(reader.lines) == 1)
        kubelet.files["id-1"] += [(T + 5000, b"bye")]
        kubelet.finish(1)
        await until(reader.task.done)

    assert reader.texts == ["line 0", "bye"]


async def test_a_deleted_pod_is_an_end(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 1))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(lambda: len(reader.lines) == 1)
        kubelet.gone = True
        kubelet.wake()
        await until(reader.task.done)

    assert reader.notices == [("end", "deleted")]


async def test_a_restart_drains_the_old_instance_and_begins_the_new(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 2))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(lambda: len(reader.lines) == 2)
        kubelet.files["id-1"] += [(T + 9000, b"last words")]
        kubelet.files["id-2"] = [(T + 2 * SECOND_NS, b"hello again")]
        kubelet.restart("id-2", seconds=2)
        await until(lambda: "hello again" in reader.texts)

    assert reader.texts == ["line 0", "line 1", "last words", "hello again"]
    assert reader.notices == [("restart", "")]


async def test_a_last_line_without_a_newline_is_kept_when_nothing_can_follow(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 2))
    kubelet.ends_with_newline = False
    kubelet.finish()
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(reader.task.done)

    assert reader.texts == ["line 0", "line 1"]


async def test_a_restart_whose_old_log_is_gone_is_a_gap(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 1))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(lambda: len(reader.lines) == 1)
        kubelet.restart("id-2", seconds=2)
        kubelet.lost = {"id-1"}
        kubelet.write((T + 2 * SECOND_NS, "new"))
        await until(lambda: "new" in reader.texts)

    assert reader.notices == [("gap", "previous"), ("restart", "")]


async def test_the_kubelets_word_that_a_log_is_gone_is_a_gap_and_no_line(tmp_path: Path) -> None:
    async def answer(call: Call) -> None:
        if call.path.endswith("/log"):
            call.begin_stream()
            call.send(b"unable to retrieve container logs for containerd://927be2d1")
            call.end_stream()
        else:
            await kubelet(call)

    kubelet = Kubelet()
    kubelet.finish()
    async with scripted(answer, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(reader.task.done)

    assert (reader.texts, reader.notices) == ([], [("gap", "lost"), ("end", "finished")])


async def test_several_restarts_in_between_are_a_gap(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 1))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(lambda: len(reader.lines) == 1)
        kubelet.restart("id-9", seconds=60, keep_previous=False)
        kubelet.write((T + 60 * SECOND_NS, "new"))
        await until(lambda: "new" in reader.texts)

    assert reader.notices == [("gap", "restarts"), ("restart", "")]


async def test_in_crash_loop_back_off_the_last_instance_is_printed_once(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 2))
    kubelet.state = {"waiting": {"reason": "CrashLoopBackOff"}}
    async with scripted(kubelet, tmp_path) as (server, cluster), Reader(cluster) as reader:
        await until(lambda: len(server.calls) >= 6)

    assert reader.texts == ["line 0", "line 1"]
    assert len(kubelet.logs) == 1


async def test_a_container_that_waits_is_told_once_and_then_read(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.current, kubelet.state = "", {"waiting": {"reason": "ContainerCreating"}}
    async with scripted(kubelet, tmp_path) as (server, cluster), Reader(cluster) as reader:
        await until(lambda: len(server.calls) > 4)
        kubelet.restart("id-1", seconds=0)
        kubelet.previous = ""
        kubelet.write((T, "up"))
        await until(lambda: "up" in reader.texts)

    assert reader.notices == [("waiting", "ContainerCreating")]


async def test_a_stalled_stream_is_noticed_by_looking_at_the_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretch, "WATCHDOG_S", 0.1)
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 1))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(lambda: len(reader.lines) == 1)
        kubelet.files["id-1"] += [(T + SECOND_NS, b"silently rotated")]  # nobody wakes the stream
        await until(lambda: "silently rotated" in reader.texts)

    assert reader.notices == [("reconnect", "stalled")]


async def test_a_quiet_container_keeps_its_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretch, "WATCHDOG_S", 0.05)
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 1))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(lambda: len([c for c in kubelet.logs if "follow" not in c.query]) >= 3)

    assert len([c for c in kubelet.logs if "follow" in c.query]) == 1
    assert reader.notices == []


async def test_a_resume_that_meets_no_known_line_tells_of_a_possible_gap(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 3))
    kubelet.cuts = [1, 1 << 20]
    since = shown_of("web", (T - 5, "rotated away"))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster, since) as reader:
        await until(lambda: len(reader.texts) == 3)

    assert reader.notices == [("gap", "possible")]


async def test_a_resume_that_meets_an_empty_log_tells_of_a_possible_gap_once(tmp_path: Path) -> None:
    """The kubelet has rotated, and the container is silent since: no line would ever tell."""
    kubelet = Kubelet()
    since = shown_of("web", (T - 5, "rotated away"))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster, since) as reader:
        await until(lambda: reader.notices == [("gap", "possible")])
        kubelet.write(*numbered(0, 2))
        await until(lambda: len(reader.texts) == 2)

    assert reader.notices == [("gap", "possible")]


async def test_a_given_cursor_is_resumed_from(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 5))
    since = shown_of("web", (T + 2000, "line 2"))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster, since) as reader:
        await until(lambda: len(reader.texts) == 2)

    assert reader.texts == ["line 3", "line 4"]
    follows = [call for call in kubelet.logs if "follow" in call.query]
    assert follows[0].query["sinceTime"] == "2025-12-31T23:59:59Z"


async def test_giant_lines_and_bad_bytes_do_not_stop_the_log(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write((T, b"x" * 1_000_000), (T + 1, b"\xff\x00\x1b[31m"), (T + 2, "fine"))
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster) as reader:
        await until(lambda: "fine" in reader.texts)

    assert len(reader.texts[0]) <= 256 * 1024 + 40
    assert reader.notices == [("truncated", str(1_000_000 - len(reader.texts[0])))]


async def test_the_previous_instance_is_read_to_its_end(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 2))
    kubelet.restart("id-2", seconds=1)
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster, previous=True) as reader:
        await until(reader.task.done)

    assert reader.texts == ["line 0", "line 1"]
    assert reader.notices == [("end", "previous")]


@pytest.mark.parametrize(
    ("has_restarted", "said"),
    [(False, [("end", "no-previous")]), (True, [("gap", "previous"), ("end", "previous")])],
)
async def test_a_container_that_never_restarted_has_no_previous_instance_and_so_no_gap(
    tmp_path: Path, has_restarted: bool, said: list[tuple[str, str]]
) -> None:
    kubelet = Kubelet()
    if has_restarted:
        kubelet.restart("id-2", seconds=1)
    kubelet.lost |= {"", "id-1"}
    async with scripted(kubelet, tmp_path) as (_, cluster), Reader(cluster, previous=True) as reader:
        await until(reader.task.done)

    assert (reader.texts, reader.notices) == ([], said)


@pytest.mark.parametrize("container", ["nope", "../x", "a" * 64])
async def test_a_container_that_is_not_there_is_not_found(tmp_path: Path, container: str) -> None:
    async with scripted(Kubelet(), tmp_path) as (_, cluster):
        with pytest.raises(errors.NotFound):
            async for _batch in cluster.follow_log(LogTarget("shop", "web", "", container)):
                pass


async def test_leaving_closes_the_upstream(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 1))
    async with scripted(kubelet, tmp_path) as (server, cluster):
        async with Reader(cluster) as reader:
            await until(lambda: len(reader.lines) == 1)

        await until(kubelet.logs[0].reader.at_eof)


async def test_a_viewer_that_stops_reading_closes_the_upstream_at_once(tmp_path: Path) -> None:
    kubelet = Kubelet()
    kubelet.write(*numbered(0, 1))
    async with scripted(kubelet, tmp_path) as (_, cluster):
        stream = cluster.follow_log(LogTarget("shop", "web", "", "app"))
        await anext(stream)

        await stream.aclose()

        await until(kubelet.logs[0].reader.at_eof)
