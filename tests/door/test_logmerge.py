"""The merge of many streams: order inside each, order between them, and how long a line waits."""

import random

from hypothesis import given
from hypothesis import strategies as st

from sidecars.loglines import LogLine
from sidecars.logmerge import CATCH_UP_S, WINDOW_S, Merge, Row

TIMES = st.lists(st.integers(1, 60), max_size=20)


def lines(stream: int, times: list[int]) -> list[LogLine]:
    return [LogLine(time_ns, f"{stream}:{index}") for index, time_ns in enumerate(times)]


def merge_of(streams: int, *, is_behind: bool = False) -> Merge:
    merge = Merge()
    for stream in range(streams):
        merge.open(stream)
        merge.note(stream, is_behind=is_behind, has_more=False)
    return merge


def texts(rows: list[Row]) -> list[str]:
    return [line.text for _key, _stream, line in rows]


@given(st.lists(TIMES, min_size=1, max_size=5), st.integers())
def test_every_line_comes_once_and_in_the_order_of_its_stream(times: list[list[int]], seed: int) -> None:
    dice, merge, now, got = random.Random(seed), merge_of(len(times)), 0.0, []
    left = {stream: lines(stream, own) for stream, own in enumerate(times)}
    while any(left.values()):
        stream = dice.choice([s for s in left if left[s]])
        count = dice.randint(1, 5)
        merge.feed(stream, left[stream][:count], now)
        left[stream] = left[stream][count:]
        now += dice.choice([0.0, 0.1, 0.6])
        got += texts(merge.take(now)[0])
    got += texts(merge.take(now + WINDOW_S)[0])

    for stream, own in enumerate(times):
        assert [text for text in got if text.startswith(f"{stream}:")] == texts_of(stream, own)
    assert merge.waiting == 0


def texts_of(stream: int, times: list[int]) -> list[str]:
    return [line.text for line in lines(stream, times)]


@given(st.lists(TIMES.map(sorted), min_size=1, max_size=5), st.integers())
def test_streams_that_all_go_on_come_out_in_the_order_of_time(times: list[list[int]], seed: int) -> None:
    dice, merge, got = random.Random(seed), merge_of(len(times)), []
    left = {stream: lines(stream, own) for stream, own in enumerate(times)}
    while any(left.values()):
        stream = dice.choice([s for s in left if left[s]])
        merge.feed(stream, [left[stream].pop(0)], 0.0)
        rows, late = merge.take(0.0)
        assert late == 0
        got += rows
    got += merge.take(WINDOW_S)[0]

    assert [line.time_ns for _key, _stream, line in got] == sorted(t for own in times for t in own)


def test_a_line_waits_for_a_silent_stream_as_long_as_the_window_and_no_longer() -> None:
    merge = merge_of(2)
    merge.feed(0, lines(0, [5]), now=10.0)

    assert merge.take(10.0 + WINDOW_S - 0.01)[0] == []
    assert texts(merge.take(10.0 + WINDOW_S)[0]) == ["0:0"]


def test_a_line_goes_as_soon_as_every_stream_has_shown_a_later_one() -> None:
    merge = merge_of(2)
    merge.feed(0, lines(0, [5]), now=10.0)
    merge.feed(1, lines(1, [7]), now=10.0)

    assert texts(merge.take(10.0)[0]) == ["0:0"]


def test_a_single_stream_does_not_wait() -> None:
    merge = merge_of(1)
    merge.feed(0, lines(0, [5, 3]), now=10.0)

    assert texts(merge.take(10.0)[0]) == ["0:0", "0:1"]


def test_a_line_that_comes_after_a_later_one_was_shown_is_late() -> None:
    merge = merge_of(2)
    merge.feed(0, lines(0, [9]), now=0.0)
    merge.take(WINDOW_S)

    merge.feed(1, lines(1, [5, 12]), now=1.0)
    rows, late = merge.take(1.0 + WINDOW_S)

    assert (texts(rows), late) == (["1:0", "1:1"], 1)


def test_a_stream_that_has_yet_to_reach_its_end_is_waited_for_longer() -> None:
    merge = merge_of(2)
    merge.note(1, is_behind=True, has_more=False)
    merge.feed(0, lines(0, [5]), now=0.0)

    assert merge.take(CATCH_UP_S - 0.01)[0] == []
    assert texts(merge.take(CATCH_UP_S)[0]) == ["0:0"]


def test_a_stream_whose_lines_lie_ready_is_waited_for_however_long_nobody_took_them() -> None:
    merge = merge_of(2)
    merge.note(1, is_behind=False, has_more=True)
    merge.feed(0, lines(0, [5]), now=0.0)

    assert merge.take(1000.0)[0] == []


def test_a_stream_that_ended_is_not_waited_for_and_its_last_lines_come() -> None:
    merge = merge_of(2)
    merge.feed(0, lines(0, [5]), now=0.0)
    merge.feed(1, lines(1, [4]), now=0.0)
    merge.close(1)

    assert texts(merge.take(0.0)[0]) == ["1:0", "0:0"]


def test_a_stream_with_a_clock_that_is_behind_holds_the_others_no_longer_than_the_window() -> None:
    merge = merge_of(2)
    for tick in range(20):
        merge.feed(0, lines(0, [1000 + tick]), now=tick / 10)
        merge.feed(1, lines(1, [tick]), now=tick / 10)
        merge.take(tick / 10)

    assert merge.waiting <= 2 * (WINDOW_S * 10 + 1)
