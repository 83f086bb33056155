"""Faults of logs, for tests: scripted lines, ended streams, rotation, restarts.

POST /_demo/log {"namespace", "pod", "container", ...} with any of, in this order:
    "lines": [{"text": …, "time_ns": …}]   appended; without time_ns: now
    "repeat": n                            the lines n times over
    "rotate": true                         older lines can no longer be read
    "eof": true                            open streams end, the container runs on
    "exit": code                           the container ends, and restarts as its policy says
"""

from __future__ import annotations

from typing import Any

import msgspec

from .. import controllers, status
from ..requests import Answer, Request


async def change_log(request: Request) -> Answer:
    body: dict[str, Any] = msgspec.json.decode(request.body)
    cluster = controllers.cluster_of(request.store)
    pod = request.store.get("pods", body["namespace"], body["pod"])
    run = cluster.kubelet.run_of(pod)
    container = run.find(body["container"]) if run else None
    if run is None or container is None or container.instance is None:
        raise status.bad_request("no such running container")
    log = container.instance.log
    for _ in range(body.get("repeat", 1)):
        for line in body.get("lines", []):
            if "time_ns" in line:
                log.append_exactly(line["time_ns"], line["text"])
            else:
                log.append(int(cluster.world.clock.now() * 10**9), line["text"])
    if body.get("rotate"):
        log.rotate()
    if body.get("eof"):
        log.cut()
    if "exit" in body:
        run.exit(container, body["exit"])
        cluster.world.settle()
    return Answer({"count": log.count})
