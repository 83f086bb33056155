"""A container template that has grown: given texts as the kubelet must see them."""

from collections.abc import Mapping
from typing import Any

from sidecars.presets.tree import NODES, Given
from sidecars.presets.writers.given import refuse

EXPANDED = ("command", "args")  # the kubelet expands $(NAME) in these, and in env values
SHELLS = ("sh", "bash", "ash", "dash", "ksh", "zsh")


def unmark(grown: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values. `$` of a given text is doubled where the kubelet would expand $(NAME)."""
    plain: dict[str, Any] = {key: _plain(value) for key, value in grown.items() if key not in EXPANDED}
    plain |= {key: [_literal(word) for word in grown[key]] for key in EXPANDED if key in grown}
    if "env" in plain:
        plain["env"] = [
            {key: _literal(value) if key == "value" else _plain(value) for key, value in variable.items()}
            for variable in grown["env"]
        ]
    return plain


def _literal(word: Any) -> str:
    return refuse(word, "").replace("$", "$$") if isinstance(word, Given) else str(word)


def _plain(node: Any) -> Any:
    if isinstance(node, Given):
        return refuse(node, "")
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(child) for child in node] if isinstance(node, list) else node


def find_shell_parameters(template: Mapping[str, Any]) -> list[str]:
    """A shell would run what a person gives it: no parameter stands in a shell's command."""
    parts = [template.get(key) for key in EXPANDED]
    words = [word for part in parts if isinstance(part, list) for word in part if isinstance(word, str)]
    is_shell = any(word.rsplit("/", 1)[-1] in SHELLS for word in words)
    return ["a parameter in a shell's command"] if is_shell and _has_node(parts) else []


def _has_node(node: Any) -> bool:
    if isinstance(node, Mapping):
        return any(key in NODES for key in node) or any(_has_node(child) for child in node.values())
    return isinstance(node, list) and any(_has_node(child) for child in node)
