"""socket_address of an Envoy bootstrap: in a cluster it is a call, in a listener it is not."""

from collections.abc import Iterator

import yaml

from sidecars.edges.addresses import Address
from sidecars.edges.variables import LOCAL

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LISTENERS = frozenset({"listeners", "admin", "listener"})
Found = tuple[Address, int, bool]
DEEPEST = 60


def find_addresses(content: str) -> list[Found]:
    """(address, line, is a listener); nothing if the text is no Envoy configuration."""
    if "socket_address" not in content:
        return []
    try:
        root = yaml.compose(content, Loader=LOADER)
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    return list(_walk(root, (), set())) if root else []


def _walk(node: yaml.Node, path: tuple[str, ...], seen: set[int]) -> Iterator[Found]:
    # An alias is the same node again: seen once is enough, and no bomb can unfold.
    if id(node) in seen or len(path) > DEEPEST:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _walk(child, path, seen)
    elif isinstance(node, yaml.MappingNode):
        if path and path[-1] == "socket_address":
            yield from _read(node, is_listener=bool(LISTENERS.intersection(path)))
        for key, child in node.value:
            yield from _walk(child, (*path, str(key.value)[:80]), seen)


def _read(node: yaml.MappingNode, *, is_listener: bool) -> Iterator[Found]:
    values = {
        key.value: child
        for key, child in node.value
        if isinstance(key, yaml.ScalarNode) and isinstance(child, yaml.ScalarNode)
    }
    host, port = values.get("address"), values.get("port_value")
    if host is None or port is None or not port.value.isdigit():
        return
    number = int(port.value[:6])
    wanted = LOCAL | {"0.0.0.0", "::"} if is_listener else LOCAL  # noqa: S104  read, not bound
    if host.value in wanted and 0 < number < 65536:
        line = int(host.start_mark.line) + 1
        yield Address(number, f"{host.value}:{number}", 0), line, is_listener
