"""An app, a place to run it, and a journal that keeps what it was told."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sidecars.attach import run
from sidecars.attach.operation import Operation, dump, load
from sidecars.attach.preview import Preview
from sidecars.cluster import connection
from sidecars.cluster.cluster import Cluster, connect
from sidecars.presets.preset import Preset
from sidecars.presets.schema import Image
from tests.presets.samples import preset

LIMIT_S = 90.0
SERVE = "require('http').createServer((q,r)=>r.end('hello')).listen(8080)"
RESTRICTED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def app(name: str = "api", namespace: str = "shop", **spec: Any) -> dict[str, Any]:
    """A Node.js app on 8080 that passes the restricted Pod Security Standard."""
    container = {
        "name": "main",
        "image": "docker.io/library/node:22",
        "command": ["node", "-e", SERVE],
        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
        "env": [{"name": "GREETING", "value": "hunter2"}],
        "securityContext": RESTRICTED,
    }
    pod = {
        "containers": [container],
        "terminationGracePeriodSeconds": 1,
        "securityContext": {
            "runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"},
        },
    }  # fmt: skip
    pod |= spec.pop("pod", {})
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
            **spec,
        },
    }


def live(**spec: Any) -> dict[str, Any]:
    """The app as an API server returns it, as far as pure code looks."""
    found = app(**spec)
    found["metadata"] |= {"uid": "u-1", "resourceVersion": "7", "generation": 1}
    return found


@dataclass
class MemoryJournal:
    """Records as the database does: the operation goes through JSON."""

    records: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    stored: dict[str, Any] = field(default_factory=dict)

    async def record_intent(self, operation: Operation, detail: Mapping[str, Any]) -> None:
        self.stored = dump(operation)
        self.records.append(("intent", str(operation.step), dict(detail)))

    async def record_outcome(self, operation: Operation, outcome: str, detail: Mapping[str, Any]) -> None:
        self.stored = dump(operation)
        self.records.append((outcome, str(detail["step"]), dict(detail)))

    @property
    def operation(self) -> Operation:
        return load(self.stored)


@dataclass
class Place:
    """A namespace of a cluster, real or demo."""

    cluster: Cluster
    namespace: str

    async def deploy(self, name: str = "api", manager: str = "kubectl", **spec: Any) -> dict[str, Any]:
        body = app(name, self.namespace, **spec)
        await self.cluster.create("deployments", self.namespace, body, field_manager=manager)
        return await self.until_ready(name)

    async def get(self, name: str = "api") -> dict[str, Any]:
        return await self.cluster.get("deployments", self.namespace, name)

    async def configmaps(self, operation: Operation) -> list[str]:
        """The attachment's own, if it is there."""
        found = await self.cluster.list("configmaps", self.namespace)
        names = [str(configmap["metadata"]["name"]) for configmap in found]
        return [name for name in names if name == operation.plan.configmap_name]

    async def until_ready(self, name: str = "api") -> dict[str, Any]:
        async with asyncio.timeout(LIMIT_S):
            while True:
                found = await self.get(name)
                status = found.get("status", {})
                seen = status.get("observedGeneration") == found["metadata"]["generation"]
                counts = {status.get(key, 0) for key in ("replicas", "readyReplicas", "updatedReplicas")}
                if seen and counts == {found["spec"]["replicas"]}:
                    return found
                await asyncio.sleep(0.2)

    async def patch(self, *operations: dict[str, Any], manager: str = "kubectl-edit") -> None:
        where = ("deployments", self.namespace, "api")
        await self.cluster.json_patch(*where, operations, field_manager=manager)

    async def preview(
        self,
        attachment_id: str = "",
        name: str = "api",
        image: str = "",
        of: Preset | None = None,
        new_volume: bool = False,
        native: bool | None = None,
        **values: Any,
    ) -> Preview:
        """`of` is the preset, nginx-proxy by default."""
        chosen = of or preset()
        if image:
            chosen = replace(chosen, image=Image(image, "1"))
        return await run.preview_attach(
            self.cluster,
            chosen,
            chosen.read_values(values),
            namespace=self.namespace,
            name=name,
            attachment_id=attachment_id or secrets.token_hex(4),
            new_volume=new_volume,
            native=native,
        )

    async def attach(self, **values: Any) -> Operation:
        preview = await self.preview(**values)
        assert not preview.is_blocked, blocks(preview)
        return await self.drive(preview.operation)

    async def preview_upgrade(self, base: Operation, of: Preset | None = None, **values: Any) -> Preview:
        chosen = of or preset()
        return await run.preview_upgrade(self.cluster, chosen, chosen.read_values(values), base)

    async def upgrade(self, base: Operation, of: Preset | None = None, **values: Any) -> Operation:
        preview = await self.preview_upgrade(base, of, **values)
        assert not preview.is_blocked, blocks(preview)
        return await self.drive(preview.operation)

    async def undo(self, operation: Operation) -> Operation:
        preview = await run.preview_undo(self.cluster, operation)
        assert not preview.is_blocked, blocks(preview)
        return await self.drive(preview.operation)

    async def drive(self, operation: Operation | None, journal: MemoryJournal | None = None) -> Operation:
        assert operation is not None
        async with asyncio.timeout(LIMIT_S):
            async for progress in run.drive(self.cluster, operation, journal or MemoryJournal()):
                operation = progress.operation
        return operation


def blocks(preview: Preview) -> list[str]:
    return [f"{row.id}: {row.sentence}" for row in preview.rows if row.verdict == "block"]


def shown(operation: Operation) -> list[str]:
    """What the end says, for a failed assertion."""
    said = [f"{check.id} {check.verdict}: {check.sentence}" for check in operation.checks]
    return [*said, str(operation.failure and operation.failure.sentence)]


@asynccontextmanager
async def open_place(kubeconfig: Path, namespace: str) -> AsyncIterator[Place]:
    cluster = await connect(connection.contexts([kubeconfig])[0])
    try:
        yield Place(cluster, namespace)
    finally:
        await cluster.close()
