"""The demo cluster as a process: how it starts, what it writes, how it ends."""

import json
import socket
import stat
import subprocess
import sys
from pathlib import Path

from tests.demo_fixture import DemoCluster


def test_it_says_where_it_is_and_ends_cleanly_on_sigterm(tmp_path: Path) -> None:
    cluster = DemoCluster(tmp_path / "state", "--speed", "20")

    code = cluster.stop()

    assert code == 0
    assert cluster.server.startswith("https://127.0.0.1:")


def test_only_the_owner_reads_keys_and_tokens(demo_cluster: DemoCluster) -> None:
    for path in demo_cluster.state.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(demo_cluster.state.stat().st_mode) == 0o700


def test_there_is_a_kubeconfig_for_each_user(demo_cluster: DemoCluster) -> None:
    for name in ("admin", "editor", "viewer"):
        config = json.loads((demo_cluster.state / f"{name}.kubeconfig").read_text())
        assert config["users"][0]["user"]["token"]
        assert config["clusters"][0]["cluster"]["certificate-authority-data"]


def test_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "sidecars.demo", "--state", str(tmp_path), "--port", port]

        ended = subprocess.run(command, capture_output=True, text=True, timeout=20)

    assert ended.returncode == 1
    assert ended.stderr.strip() == f"demo cluster: port {port} is not free: Address already in use"


def test_without_hooks_there_are_no_faults(tmp_path: Path) -> None:
    cluster = DemoCluster(tmp_path / "state", hooks=False)
    try:
        assert cluster.status_of("/_demo/requests") == 403
    finally:
        cluster.stop()
