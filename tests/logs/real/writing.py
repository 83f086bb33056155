"""Pods whose containers write numbered lines, on the real cluster."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.real_cluster import RealCluster
from tests.operations.waiting import until

Obj = dict[str, Any]
PYTHON = "docker.io/library/python:3.14-slim"
PROGRAM = (Path(__file__).parent / "writer.py").read_text()


@dataclass(frozen=True)
class Writing:
    """One container; what the numbers mean stands in writer.py."""

    name: str
    lines_per_s: float
    lines: int
    width: int = 40
    exits: int = 0

    def manifest(self) -> Obj:
        numbers = (f"{self.lines_per_s:g}", str(self.lines), str(self.width), str(self.exits))
        return {
            "name": self.name,
            "image": PYTHON,
            "imagePullPolicy": "IfNotPresent",
            "command": ["python3", "-IS", "-c", PROGRAM, self.name, *numbers],
            "volumeMounts": [{"name": "state", "mountPath": "/state"}],
        }


def pod_spec(*writings: Writing, **more: Any) -> Obj:
    return {
        "terminationGracePeriodSeconds": 0,
        "automountServiceAccountToken": False,
        "containers": [writing.manifest() for writing in writings],
        "volumes": [{"name": "state", "emptyDir": {}}],
    } | more


def pod(name: str, *writings: Writing, **more: Any) -> Obj:
    spec = pod_spec(*writings, **more)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def deployment(name: str, *writings: Writing, replicas: int = 1) -> Obj:
    labels = {"app": name}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod_spec(*writings)},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


@dataclass(frozen=True)
class Ground:
    """A namespace; everything here goes past the product."""

    cluster: RealCluster
    namespace: str

    async def kubectl(self, *arguments: str, text: str | None = None) -> str:
        return await asyncio.to_thread(self.cluster.kubectl, "-n", self.namespace, *arguments, input=text)

    async def create(self, body: Obj) -> None:
        await self.kubectl("create", "-f", "-", text=json.dumps(body))

    async def read_pod(self, name: str) -> Obj:
        found: Obj = json.loads(await self.kubectl("get", "pod", name, "-o", "json"))
        return found

    async def start(self, name: str, *writings: Writing, **more: Any) -> str:
        """The new pod's uid, once every container has run."""
        await self.create(pod(name, *writings, **more))
        return await self.has_begun(name, len(writings))

    async def has_begun(self, name: str, containers: int) -> str:
        async def look() -> str:
            found = await self.read_pod(name)
            statuses = found["status"].get("containerStatuses", ())
            begun = [s for s in statuses if s.get("containerID")]
            return found["metadata"]["uid"] if len(begun) == containers else ""

        return str(await until(look))

    def log_folder(self, pod: str, uid: str) -> Path:
        """Where the kubelet keeps this pod's log files: CONTAINER/RUN.log and the rotated ones."""
        return self.cluster.places.run / "pod-logs" / f"{self.namespace}_{pod}_{uid}"


@asynccontextmanager
async def open_ground(cluster: RealCluster) -> AsyncIterator[Ground]:
    ground = Ground(cluster, f"logs-{secrets.token_hex(3)}")
    run = cluster.kubectl
    await asyncio.to_thread(run, "create", "namespace", ground.namespace)
    try:
        await ground.kubectl("wait", "--for=create", "serviceaccount/default", "--timeout=30s")
        yield ground
    finally:
        cluster.start_apiserver()  # after a test that failed with the API server stopped
        await asyncio.to_thread(cluster.wait_ready)
        await asyncio.to_thread(run, "delete", "namespace", ground.namespace, "--wait=false")
