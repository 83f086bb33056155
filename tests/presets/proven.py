"""What the log shippers' files must mean: the configurations that ran once, told as trees.

Written by hand after the files that were proven with the real programs (Fluent Bit 5.1.1, Fluentd 1.19.3)
or accepted by the program's own grammar (Logstash); no writer and no preset stands in between.
"""

from typing import Any

import yaml

from tests.presets.parsers import fluentd, logstash
from tests.presets.parsers.fluentd import Ruby

FIRST_LINE = "^[0-9]{4}-"
# Values of the form, for lines that are JSON and for plain text with stack traces.
JSON_LINES = {
    "fmt": "json", "sink": "http", "host": "127.0.0.1", "port": "9880", "token": "sink/token",
    "labels": "team: a \"b\" {c}\nenv: prod",
}  # fmt: skip
PLAIN = JSON_LINES | {"fmt": "plain", "multiline_first": FIRST_LINE}
FILES = {"fluent-bit": "fluent-bit.yaml", "fluentd": "fluent.conf", "logstash": "pipeline.conf"}


def parse(preset: str, text: str) -> Any:
    readers: dict[str, Any] = {"fluentd": fluentd.parse, "logstash": logstash.parse}
    return readers.get(preset, yaml.safe_load)(text)


def meaning(preset: str, values: dict[str, str]) -> Any:
    is_plain = "multiline_first" in values
    return {"fluent-bit": _fluent_bit, "fluentd": _fluentd, "logstash": _logstash}[preset](is_plain)


def _fluent_bit(is_plain: bool) -> Any:
    service = {
        "flush": 1, "grace": 10, "log_level": "info",
        "http_server": True, "http_listen": "0.0.0.0", "http_port": 2020,
        "health_check": True, "hc_errors_count": 5, "hc_retry_failure_count": 5, "hc_period": 60,
        "storage.path": "/var/lib/sidecar/chunks", "storage.max_chunks_up": 32,
    }  # fmt: skip
    fields = {"pod": "${POD_NAME}", "namespace": "${POD_NAMESPACE}", "team": 'a "b" {c}', "env": "prod"}
    upsert = [
        {"name": "content_modifier", "action": "upsert", "key": key, "value": value}
        for key, value in fields.items()
    ]
    tail: dict[str, Any] = {
        "name": "tail", "tag": "app", "path": "/var/log/app/*.log", "path_key": "file",
        "db": "/var/lib/sidecar/tail.db", "db.locking": True, "mem_buf_limit": "10M",
        "skip_long_lines": True, "refresh_interval": 5, "rotate_wait": 10, "read_from_head": True,
        "storage.type": "filesystem", "processors": {"logs": upsert},
    }  # fmt: skip
    tail |= {"multiline.parser": "app_multiline"} if is_plain else {}
    http = {
        "name": "http", "match": "*", "retry_limit": 10, "host": "127.0.0.1", "port": 9880, "uri": "/logs",
        "format": "json", "json_date_key": "ts", "json_date_format": "iso8601",
        "header": ["Authorization Bearer ${SINK_TOKEN}"],
    }  # fmt: skip
    parser = {"name": "app_json", "format": "json", "time_key": "time", "time_keep": True}
    parser |= {"time_format": "%Y-%m-%dT%H:%M:%S.%LZ"}
    begins = {"state": "start_state", "regex": f"/{FIRST_LINE}/", "next_state": "cont"}
    goes_on = {"state": "cont", "regex": f"/^(?!{FIRST_LINE})/", "next_state": "cont"}
    multiline = {"name": "app_multiline", "type": "regex", "flush_timeout": 1000, "rules": [begins, goes_on]}
    parse = {"name": "parser", "match": "*", "key_name": "log", "parser": "app_json"}
    parse |= {"reserve_data": True, "preserve_key": False}
    return {
        "service": service,
        "parsers": [] if is_plain else [parser],
        "multiline_parsers": [multiline] if is_plain else [],
        "pipeline": {"inputs": [tail], "filters": [] if is_plain else [parse], "outputs": [http]},
    }


def _fluentd(is_plain: bool) -> Any:
    json_lines = [
        ["@type", "json"], ["time_key", "time"], ["time_type", "string"], ["time_format", "%iso8601"],
        ["keep_time_key", "true"],
    ]  # fmt: skip
    plain = [["@type", "multiline"], ["format_firstline", f"/{FIRST_LINE}/"]]
    plain += [["format1", "/^(?<message>.*)/"]]
    tail: list[Any] = [
        ["@type", "tail"], ["@id", "app_tail"], ["path", "/var/log/app/*.log"], ["path_key", "file"],
        ["pos_file", "/var/lib/sidecar/tail.pos"], ["tag", "app.log"], ["read_from_head", "true"],
        ["refresh_interval", "5"], ["rotate_wait", "10"],
    ]  # fmt: skip
    tail += [["multiline_flush_interval", "2s"]] if is_plain else []
    tail += [("parse", "", plain if is_plain else json_lines)]
    monitor = [["@type", "monitor_agent"], ["@id", "monitor"], ["bind", "0.0.0.0"], ["port", "24220"]]
    record = [
        ["pod", Ruby("#{ENV['POD_NAME']}")], ["namespace", Ruby("#{ENV['POD_NAMESPACE']}")],
        ["team", 'a "b" {c}'], ["env", "prod"],
    ]  # fmt: skip
    buffer = [
        ["@type", "file"], ["path", "/var/lib/sidecar/buffer"], ["flush_mode", "interval"],
        ["flush_interval", "1s"], ["flush_at_shutdown", "true"], ["retry_max_interval", "30s"],
        ["retry_timeout", "1h"], ["total_limit_size", "64MB"], ["overflow_action", "drop_oldest_chunk"],
    ]  # fmt: skip
    http = [
        ["@type", "http"], ["@id", "out"], ["endpoint", "http://127.0.0.1:9880/logs"],
        ["content_type", "application/json"], ["json_array", "true"], ["open_timeout", "5"],
        ["headers", {"Authorization": "Bearer #{ENV['SINK_TOKEN']}"}], ("buffer", "", buffer),
    ]  # fmt: skip
    system = [
        ["log_level", "info"], ["suppress_config_dump", "true"], ["root_dir", "/var/lib/sidecar/root"],
        ["suppress_repeated_stacktrace", "true"],
    ]  # fmt: skip
    return [
        ("system", "", system),
        ("source", "", tail),
        ("source", "", monitor),
        ("filter", "**", [["@type", "record_transformer"], ("record", "", record)]),
        ("match", "**", http),
        ("label", "@FLUENT_LOG", [("match", "**", [["@type", "stdout"]])]),
    ]


def _logstash(is_plain: bool) -> Any:
    multiline = [["pattern", FIRST_LINE], ["negate", True], ["what", "previous"], ["auto_flush_interval", 2]]
    file = [
        ["path", ["/var/log/app/*.log"]], ["start_position", "beginning"],
        ["sincedb_path", "/usr/share/logstash/data/app.sincedb"], ["stat_interval", "1 second"],
        ["codec", ("multiline", multiline) if is_plain else "json"],
    ]  # fmt: skip
    fields = {
        "[kubernetes][pod]": "${POD_NAME}", "[kubernetes][namespace]": "${POD_NAMESPACE}",
        "team": 'a "b" {c}', "env": "prod",
    }  # fmt: skip
    date = [] if is_plain else [("date", [["match", ["time", "ISO8601"]]])]
    http = [
        ["url", "http://127.0.0.1:9880/logs"], ["http_method", "post"], ["format", "json_batch"],
        ["headers", {"Authorization": "Bearer ${SINK_TOKEN}"}],
    ]  # fmt: skip
    return [
        ("input", [("file", file)]),
        ("filter", [*date, ("mutate", [["add_field", fields]])]),
        ("output", [("http", http)]),
    ]
