"""The cursor that a browser hands back."""

from base64 import urlsafe_b64decode
from dataclasses import replace

import pytest

from dashboard.log_cursor import TOKEN_MOST, read_cursor, read_cursors, write_cursor
from dashboard.log_words import words_of
from sidecars.loglines import SECOND_NS, LogLine
from sidecars.logplace import HELD_MOST, Cursor, Place

KEY = "uid/app"
NOW_NS = 1_700_000_000_123_456_789


def cursor(text: str = "a line") -> Cursor:
    place = Place(Cursor("uid", "app", "1"))
    place.advance([NOW_NS, NOW_NS + 5, NOW_NS + 5, NOW_NS + 3], [text, "", text, "another"])
    return place.cursor()


@pytest.mark.parametrize("text", ["", "a line", "行 ‮ \x00 <b>"])
def test_a_cursor_comes_back_as_it_went(text: str) -> None:
    assert read_cursor(KEY, write_cursor(KEY, cursor(text))) == cursor(text)


def largest() -> Cursor:
    """Of a clock that stepped back by a year, in the middle of very many lines of one time."""
    place = Place(Cursor("uid", "app", "f" * 16, before_ns=NOW_NS))
    place.advance([NOW_NS] * 10_000, ["said before"] * 10_000)
    past_ns = NOW_NS - 365 * 86400 * SECOND_NS
    place.advance([past_ns] * 100_000, [f"{i} said in the past" for i in range(100_000)])
    return replace(place.cursor(), is_ended=True, ring="f" * 8, seq=1 << 31, offset=1 << 31)


def test_the_largest_cursor_is_a_token_of_some_hundred_bytes_without_a_word_of_the_log() -> None:
    token = write_cursor(KEY, largest())

    assert len(token) <= TOKEN_MOST == 400
    assert len(largest().held) == HELD_MOST
    assert b"past" not in urlsafe_b64decode(token)
    assert read_cursor(KEY, token) == largest()


def test_a_cursor_tells_that_its_instance_was_read_to_the_end() -> None:
    ended = replace(cursor(), is_ended=True)

    assert read_cursor(KEY, write_cursor(KEY, ended)) == ended
    assert read_cursor(KEY, write_cursor(KEY, cursor())) == cursor()


def test_a_cursor_of_another_stream_is_none() -> None:
    assert read_cursor("uid/nginx", write_cursor(KEY, cursor())) is None


@pytest.mark.parametrize("token", ["", "a", "a:b:c", "💥", "\x00" * 10])
def test_what_is_no_cursor_is_none(token: str) -> None:
    assert read_cursor(KEY, token) is None


@pytest.mark.parametrize("given", [[], "x", {"uid/app": 1}, {"uid/app": "made up"}])
def test_one_that_is_not_ours_makes_all_worthless(given: object) -> None:
    assert read_cursors(given) is None


def test_a_changed_cursor_is_none() -> None:
    token = write_cursor(KEY, cursor())

    assert read_cursor(KEY, token[:5] + ("A" if token[5] != "A" else "B") + token[6:]) is None


def test_a_lost_connection_does_not_read_as_a_new_one() -> None:
    said = words_of(LogLine(0, "Unreachable", "notice", code="reconnect"))

    assert "lost" in said and "nothing was lost" not in said


@pytest.mark.parametrize(
    ("code", "said"),
    [("skipped", "Lines left out to catch up: 1."), ("truncated", "The line is longer. Bytes left out: 1.")],
)
def test_a_count_reads_well_when_it_is_one(code: str, said: str) -> None:
    assert words_of(LogLine(0, "1", "notice", code=code)) == said


NOTICES = [
    "end", "restart", "waiting", "truncated", "gap", "reconnect", "back", "join", "leave", "skipped",
    "refused", "cap", "clocks",
]  # fmt: skip


@pytest.mark.parametrize("code", NOTICES)
def test_every_notice_has_words(code: str) -> None:
    assert words_of(LogLine(0, "", "notice", code=code)) != code
