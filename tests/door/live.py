"""Objects on a living cluster, demo or real, made and compared through the door itself."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from sidecars import errors, wire
from sidecars.cluster import Cluster, connect, contexts
from sidecars.rows import PodRow, pod_row
from sidecars.store import RowStore

MANAGER = "door-test"
SHELL = "docker.io/library/busybox:1.36"


@asynccontextmanager
async def connected(kubeconfig: Path) -> AsyncIterator[Cluster]:
    cluster = await connect(contexts([kubeconfig])[0])
    try:
        yield cluster
    finally:
        await cluster.close()


@asynccontextmanager
async def fresh_namespace(cluster: Cluster) -> AsyncIterator[str]:
    name = f"t-{secrets.token_hex(4)}"
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    written = await cluster.create("namespaces", "", body, field_manager=MANAGER)
    try:
        yield name
    finally:
        await cluster.delete("namespaces", "", name, uid=written.object["metadata"]["uid"])


def container(name: str, script: str = "sleep 3600", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "image": SHELL,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", script],
    } | more


def manifest(name: str, *containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": list(containers) or [container("app")], "terminationGracePeriodSeconds": 0}
        | spec,
    }


async def create_pod(cluster: Cluster, namespace: str, body: dict[str, Any]) -> dict[str, Any]:
    """Waits for the namespace's ServiceAccount, without which a real cluster refuses pods."""
    async with asyncio.timeout(30):
        while True:
            try:
                return (await cluster.create("pods", namespace, body, field_manager=MANAGER)).object
            except errors.Rejected as error:
                if "serviceaccount" not in str(error):
                    raise
            await asyncio.sleep(0.1)


async def delete_pod(cluster: Cluster, namespace: str, name: str) -> None:
    found = await cluster.get("pods", namespace, name)
    await cluster.delete("pods", namespace, name, uid=found["metadata"]["uid"])


async def fresh_rows(cluster: Cluster, namespace: str) -> dict[str, PodRow]:
    found = await cluster.list("pods", namespace)
    rows = [pod_row(msgspec.convert(thing, wire.Pod)) for thing in found]
    return {row.uid: row for row in rows}


async def equals_fresh_list(
    store: RowStore[PodRow], cluster: Cluster, namespace: str, limit_s: float = 20
) -> None:
    """The test after every fault: store and a list made now hold the same rows."""
    async with asyncio.timeout(limit_s):
        while store.rows != await fresh_rows(cluster, namespace):  # noqa: ASYNC110  another process
            await asyncio.sleep(0.1)
