"""The embedded demo cluster: a small API server in a process of its own."""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboard.cli.refusal import Refusal

READY_S = 30.0
STOP_S = 5.0


@contextmanager
def demo_cluster(state: Path) -> Iterator[str]:
    """The path of its kubeconfig, while it runs."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "sidecars.demo", "--port", "0", "--state", str(state), "--until-eof"],
        stdin=subprocess.PIPE,  # closes with this process, however it ends
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
        # Not in our process group: Ctrl-C is ours to handle, and the dashboard stops first.
        start_new_session=True,
    )
    try:
        yield _kubeconfig(process)
    finally:
        _stop(process)


def _kubeconfig(process: "subprocess.Popen[bytes]") -> str:
    line = _first_line(process)
    try:
        return str(json.loads(line)["kubeconfig"])
    except (ValueError, KeyError, TypeError):
        raise Refusal("The demo cluster did not start; its messages stand above.", 1) from None


def _first_line(process: "subprocess.Popen[bytes]") -> bytes:
    assert process.stdout is not None
    read, deadline = b"", time.monotonic() + READY_S
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not read.endswith(b"\n") and time.monotonic() < deadline:
            if selector.select(timeout=0.5):
                part = os.read(process.stdout.fileno(), 65536)
                if not part:
                    break
                read += part
    return read


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
