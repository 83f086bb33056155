"""The demo cluster as a process, with its fault hooks."""

from __future__ import annotations

import json
import select
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

Obj = dict[str, Any]

START_S = 20
STOP_S = 10


class DemoCluster:
    """`server`, `kubeconfig` of the administrator, `state` with the others' kubeconfigs."""

    def __init__(self, state: Path, *options: str, hooks: bool = True) -> None:
        self.state = state
        # Standard input closes when this test run ends, even by kill -9; so does the cluster.
        command = [sys.executable, "-m", "sidecars.demo", "--until-eof", "--state", str(state), *options]
        if hooks:
            command.append("--hooks")
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
        )
        assert self.process.stdout
        if not select.select([self.process.stdout], [], [], START_S)[0]:
            self.process.kill()
            raise TimeoutError("the demo cluster did not start")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the demo cluster ended: {self.process.communicate()[1]}")
        started = json.loads(line)
        self.server: str = started["server"]
        self.kubeconfig = Path(started["kubeconfig"])
        self._tls = ssl.create_default_context(cafile=str(state / "server.crt"))

    def hook(self, name: str, /, **body: Any) -> Obj:
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.server}/_demo/{name}", data, method="POST")
        return self._read(request)

    def fault(self, action: str, **more: Any) -> None:
        self.hook("faults", action=action, **more)

    def requests(self) -> list[Obj]:
        found: list[Obj] = self._read(urllib.request.Request(f"{self.server}/_demo/requests"))["items"]
        return found

    def forget_requests(self) -> None:
        self._read(urllib.request.Request(f"{self.server}/_demo/requests", method="DELETE"))

    def user(self, name: str, rules: list[Obj], *groups: str) -> str:
        """The token of a new user; `rules` as in RBAC: verbs, groups, resources, namespaces."""
        token: str = self.hook("users", name=name, rules=rules, groups=list(groups))["token"]
        return token

    def kubeconfig_of(self, token: str, path: Path) -> Path:
        config = json.loads(self.kubeconfig.read_text())
        config["users"][0]["user"] = {"token": token}
        path.write_text(json.dumps(config))
        return path

    def status_of(self, path: str) -> int:
        """What a request without a token is answered."""
        try:
            self._read(urllib.request.Request(self.server + path))
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        return 200

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        return self.process.returncode

    def _read(self, request: urllib.request.Request) -> Obj:
        with urllib.request.urlopen(request, context=self._tls, timeout=10) as answer:
            read: Obj = json.loads(answer.read())
            return read


@pytest.fixture(scope="session")
def demo_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCluster]:
    """One for the session, ten times as fast as life; leave no faults behind."""
    cluster = DemoCluster(tmp_path_factory.mktemp("demo") / "state", "--speed", "10")
    yield cluster
    cluster.stop()


@pytest.fixture
def own_demo_cluster(tmp_path: Path) -> Iterator[DemoCluster]:
    """One of the test's own, to break as it likes."""
    cluster = DemoCluster(tmp_path / "state", "--speed", "20")
    yield cluster
    cluster.stop()
