"""socket_address of an Envoy bootstrap: in a cluster it is a call, in a listener it is not."""

from collections.abc import Iterator

import yaml

from sidecars.edges.addresses import Address
from sidecars.edges.documents import compose, mappings
from sidecars.edges.variables import LOCAL

LISTENERS = frozenset({"listeners", "admin", "listener"})
Found = tuple[Address, int, bool]


def find_addresses(content: str) -> list[Found]:
    """(address, line, is a listener); nothing if the text is no Envoy configuration."""
    root = compose(content) if "socket_address" in content else None
    if root is None:
        return []
    return [
        found
        for path, node in mappings(root)
        if path and path[-1] == "socket_address"
        for found in _read(node, is_listener=bool(LISTENERS.intersection(path)))
    ]


def _read(node: yaml.MappingNode, *, is_listener: bool) -> Iterator[Found]:
    values = {
        key.value: child
        for key, child in node.value
        if isinstance(key, yaml.ScalarNode) and isinstance(child, yaml.ScalarNode)
    }
    host, port = values.get("address"), values.get("port_value")
    if host is None or port is None or not (port.value.isascii() and port.value.isdigit()):
        return
    number = int(port.value[:6])
    wanted = LOCAL | {"0.0.0.0", "::"} if is_listener else LOCAL  # noqa: S104  read, not bound
    if host.value in wanted and 0 < number < 65536:
        line = int(host.start_mark.line) + 1
        yield Address(number, f"{host.value}:{number}", 0), line, is_listener
