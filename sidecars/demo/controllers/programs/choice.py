"""Which program a container runs: by its command, then by its image."""

from __future__ import annotations

from collections.abc import Callable

from .box import Box, Idle, Program
from .http import AddressInUse, HttpRequest, HttpResponse
from .logs import run_fluentd
from .nginx import run_nginx
from .node import run_node
from .shell import run_script, run_words
from .sidecars import SIDECARS

SHELLS = ("sh", "ash", "bash")
_BY_NAME: dict[str, Callable[[Box], Program]] = {"node": run_node, "nginx": run_nginx}


def choose(box: Box) -> Program:
    argv = box.argv
    name = argv[0].rpartition("/")[2] if argv else ""
    if name in SHELLS and "-c" in argv[:-1]:
        if " fluentd " in argv[argv.index("-c") + 1]:  # its image's shell ends by becoming the program
            return run_fluentd(box)
        return run_script(box, argv[argv.index("-c") + 1])
    if name in ("sleep", "echo", "true", "false", "tail"):
        return run_words(box, argv)
    if name in _BY_NAME:
        return _BY_NAME[name](box)
    image = box.spec["image"].rpartition("/")[2]
    for part, program in SIDECARS.items():
        if part in box.spec["image"]:
            return program(box)
    if image.startswith(("nginx", "nginx-unprivileged")):
        return run_nginx(box)
    if image.startswith("busybox") and not argv:
        return run_words(box, ["true"])  # a shell without a terminal ends at once
    return run_server(box)


def run_server(box: Box) -> Program:
    """Something unknown that serves its ports."""
    for port in box.ports:
        try:
            box.listen(port, _hello)
        except AddressInUse:
            yield 0.3
            box.say(f"listen tcp :{port}: bind: address already in use")
            return 1
    box.say(f"starting {box.spec['name']}" + (f", ports {box.ports}" if box.ports else ""))
    while True:
        yield Idle(box.random.uniform(20, 60))
        box.say(f"{box.iso()} still here")


def _hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, b"ok\n")
