"""Envoy's bootstrap and resources: a cluster's address is a call, a listener's is not."""

from collections.abc import Iterator, Sequence

from sidecars.edges.formats.mentions import Mention, call, file, listen, unix
from sidecars.edges.formats.settings import Setting, by_key, groups
from sidecars.edges.formats.text import Text

ADDRESSES = ("socket_address", "socketAddress")
LISTENERS = frozenset({"listeners", "listener", "admin", "listener_filters"})
LISTENER_TYPE = "type.googleapis.com/envoy.config.listener"


def read(text: Text) -> list[Mention] | None:
    if not any(name in text.content for name in (*ADDRESSES, "pipe")) or not text.tree:
        return None
    if not any(part in ADDRESSES or part == "pipe" for s in text.tree for part in s.path[-2:]):
        return None
    is_listeners = any(s.key == "@type" and s.value.startswith(LISTENER_TYPE) for s in text.tree)
    return [m for group in groups(text.tree) for m in _read(group, is_listeners=is_listeners)]


def _read(group: Sequence[Setting], *, is_listeners: bool) -> Iterator[Mention]:
    path = group[0].path[:-1]
    keys = by_key(group)
    # A log inside a listener may call a cluster, but never by an address of its own.
    is_listener = bool(LISTENERS.intersection(path)) or (is_listeners and "clusters" not in path)
    if "source_address" in path or "upstream_bind_config" in path or "hosts_rewrite" in path:
        return
    if path and path[-1] in ADDRESSES:
        host, port = keys.get("address"), keys.get("port_value") or keys.get("portvalue")
        if host and port and port.value.isdigit():
            protocol = keys["protocol"].value.lower() if "protocol" in keys else "tcp"
            say = listen if is_listener else call
            name = f"[{host.value}]" if ":" in host.value else host.value
            yield from say(f"{name}:{port.value}", host.line, protocol=protocol)
    elif path and path[-1] == "pipe" and "path" in keys and keys["path"].value.startswith("/"):
        yield Mention("listen" if is_listener else "call", keys["path"].line, unix(keys["path"].value[:200]))
    if target := keys.get("target_uri") or keys.get("targeturi"):
        yield from call(target.value.removeprefix("dns:///"), target.line)
    for name in ("access_log_path", "path"):
        if name in keys and (name != "path" or "access_log" in path or "typed_config" in path[-1:]):
            yield from file("write", keys[name].value, keys[name].line)
