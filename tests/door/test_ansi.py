"""What is left of a log line that a terminal would obey (W5)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecars.ansi import keep_colours, plain

HOSTILE = st.text(alphabet=st.sampled_from("\x1b[]PX^_;0123m 8HJK\x07\\\x9b\x00\r\ta\u202e漢"), max_size=60)
COLOUR = re.compile("\x1b\\[[0-9;]{0,32}m")
OBEYED = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        ("\x1b[1;38;5;200mx", "\x1b[1;38;5;200mx"),
        ("\x1b[mx", "\x1b[mx"),
        ("\x1b[2Jx\x1b[10;10Hy", "xy"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b[" + "1;" * 40 + "mx", "x"),
        ("\x1b[?25lx", "x"),
        ("a\rb\x00c\td", "abc\td"),
        ("\u202eevil", "⟨U+202E⟩evil"),
        ("\x9b31mx", "31mx"),
    ],
)
def test_colours_stay_and_everything_else_goes(text: str, kept: str) -> None:
    assert keep_colours(text) == kept


@given(HOSTILE)
def test_nothing_but_colours_is_left_for_a_terminal_to_obey(text: str) -> None:
    assert not OBEYED.search(COLOUR.sub("", keep_colours(text)))


@given(HOSTILE)
def test_without_its_colours_a_line_is_the_plain_one(text: str) -> None:
    assert COLOUR.sub("", keep_colours(text)) == plain(text)


def test_a_sequence_without_an_end_takes_the_rest_of_its_line_once() -> None:
    assert keep_colours("x\x1b]" + "a" * 10_000_000) == "x"
