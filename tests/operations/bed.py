"""A namespace with the Node app alone, made through the API server itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecars.cluster import Cluster, connect, contexts
from tests.operations.waiting import until

MANAGER = "kubectl-create"
SOURCE = "require('http').createServer((q, s) => s.end('hello ' + q.url + '\\n')).listen(8080)\n"


@dataclass(frozen=True)
class Bed:
    cluster: Cluster
    kubeconfig: Path
    namespace: str
    name: str = "web"

    @property
    def context(self) -> str:
        return self.cluster.entry.slug

    async def workload(self) -> dict[str, Any]:
        return await self.cluster.get("deployments", self.namespace, self.name)

    async def template(self) -> dict[str, Any]:
        template: dict[str, Any] = (await self.workload())["spec"]["template"]
        return template

    async def container_names(self) -> list[str]:
        spec = (await self.template())["spec"]
        return [c["name"] for key in ("initContainers", "containers") for c in spec.get(key, ())]

    async def recreate(self) -> None:
        """The same name, another object."""
        uid = (await self.workload())["metadata"]["uid"]
        await self.cluster.delete("deployments", self.namespace, self.name, uid=uid)
        await self.cluster.create(
            "deployments", self.namespace, deployment(self.namespace, self.name), field_manager=MANAGER
        )


@asynccontextmanager
async def make_bed(kubeconfig: Path, namespace: str) -> AsyncIterator[Bed]:
    cluster = await connect(contexts([kubeconfig])[0])
    try:
        made = await cluster.create(
            "namespaces", "", _object("v1", "Namespace", namespace), field_manager=MANAGER
        )
        app = {"data": {"app.js": SOURCE}} | _object("v1", "ConfigMap", "app", namespace)
        await cluster.create("configmaps", namespace, app, field_manager=MANAGER)
        workload = deployment(namespace, "web")
        await cluster.create("deployments", namespace, workload, field_manager=MANAGER)
        # A fresh namespace has no service account at first; with a first pod it has one.
        await until(lambda: cluster.list("pods", namespace))
        yield Bed(cluster, kubeconfig, namespace)
        await cluster.delete("namespaces", "", namespace, uid=made.object["metadata"]["uid"])
    finally:
        await cluster.close()


def deployment(namespace: str, name: str) -> dict[str, Any]:
    container = {
        "name": "main-app",
        "image": "docker.io/library/node:22",
        "imagePullPolicy": "IfNotPresent",
        "command": ["node", "/app/app.js"],
        "env": [{"name": "TOKEN_OF_THE_APP", "value": "never-to-be-shown"}],
        "ports": [{"name": "http", "containerPort": 8080}],
        "volumeMounts": [{"name": "app", "mountPath": "/app"}],
    }
    pod = {
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
        "volumes": [{"name": "app", "configMap": {"name": "app"}}],
    }
    labels = {"app": name}
    return _object("apps/v1", "Deployment", name, namespace) | {
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        }
    }


def _object(api_version: str, kind: str, name: str, namespace: str = "") -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}
