"""What a cursor, in a process that knows nothing else, says about the lines that come again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecars.logknown import Position
from sidecars.loglines import SECOND_NS
from sidecars.logplace import HELD_MOST, LONG, Cursor, Place
from tests.door.test_loglines import T, replay

Line = tuple[int, str]


def cursor_behind(lines: list[Line], since: Cursor | None = None, batch: int = 7) -> Cursor:
    place = Place(since or Cursor("u", "c"))
    for start in range(0, len(lines), batch):
        some = lines[start : start + batch]
        place.advance([time_ns for time_ns, _text in some], [text for _time, text in some])
    return place.cursor()


def resumed(lines: list[Line], cut: int) -> list[Line]:
    return replay(Position(cursor_behind(lines[:cut])), lines)


def file_of(steps: list[tuple[int, int, str]]) -> list[Line]:
    """Times that go on by the first number, and for one line step back by the second."""
    now_ns, lines = T + SECOND_NS // 2, []
    for on, back, text in steps:
        now_ns += on
        lines.append((now_ns - back, text))
    return lines


OF_TWO_WRITERS = st.lists(
    st.tuples(
        st.sampled_from([1, 3, 1000]), st.sampled_from([0, 0, 0, 2, 5000, SECOND_NS // 3]), st.just("x")
    ),
    max_size=120,
).map(file_of)
OF_ONE_STAMP_FOR_MANY = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 0, 1, 1000]), st.just(0), st.sampled_from("ab")), max_size=150
).map(file_of)


@given(OF_TWO_WRITERS | OF_ONE_STAMP_FOR_MANY, st.data())
def test_whatever_the_times_every_line_is_shown_once_in_any_number_of_processes(
    lines: list[Line], data: st.DataObject
) -> None:
    cursor, shown = Cursor("u", "c"), list[Line]()
    for _ in range(3):
        new = replay(Position(cursor), lines)
        new = new[: data.draw(st.integers(0, len(new)))]
        cursor = cursor_behind(new, cursor, data.draw(st.sampled_from([1, 7, 50])))
        shown += new

    assert shown + replay(Position(cursor), lines) == lines


def test_a_line_whose_time_steps_back_across_the_cursor_is_new() -> None:
    lines = [(T + 10, "out"), (T + 30, "out"), (T + 20, "err"), (T + 40, "out")]

    assert resumed(lines, 2) == lines[2:]


@pytest.mark.parametrize("shown", [1, HELD_MOST, 500])
def test_a_line_that_steps_back_further_than_the_lines_held_is_new(shown: int) -> None:
    lines = [(T + 1000 * i, f"line {i}") for i in range(500)]
    lines.insert(shown, (T - 1, "from before all of them"))

    assert resumed(lines, shown) == lines[shown:]


def test_a_line_that_steps_back_is_new_although_the_log_was_rotated_inside_the_lines_held() -> None:
    lines = [(T + 1000 * i, f"line {i}") for i in range(200)]
    lines.insert(150, (T + 1000 * 130 + 1, "stepped back"))
    position = Position(cursor_behind(lines[:150]))

    assert replay(position, lines[140:]) == lines[150:]
    assert position.overlapped
    assert replay(Position(cursor_behind(lines[:150])), lines[150:]) == lines[150:]  # not one of them left


@pytest.mark.parametrize("batch", [1, 7, 50, 101])
def test_lines_that_were_shown_before_one_that_stepped_back_are_known(batch: int) -> None:
    lines = [(T + 1000 * i, f"line {i}") for i in range(100)] + [
        (T + 1, "stepped back"),
        (T + 500_000, "next"),
    ]

    assert replay(Position(cursor_behind(lines[:101], batch=batch)), lines) == lines[101:]


def test_after_a_rotation_no_line_is_taken_for_the_one_that_was_expected() -> None:
    """It steps back, so that its time alone says nothing; the mark of a possible gap is due."""
    lines = [(T + 1000 * i, f"line {i}") for i in range(100)]
    position = Position(cursor_behind(lines))

    replay(position, [(T + 50_000 + 1, "first of the new file"), (T + 200_000, "second")])

    assert not position.overlapped


@pytest.mark.parametrize("shown", [1, 31, 32, 33, 70, 100])
def test_of_many_lines_with_one_stamp_those_behind_the_last_one_shown_are_new(shown: int) -> None:
    """A runtime that stamps what it reads in one piece gives all its lines one time."""
    for text in ("", "{} of them"):
        lines = [(T, text.format(i)) for i in range(100)] + [(T + 1, "next")]

        assert resumed(lines, shown) == lines[shown:]


def test_equal_lines_that_come_later_at_the_same_time_are_new() -> None:
    same = [(T, "same")] * 100

    assert replay(Position(cursor_behind(same)), same * 2) == same


def test_a_view_that_began_inside_the_log_is_resumed_without_what_stood_before() -> None:
    lines = [(T + i, f"line {i}") for i in range(100)]

    assert replay(Position(cursor_behind(lines[90:95])), lines) == lines[95:]
    of_one_time = [(T, text) for _time, text in lines]
    assert replay(Position(cursor_behind(of_one_time[90:95])), of_one_time) == of_one_time[95:]


def test_what_a_resumed_reader_has_read_itself_is_known_when_it_is_cut_again() -> None:
    lines = [(T, "a"), (T, "a"), (T, "b"), (T, "a"), (T + 5, "c"), (T - 3, "d"), (T + 6, "e")]
    position = Position(cursor_behind(lines[:2]))

    assert replay(position, lines[:6]) == lines[2:6]
    assert replay(position, lines) == lines[6:]


def test_long_lines_are_held_by_their_digests_only() -> None:
    place = Place(Cursor("u", "c"))
    place.advance([T + 1, T + 2], ["x" * (LONG + 1), "y"])

    assert [type(text) for _time, text in place._tail] == [bytes, str]
    assert replay(Position(place.cursor()), [(T + 1, "x" * (LONG + 1)), (T + 2, "y"), (T + 3, "z")]) == [
        (T + 3, "z")
    ]


def test_a_place_in_a_new_instance_holds_no_line_of_the_old_one() -> None:
    place = Place(Cursor("u", "c", "old"))
    place.advance([T + 1], ["last words"])

    place.enter("new")

    assert (place.cursor().held, place.cursor().container_id) == ((), "new")
