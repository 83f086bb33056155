"""Formats that have a library: JSON and YAML. Only what their readers expand is ours to mind."""

import json
from collections.abc import Callable
from typing import Any

import yaml

from sidecars.presets.tree import Given
from sidecars.presets.writers.given import refuse

Change = Callable[[Given], str]


def write_json(tree: Any) -> str:
    return _dump_json(tree, lambda given: refuse(given, ""))


def write_yaml(tree: Any) -> str:
    """Refuses `$` in given texts: the readers of such files expand variables anywhere."""
    return _dump_yaml(tree, lambda given: refuse(given, "$"))


def write_otel(tree: Any) -> str:
    """The collector expands ${file:…}, ${env:…} and $NAME in any string; `$$` is one dollar."""
    return _dump_yaml(tree, lambda given: refuse(given, "").replace("$", "$$"))


def _dump_json(tree: Any, change: Change) -> str:
    return json.dumps(_plain(tree, change), indent=2, ensure_ascii=True) + "\n"


def _dump_yaml(tree: Any, change: Change) -> str:
    text: str = yaml.safe_dump(_plain(tree, change), sort_keys=False, allow_unicode=True, width=4096)
    return text


def _plain(node: Any, change: Change) -> Any:
    if isinstance(node, Given):
        return change(node)
    if isinstance(node, dict):
        return {key: _plain(value, change) for key, value in node.items()}
    return [_plain(child, change) for child in node] if isinstance(node, list) else node
