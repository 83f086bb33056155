import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecars.logknown import Position
from sidecars.loglines import SECOND_NS, Lines, Splitter, read_line, read_time
from sidecars.logplace import Cursor

T = 1_767_225_600 * SECOND_NS  # 2026-01-01T00:00:00Z


def stamp(time_ns: int) -> str:
    seconds, rest = divmod(time_ns, SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        (b"2026-01-01T00:00:00Z", T),
        (b"2026-01-01T00:00:00.5Z", T + SECOND_NS // 2),
        (b"2026-01-01T00:00:00.123456789Z", T + 123456789),
        (b"2026-01-01T02:00:00.000000001+02:00", T + 1),
        (b"2025-12-31T22:30:00-01:30", T),
        (b"nonsense", 0),
        (b"2026-13-41T00:00:00Z", 0),
        (b"2026-01-01 00:00:00Z!", 0),
        (b"", 0),
    ],
)
def test_timestamps_are_read_to_the_nanosecond(text: bytes, time_ns: int) -> None:
    assert read_time(text) == time_ns


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"2026-01-01T00:00:00Z hello  world", (T, "hello  world")),
        (b"2026-01-01T00:00:00Z ", (T, "")),
        (b"2026-01-01T00:00:00Z hello\r", (T, "hello")),
        (b"2026-01-01T00:00:00Z a\rb\x00c", (T, "a\rb\x00c")),
        (b"failed to open log file: no such file", (0, "failed to open log file: no such file")),
        (b"2026-01-01T00:00:00Z \xff\xfe", (T, "\ufffd\ufffd")),
        (b"", (0, "")),
    ],
)
def test_a_line_is_its_time_and_its_text(line: bytes, expected: tuple[int, str]) -> None:
    assert read_line(line) == expected


@given(
    st.lists(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n\r")), max_size=8),
    st.integers(),
)
def test_however_the_bytes_are_cut_the_lines_are_the_same(texts: list[str], seed: int) -> None:
    raw = b"".join(f"{stamp(T + i)} {text}\n".encode() for i, text in enumerate(texts))
    dice, splitter, found = random.Random(seed), Splitter(), []
    while raw:
        size = dice.randint(1, 100)
        lines = splitter.feed(raw[:size])
        found += zip(lines.times, lines.texts, strict=True)
        raw = raw[size:]

    assert found == [(T + i, text) for i, text in enumerate(texts)]
    assert splitter.end() == Lines([], [], {})


def test_the_last_line_without_a_newline_is_kept() -> None:
    splitter = Splitter()

    assert splitter.feed(f"{stamp(T)} almost".encode()) == Lines([], [], {})
    assert splitter.end() == Lines([T], ["almost"], {})


def test_a_giant_line_is_cut_and_its_rest_counted() -> None:
    splitter = Splitter(limit_bytes=100)
    splitter.feed(f"{stamp(T)} ".encode())
    for _ in range(1000):
        splitter.feed(b"x" * 1000)

    found = splitter.feed(b"\n" + f"{stamp(T + 1)} next\n".encode())

    assert found.times == [T, T + 1]
    assert found.texts[1] == "next"
    assert list(found.cut) == [0] and len(found.texts[0]) + found.cut[0] == 1_000_000


def replay(position: Position, lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    position.begin_replay()
    return [line for line in lines if position.admits(*line)]


def test_a_replay_is_dropped_and_what_is_new_passes() -> None:
    lines = [(T + i, f"line {i}") for i in range(5)]
    position = Position(Cursor("u", "c"))
    assert replay(position, lines[:3]) == lines[:3]

    assert replay(position, lines) == lines[3:]
    assert position.overlapped


def test_equal_lines_of_one_timestamp_are_counted_not_merged() -> None:
    position = Position(Cursor("u", "c"))
    replay(position, [(T, "same")] * 700)

    assert replay(position, [(T, "same")] * 1000) == [(T, "same")] * 300


def test_lines_out_of_order_are_neither_lost_nor_doubled() -> None:
    lines = [(T + 3, "out"), (T + 1, "err"), (T + 5, "out"), (T + 2, "err"), (T + 6, "end")]
    for cut in range(len(lines) + 1):
        position = Position(Cursor("u", "c"))
        first = replay(position, lines[:cut])

        assert first + replay(position, lines) == lines


def test_a_second_of_very_many_lines_is_resumed_by_its_last_timestamp(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sidecars.logknown.WINDOW_LIMIT", 10)
    lines = [(T + i // 3, f"line {i}") for i in range(100)]
    position = Position(Cursor("u", "c"))

    assert replay(position, lines[:50]) + replay(position, lines) == lines
    assert position._count <= 11


def test_a_resume_asks_for_whole_seconds_before_the_last_line() -> None:
    position = Position(Cursor("u", "c"))
    replay(position, [(T + 5 * SECOND_NS + 7, "x")])

    assert position.since_ns == T + 4 * SECOND_NS


def test_no_known_line_after_a_resume_means_a_possible_gap() -> None:
    position = Position(Cursor("u", "c"))
    replay(position, [(T, "a")])

    replay(position, [(T + 1, "b")])

    assert not position.overlapped


def test_a_new_instance_with_an_earlier_clock_line_is_kept() -> None:
    position = Position(Cursor("u", "c"))
    replay(position, [(T + 5 * SECOND_NS, "old")])

    position.begin_replay(keep_all_from_ns=T + 5 * SECOND_NS)

    assert position.admits(T + 5 * SECOND_NS + 1, "new")


@given(st.lists(st.tuples(st.integers(0, 4 * SECOND_NS), st.sampled_from("ab")), max_size=30), st.data())
def test_any_cut_of_a_sorted_log_gives_every_line_once(
    raw: list[tuple[int, str]], data: st.DataObject
) -> None:
    lines = sorted((T + offset, text) for offset, text in raw)
    position, got = Position(Cursor("u", "c")), []
    for _ in range(3):
        cut = data.draw(st.integers(0, len(lines)))
        got += replay(position, [line for line in lines[:cut] if line[0] >= position.since_ns])
    got += replay(position, [line for line in lines if line[0] >= position.since_ns])

    assert got == lines


def test_ever_more_lines_of_one_timestamp_are_remembered_within_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sidecars.logknown.WINDOW_LIMIT", 1000)
    position = Position(Cursor("u", "app"))

    for number in range(1200):
        assert position.admits(T, f"line {number}")

    assert position._count <= 1000


def test_after_a_tail_what_stood_before_it_is_not_new() -> None:
    lines = [(T + i, f"line {i}") for i in range(100)]
    position = Position(Cursor("u", "c"), starts_inside=True)
    assert replay(position, lines[90:95]) == lines[90:95]

    assert replay(position, lines) == lines[95:]
