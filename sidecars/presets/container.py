"""A container template that has grown: given texts as the kubelet must see them."""

from collections.abc import Iterator, Mapping
from typing import Any

from sidecars.presets.tree import NODES, Given
from sidecars.presets.writers.given import refuse

EXPANDED = ("command", "args")  # the kubelet expands $(NAME) in these, and in env values
COMMANDS = (*EXPANDED, "run")  # the last of a check
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


def find_shell_parameters(template: Any) -> list[str]:
    """A shell would run what a person gives it: no parameter stands in a shell's command, be it the
    container's, a probe's or a check's."""
    commands = [parts for parts in _commands(template) if any(_is_shell(text) for text in _texts(parts))]
    return ["a parameter in a shell's command"] if any(_has_node(parts) for parts in commands) else []


def _commands(node: Any) -> Iterator[list[Any]]:
    """Command and arguments of each mapping that has any: they make one command line."""
    if isinstance(node, Mapping):
        yield [node[key] for key in COMMANDS if key in node]
    children = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    for child in children:
        yield from _commands(child)


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    children = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    for child in children:
        yield from _texts(child)


def _is_shell(word: str) -> bool:
    return word.rsplit("/", 1)[-1] in SHELLS


def _has_node(node: Any) -> bool:
    if isinstance(node, Mapping):
        return any(key in NODES for key in node) or any(_has_node(child) for child in node.values())
    return isinstance(node, list) and any(_has_node(child) for child in node)
