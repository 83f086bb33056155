"""One plugin of a collector (an input, receiver, sink): its settings -> what it says."""

from collections.abc import Iterator, Sequence

from sidecars.edges.formats.mentions import Mention, Says, call, file, listen, read_place, unix
from sidecars.edges.formats.settings import Setting
from sidecars.knowledge.formats import Plugin

OPEN_HOST = "0.0.0.0"  # noqa: S104  read, not bound


def read_plugin(plugin: Plugin | None, settings: Sequence[Setting], line: int) -> Iterator[Mention]:
    """`line` is of the plugin itself, for an address that it takes unless told otherwise."""
    if plugin is None:
        return
    for setting in settings:
        key = setting.key.lower()
        if key in plugin.reads or key in plugin.writes:
            for path in words(setting.value):
                yield from file("read" if key in plugin.reads else "write", path, setting.line)
    sockets = [s for s in settings if s.key.lower() in plugin.sockets and s.value.startswith("/")]
    for setting in sockets:
        yield Mention(_says(plugin), setting.line, unix(setting.value))
    if plugin.says and not sockets:
        yield from _places(plugin, settings, line)


def words(value: str) -> list[str]:
    """The elements of a list written in one line, with or without brackets."""
    return value.replace(",", " ").replace('"', " ").replace("'", " ").strip("[] ").split()[:200]


def _says(plugin: Plugin) -> Says:
    return "listen" if plugin.says == "listen" else "call"


def _places(plugin: Plugin, settings: Sequence[Setting], line: int) -> Iterator[Mention]:
    say = listen if plugin.says == "listen" else call
    protocols = _protocols(plugin, settings)
    written = [s for s in settings if s.key.lower() in plugin.places and s.value]
    if written:
        for setting in written:
            for value in words(setting.value) or [setting.value]:
                for protocol in protocols:
                    yield from say(value, setting.line, port=plugin.port, protocol=protocol)
        return
    host = _first(settings, plugin.hosts)
    port = _first(settings, plugin.ports)
    place = read_place(host.value) if host else None
    if host and (place is None or place.port or "://" in host.value):
        for protocol in protocols:
            yield from say(host.value, host.line, port=plugin.port, protocol=protocol)
        return
    default = OPEN_HOST if plugin.says == "listen" else "localhost" if plugin.assumes_localhost else ""
    name = host.value if host else default
    at = port or host
    number = port.value if port and port.value.isdigit() else ""
    if name and (number or not port):
        for protocol in protocols:
            where = f"{name}:{number}" if number else name
            yield from say(where, at.line if at else line, port=plugin.port, protocol=protocol)


def _first(settings: Sequence[Setting], keys: tuple[str, ...]) -> Setting | None:
    return next((s for key in keys for s in settings if s.key.lower() == key and s.value), None)


def _protocols(plugin: Plugin, settings: Sequence[Setting]) -> tuple[str, ...]:
    chosen = _first(settings, plugin.switches)
    word = chosen.value.lower() if chosen else ""
    return ("udp",) if "udp" in word else ("tcp",) if "tcp" in word else plugin.protocols
