"""pods/exec over a WebSocket: one command, its output, how it ended, and who may."""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from sidecars.observe.readout import Readout, read_output
from sidecars.observe.script import COMMAND
from tests.contract.api import LIMIT_S, Api, unique
from tests.contract.manifests import configmap
from tests.contract.manifests import pod as pod_manifest
from tests.contract.running import NGINX_IMAGE, node, shell, start_ready

PROTOCOLS = [Subprotocol("v5.channel.k8s.io"), Subprotocol("v4.channel.k8s.io")]
CONF = "server { listen 80; location / { proxy_pass http://127.0.0.1:8080; } }"


@dataclass(frozen=True, slots=True)
class Ended:
    output: str
    status: dict[str, Any]
    protocol: str | None


async def run(api: Api, pod: str, *command: str, container: str = "app", token: str = "") -> Ended:
    streams: dict[int, bytes] = {}
    async with asyncio.timeout(LIMIT_S), _connect(api, pod, command, container, token) as socket:
        async for message in socket:
            assert isinstance(message, bytes)
            streams[message[0]] = streams.get(message[0], b"") + message[1:]
        return Ended(streams.get(1, b"").decode(), json.loads(streams[3]), socket.subprotocol)


async def refused(api: Api, pod: str, *, container: str = "app", token: str = "") -> int:
    """The status with which the handshake is declined; its body is a Status of the same code."""
    with pytest.raises(InvalidStatus) as declined:
        async with asyncio.timeout(LIMIT_S), _connect(api, pod, ("true",), container, token):
            pass
    response = declined.value.response
    assert json.loads(response.body or b"{}")["code"] == response.status_code
    return response.status_code


def _connect(api: Api, pod: str, command: tuple[str, ...], container: str, token: str) -> connect:
    query = [("container", container), ("stdout", "true"), ("stderr", "true")]
    query += [("command", word) for word in command]
    address = f"{api.server.url}{api.path('pods', f'{pod}/exec')}?{urlencode(query)}"
    # Another user's connection must not show the administrator's certificate.
    tls = ssl.create_default_context(cadata=_authority(api)) if token else api.server.tls
    token = token or api.server.token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return connect(
        address.replace("https", "wss", 1), ssl=tls, additional_headers=headers, subprotocols=PROTOCOLS
    )


def _authority(api: Api) -> str:
    return "".join(map(ssl.DER_cert_to_PEM_cert, api.server.tls.get_ca_certs(binary_form=True)))


async def test_a_command_says_its_output_and_how_it_ended(api: Api) -> None:
    pod = await start_ready(api, shell("sleep 3600"))

    ended = await run(api, pod, "sh", "-c", "echo hello; echo world")

    assert (ended.output, ended.status["status"]) == ("hello\nworld\n", "Success")
    assert ended.protocol == "v5.channel.k8s.io"


async def test_an_exit_code_is_told_as_a_cause(api: Api) -> None:
    pod = await start_ready(api, shell("sleep 3600"))

    ended = await run(api, pod, "sh", "-c", "exit 3")

    assert ended.status["reason"] == "NonZeroExitCode"
    assert {"reason": "ExitCode", "message": "3"} in ended.status["details"]["causes"]


async def test_a_program_that_is_not_there_is_an_error_of_the_runtime(api: Api) -> None:
    pod = await start_ready(api, shell("sleep 3600"))

    ended = await run(api, pod, "no-such-program")

    assert ended.output == "" and ended.status["status"] == "Failure"
    assert '"no-such-program": executable file not found' in ended.status["message"]


async def test_what_cannot_be_run_is_refused_before_the_connection(api: Api) -> None:
    waiting = await api.create("pods", pod_manifest(unique("waits"), shell("sleep 3600")))
    pod = await start_ready(api, shell("sleep 3600"))

    assert await refused(api, "nobody") == 404
    assert await refused(api, pod, container="nobody") == 400
    assert await refused(api, waiting["metadata"]["name"]) == 400


async def test_who_may_only_create_pods_exec_is_refused_over_a_websocket(api: Api) -> None:
    pod = await start_ready(api, shell("sleep 3600"))
    rule = {"groups": [""], "resources": ["pods/exec"], "namespaces": [api.namespace]}
    writer = await api.server.make_user(api, [rule | {"verbs": ["create"]}])
    reader = await api.server.make_user(api, [rule | {"verbs": ["get"]}])

    assert await refused(api, pod, token=writer) == 403
    assert (await run(api, pod, "true", token=reader)).status["status"] == "Success"


async def test_without_an_upgrade_nothing_is_run(api: Api) -> None:
    pod = await start_ready(api, shell("sleep 3600"))

    reply = await api.ask("GET", api.path("pods", f"{pod}/exec"), command="true", stdout="true")

    assert (reply.status, reply.message) == (400, "Upgrade request required")


async def test_the_script_of_observe_reads_listeners_and_closed_calls(api: Api) -> None:
    name = unique()
    await api.create("configmaps", configmap(name, data={"default.conf": CONF}))
    mounts = [{"name": "conf", "mountPath": "/etc/nginx/conf.d"}]
    probe = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1}
    nginx = {"name": "nginx", "image": NGINX_IMAGE, "volumeMounts": mounts, "readinessProbe": probe}
    pod = await start_ready(api, node(), nginx, volumes=[{"name": "conf", "configMap": {"name": name}}])

    from_app = read_output((await run(api, pod, *COMMAND)).output)
    from_nginx = read_output((await run(api, pod, *COMMAND, container="nginx")).output)

    assert from_app.is_complete and from_app.can_list
    assert {80, 8080} <= {socket.local[1] for socket in from_app.sockets if socket.state == "listen"}
    assert any(socket.local[1] == 8080 for socket in from_app.sockets if socket.state == "time-wait")
    assert [port_of(from_app), port_of(from_nginx)] == [{8080}, {80}]
    assert {process.is_open for process in from_nginx.processes} == {True, False}  # worker: another user


def port_of(readout: Readout) -> set[int]:
    """The ports on which the container's own processes are seen to listen."""
    own = {inode for process in readout.processes for inode in process.inodes}
    return {s.local[1] for s in readout.sockets if s.inode in own and s.state == "listen"}
