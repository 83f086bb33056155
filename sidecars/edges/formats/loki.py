"""Promtail; Loki, Tempo and Mimir (their servers); Grafana Alloy and the Agent's River."""

import re
from collections.abc import Iterator, Sequence

from sidecars.edges.formats.blocks import read_blocks
from sidecars.edges.formats.mentions import Mention, call, file, listen
from sidecars.edges.formats.plugins import read_plugin, words
from sidecars.edges.formats.settings import Setting, groups
from sidecars.edges.formats.text import Text
from sidecars.knowledge.formats import plugins

SERVED = frozenset({
    "clients", "positions", "ingester", "schema_config", "distributor", "storage_config", "limits_config",
    "common", "storage", "querier", "compactor", "blocks_storage",
})  # fmt: skip
USUAL = frozenset({"common", "storage", "clients"})  # others have these beside `server` too
LISTENS = ("http_listen_", "grpc_listen_", "http_tls_", "http_server_", "grpc_server_", "log_level")
LISTENING = (
    ("http_listen_port", "server"), ("grpc_listen_port", "server"), ("listen_address", "syslog"),
    ("endpoint", "receivers"),
)  # fmt: skip
COMPONENT = re.compile(
    r"(?m)^[ \t]{0,80}(?:(?:loki|prometheus|otelcol|discovery|local|faro|remote)"
    r"\.[\w.]{2,80}\s+\"[^\"\n]{1,80}\""
    r"|logging)\s*\{"
)
OTLP = re.compile(r"^otelcol\.receiver\.(\w+)")


def read(text: Text) -> list[Mention] | None:
    if "server" in text.top | {"server"} and text.top & SERVED and _is_server(text):
        return [mention for setting in text.tree or () for mention in _read(setting)]
    if COMPONENT.search(text.content):
        settings = read_blocks(text.content, by_lines=True, slashes=True)
        return [mention for group in groups(settings) for mention in _river(group)]
    return None


def _is_server(text: Text) -> bool:
    if {"clients", "scrape_configs"} <= text.top:
        return True
    if text.top & SERVED - USUAL:
        return "server" in text.top
    return any(s.path[:1] == ("server",) and s.key.startswith(LISTENS) for s in text.tree or ())


def _read(setting: Setting) -> Iterator[Mention]:
    key = setting.key
    if any(key == name and setting.has(part) for name, part in LISTENING):
        yield from listen(setting.value, setting.line)
    elif key == "url" or (key in ("address", "host") and setting.has("memcached")):
        yield from call(setting.value, setting.line)
    elif key == "__path__" and setting.path[0] == "scrape_configs":
        for value in words(setting.value):
            yield from file("read", value, setting.line)


def _river(group: Sequence[Setting]) -> Iterator[Mention]:
    path = group[0].path
    name = path[0].split(" ", 1)[0]
    if match := OTLP.match(name):
        part = next((p.split(" ")[0] for p in path[1:-1] if p.split(" ")[0] in ("grpc", "http")), "")
        plugin = plugins("otel", "receiver").get(f"{match[1]}/{part}" if part else match[1])
        yield from read_plugin(plugin, group, group[0].line)
        return
    for setting in group:
        key, value = setting.key, setting.value
        if key == "__address__" or key in ("url", "endpoint"):
            for word in words(value):
                yield from call(word, setting.line, port=80 if key == "__address__" else None)
        elif key == "__path__":
            for word in words(value):
                yield from file("read", word, setting.line)
        elif key in ("listen_port", "listen_address", "address") and len(path) > 2:
            is_listener = name.endswith((".api", ".syslog", "receive_http", "faro.receiver"))
            yield from listen(value, setting.line) if is_listener else ()
