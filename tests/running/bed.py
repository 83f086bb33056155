"""A namespace with apps, a client and a sink of the tests' own, in which presets run."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sidecars.cluster import connect, contexts
from tests.operations.bed import MANAGER, Bed
from tests.operations.waiting import until

Kubectl = Callable[..., str]
PROGRAMS = Path(__file__).parent / "programs"
NODE = "docker.io/library/node:22"
RESTRICTED = {
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


@dataclass(frozen=True)
class App:
    """A Deployment that runs one of the programs; `volumes` maps a mount path to a volume's source."""

    name: str = "web"
    program: str = "app"
    env: dict[str, str] = field(default_factory=dict)
    volumes: dict[str, dict[str, Any]] = field(default_factory=dict)
    ports: tuple[int, ...] = (8080,)
    user: int = 1000
    replicas: int = 1
    image: str = NODE
    command: tuple[str, ...] = ()

    def manifest(self, namespace: str) -> dict[str, Any]:
        code = {"name": "code", "configMap": {"name": "programs"}}
        data = [{"name": f"data-{i}"} | source for i, source in enumerate(self.volumes.values())]
        mounts = [{"name": f"data-{i}", "mountPath": path} for i, path in enumerate(self.volumes)]
        container = {
            "name": self.name,
            "image": self.image,
            "imagePullPolicy": "IfNotPresent",
            "command": list(self.command) or ["node", f"/app/{self.program}.js"],
            "env": [{"name": name, "value": value} for name, value in self.env.items()],
            "ports": [{"containerPort": port} for port in self.ports],
            "volumeMounts": [{"name": "code", "mountPath": "/app"}, *mounts],
            "securityContext": {"runAsUser": self.user, "runAsGroup": self.user, **RESTRICTED},
        }
        labels = {"app": self.name, "team": "shop"}
        pod = {
            "terminationGracePeriodSeconds": 1,
            "automountServiceAccountToken": False,
            "containers": [container],
            "volumes": [code, *data],
        }
        spec = {
            "replicas": self.replicas,
            "selector": {"matchLabels": {"app": self.name}},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        }
        metadata = {"name": self.name, "namespace": namespace}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


@dataclass(frozen=True)
class Grounds(Bed):
    """A bed to which apps are brought by the test."""

    kubectl: Kubectl = field(kw_only=True)

    async def deploy(self, app: App) -> None:
        manifest = app.manifest(self.namespace)
        await self.cluster.create("deployments", self.namespace, manifest, field_manager=MANAGER)
        if app.replicas:
            await self.pod(app.name)

    async def serve(self, name: str, port: int, target: int) -> None:
        """A Service in front of the app of this name."""
        spec = {"selector": {"app": name}, "ports": [{"port": port, "targetPort": target}]}
        body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}
        await self.cluster.create("services", self.namespace, body, field_manager=MANAGER)

    def keep_secret(self, name: str, **values: str) -> None:
        """By kubectl: the product's own client cannot name a Secret."""
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": values}
        self.kubectl("create", "-n", self.namespace, "-f", "-", input=json.dumps(body))

    def address(self, service: str) -> str:
        return f"{service}.{self.namespace}.svc.cluster.local"

    async def pod(self, app: str) -> dict[str, Any]:
        """The one pod of this app that is ready and stays."""

        async def look() -> dict[str, Any] | None:
            found = await self.cluster.list("pods", self.namespace, label_selector=f"app={app}")
            staying = [p for p in found if "deletionTimestamp" not in p["metadata"]]
            return staying[0] if len(staying) == 1 and is_ready(staying[0]) else None

        pod: dict[str, Any] = await until(look)
        return pod

    async def ip(self, app: str) -> str:
        return str((await self.pod(app))["status"]["podIP"])

    async def run(self, app: str, *words: str, container: str = "", limit_s: float = 20) -> str:
        """What the command prints in the app's own container, or in another of its pod."""
        name = (await self.pod(app))["metadata"]["name"]
        outcome = await self.cluster.run_command(
            self.namespace, name, container or app, words, limit_s=limit_s
        )
        assert not outcome.failure, (words, outcome)
        return outcome.stdout

    async def ask(self, *requests: dict[str, Any], app: str = "client") -> list[dict[str, Any]]:
        """Answers to requests that the client's pod sends; see programs/client.js."""
        printed = await self.run(app, "node", "/app/client.js", json.dumps(requests), limit_s=60)
        return [json.loads(line) for line in printed.splitlines()]


def is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _no_kubectl(*_arguments: str, input: str | None = None) -> str:
    raise AssertionError("there is no kubectl for this cluster")


CLIENT = App("client", command=("node", "-e", "setInterval(() => {}, 1e9)"), ports=())


@asynccontextmanager
async def make_grounds(
    kubeconfig: Path, namespace: str, *apps: App, kubectl: Kubectl = _no_kubectl, level: str = "restricted"
) -> AsyncIterator[Grounds]:
    """Every namespace enforces a Pod Security level: what runs there was admitted by it."""
    cluster = await connect(contexts([kubeconfig])[0])
    labels = {"pod-security.kubernetes.io/enforce": level}
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}
    grounds = Grounds(cluster, kubeconfig, namespace, kubectl=kubectl)
    try:
        made = await cluster.create("namespaces", "", body, field_manager=MANAGER)
        programs = {path.name: path.read_text() for path in PROGRAMS.glob("*.js")}
        code = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "programs"}, "data": programs}
        await cluster.create("configmaps", namespace, code, field_manager=MANAGER)
        try:
            for app in apps:
                await grounds.deploy(app)
            yield grounds
        finally:
            await cluster.delete("namespaces", "", namespace, uid=made.object["metadata"]["uid"])
    finally:
        await cluster.close()
