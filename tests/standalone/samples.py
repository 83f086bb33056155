"""A gateway of its own in front of an app, on any cluster."""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any

from sidecars.attach.operation import Operation
from sidecars.attach.run.standalone import StandalonePreview, preview_create, preview_remove
from sidecars.attach.standalone.objects import Objects, plan_standalone
from sidecars.attach.standalone.place import Place as Spot
from sidecars.presets.preset import Preset
from tests.attach.samples import MemoryJournal, Place, blocks
from tests.presets.samples import preset

LIMIT_S = 90.0


def gateway() -> Preset:
    return preset("api-gateway")


def route(host: str, port: int = 9000, prefix: str = "/api", **more: Any) -> dict[str, Any]:
    return {
        "prefix": prefix, "host": host, "port": port, "auth": "none", "strip": True, "methods": "", "rate": 0,
    } | more  # fmt: skip


def values(*routes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return gateway().read_values({"routes": list(routes or (route("api.shop.svc"),)), **more})


def spot(namespace: str = "shop", name: str = "front", replicas: int = 1, port: int = 8000) -> Spot:
    return Spot(namespace, name, replicas, port)


def planned(**more: Any) -> tuple[Any, Objects]:
    return plan_standalone(gateway(), values(), spot(**more), attachment_id="0a1b2c3d")


def service(name: str, namespace: str, selector: dict[str, str], port: int = 9000) -> dict[str, Any]:
    spec = {"selector": selector, "ports": [{"port": port, "targetPort": 8080}]}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


@dataclass
class Stand(Place):
    """A namespace with an app `api` behind a Service of that name, and a gateway to be made."""

    async def open_shop(self) -> None:
        await self.deploy()
        body = service("api", self.namespace, {"app": "api"})
        await self.cluster.create("services", self.namespace, body, field_manager="kubectl")

    async def preview_gateway(self, name: str = "front", *, host: str = "", **more: Any) -> StandalonePreview:
        return await preview_create(
            self.cluster,
            gateway(),
            values(route(host or f"api.{self.namespace}.svc")),
            spot(self.namespace, name, **more),
            attachment_id=secrets.token_hex(4),
        )

    async def make(self, **more: Any) -> Operation:
        seen = await self.preview_gateway(**more)
        assert not seen.preview.is_blocked, blocks(seen.preview)
        return await self.drive(seen.preview.operation)

    async def remove(self, made: Operation, journal: MemoryJournal | None = None) -> Operation:
        seen = await preview_remove(self.cluster, made)
        assert not seen.preview.is_blocked, blocks(seen.preview)
        return await self.drive(seen.preview.operation, journal)

    async def of_gateway(self, name: str = "front") -> dict[str, list[str]]:
        """Names of all in the namespace that could be the gateway's."""
        found = {}
        for resource in ("configmaps", "deployments", "services", "pods"):
            names = [o["metadata"]["name"] for o in await self.cluster.list(resource, self.namespace)]
            found[resource] = sorted(n for n in names if n.startswith(name))
        return found


async def settled(look: Any) -> Any:
    async with asyncio.timeout(LIMIT_S):
        while not (found := await look()):
            await asyncio.sleep(0.1)
        return found
