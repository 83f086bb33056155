"""The commands: flags, their twins, and one sentence for each thing that can be wrong."""

import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dashboard import VERSION
from tests.dashboard_process import ROOT, UNREACHABLE_KUBECONFIG, Client, Starter

SETTINGS = (ROOT / "dashboard" / "settings.py").read_text()


def test_the_table_of_settings_is_complete() -> None:
    table = set(re.findall(r"`(SIDECAR_\w+)`", (ROOT / "docs" / "settings.md").read_text()))

    read = set(re.findall(r'"(SIDECAR_\w+)"', SETTINGS)) | {"SIDECAR_STATE_DIR"}

    assert table == read


WRONG = [
    (("--port", "http"), "The port 'http' is not a number"),
    (("--port", "70000"), "The port '70000' is not a number"),
    (("--listen", "0.0.0.0"), "Serving others needs --shared"),
    (("--listen", "192.0.2.1"), "Refusing to listen on 192.0.2.1"),
    (("--shared",), "--shared is not there yet"),
    (("--kubeconfig", "/none/config"), "Looked for: /none/config. Try the demo cluster"),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG)
def test_a_wrong_value_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    ended = command(tmp_path, "--port", "0", *arguments)

    assert ended.returncode == 2
    assert sentence in ended.stderr and len(ended.stderr.strip().splitlines()) == 1


def test_the_version_is_told(tmp_path: Path) -> None:
    ended = command(tmp_path, "--version")

    assert (ended.returncode, ended.stdout) == (0, f"Sidecar Dashboard {VERSION}\n")


def test_a_wrong_environment_twin_is_one_sentence(tmp_path: Path) -> None:
    ended = command(tmp_path, environment={"SIDECAR_READ_ONLY": "maybe"})

    assert (ended.returncode, ended.stderr) == (2, "SIDECAR_READ_ONLY is 'maybe'; it must be 1 or 0.\n")


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("SIDECAR_PRESETS_DIR", "/none", "SIDECAR_PRESETS_DIR /none: no such folder"),
        ("SIDECAR_IMAGES_FILE", "/none.yaml", "SIDECAR_IMAGES_FILE /none.yaml: No such file or directory"),
    ],
)
def test_a_wrong_path_of_presets_is_told_at_the_start(
    tmp_path: Path, variable: str, value: str, sentence: str
) -> None:
    """It was an error 500 on each page of presets."""
    ended = command(tmp_path, "--kubeconfig", kubeconfig(tmp_path), environment={variable: value})

    assert ended.returncode == 2
    assert sentence in ended.stderr and len(ended.stderr.strip().splitlines()) == 1


def test_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        ended = command(tmp_path, "--port", port)

    assert ended.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_an_unknown_context_names_the_known_ones(tmp_path: Path) -> None:
    ended = command(tmp_path, "--kubeconfig", kubeconfig(tmp_path), "--context", "other")

    assert ended.stderr == "There is no context 'other'. The kubeconfig has: nowhere.\n"


def test_a_damaged_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "dashboard.sqlite3").write_text("no database at all, but long enough to be read")

    ended = command(tmp_path, "--kubeconfig", kubeconfig(tmp_path))

    assert ended.returncode == 1
    assert ended.stderr.startswith("The database in") and len(ended.stderr.strip().splitlines()) == 1


def test_ctrl_c_ends_it_cleanly(dashboard_process: Starter, tmp_path: Path) -> None:
    dashboard = dashboard_process(Path(kubeconfig(tmp_path)))

    assert dashboard.interrupt() == 0

    assert dashboard.output.endswith("Stopped.\n")


@pytest.mark.parametrize("ending", ["interrupt", "kill"])
def test_the_demo_cluster_ends_with_its_dashboard(dashboard_process: Starter, ending: str) -> None:
    dashboard = dashboard_process(arguments=("demo",))
    server = re.findall(
        r"https://127.0.0.1:(\d+)", (dashboard.state / "demo" / "admin.kubeconfig").read_text()
    )

    getattr(dashboard, ending)()

    deadline = time.monotonic() + 10
    while is_open(int(server[0])) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_open(int(server[0]))


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_read_only_mode_has_no_address_that_changes_something(
    dashboard_process: Starter, tmp_path: Path
) -> None:
    client = Client(dashboard := dashboard_process(Path(kubeconfig(tmp_path)), ("--read-only",)))
    await client.sign_in(dashboard.code)

    for path in ("attach/0a1b2c3d/settings/", "attach/0a1b2c3d/review/", "changes/0a1b2c3d/undo/"):
        assert (await client.post(f"/c/nowhere/{path}", {})).status == 404
    await client.close()


async def test_it_answers_whether_it_lives(visitor: Client) -> None:
    assert (await visitor.get("/healthz")).text == "ok\n"
    assert (await visitor.get("/readyz")).text == "ready\n"


def kubeconfig(folder: Path) -> str:
    path = folder / "kubeconfig"
    path.write_text(UNREACHABLE_KUBECONFIG)
    return str(path)


def command(
    folder: Path, *arguments: str, environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    own = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "SIDECAR_STATE_DIR": str(folder / "state")}
    return subprocess.run(
        [sys.executable, "-m", "dashboard", *arguments],
        cwd=ROOT,
        env=own | (environment or {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
