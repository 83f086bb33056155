"""Vector, in TOML or YAML: sources, sinks and its API."""

from collections.abc import Iterator, Sequence

from sidecars.edges.formats.mentions import Mention, listen
from sidecars.edges.formats.plugins import read_plugin
from sidecars.edges.formats.settings import Setting
from sidecars.edges.formats.text import Text
from sidecars.knowledge.formats import plugins

API = "127.0.0.1:8686"


def read(text: Text) -> list[Mention] | None:
    if "sources" not in text.content and "sinks" not in text.content:
        return None
    for settings in (text.tree or (), text.sections):
        components = _components(settings)
        if components:
            found = [m for (kind, _name), group in components.items() for m in _read(kind, group)]
            return [*found, *_api(settings)]
    return None


def _components(settings: Sequence[Setting]) -> dict[tuple[str, str], list[Setting]]:
    """Those with a type: [sources.logs] with all that is nested in it."""
    found: dict[tuple[str, str], list[Setting]] = {}
    for setting in settings:
        if len(setting.path) > 2 and setting.path[0] in ("sources", "sinks"):
            found.setdefault((setting.path[0], setting.path[1]), []).append(setting)
    return {key: group for key, group in found.items() if any(s.path[2:] == ("type",) for s in group)}


def _read(kind: str, group: Sequence[Setting]) -> Iterator[Mention]:
    name = next(s for s in group if s.path[2:] == ("type",))
    known = plugins("vector", kind.rstrip("s"))
    plugin = known.get(name.value) or known.get("*")
    if name.value == "opentelemetry" and kind == "sources":
        for part in ("grpc", "http"):
            inner = [s for s in group if s.path[2:3] == (part,)]
            yield from read_plugin(known.get(f"opentelemetry/{part}"), inner, name.line) if inner else ()
        return
    own = [s for s in group if len(s.path) == 3]
    yield from read_plugin(plugin, own, name.line)


def _api(settings: Sequence[Setting]) -> Iterator[Mention]:
    named = {s.dotted: s for s in settings if s.path[0] == "api"}
    if enabled := named.get("api.enabled"):
        address = named.get("api.address")
        if enabled.value == "true":
            yield from listen(address.value if address else API, (address or enabled).line)
