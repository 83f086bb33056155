"""A small Node.js app: answers JSON about the request, logs JSON lines."""

from __future__ import annotations

import json
import re

from .box import Box, Idle, Program
from .http import AddressInUse, HttpRequest, HttpResponse

JSON = ("content-type", "application/json")


def run_node(box: Box) -> Program:
    script = box.argv[2] if box.argv[1:2] == ["-e"] else ""
    app = App(box, script)
    try:
        box.listen(app.port, app.answer, app.host)
    except AddressInUse:
        yield 0.2
        return _address_in_use(box, app.port)
    box.call_neighbours()
    if not script:
        app.log("info", f"listening on {box.env('HOST', '0.0.0.0')}:{app.port}")
        box.on_stop = lambda: app.log("info", "SIGTERM: last words")
    while True:
        yield Idle(3600.0)


class App:
    def __init__(self, box: Box, script: str) -> None:
        self.box = box
        self.script = script
        found = re.search(r"listen\((\d+)(?:,\s*['\"]([\d.]+))?", script)
        self.host = (found and found[2]) or box.env("HOST", "0.0.0.0")
        self.port = int(found[1] if found else box.env("PORT") or (box.ports or [8080])[0])

    def answer(self, request: HttpRequest) -> HttpResponse:
        path = request.path.partition("?")[0]
        if path == "/healthz" and not self.script:
            return HttpResponse(200, b"ok", ())
        if path == "/error" and not self.script:
            stack = "Error: boom\n    at Server.<anonymous> (/app/server.js:9:3)"
            self.log("error", 'boom "quoted" \u00e9 \u4e2d\u6587', stack=stack)
            return HttpResponse(500, b"boom", ())
        if self.script:
            if "console.log" in self.script:
                self.box.say(request.path)
        else:
            self.log("info", f"{request.method} {path}", path=path)
        body = {
            "name": self.box.env("NAME", "app"),
            "url": request.path,
            "remote": f"::ffff:{request.remote}",
            "headers": {name.lower(): value for name, value in request.headers.items()},
        }
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return HttpResponse(200, text.encode(), (JSON,))

    def log(self, level: str, message: str, **more: str) -> None:
        entry = {"time": self.box.iso(), "level": level, "msg": message, **more}
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
        if self.box.env("LOG_FORMAT", "json") != "json":
            line = f"{entry['time']} {level.upper()} {message}"
        folder = self.box.env("LOG_DIR")
        if folder:
            self.box.write(f"{folder.rstrip('/')}/app.log", line)
        else:
            self.box.say(line)


def _address_in_use(box: Box, port: int) -> int:
    for line in (
        "node:events:497",
        "      throw er; // Unhandled 'error' event",
        "      ^",
        "",
        f"Error: listen EADDRINUSE: address already in use 0.0.0.0:{port}",
        "    at Server.setupListenHandle [as _listen2] (node:net:1940:16)",
        "    at listenInCluster (node:net:1997:12)",
        "  code: 'EADDRINUSE',",
        "  errno: -98,",
        "  syscall: 'listen',",
        "  address: '0.0.0.0',",
        f"  port: {port}",
        "}",
        "",
        "Node.js v22.21.1",
    ):
        box.say(line)
    return 1
