"""Filebeat, Metricbeat, Heartbeat, Auditbeat, Packetbeat and Elastic's APM server."""

from collections.abc import Iterator, Sequence

from sidecars.edges.formats.mentions import Mention, call, file, listen
from sidecars.edges.formats.plugins import read_plugin, words
from sidecars.edges.formats.settings import Setting, by_key, groups
from sidecars.edges.formats.text import Text
from sidecars.knowledge.formats import plugins

BEATS = ("filebeat", "metricbeat", "heartbeat", "auditbeat", "packetbeat", "apm-server")
OUTPUTS = {
    "output.logstash.hosts": 5044, "output.elasticsearch.hosts": 9200, "output.redis.hosts": 6379,
    "output.kafka.hosts": 9092, "setup.kibana.host": 5601, "monitoring.elasticsearch.hosts": 9200,
}  # fmt: skip
HTTP_PORT = 5066


def read(text: Text) -> list[Mention] | None:
    top = {name.split(".", 1)[0] for name in text.top}
    # One module of `modules.d`, or one file of `inputs.d`, is a bare list.
    is_list = bool(text.tree) and any(beat in text.name for beat in BEATS)
    if not top.intersection(BEATS) and not is_list and not (text.top and _is_module(text)):
        return None
    settings = text.tree or []
    return [*_outputs(settings), *(m for group in groups(settings) for m in _inputs(group))]


def _is_module(text: Text) -> bool:
    return {"module", "metricsets"} <= text.top


def _outputs(settings: Sequence[Setting]) -> Iterator[Mention]:
    named = {setting.dotted: setting for setting in settings}
    for setting in settings:
        if setting.dotted in OUTPUTS:
            for value in words(setting.value):
                yield from call(value, setting.line, port=OUTPUTS[setting.dotted])
        elif setting.dotted == "apm-server.host":
            yield from listen(setting.value, setting.line, port=8200)
        elif setting.dotted == "output.file.path":
            yield from file("write", setting.value, setting.line)
    enabled = named.get("http.enabled")
    if enabled and enabled.value == "true":
        port = named.get("http.port", enabled)
        yield from listen(port.value if port is not enabled else "*", port.line, port=HTTP_PORT)


def _inputs(group: Sequence[Setting]) -> Iterator[Mention]:
    keys = by_key(group)
    path = ".".join(group[0].path[:-1])
    kind = keys.get("module") or keys.get("type")
    if "enabled" in keys and keys["enabled"].value == "false":
        return
    if kind and ("module" in keys or "monitors" in path):
        name = "metricbeat-module" if "module" in keys else "heartbeat-monitor"
        yield from read_plugin(plugins("beats", name).get(kind.value), group, kind.line)
    elif kind:
        yield from read_plugin(plugins("beats", "input").get(kind.value), group, kind.line)
