"""YAML configuration as nodes that know their lines."""

from collections.abc import Iterator

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 60
Scalar = tuple[tuple[str, ...], str, int]


def compose(content: str) -> yaml.Node | None:
    """None if it is no YAML."""
    try:
        root = yaml.compose(content, Loader=LOADER)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return root if isinstance(root, yaml.Node) else None


def keys(node: yaml.Node | None) -> frozenset[str]:
    """Of a mapping; empty for anything else."""
    if not isinstance(node, yaml.MappingNode):
        return frozenset()
    return frozenset(str(key.value) for key, _child in node.value if isinstance(key, yaml.ScalarNode))


def mappings(
    node: yaml.Node, path: tuple[str, ...] = (), seen: set[int] | None = None
) -> Iterator[tuple[tuple[str, ...], yaml.MappingNode]]:
    """Every mapping with the path of keys that leads to it."""
    # An alias is the same node again: seen once is enough, and no bomb can unfold.
    seen = set() if seen is None else seen
    if id(node) in seen or len(path) > DEEPEST:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from mappings(child, path, seen)
    elif isinstance(node, yaml.MappingNode):
        yield path, node
        for key, child in node.value:
            yield from mappings(child, (*path, str(key.value)[:80]), seen)


def scalars(root: yaml.Node) -> Iterator[Scalar]:
    """(path, text, line) of every plain value in a mapping."""
    for path, node in mappings(root):
        for key, child in node.value:
            if isinstance(child, yaml.ScalarNode):
                yield (*path, str(key.value)[:80]), str(child.value), int(child.start_mark.line) + 1
