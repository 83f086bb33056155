"""The cursor that a browser hands back."""

import pytest

from dashboard.log_cursor import read_cursor, read_cursors, write_cursor
from dashboard.log_words import words_of
from sidecars.loglines import LogLine
from sidecars.logplace import Cursor

KEY = "uid/app"


def cursor(text: str = "a line") -> Cursor:
    return Cursor("uid", "app", "1", 1_700_000_000_123_456_789, {text: 2})


@pytest.mark.parametrize("text", ["", "a line", "行 ‮ \x00 <b>"])
def test_a_cursor_comes_back_as_it_went(text: str) -> None:
    assert read_cursor(KEY, write_cursor(KEY, cursor(text))) == cursor(text)


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


NOTICES = [
    "end", "restart", "waiting", "truncated", "gap", "reconnect", "back", "join", "leave", "skipped",
    "refused", "cap", "clocks",
]  # fmt: skip


@pytest.mark.parametrize("code", NOTICES)
def test_every_notice_has_words(code: str) -> None:
    assert words_of(LogLine(0, "", "notice", code=code)) != code
