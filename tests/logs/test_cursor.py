"""The cursor that a browser hands back."""

import pytest

from dashboard.log_source import CURSOR_LIMIT, read_cursor, write_cursor
from dashboard.log_words import words_of
from sidecars.loglines import Cursor, LogLine

JSON_LINE = '{"level":"info","message":"request served","path":"/api/items/1","ms":12}' * 1000


def cursor(text: str = "a line") -> Cursor:
    return Cursor("uid", "app", "containerd://1", 1_700_000_000_123_456_789, {text: 2})


@pytest.mark.parametrize("text", ["", "a line", "行 ‮ \x00 <b>", JSON_LINE])
def test_a_cursor_comes_back_as_it_went(text: str) -> None:
    token = write_cursor(cursor(text))

    assert len(token) <= CURSOR_LIMIT
    assert read_cursor(token, "app") == cursor(text)


def test_a_cursor_of_another_container_is_none() -> None:
    assert read_cursor(write_cursor(cursor()), "nginx") is None


@pytest.mark.parametrize("token", ["", "a", "a:b:c", "💥", "\x00" * 10])
def test_what_is_no_cursor_is_none(token: str) -> None:
    assert read_cursor(token, "app") is None


def test_a_changed_cursor_is_none() -> None:
    token = write_cursor(cursor())

    assert read_cursor(token[:5] + ("A" if token[5] != "A" else "B") + token[6:], "app") is None


def test_a_lost_connection_does_not_read_as_a_new_one() -> None:
    said = words_of(LogLine(0, "Unreachable", "notice", code="reconnect"))

    assert "lost" in said and "nothing was lost" not in said


@pytest.mark.parametrize("code", ["end", "restart", "waiting", "truncated", "gap", "reconnect", "back"])
def test_every_notice_has_words(code: str) -> None:
    assert words_of(LogLine(0, "", "notice", code=code)) != code
