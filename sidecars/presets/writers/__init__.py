"""One writer per configuration format. It does all quoting; nothing else makes such text.

A writer refuses what its format cannot hold; it never drops or replaces a character.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sidecars.errors import BadConfiguration
from sidecars.presets.writers.fluentd import write_fluentd
from sidecars.presets.writers.lines import write_lines
from sidecars.presets.writers.logstash import write_logstash
from sidecars.presets.writers.nginx import write_nginx
from sidecars.presets.writers.plain import write_plain
from sidecars.presets.writers.structured import write_json, write_otel, write_yaml

WRITERS: Mapping[str, Callable[[Any], str]] = {
    "nginx": write_nginx,
    "json": write_json,
    "yaml": write_yaml,
    "otel": write_otel,
    "fluentd": write_fluentd,
    "logstash": write_logstash,
    "lines": write_lines,
    "plain": write_plain,
}


def write(format_name: str, tree: Any) -> str:
    if format_name not in WRITERS:
        raise BadConfiguration(cause=f"no writer for the format {format_name}")
    return WRITERS[format_name](tree)
