"""Values are accepted whole or refused, never repaired."""

import pytest

from sidecars.errors import BadParameter
from sidecars.presets.parameters import Parameter
from tests.presets.samples import preset

REFUSED = [
    ("port", "80"), ("port", "65536"), ("port", "8081\n"), ("port", " 8081"), ("port", "８０８１"),
    ("port", "1e4"), ("port", True), ("port", None), ("port", 8081.0), ("port", ""),
    ("size", "10m\n"), ("size", "10 m"), ("size", "m"), ("size", "-1"), ("size", "10mb"),
    ("header", "X Y"), ("header", "X:"), ("header", ""), ("header", "é"),
    ("dir", "/data"), ("dir", "data/"), ("dir", "/../"), ("dir", "/a/../b/"), ("dir", "/./"),
    ("dir", "//"), ("dir", "/a b/"), ("dir", "/a\n/"), ("dir", "/"),
    ("prefix", "/a/../b"), ("prefix", "/..%2f"), ("glob", "/var/../*"), ("regex", "("), ("regex", "a$"),
    ("text", "a\nb"), ("text", "é"), ("text", "x" * 513), ("text", ["a"]),
    ("host", "-a"), ("host", "a b"), ("method", "get"), ("boolean", "maybe"), ("boolean", 2),
]  # fmt: skip
ACCEPTED = [
    ("port", "8081", 8081), ("port", 1024, 1024), ("size", "10m", "10m"), ("dir", "/a/b/", "/a/b/"),
    ("header", "X-Y", "X-Y"), ("boolean", "on", True), ("boolean", "", False), ("text", "", ""),
    ("text", "a {b} $c", "a {b} $c"), ("prefix", "/a/b", "/a/b"), ("method", "GET", "GET"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "raw"), REFUSED)
def test_a_value_outside_its_pattern_is_refused(kind: str, raw: object) -> None:
    with pytest.raises(BadParameter) as caught:
        Parameter(name="p", type=kind).read(raw)

    assert caught.value.field == "p" and str(caught.value)


@pytest.mark.parametrize(("kind", "raw", "value"), ACCEPTED)
def test_a_value_within_its_pattern_is_read(kind: str, raw: object, value: object) -> None:
    assert Parameter(name="p", type=kind).read(raw) == value


def test_an_optional_value_may_be_left_empty() -> None:
    assert Parameter(name="p", type="dir", required=False).read("") == ""


def test_a_number_keeps_within_its_limits() -> None:
    seconds = Parameter(name="p", type="integer", min=1, max=3600)

    assert seconds.read("3600") == 3600
    with pytest.raises(BadParameter, match="from 1 to 3600"):
        seconds.read("3601")


def test_a_list_is_read_from_lines_of_name_and_value() -> None:
    values = preset().read_values({"set_headers": "A: b: c\r\n\r\nX-Y:z", "hide_headers": "Server\nVia"})

    assert values["set_headers"] == [{"name": "A", "value": "b: c"}, {"name": "X-Y", "value": "z"}]
    assert values["hide_headers"] == ["Server", "Via"]


def test_a_line_without_a_colon_is_refused_under_the_lists_name() -> None:
    with pytest.raises(BadParameter) as caught:
        preset().read_values({"set_headers": "nothing"})

    assert caught.value.field == "set_headers"


def test_a_form_names_every_wrong_field_at_once() -> None:
    _values, errors = preset().read_form({"listen": "80", "client_max_body": "x", "evil": "y"})

    assert set(errors) == {"listen", "client_max_body", "evil"}


def test_the_proxy_may_not_listen_where_the_app_does() -> None:
    with pytest.raises(BadParameter, match="differ"):
        preset().read_values({"listen": 8080, "upstream_port": 8080})


def test_a_static_path_needs_a_folder() -> None:
    with pytest.raises(BadParameter) as caught:
        preset().read_values({"static_prefix": "/static/"})

    assert caught.value.field == "static_dir"
