"""A namespace of a cluster in which pods are observed, and what came out, as a table."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.pod_page import read_pod_page
from sidecars.cluster import Cluster, connect, contexts
from sidecars.cluster.observing import observe_pod
from sidecars.observe.joining import join
from sidecars.observe.observation import Call, Observation
from sidecars.topology import Edge, Pod

LIMIT_S = 90.0
MANAGER = "kubectl-create"
Link = tuple[str | None, str | None, int | None, str, str]


@dataclass(frozen=True)
class Found:
    """One pod: as written, as seen, and both in one."""

    written: Pod
    seen: Observation
    joined: Pod

    @property
    def table(self) -> str:
        rows = [("from", "to", "where", "written", "observed")]
        kinds = {link_of(edge): str(edge.kind) for edge in self.written.edges}
        states = {link_of(call): f"{call.state}, by {_basis(call)}" for call in self.seen.calls}
        for link in dict.fromkeys([*kinds, *states]):
            source, target, port, protocol, path = link
            where = f"{path or port}/{protocol}"
            rows.append((source or "?", target or "?", where, kinds.get(link, "–"), states.get(link, "–")))
        rows += [] if len(rows) > 1 else [("–", "–", "–", "no call", "no call")]
        return "\n".join("  ".join(cell.ljust(24) for cell in row).rstrip() for row in rows)


def _basis(call: Call) -> str:
    return f"{call.source_basis}/{call.target_basis}"


def link_of(one: Edge | Call) -> Link:
    return one.source, one.target, one.port, one.protocol, one.path


def links(several: Iterable[Edge | Call]) -> set[Link]:
    return {link_of(one) for one in several}


@dataclass(frozen=True)
class Ground:
    cluster: Cluster
    namespace: str

    async def start(self, pod: dict[str, Any], *configs: dict[str, Any]) -> str:
        """Its name, once every container is ready."""
        for body in configs:
            await self.cluster.create("configmaps", self.namespace, body, field_manager=MANAGER)
        await self.cluster.create("pods", self.namespace, pod, field_manager=MANAGER)
        name = str(pod["metadata"]["name"])
        async with asyncio.timeout(LIMIT_S):
            while not _is_ready(await self.cluster.get("pods", self.namespace, name)):
                await asyncio.sleep(0.2)
        return name

    async def look(self, name: str) -> Found:
        manifest = await self.cluster.get("pods", self.namespace, name)
        written = (await read_pod_page(self.cluster, self.namespace, name)).pod
        seen = await observe_pod(self.cluster, manifest, written)
        found = Found(written, seen, join(written, seen))
        print(f"\n{found.table}")
        return found


def _is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any((c["type"], c["status"]) == ("Ready", "True") for c in conditions)


@asynccontextmanager
async def open_ground(kubeconfig: Path, namespace: str) -> AsyncIterator[Ground]:
    cluster = await connect(contexts([kubeconfig])[0])
    try:
        yield Ground(cluster, namespace)
    finally:
        await cluster.close()
