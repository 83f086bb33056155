"""Logstash: `name => value` in plugins, plugins in sections.

{block: [words], body: […]} is a section or a plugin, [name, value] a setting; a value is text,
a number, a boolean, a list, a mapping (a hash), {hash: [[key, value], …]}, {codec: name,
settings: [[name, value], …]} or {bare: word}. Quoted text needs `config.support_escapes: true` in
logstash.yml.
"""

from typing import Any

from sidecars.presets.tree import Given
from sidecars.presets.writers.given import refuse_sequence


def write_logstash(tree: list[Any]) -> str:
    return "".join(line + "\n" for node in tree for line in _lines(node, ""))


def _lines(node: Any, indent: str) -> list[str]:
    if isinstance(node, dict):
        body = [line for child in node["body"] for line in _lines(child, indent + "  ")]
        return [f"{indent}{' '.join(str(word) for word in node['block'])} {{", *body, f"{indent}}}"]
    name, value = node
    return [f"{indent}{name} => {_value(value)}"]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_value(child) for child in value) + "]"
    if isinstance(value, dict):
        if "bare" in value:
            return str(value["bare"])
        if "codec" in value:
            settings = " ".join(f"{name} => {_value(child)}" for name, child in value["settings"])
            return f"{value['codec']} {{ {settings} }}"
        pairs = value["hash"] if "hash" in value else value.items()
        return "{ " + " ".join(f"{_key(key)} => {_value(child)}" for key, child in pairs) + " }"
    # %{…} and ${…} are expanded in any string, so a person's may hold neither.
    return _quote(refuse_sequence(value, "${", "%{") if isinstance(value, Given) else value)


def _key(key: str) -> str:
    return _quote(refuse_sequence(key, "${", "%{") if isinstance(key, Given) else key)


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
