"""The comparison that the proofs rest on finds what it must find."""

from tests.logs.real.comparing import compare, disorder
from tests.logs.real.files import Truth
from tests.logs.real.watching import Row

TRUTH = Truth(tuple((number, f"line {number}") for number in range(1, 11)), frozenset({6}))


def line(number: int, key: str = "a", mark: str = "", connection: int = 1) -> Row:
    return Row(key, number, mark, f"line {number}", connection)


def mark(code: str, text: str = "") -> Row:
    return Row("a", 0, code, text, 1)


def lines(*numbers: int) -> list[Row]:
    return [line(number) for number in numbers]


def test_a_whole_stream_has_no_faults() -> None:
    found = compare(lines(*range(3, 11)), TRUTH)

    assert (found.received, found.holes, found.twice, found.disordered, found.foreign) == (8, [], 0, 0, [])


def test_a_hole_without_a_mark_is_silent() -> None:
    assert compare(lines(1, 2, 4, 5, 6, 8), TRUTH).silent == [(2, 3), (6, 7)]


def test_a_gap_is_unavoidable_only_up_to_the_end_of_a_rotated_file() -> None:
    rotated = compare([*lines(1, 2), mark("gap"), *lines(7, 8, 9, 10)], TRUTH)
    still_there = compare([*lines(1, 2), mark("gap"), *lines(8, 9, 10)], TRUTH)

    assert (rotated.avoidable, rotated.silent, rotated.false_marks) == ([], [], [])
    assert still_there.avoidable == [(2, 7)]


def test_a_mark_where_nothing_is_missing_is_false_and_so_is_a_second_one() -> None:
    assert compare([*lines(1, 2), mark("gap", "x"), *lines(*range(3, 11))], TRUTH).false_marks == ["x"]
    both = compare([*lines(1), mark("gap"), mark("gap", "y"), *lines(*range(7, 11))], TRUTH)
    assert both.false_marks == ["y"]


def test_a_gap_mark_between_two_whole_files_is_a_doubt() -> None:
    found = compare([*lines(*range(1, 7)), mark("gap"), *lines(7, 8)], TRUTH)

    assert (found.doubts, found.false_marks, found.holes) == (1, [], [])


def test_skipped_lines_are_compared_with_their_count() -> None:
    found = compare([*lines(1, 2), mark("skipped", "1,003 lines"), *lines(6, 7, 8, 9, 10)], TRUTH)

    assert (found.told, found.counted, found.avoidable) == (1003, 3, [])


def test_doubles_disorder_and_changed_lines_are_found() -> None:
    found = compare([*lines(1, 2, 2, 4, 3), Row("a", 5, "", "line five", 1), *lines(*range(5, 11))], TRUTH)

    assert (found.twice, found.disordered, found.foreign) == (1, 1, ["5 line five"])


def test_between_streams_an_earlier_line_must_be_marked_late() -> None:
    assert disorder([line(1), line(3, "b"), line(2)]) == (1, 0, 0)
    assert disorder([line(1), line(3, "b"), line(2, mark="late")]) == (0, 0, 1)
    assert disorder([line(3), line(2, "b", connection=2)]) == (1, 1, 0)
