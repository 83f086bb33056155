"""A real dashboard in a process of its own, as a person starts it, and a client that signs in."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest
from yarl import URL

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"(http://\S+/login/)#k=(\S+)")
READY_S = 40.0
STOP_S = 20.0


@dataclass
class Dashboard:
    """`output` grows while the process runs; `base_url` has no slash at its end."""

    process: "subprocess.Popen[str]"
    output_path: Path
    state: Path
    kubeconfig: Path | None = None
    base_url: str = ""
    clients: list["Client"] = field(default_factory=list)

    @property
    def output(self) -> str:
        return self.output_path.read_text()

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2])

    @property
    def link(self) -> str:
        """The newest sign-in link."""
        return [match.group(0) for match in LINK.finditer(self.output)][-1]

    @property
    def code(self) -> str:
        return self.link.rpartition("#k=")[2]

    def wait_for_output(self, is_there: Callable[[str], bool], limit_s: float = READY_S) -> str:
        deadline = time.monotonic() + limit_s
        while not is_there(self.output):
            if self.process.poll() is not None and not is_there(self.output):
                raise AssertionError(f"the dashboard ended with {self.process.returncode}:\n{self.output}")
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {limit_s} s:\n{self.output}")
            time.sleep(0.02)
        return self.output

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Client:
    """A browser's headers over real HTTP: cookies, Origin, the page's own CSRF and socket tokens."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.base_url = dashboard.base_url
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.csrf_token = ""
        self.socket_token = ""

    async def get(self, path: str, headers: dict[str, str] | None = None) -> "Page":
        return await self.request("GET", path, headers=headers or {})

    async def post(self, path: str, fields: dict[str, str], headers: dict[str, str] | None = None) -> "Page":
        data = {"csrfmiddlewaretoken": self.csrf_token, **fields}
        return await self.request("POST", path, data=data, headers=headers or {})

    async def request(self, method: str, path: str, *, headers: dict[str, str], **rest: Any) -> "Page":
        if method not in {"GET", "HEAD"}:
            headers = {"Origin": self.base_url, **headers}
        address = f"{self.base_url}{path}"
        async with self.http.request(
            method, address, headers=headers, allow_redirects=False, **rest
        ) as answer:
            page = Page(answer.status, dict(answer.headers), await answer.text())
        self.csrf_token = _attribute(page.text, "csrfmiddlewaretoken") or self.csrf_token
        self.socket_token = _attribute(page.text, "socket-token") or self.socket_token
        return page

    async def sign_in(self, code: str) -> "Page":
        await self.get("/login/")
        answer = await self.post("/login/", {"code": code})
        await self.get("/help/")
        return answer

    async def raw(self, encoded_path: str) -> int:
        """The status of a path sent byte for byte: `..` and `%2f` stay as they are."""
        address = URL(f"{self.base_url}{encoded_path}", encoded=True)
        async with self.http.get(address, allow_redirects=False) as answer:
            return answer.status

    async def socket(
        self, path: str, headers: dict[str, str] | None = None
    ) -> aiohttp.ClientWebSocketResponse:
        sent = {"Origin": self.base_url, **(headers or {})}
        return await self.http.ws_connect(f"{self.base_url}{path}", headers=sent)

    async def close(self) -> None:
        await self.http.close()


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    headers: dict[str, str]
    text: str

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")


def _attribute(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" (?:value|content)="([^"]+)"', text)
    return found.group(1) if found else ""


class Starter(Protocol):
    def __call__(
        self,
        kubeconfig: Path | None = None,
        arguments: tuple[str, ...] = (),
        *,
        state: Path | None = None,
        environment: dict[str, str] | None = None,
        is_ready: Callable[[str], bool] = ...,
        module: str = ...,
    ) -> Dashboard: ...


def is_serving(output: str) -> bool:
    return LINK.search(output) is not None


@contextmanager
def dashboards(folder: Path) -> Iterator[Starter]:
    """Starts any number; ends those that still run."""
    started: list[Dashboard] = []

    def start(
        kubeconfig: Path | None = None,
        arguments: tuple[str, ...] = (),
        *,
        state: Path | None = None,
        environment: dict[str, str] | None = None,
        is_ready: Callable[[str], bool] = is_serving,
        module: str = "dashboard",
    ) -> Dashboard:
        state = state or folder / f"state-{len(started)}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SIDECAR_", "KUBE"))}
        kept |= {"SIDECAR_STATE_DIR": str(state), "SIDECAR_NO_BROWSER": "1", **(environment or {})}
        named = ("--kubeconfig", str(kubeconfig)) if kubeconfig else ()
        port = () if "--port" in arguments else ("--port", "0")
        output_path = folder / f"output-{len(started)}.txt"
        with output_path.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments, *port, *named],
                cwd=ROOT,
                env=kept,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        dashboard = Dashboard(process, output_path, state, kubeconfig)
        started.append(dashboard)
        found = dashboard.wait_for_output(is_ready)
        if match := LINK.search(found):
            dashboard.base_url = match.group(1).removesuffix("/login/")
        return dashboard

    try:
        yield start
    finally:
        for dashboard in started:
            if dashboard.process.poll() is None:
                dashboard.kill()


@pytest.fixture
def dashboard_process(tmp_path: Path) -> Iterator[Starter]:
    """start(kubeconfig, arguments) -> Dashboard, for a test that needs one of its own."""
    with dashboards(tmp_path) as start:
        yield start


UNREACHABLE_KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: nowhere
contexts:
- {name: nowhere, context: {cluster: nowhere, user: nobody}}
clusters:
- {name: nowhere, cluster: {server: "http://127.0.0.1:9"}}
users:
- {name: nobody, user: {token: none}}
"""


@pytest.fixture(scope="session")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """One dashboard for tests of the frame, which ask no cluster anything."""
    folder = tmp_path_factory.mktemp("frame")
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(UNREACHABLE_KUBECONFIG)
    with dashboards(folder) as start:
        yield start(kubeconfig, module="tests.web.program")


@pytest.fixture
async def visitor(frame: Dashboard) -> Any:
    """A client that has not signed in."""
    client = Client(frame)
    yield client
    await client.close()


@pytest.fixture
async def viewer(frame: Dashboard) -> Any:
    """A client that has signed in."""
    client = Client(frame)
    await client.sign_in(frame.code)
    yield client
    await client.close()
