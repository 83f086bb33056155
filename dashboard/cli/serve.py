"""Checks what can go wrong, then serves until Ctrl-C or SIGTERM."""

import os
import signal
import socket
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import NoReturn

from dashboard.cli.demo import demo_cluster
from dashboard.cli.options import Options
from dashboard.cli.refusal import Refusal
from dashboard.state import state_dir
from sidecars.cluster import contexts
from sidecars.errors import BadConfiguration

LONGEST_SOCKET_MESSAGE_BYTES = 64 * 1024
GRACE_S = 15
WITHOUT_KUBECONFIG = (
    "Try the demo cluster, which needs none: make demo, or sidecar-dashboard demo where it is installed."
)


def run(options: Options) -> int:
    os.umask(0o077)  # the database holds session keys, and the state folder may have been made by others
    signal.signal(signal.SIGTERM, _stop_cleanly)
    listener = _listener(options.listen, options.port)
    with ExitStack() as stack:
        stack.callback(listener.close)
        state = _state_dir()
        os.environ.update(options.environment() | {"SIDECAR_PORT": str(listener.getsockname()[1])})
        if options.is_demo:
            print("Starting the demo cluster …", flush=True)
            kubeconfig = stack.enter_context(demo_cluster(state / "demo"))
            options = replace(options, kubeconfig=kubeconfig)
            os.environ.update(SIDECAR_KUBECONFIG=kubeconfig, SIDECAR_LABEL="demo")
        _check_kubeconfig(options)
        _prepare_database()
        _check_presets()
        _serve(listener)
    print("Stopped.", flush=True)
    return 0


def _stop_cleanly(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _listener(address: str, port: int) -> socket.socket:
    """Bound before anything else is started: a busy port must not cost a wait."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise Refusal(
            f"Port {port} on {address} cannot be used ({error.strerror}). Stop what uses it, or choose "
            "another one with --port (0 takes a free one); with make: make demo PORT=9000.",
            1,
        ) from None
    return listener


def _state_dir() -> Path:
    try:
        return state_dir()
    except OSError as error:
        raise Refusal(
            f"The state folder {error.filename} cannot be made ({error.strerror}). "
            "Choose another with SIDECAR_STATE_DIR.",
            1,
        ) from None


def _check_kubeconfig(options: Options) -> None:
    text = options.kubeconfig
    paths = [Path(part).expanduser() for part in text.split(os.pathsep) if part] if text else None
    try:
        entries = contexts(paths)
    except BadConfiguration as error:
        raise Refusal(f"{error} {WITHOUT_KUBECONFIG}") from None
    if options.context and options.context not in {name for e in entries for name in (e.name, e.slug)}:
        known = ", ".join(entry.name for entry in entries)
        raise Refusal(f"There is no context {options.context!r}. The kubeconfig has: {known}.")


def _prepare_database() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import call_command
    from django.db import DatabaseError, connections

    try:
        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
    except ImproperlyConfigured as error:
        raise Refusal(str(error)) from None
    except DatabaseError as error:
        raise Refusal(f"The database in {state_dir()} cannot be used: {error}.", 1) from None
    finally:
        connections.close_all()


def _check_presets() -> None:
    """A wrong path of an administrator is told now, not on every page of presets."""
    from dashboard.presets_folder import catalogue

    try:
        catalogue()
    except BadConfiguration as error:
        raise Refusal(str(error)) from None


def _serve(listener: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        "dashboard.asgi:application",
        ws="websockets-sansio",  # the one whose back-pressure is tested
        ws_max_size=LONGEST_SOCKET_MESSAGE_BYTES,
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = uvicorn.Server(config)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:  # uvicorn passes the signal on once it has stopped
        pass
    if not server.started:
        sys.exit(1)
