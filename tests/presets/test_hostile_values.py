"""Every parameter of every preset with hostile values: refused, or the file says exactly that and no more."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecars.errors import BadParameter
from sidecars.presets.parameters import Parameter
from sidecars.presets.preset import Preset
from tests.presets.expected import expected, parse
from tests.presets.samples import ROOT, preset
from tests.summary import Tell

PRESETS = sorted(path.parent.name for path in ROOT.glob("*/preset.yaml"))
HOSTILE = [
    '', ' ', '\n', '\r\n', '\t', '\x00', '\x1b[31m', '\u2028', '\u202e', '\ud800', 'é', '日志', "x" * 70_000,
    "'", '"', '`', '\\', "\\'", '\\"', "a'b", 'a"b', "';", '";', '}', '{', '};', '{}', '#', 'a # b', '# x',
    ';', '$', '$$', '$x', '${X}', '$(X)', '$$(X)', '${env:TOKEN}', '${file:/etc/passwd}', '$request_uri',
    '$(cat /x)', '#{`id`}', "#{ENV['SINK_TOKEN']}", '%{[x]}', '%{X}', '%ENVIRONMENT(KEY_0)%', '%', '100%',
    '%%', '{{settings}}', '{0.__class__}', '<x>', '</match>', 'a: b', '- a', '!!python/object:os.system',
    '&a', '*a', '|', '>', '? a', 'null', 'true', '1', '-1', '0', '1e9', '0x10', '٣', '99999999999', '/',
    '/a/', '/a/../b/', '/..%2f/', '/a b/', '//', '/a//b/', '/a/*.log', '/a/**/*.log', '/etc/passwd',
    '/proc/1/environ', '/a\n/', 'a\nb: c', 'a\r\nX-Y: z', 'localhost', '127.0.0.1', '::1', 'a.b', '-a',
    'a..b', '169.254.169.254', 'http://x', 'a:80', 'GET', 'GET POST', 'get', 'TRACE', '(?<a>.*)*b', '(',
    '[', '^a/b', '^[0-9]{4}-', '(?i)x', 'a|b', 'x/y', 'X/y', 'x/../y', 'x/y/z', '{"keys":[]}',
    '{"keys":[{"kty":"oct","k":"AA"}]}', '{"keys":[{"kty":"RSA","d":"x"}]}', '[]', '{', 'X-A: b',
    'X-A: b\nX-C: d', "X-A: b; c'", 'team: ${X}', 'team: a b', 'pod: x', 'a-b: c', 'team: #{1}',
    'team: %{x}', "team: 'x'",
]  # fmt: skip


def places(preset: Preset) -> Iterator[tuple[Parameter, Parameter | None]]:
    """Each parameter, and each field of the entries of a list."""
    for parameter in preset.parameters:
        yield parameter, None
        for item in parameter.items:
            yield parameter, item


def raw_with(preset: Preset, parameter: Parameter, item: Parameter | None, value: object) -> dict[str, Any]:
    raw: dict[str, Any] = {parameter.name: value}
    if item is not None:
        entry: dict[str, Any] = {
            i.name: "none" if i.name == "auth" else i.default or "x" for i in parameter.items
        }
        entry |= {i.name: "/x" for i in parameter.items if i.type in ("prefix", "glob")}
        raw[parameter.name] = [value if len(parameter.items) == 1 else entry | {item.name: value}]
    for other in preset.parameters:  # so that every part of the configuration is there
        if other.name in ("sink", "fmt") and other.name != parameter.name:
            raw[other.name] = other.choices[1]
        if other.name == "token" and parameter.name != "token":
            raw["token"] = "sink/token"
    return raw


def is_right(preset: Preset, raw: dict[str, Any]) -> bool:
    """False if it was refused. Fails if it was taken and the result says anything else."""
    values, errors = preset.read_form(raw)
    if errors:
        assert all(isinstance(error, BadParameter) for error in errors.values())
        return False
    files = preset.render_config(values)
    for name, wanted in expected(preset, values).items():
        config = next(c for c in preset.config if c.file == name)
        assert parse(config.format, files[name]) == wanted, (name, raw)
    assert_container(preset, values)
    preset.render_checks(values)
    return True


def assert_container(preset: Preset, values: dict[str, Any]) -> None:
    """Nothing of a person's text is expanded by the kubelet, and nothing but text is added."""
    container = preset.render_container(values)
    default = preset.render_container(preset.read_values({}))
    assert set(container) <= set(default) | {"env"}
    assert container["securityContext"].keys() == default["securityContext"].keys()
    given = {v for v in values.values() if isinstance(v, str)}
    for variable in container.get("env", ()):
        value = variable.get("value", "")
        assert "$(" not in value.replace("$$", ""), variable
        assert value.replace("$$", "$") in given or "\n" not in value
    json.dumps(container)


@pytest.mark.parametrize("name", PRESETS)
def test_a_hostile_value_is_refused_or_stands_in_the_file_exactly(name: str, tell: Tell) -> None:
    chosen = preset(name)
    taken = refused = 0
    for parameter, item in places(chosen):
        for value in HOSTILE:
            if is_right(chosen, raw_with(chosen, parameter, item, value)):
                taken += 1
            else:
                refused += 1

    tell(f"{name}: {taken} taken and parsed back exactly, {refused} refused")
    assert taken and refused


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=60, deadline=None)
@given(value=st.text(max_size=40), data=st.data())
def test_any_text_is_refused_or_stands_in_the_file_exactly(
    name: str, value: str, data: st.DataObject
) -> None:
    chosen = preset(name)
    parameter, item = data.draw(st.sampled_from(list(places(chosen))))

    is_right(chosen, raw_with(chosen, parameter, item, value))
