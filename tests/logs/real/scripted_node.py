"""A Node of the real cluster whose kubelet is this process: its container logs are what a test sends.

The API server asks it as it asks any kubelet, so lines pass through all that real ones pass through.
"""

import asyncio
import json
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.certificates import _make_certificate
from tests.door.scripted import Call, Script, ScriptedServer
from tests.logs.real.writing import Ground

ADDRESS = "127.0.0.1"
STAMP = b"2026-01-02T03:04:05.%09dZ "
POD = "scripted"


@dataclass(frozen=True)
class ScriptedNode:
    server: ScriptedServer
    name: str

    @property
    def followed(self) -> list[Call]:
        return [call for call in self.server.calls if "follow" in call.query]


@asynccontextmanager
async def scripted_node(ground: Ground, folder: Path, script: Script) -> AsyncIterator[ScriptedNode]:
    """A pod named POD runs there as far as the API server knows; its container is `app`."""
    server = ScriptedServer(script)
    tls = _certificate(ground.cluster.places.pki, folder)
    listening = await asyncio.start_server(server.serve, ADDRESS, 0, ssl=tls)
    node = f"scripted-{ground.namespace}"
    try:
        await _register(ground, node, listening.sockets[0].getsockname()[1])
        yield ScriptedNode(server, node)
    finally:
        listening.close()
        await server.close()
        await ground.kubectl("delete", "pod", POD, "--grace-period=0", "--force", "--ignore-not-found")
        await ground.kubectl("delete", "node", node, "--ignore-not-found")


def _certificate(pki: Path, folder: Path) -> ssl.SSLContext:
    """Signed by the cluster's own authority, as the API server demands of a kubelet."""
    own = folder / "kubelet"
    own.mkdir()
    for name in ("ca.crt", "ca.key"):
        shutil.copy(pki / name, own / name)
    _make_certificate(own, "kubelet", "/O=system:nodes/CN=system:node:scripted", f"IP:{ADDRESS}")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(own / "kubelet.crt", own / "kubelet.key")
    return tls


async def _register(ground: Ground, node: str, port: int) -> None:
    await ground.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": node}})
    await _patch_status(
        ground,
        f"node/{node}",
        {
            "addresses": [{"type": "InternalIP", "address": ADDRESS}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    )
    spec = {
        "nodeName": node,
        "terminationGracePeriodSeconds": 0,
        "automountServiceAccountToken": False,
        "tolerations": [{"operator": "Exists"}],
        "containers": [{"name": "app", "image": "docker.io/library/busybox:1.36"}],
    }
    await ground.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": POD}, "spec": spec})
    status = {
        "name": "app",
        "image": "busybox",
        "imageID": "busybox",
        "containerID": "containerd://scripted",
        "ready": True,
        "restartCount": 0,
        "state": {"running": {"startedAt": "2026-01-02T03:00:00Z"}},
    }
    await _patch_status(ground, f"pod/{POD}", {"phase": "Running", "containerStatuses": [status]})


async def _patch_status(ground: Ground, thing: str, status: object) -> None:
    body = json.dumps({"status": status})
    await ground.kubectl("patch", thing, "--subresource=status", "--type=merge", "-p", body)
