"""A cluster to look at in the browser, the demo one or the real one, and how tests change it.

Requests go straight to the API server over HTTPS with the kubeconfig's own credentials: what a
test does to a cluster does not pass through the product.
"""

import base64
import http.client
import json
import secrets
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.cluster.real_cluster import RealCluster

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = ROOT / "tests" / "cluster" / "manifests"
PATHS = {
    "Namespace": "/api/v1/namespaces",
    "ConfigMap": "/api/v1/namespaces/{ns}/configmaps",
    "Service": "/api/v1/namespaces/{ns}/services",
    "Deployment": "/apis/apps/v1/namespaces/{ns}/deployments",
}


@dataclass
class World:
    """`slug` is the context's part of every address; `real` is None on the demo cluster."""

    name: str
    kubeconfig: Path
    slug: str
    namespace: str
    real: RealCluster | None = None

    def ask(self, method: str, path: str, body: object = None, content_type: str = "application/json") -> Any:
        """The decoded answer; raises AssertionError for a status of 400 and above."""
        config = yaml.safe_load(self.kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        address = urlsplit(cluster["server"])
        connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, timeout=20, context=_tls(cluster, user)
        )
        headers = {"Content-Type": content_type, "Accept": "application/json"}
        if "token" in user:
            headers["Authorization"] = f"Bearer {user['token']}"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status < 400, f"{method} {path}: {answer.status} {text[:500]}"
        return json.loads(text) if text.startswith(("{", "[")) else text

    def apply(self, manifest: Path) -> None:
        """As `kubectl apply --server-side`."""
        for document in yaml.safe_load_all(manifest.read_text()):
            path = f"{PATHS[document['kind']].format(ns=self.namespace)}/{document['metadata']['name']}"
            self.ask("PATCH", f"{path}?fieldManager=kubectl", document, "application/apply-patch+yaml")

    def deployment(self, name: str) -> dict[str, Any]:
        return dict(self.ask("GET", f"/apis/apps/v1/namespaces/{self.namespace}/deployments/{name}"))

    def pods(self, app: str) -> list[dict[str, Any]]:
        """Those that are not on their way out."""
        path = f"/api/v1/namespaces/{self.namespace}/pods?labelSelector=app%3D{app}"
        return [p for p in self.ask("GET", path)["items"] if "deletionTimestamp" not in p["metadata"]]

    def proxy(self, pod: str, port: int, path: str) -> str:
        return str(self.ask("GET", f"/api/v1/namespaces/{self.namespace}/pods/{pod}:{port}/proxy{path}"))

    def wait(self, what: str, is_so: Callable[[], object], limit_s: float = 60) -> Any:
        deadline = time.monotonic() + limit_s
        while not (found := is_so()):
            assert time.monotonic() < deadline, f"not within {limit_s} s: {what}"
            time.sleep(0.1)
        return found

    def wait_available(self, name: str) -> None:
        def is_available() -> bool:
            status = self.deployment(name).get("status", {})
            return bool(status.get("availableReplicas"))

        self.wait(f"deployment {name} is available", is_available)


@contextmanager
def demo_world() -> Iterator[World]:
    """A demo API server of its own, empty of other tests."""
    with tempfile.TemporaryDirectory(prefix="sidecar-demo-") as state:
        command = [sys.executable, "-m", "sidecars.demo", "--port", "0", "--state", state]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            world = World("demo", Path(said["kubeconfig"]), "demo", _new_namespace())
            with _namespace(world):
                yield world
        finally:
            process.terminate()
            process.communicate(timeout=15)


@contextmanager
def real_world(cluster: RealCluster) -> Iterator[World]:
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    world = World("real", cluster.kubeconfig, config["current-context"], _new_namespace(), cluster)
    with _namespace(world):
        yield world


@contextmanager
def _namespace(world: World) -> Iterator[None]:
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": world.namespace}}
    world.ask("POST", PATHS["Namespace"], body)
    account = f"/api/v1/namespaces/{world.namespace}/serviceaccounts"
    world.wait("the default service account", lambda: world.ask("GET", account)["items"])
    try:
        yield
    finally:
        world.ask("DELETE", f"{PATHS['Namespace']}/{world.namespace}")


def _new_namespace() -> str:
    return f"browser-{secrets.token_hex(3)}"


def _tls(cluster: dict[str, str], user: dict[str, str]) -> ssl.SSLContext:
    if data := cluster.get("certificate-authority-data"):
        context = ssl.create_default_context(cadata=base64.b64decode(data).decode())
    else:
        context = ssl.create_default_context(cafile=cluster["certificate-authority"])
    if "client-certificate" in user:
        context.load_cert_chain(user["client-certificate"], user["client-key"])
    elif "client-certificate-data" in user:
        with tempfile.NamedTemporaryFile() as proof:  # Python loads certificates from files only
            for part in ("client-certificate-data", "client-key-data"):
                proof.write(base64.b64decode(user[part]))
            proof.flush()
            context.load_cert_chain(proof.name)
    return context
