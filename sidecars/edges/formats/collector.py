"""OpenTelemetry Collector: receivers and extensions listen, exporters call, if the service uses them."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from sidecars.edges.formats.mentions import Mention, call, file, listen
from sidecars.edges.formats.plugins import read_plugin, words
from sidecars.edges.formats.prometheus import read_scrapes
from sidecars.edges.formats.settings import Setting
from sidecars.edges.formats.text import Text
from sidecars.knowledge.formats import plugins

SECTIONS = frozenset({"receivers", "service"})  # what makes a file such a configuration
PARTS = ("protocols", "tcp", "udp", "grpc", "http", "egress", "ingress")
CALLS = (
    "endpoint", "endpoints", "traces_endpoint", "metrics_endpoint", "logs_endpoint", "brokers", "url",
    "datasource", "dsn",
)  # fmt: skip
OWN_METRICS = 8888


def read(text: Text) -> list[Mention] | None:
    if not text.top >= SECTIONS or not text.tree:
        return None
    used = _used(text.tree)
    found: list[Mention] = []
    for (kind, name), settings in _components(text.tree).items():
        # A part of a configuration, to be merged with another, names no pipeline.
        if name in used[kind] or not used["receivers"]:
            found += _read(kind, name.split("/", 1)[0], settings)
    return [*found, *_telemetry(text.tree)]


def _used(settings: Sequence[Setting]) -> dict[str, set[str]]:
    """A component that no pipeline names is not started. A connector is both ends."""
    found: dict[str, set[str]] = {"receivers": set(), "exporters": set(), "extensions": set()}
    for setting in settings:
        if setting.path[0] == "service" and setting.key in found:
            found[setting.key].update(words(setting.value))
    return found


def _components(settings: Sequence[Setting]) -> dict[tuple[str, str], list[Setting]]:
    found: dict[tuple[str, str], list[Setting]] = {}
    for setting in settings:
        if len(setting.path) > 1 and setting.path[0] in ("receivers", "exporters", "extensions"):
            found.setdefault((setting.path[0], setting.path[1]), []).append(setting)
    return found


def _read(kind: str, name: str, settings: list[Setting]) -> Iterator[Mention]:
    line = settings[0].line
    if kind == "exporters":
        yield from _exporter(name, settings, line)
        return
    if kind == "receivers" and name == "prometheus":
        yield from read_scrapes(settings)
        return
    known = plugins("otel", kind.rstrip("s"))
    parts = _parts(settings)
    if not parts:
        own = [s for s in settings if len(s.path) == 3]
        yield from read_plugin(known.get(name), own, line)
    for part, inner in parts.items():
        yield from read_plugin(known.get(f"{name}/{part}"), inner, inner[0].line)


def _parts(settings: Sequence[Setting]) -> dict[str, list[Setting]]:
    """grpc and http of `protocols`, or what stands in their place: each listens by itself."""
    found: dict[str, list[Setting]] = {}
    for setting in settings:
        rest = setting.path[2:]
        if rest[:1] == ("protocols",):
            rest = rest[1:]
        elif not rest or rest[0] not in PARTS or len(rest) < 2:
            continue
        if rest and rest[0]:
            # `grpc:` without a value is the protocol with its defaults.
            found.setdefault(rest[0], []).append(
                setting if len(rest) < 3 else replace(setting, path=("", ""))
            )
    return found


def _exporter(name: str, settings: Sequence[Setting], line: int) -> Iterator[Mention]:
    if plugin := plugins("otel", "exporter").get(name):
        yield from read_plugin(plugin, [s for s in settings if len(s.path) == 3], line)
        return
    for setting in settings:
        if setting.key in CALLS:
            for value in words(setting.value):
                yield from call(value, setting.line)
        elif setting.key == "path" and name == "file":
            yield from file("write", setting.value, setting.line)


def _telemetry(settings: Sequence[Setting]) -> Iterator[Mention]:
    """Its own metrics, on 8888 unless told otherwise."""
    own = [s for s in settings if s.path[:3] == ("service", "telemetry", "metrics")]
    if any(s.key == "level" and s.value == "none" for s in own):
        return
    for setting in own:
        if setting.key == "address" or (setting.key == "port" and setting.has("prometheus")):
            yield from listen(setting.value, setting.line)
            return
    service = next(s for s in settings if s.path[0] == "service")
    yield from listen("localhost", service.line, port=OWN_METRICS)
