"""The writer for any format of lines, with the preset of an administrator that needs it."""

from pathlib import Path

import pytest
import yaml

from sidecars.errors import BadConfiguration, BadParameter
from sidecars.presets.preset import Preset
from sidecars.presets.reading import read_preset
from sidecars.presets.tree import Given
from sidecars.presets.writers import write
from tests.presets.test_hostile_values import HOSTILE, is_right, places, raw_with
from tests.summary import Tell

FILE = Path(__file__).parent.parent / "running" / "presets" / "haproxy.yaml"


def haproxy() -> Preset:
    return read_preset({"preset.yaml": FILE.read_bytes()})


def test_sections_are_indented_and_words_stand_with_a_blank_between_them() -> None:
    tree = [{"block": ["backend", "app"], "body": [["server", "app", "127.0.0.1:8080"], ["retries", 3]]}]

    assert write("lines", tree) == "backend app\n  server app 127.0.0.1:8080\n  retries 3\n"


def test_a_hostile_value_is_refused_or_stays_one_word_of_one_line(tell: Tell) -> None:
    chosen = haproxy()
    taken = [
        is_right(chosen, raw_with(chosen, parameter, item, value))
        for parameter, item in places(chosen)
        for value in HOSTILE
    ]

    tell(f"haproxy: {taken.count(True)} taken and read back exactly, {taken.count(False)} refused")
    assert True in taken and False in taken


@pytest.mark.parametrize(
    "text", ["", "a b", "-n", "a'b", "%[env(X)]", "a#b", "a\\b", "a\nb", "a\tb", "é", "$X"]
)
def test_what_another_program_might_read_otherwise_is_refused(text: str) -> None:
    with pytest.raises(BadParameter):
        write("lines", [["option", Given(text, "field")]])


def test_further_characters_are_the_preset_s_own_decision_but_never_a_blank() -> None:
    assert write("lines", [["option", Given("a=1;b", "field", "=; ")]]) == "option a=1;b\n"
    with pytest.raises(BadParameter):
        write("lines", [["option", Given("a b", "field", "=; ")]])


def test_a_literal_with_a_line_break_makes_a_bad_preset() -> None:
    document = yaml.safe_load(FILE.read_bytes())
    document["config"][0]["tree"].append(["option", "a\nb"])

    with pytest.raises(BadConfiguration):
        read_preset({"preset.yaml": yaml.safe_dump(document).encode()})
