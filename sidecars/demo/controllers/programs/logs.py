"""Log shippers: read the files that their configuration names; with the sink stdout they print them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from .box import Box, Idle, Program
from .http import HttpRequest, HttpResponse

CONFIGS = (
    "/etc/sidecar/fluent-bit.yaml",
    "/fluent-bit/etc/fluent-bit.yaml",
    "/fluent-bit/etc/fluent-bit.conf",
)
POLL_S = 1.0
FILES = r"(/[^\s\"',\]]+)"
Print = Callable[[str, str], str]  # path, line -> what is printed
Fields = dict[str, str]


def run_fluent_bit(box: Box) -> Program:
    text = next((found for path in CONFIGS if (found := box.config(path))), "")
    patterns = _patterns(text, rf"(?im)^[\s-]*path:?\s+[\"']?({FILES}(?:,{FILES})*)")
    port = _port(text, r"http_port:?\s+(\d+)", 2020)
    counts = {"records": 0}
    added = dict(_of_modifiers(text, box))

    def record(path: str, line: str) -> str:
        return _json({"date": round(box.clock.now(), 6), **_entry(line, "log"), "file": path, **added})

    box.listen(port, lambda request: _fluent_bit_answer(request, counts))
    stamp = box.now().strftime("%Y/%m/%d %H:%M:%S")
    box.say(f"[{stamp}] [ info] [fluent bit] version=5.1.1, commit=0000000000, pid=1")
    box.say(f"[{stamp}] [ info] [http_server] listen iface=0.0.0.0 tcp_port={port}")
    for pattern in patterns:
        box.say(f"[{stamp}] [ info] [input:tail:tail.0] inotify_fs_add(): name={pattern}")
    return (yield from _ship(box, patterns, record if "stdout" in text else None, counts))


def run_fluentd(box: Box) -> Program:
    text = box.config("/etc/sidecar/fluent.conf") or ""
    counts = {"records": 0}
    added = dict(_of_record(text, box))

    def event(path: str, line: str) -> str:
        stamp = box.now().strftime("%Y-%m-%d %H:%M:%S.%f000 +0000")
        return f"{stamp} app.log: {_json({**_entry(line, 'message'), 'file': path, **added})}"

    plugins = {"plugins": [{"plugin_id": "app_tail", "plugin_category": "input", "type": "tail"},
                           {"plugin_id": "out", "plugin_category": "output", "retry_count": 0}]}  # fmt: skip
    box.listen(_port(text, r"(?m)^\s*port (\d+)", 24220), lambda _request: _answer(plugins))
    stamp = box.now().strftime("%Y-%m-%d %H:%M:%S +0000")
    box.say(f'{stamp} [info]: starting fluentd-1.19.3 pid=1 ruby="3.4.7"')
    box.say(f"{stamp} [info]: #0 fluentd worker is now running worker=0")
    patterns = _patterns(text, rf"(?m)^\s*path '({FILES}(?:,{FILES})*)'")
    return (
        yield from _ship(box, patterns, None if "endpoint" in text or "<server>" in text else event, counts)
    )


def run_logstash(box: Box) -> Program:
    text = box.config("/etc/sidecar/pipeline.conf") or ""
    counts = {"records": 0}
    added = _of_mutate(text, box)

    def event(path: str, line: str) -> str:
        return _json(
            {"@timestamp": box.iso(), **_entry(line, "message"), "log": {"file": {"path": path}}, **added}
        )

    yield 4.0  # a Java virtual machine starts
    settings = box.config("/etc/sidecar/logstash.yml") or ""

    def answer(request: HttpRequest) -> HttpResponse:
        events = {"in": counts["records"], "filtered": counts["records"], "out": counts["records"]}
        return _answer({"status": "green", "version": "9.5.2", "events": events})

    box.listen(_port(settings, r"api.http.port: (\d+)", 9600), answer)
    stamp = box.now().strftime("%Y-%m-%dT%H:%M:%S,%f")[:-3]
    box.say(f'[{stamp}][INFO ][logstash.runner          ] Starting Logstash {{"logstash.version"=>"9.5.2"}}')
    box.say(f'[{stamp}][INFO ][logstash.javapipeline    ] Pipeline started {{"pipeline.id"=>"main"}}')
    patterns = _patterns(text, r"(?m)^\s*path => \[(.*)\]")
    return (yield from _ship(box, patterns, event if "stdout {" in text else None, counts))


def _ship(box: Box, patterns: list[str], printed: Print | None, counts: dict[str, int]) -> Program:
    offsets: dict[str, int] = {}
    while True:
        for pattern in patterns:
            for path, line in box.tail(pattern, offsets):
                counts["records"] += 1
                if printed:
                    box.say(printed(path, line))
        yield Idle(POLL_S)


def _patterns(text: str, where: str) -> list[str]:
    found = re.search(where, text)
    return re.findall(FILES, found[1]) if found else []


def _port(text: str, where: str, default: int) -> int:
    found = re.search(where, text)
    return int(found[1]) if found else default


def _entry(line: str, key: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    return entry if isinstance(entry, dict) else {key: line}


def _of_modifiers(text: str, box: Box) -> Iterator[tuple[str, str]]:
    """What Fluent Bit's processors add to each record."""
    try:
        config = yaml.safe_load(text)
        inputs = config["pipeline"]["inputs"]
    except (yaml.YAMLError, KeyError, TypeError):
        return
    for each in inputs:
        for step in (each.get("processors") or {}).get("logs", []):
            if step.get("name") == "content_modifier":
                yield str(step.get("key")), _expand(str(step.get("value")), box)


def _of_record(text: str, box: Box) -> Iterator[tuple[str, str]]:
    """What Fluentd's record_transformer adds to each record."""
    section = text.partition("<record>")[2].partition("</record>")[0]
    for name, value in re.findall(r"(?m)^\s*(\S+) (.+)$", section):
        variable = re.search(r"ENV\['(\w+)'\]", value)
        yield name, _expand(f"${{{variable[1]}}}", box) if variable else value.strip("'")


def _of_mutate(text: str, box: Box) -> dict[str, Any]:
    """What Logstash's mutate adds to each event; [a][b] is a field inside a field."""
    found = re.search(r"add_field => \{(.*)\}", text)
    added: dict[str, Any] = {}
    word = r'"((?:[^"\\]|\\.)*)"'
    for name, value in re.findall(f"{word} => {word}", found[1] if found else ""):
        *outer, last = re.findall(r"\[([^\]]+)\]", name) or [name]
        inside = added
        for part in outer:
            inside = inside.setdefault(part, {})
        inside[last] = _expand(value, box)
    return added


def _expand(value: str, box: Box) -> str:
    names = {"POD_NAME": box.pod_name, "POD_NAMESPACE": str(box.pod["metadata"]["namespace"])}
    return re.sub(r"\$\{(\w+)\}", lambda found: names.get(found[1], ""), value)


def _fluent_bit_answer(request: HttpRequest, counts: dict[str, int]) -> HttpResponse:
    path = request.path.partition("?")[0]
    if path == "/api/v1/metrics":
        count = counts["records"]
        tail = {"records": count, "bytes": 120 * count, "files_opened": 1}
        output = {"proc_records": count, "errors": 0, "retries": 0}
        return _answer({"input": {"tail.0": tail}, "output": {"stdout.0": output}})
    if path == "/api/v1/health":
        return HttpResponse(200, b"ok\n")
    return _answer({"fluent-bit": {"version": "5.1.1", "edition": "Community"}})


def _answer(body: object) -> HttpResponse:
    return HttpResponse(200, json.dumps(body).encode(), (("content-type", "application/json"),))


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))
