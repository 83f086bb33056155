"""What a rendered file must parse back to, told from the tree and the plain values: no writer in between."""

import json
import re
from typing import Any

import yaml

from sidecars.presets import renderers, tree
from sidecars.presets.preset import Preset
from tests.presets.parsers import fluentd, logstash, nginx


def parse(format_name: str, text: str) -> Any:
    if format_name == "nginx":
        return nginx.parse_nginx(text)
    if format_name == "fluentd":
        return fluentd.parse(text)
    if format_name == "logstash":
        return logstash.parse(text)
    if format_name == "lines":
        return [(len(line) - len(line.lstrip(" ")), line.split()) for line in text.splitlines()]
    if format_name == "otel":
        return _each_text(yaml.safe_load(text), expand)
    return json.loads(text) if format_name == "json" else yaml.safe_load(text)


def expand(text: str) -> str:
    """As the collector does: `$$` is a dollar; whatever else begins with one is a variable."""
    return re.sub(r"\$(\$|\{[^}]*\})", lambda m: "$" if m[1] == "$" else f"<{m[1]}>", text)


def expected(preset: Preset, values: dict[str, Any]) -> dict[str, Any]:
    """File -> what its parser must see."""
    plain = dict(values)
    for parameter in preset.parameters:
        if parameter.type == "secret" and plain[parameter.name]:
            name, _slash, key = plain[parameter.name].partition("/")
            plain[parameter.name] = {"name": name, "key": key}
    found = {}
    for config in preset.config:
        if config.renderer:
            found[config.file] = json.loads(json.dumps(renderers.RENDERERS[config.renderer](plain)))
        elif config.tree is not None:
            found[config.file] = SHAPES[config.format](tree.grow(config.tree, plain))
    return found


def _nginx(node: list[Any]) -> list[Any]:
    return [
        [*map(_word, child["block"]), _nginx(child["body"])]
        if isinstance(child, dict)
        else list(map(_word, child))
        for child in node
    ]


def _word(word: Any) -> str:
    return {True: "on", False: "off"}[word] if isinstance(word, bool) else str(word)


def _fluentd(node: list[Any]) -> list[Any]:
    found: list[Any] = []
    for child in node:
        if isinstance(child, dict):
            name, *rest = child["block"]
            found.append((name, " ".join(rest), _fluentd(child["body"])))
        else:
            found.append([child[0], _fluentd_value(child[1])])
    return found


def _fluentd_value(value: Any) -> Any:
    """Literals of the preset stand in its own notation; what a person gave is plain text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and re.fullmatch(r"\"#\{.*\}\"", value):
        return fluentd.Ruby(value[1:-1])
    if isinstance(value, str) and value.startswith('{"Authorization"'):
        return json.loads(value)
    return value[1:-1] if value == "'/^(?<message>.*)/'" else str(value)


def _logstash(node: list[Any]) -> list[Any]:
    return [
        (" ".join(child["block"]), _logstash(child["body"]))
        if isinstance(child, dict)
        else [child[0], _logstash_value(child[1])]
        for child in node
    ]


def _logstash_value(value: Any) -> Any:
    if isinstance(value, dict) and "bare" in value:
        return value["bare"]
    if isinstance(value, dict) and "codec" in value:
        return (value["codec"], [[name, _logstash_value(child)] for name, child in value["settings"]])
    return dict(value["hash"]) if isinstance(value, dict) else value


def _each_text(node: Any, change: Any) -> Any:
    if isinstance(node, dict):
        return {key: _each_text(value, change) for key, value in node.items()}
    if isinstance(node, list):
        return [_each_text(child, change) for child in node]
    return change(node) if isinstance(node, str) else node


def _same(node: Any) -> Any:
    return json.loads(json.dumps(node))


def _lines(node: list[Any], indent: int = 0) -> list[tuple[int, list[str]]]:
    found = []
    for child in node:
        words = child["block"] if isinstance(child, dict) else child
        found.append((indent, [str(word) for word in words]))
        found += _lines(child["body"], indent + 2) if isinstance(child, dict) else []
    return found


OWN = ("${env:POD_NAME}", "${env:POD_NAMESPACE}", "Bearer ${env:SINK_TOKEN}")


def _otel(node: Any) -> Any:
    """The preset's own variables are expanded; a person's dollar is not."""
    return _each_text(_same(node), lambda text: expand(text) if text in OWN else text)


SHAPES = {
    "nginx": _nginx,
    "fluentd": _fluentd,
    "logstash": _logstash,
    "yaml": _same,
    "otel": _otel,
    "json": _same,
    "lines": _lines,
}
