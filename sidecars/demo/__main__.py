"""python -m sidecars.demo --port 0 --state DIR [--hooks] [--pods N]"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import uvicorn

from . import access, certificate, controllers, quota, scenes
from .app import App
from .sending import Connection
from .store import Store

USERS = {
    "admin": (access.EVERYTHING, ("system:masters",)),
    "editor": (access.EDIT, ()),
    "viewer": (access.VIEW, ()),
    "shop-dev": (tuple(replace(rule, namespaces=("shop",)) for rule in access.EDIT), ()),
}


STOP_S = 10.0


def main() -> None:
    arguments = _arguments()
    try:
        listening = _listen(arguments.port)
    except OSError as error:
        sys.exit(f"demo cluster: port {arguments.port} is not free: {error.strerror}")
    if arguments.until_eof:
        threading.Thread(target=_stop_with_parent, daemon=True).start()
    try:
        asyncio.run(_serve(arguments, listening))
    except KeyboardInterrupt:
        pass


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sidecars.demo")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--state", type=Path, required=True, help="folder of the kubeconfig")
    parser.add_argument("--hooks", action="store_true", help="faults under /_demo/, for tests")
    parser.add_argument("--pods", type=int, default=0, help="simulated pods besides the scenes")
    parser.add_argument("--speed", type=float, default=1.0, help="of start-ups and rollouts")
    parser.add_argument("--churn", type=float, default=0.0, help="changes of simulated pods per second")
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input closes")
    return parser.parse_args()


def _stop_with_parent() -> None:
    """Standard input closes however the parent ends, also by kill -9."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_S)
    os._exit(1)  # a loop that is busy for ever hears no signal


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    return listening


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: object) -> None:
        self._app.watchers.ending = True
        self._app.watchers.close_all()
        self.should_exit = True


async def _serve(arguments: argparse.Namespace, listening: socket.socket) -> None:
    store = Store()
    app = App(store, with_hooks=arguments.hooks)
    scenes.load(store, pods=arguments.pods)
    server_url = f"https://127.0.0.1:{listening.getsockname()[1]}"
    kubeconfig = _write_state(app, arguments.state, server_url)
    config = uvicorn.Config(
        app,
        http=Connection,
        ssl_certfile=arguments.state / "server.crt",
        ssl_keyfile=arguments.state / "server.key",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=60,
    )
    server = _Server(config, app)
    # The server's own handlers come a moment later; who reads the line below may stop us at once.
    signal.signal(signal.SIGTERM, server.handle_exit)
    # Connections queue up in the listening socket from here on.
    listening.listen(128)
    line = {"server": server_url, "kubeconfig": str(kubeconfig), "pid": os.getpid()}
    print(json.dumps(line), flush=True)
    async with asyncio.TaskGroup() as tasks:
        behaviour = tasks.create_task(_behave(store, arguments.speed, arguments.churn))
        await server.serve(sockets=[listening])
        behaviour.cancel()


async def _behave(store: Store, speed: float, churn: float) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(quota.keep(store), name="demo-quota")
        controllers.start(store, tasks, speed=speed, churn_per_s=churn)


def _write_state(app: App, state: Path, url: str) -> Path:
    """Certificate, key and a kubeconfig per user; the administrator's is returned."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    served, key = certificate.make(time.time())
    _write_private(state / "server.crt", served)
    _write_private(state / "server.key", key)
    for name, (rules, groups) in USERS.items():
        token = app.access.add(name, rules, *groups)
        _write_private(state / f"{name}.kubeconfig", _kubeconfig(url, served, name, token))
    return state / "admin.kubeconfig"


def _kubeconfig(url: str, served: str, user: str, token: str) -> str:
    # JSON is YAML.
    authority = base64.b64encode(served.encode()).decode()
    cluster = {"server": url, "certificate-authority-data": authority}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "demo", "cluster": cluster}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": "demo", "context": {"cluster": "demo", "user": user}}],
        "current-context": "demo",
    }
    return json.dumps(content, indent=2) + "\n"


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w") as file:
        file.write(text)


if __name__ == "__main__":
    main()
