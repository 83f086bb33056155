"""On the real one-node Kubernetes: two pods that share nothing meet only through the gateway."""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sidecars.cluster import Cluster, connect, contexts
from tests.attach.samples import app
from tests.cluster.real_cluster import RealCluster
from tests.dashboard_process import Starter
from tests.operations.bed import MANAGER, Bed
from tests.operations.journey import signed_in
from tests.operations.waiting import until
from tests.standalone.samples import service
from tests.standalone.way import NAME, Way, everything, words

pytestmark = pytest.mark.cluster

ECHO = (
    "require('http').createServer((q, r) => r.end(JSON.stringify("
    "{from: q.socket.remoteAddress, url: q.url}))).listen(8080)"
)
ASK = (
    "require('http').get(process.argv[1], r => {let b = ''; r.on('data', d => b += d);"
    "r.on('end', () => console.log(JSON.stringify({status: r.statusCode, body: b})))})"
    ".on('error', e => console.log(JSON.stringify({status: 0, body: e.code})))"
)


@asynccontextmanager
async def shop(real_cluster: RealCluster) -> AsyncIterator[Bed]:
    """A namespace that enforces the restricted level, an app, its Service, and a client."""
    cluster = await connect(contexts([Path(real_cluster.kubeconfig)])[0])
    name = f"alone-{secrets.token_hex(3)}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    try:
        made = await cluster.create("namespaces", "", body, field_manager=MANAGER)
        real_cluster.kubectl("wait", "--for=create", "serviceaccount/default", "-n", name, "--timeout=60s")
        for one, program in (("web", ECHO), ("client", "setInterval(() => {}, 1e9)")):
            manifest = app(one, name)
            manifest["spec"]["template"]["spec"]["containers"][0]["command"] = ["node", "-e", program]
            await cluster.create("deployments", name, manifest, field_manager=MANAGER)
            await until(lambda one=one: pod_of(cluster, name, f"app={one}"))
        orders = service("orders", name, {"app": "web"})
        await cluster.create("services", name, orders, field_manager=MANAGER)
        yield Bed(cluster, Path(real_cluster.kubeconfig), name)
        await cluster.delete("namespaces", "", name, uid=made.object["metadata"]["uid"])
    finally:
        await cluster.close()


async def pod_of(cluster: Cluster, namespace: str, selector: str) -> dict[str, Any] | None:
    """The one that is ready."""
    for pod in await cluster.list("pods", namespace, label_selector=selector):
        conditions = pod.get("status", {}).get("conditions", ())
        if any(c["type"] == "Ready" and c["status"] == "True" for c in conditions):
            return pod
    return None


async def ask(bed: Bed, url: str) -> dict[str, Any]:
    """What the client's pod gets."""
    client = await until(lambda: pod_of(bed.cluster, bed.namespace, "app=client"))
    outcome = await bed.cluster.run_command(
        bed.namespace, client["metadata"]["name"], "main", ["node", "-e", ASK, url], limit_s=20
    )
    assert not outcome.failure, outcome
    answer: dict[str, Any] = json.loads(outcome.stdout)
    return answer


async def test_two_pods_that_share_nothing_meet_through_the_gateway(
    real_cluster: RealCluster, dashboard_process: Starter
) -> None:
    real_cluster.add_envoy()
    async with shop(real_cluster) as bed:
        desk = dashboard_process(Path(real_cluster.kubeconfig))
        async with signed_in(desk, bed) as journey:
            way = Way(journey)
            before = await everything(bed)
            theirs = await bed.cluster.get("services", bed.namespace, "orders")

            draft = await way.ready(**{"place-replicas": "2"})
            exported = await way.client.get(f"{way.alone}/{draft}/review/?download=yaml")
            by_hand = real_cluster.kubectl(
                "create", "--dry-run=server", "-o", "name", "-f", "-", input=exported.text
            )
            change = await way.confirm(draft)
            await way.ended(change, "Created")
            page = await way.client.get(change)
            through = await ask(bed, f"http://{NAME}.{bed.namespace}.svc:8000/orders/7")
            elsewhere = await ask(bed, f"http://{NAME}.{bed.namespace}.svc:8000/nowhere")
            gateways = await bed.cluster.list(
                "pods", bed.namespace, label_selector=f"app.kubernetes.io/name={NAME}"
            )
            undone = await way.undo(change)
            silent = await ask(bed, f"http://{NAME}.{bed.namespace}.svc:8000/orders/7")
            left = await until_equal(bed, before)

        seen = json.loads(through["body"])
        assert [line.partition("/")[0] for line in by_hand.split()] == [
            "configmap", "deployment.apps", "service",
        ]  # fmt: skip
        addresses = {pod["status"]["podIP"] for pod in gateways}
        assert (through["status"], seen["url"], elsewhere["status"]) == (200, "/7", 404)
        assert len(addresses) == 2 and seen["from"].removeprefix("::ffff:") in addresses
        assert "failed" not in words(page).split("Verified")[1].split("Pods")[0]
        assert "Service front is gone." in words(undone) and silent["status"] == 0
        assert left and await bed.cluster.get("services", bed.namespace, "orders") == theirs


async def until_equal(bed: Bed, before: dict[str, list[str]]) -> bool:
    async def is_as_before() -> bool:
        return await everything(bed) == before

    return bool(await until(is_as_before))
