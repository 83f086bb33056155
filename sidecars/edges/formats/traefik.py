"""Traefik: entry points of the static part, servers of the dynamic part, in YAML or TOML."""

from collections.abc import Iterator

from sidecars.edges.formats.mentions import Mention, call, file, listen
from sidecars.edges.formats.settings import Setting
from sidecars.edges.formats.text import Text


def read(text: Text) -> list[Mention] | None:
    if not any(
        word in text.content for word in ("entryPoints", "entrypoints", "oadBalancer", "loadbalancer")
    ):
        return None
    for settings in (text.tree or (), text.sections):
        if any(_is_its_own(s) for s in settings):
            return [mention for setting in settings for mention in _read(setting)]
    return None


def _is_its_own(setting: Setting) -> bool:
    path = [part.lower() for part in setting.path]
    return path[:1] == ["entrypoints"] or ("services" in path and "loadbalancer" in path)


def _read(setting: Setting) -> Iterator[Mention]:
    path = [part.lower() for part in setting.path]
    if path[0] == "entrypoints" and path[-1] == "address":
        protocol = "udp" if setting.value.endswith("/udp") else "tcp"
        yield from listen(setting.value, setting.line, protocol=protocol)
    elif "servers" in path and path[-1] in ("url", "address"):
        yield from call(setting.value, setting.line, protocol="udp" if path[0] == "udp" else "tcp")
    elif path[-2:] == ["forwardauth", "address"]:
        yield from call(setting.value, setting.line)
    elif path in (["accesslog", "filepath"], ["log", "filepath"]):
        yield from file("write", setting.value, setting.line)
