"""Fluent Bit: reads the files that its configuration names and prints them."""

from __future__ import annotations

import json
import re

from .box import Box, Idle, Program
from .http import HttpRequest, HttpResponse

CONFIGS = (
    "/etc/sidecar/fluent-bit.yaml",
    "/fluent-bit/etc/fluent-bit.yaml",
    "/fluent-bit/etc/fluent-bit.conf",
)
POLL_S = 1.0


def run_fluent_bit(box: Box) -> Program:
    text = next((found for path in CONFIGS if (found := box.config(path))), "")
    patterns = re.findall(r"(?im)^[\s-]*path:?\s+[\"']?(/[^\s\"']+)", text)
    stamp = box.now().strftime("%Y/%m/%d %H:%M:%S")
    box.listen(2020, lambda request: _health(request))
    box.say(f"[{stamp}] [ info] [fluent bit] version=5.1.1, commit=0000000000, pid=1")
    box.say(f"[{stamp}] [ info] [http_server] listen iface=0.0.0.0 tcp_port=2020")
    for pattern in patterns:
        box.say(f"[{stamp}] [ info] [input:tail:tail.0] inotify_fs_add(): name={pattern}")
    offsets: dict[str, int] = {}
    is_printing = "stdout" in text
    while True:
        for pattern in patterns:
            for path, line in box.tail(pattern, offsets):
                if is_printing:
                    box.say(_record(box, path, line))
        yield Idle(POLL_S)


def _record(box: Box, path: str, line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        entry = {"log": line}
    record = {"date": round(box.clock.now(), 6), **entry, "file": path}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _health(request: HttpRequest) -> HttpResponse:
    body = json.dumps({"fluent-bit": {"version": "5.1.1", "edition": "Community"}})
    return HttpResponse(200, body.encode(), (("content-type", "application/json"),))
