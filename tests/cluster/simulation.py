"""Thousands of running pods that run nothing: nodes `fake-*`, kept alive by KWOK."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import local

from .api import Api
from .failures import Broken
from .places import Places
from .waiting import wait_for

NODES = 50
CONNECTIONS = 8
Object = dict[str, object]
RESOURCES = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}}


def build_node(number: int) -> Object:
    capacity = {"cpu": "64", "memory": "256Gi", "pods": "2000"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": f"fake-{number}",
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {"kubernetes.io/os": "linux"},
        },
        "spec": {"taints": [{"key": "kwok", "effect": "NoSchedule"}]},
        "status": {"allocatable": capacity, "capacity": capacity},
    }


def build_pod(number: int) -> Object:
    """About as large as a real one. Every fourth has a native sidecar."""
    main = {
        "name": "main-app",
        "image": "docker.io/library/node:22",
        "resources": RESOURCES,
        "env": [{"name": f"VAR_{k}", "value": f"value-{k}-{number}"} for k in range(15)],
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
        "volumeMounts": [{"name": "logs", "mountPath": "/logs"}, {"name": "cfg", "mountPath": "/cfg"}],
    }
    proxy = {
        "name": "nginx",
        "image": "docker.io/library/nginx:1.30",
        "resources": RESOURCES,
        "ports": [{"containerPort": 80}],
        "volumeMounts": [{"name": "cfg", "mountPath": "/etc/nginx"}],
    }
    collector = {
        "name": "collector",
        "image": "docker.io/library/busybox:1.36",
        "restartPolicy": "Always",
        "resources": RESOURCES,
        "volumeMounts": [{"name": "logs", "mountPath": "/logs", "readOnly": True}],
    }
    labels = {"app": f"app-{number % 97}", "tier": ("web", "api", "job")[number % 3]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"app-{number % 97}-{number:06d}",
            "labels": {**labels, "pod-template-hash": f"{number % 311:x}"},
            "annotations": {"checksum/config": "a" * 64},
        },
        "spec": {
            "nodeName": f"fake-{number % NODES}",
            "tolerations": [{"operator": "Exists"}],
            "automountServiceAccountToken": False,
            "initContainers": [collector] if number % 4 == 0 else [],
            "containers": [main, proxy],
            "volumes": [{"name": "logs", "emptyDir": {}}, {"name": "cfg", "configMap": {"name": "cfg"}}],
        },
    }


class Filler:
    """Creates objects over one connection for each thread."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._mine = local()
        self._opened: list[Api] = []

    def request(self, method: str, path: str, body: Object | None = None) -> tuple[int, bytes]:
        if not hasattr(self._mine, "api"):
            self._mine.api = Api(self._places, timeout_s=60)
            self._opened.append(self._mine.api)
        status, answer = self._mine.api.request(method, path, body)
        return int(status), bytes(answer)

    def create(self, path: str, body: Object) -> None:
        status, answer = self.request("POST", path, body)
        if status not in (200, 201, 409):
            raise Broken(f"{path}: {status} {answer[:300].decode(errors='replace')}")

    def create_namespaces(self, names: list[str]) -> None:
        for name in names:
            self.create("/api/v1/namespaces", {"metadata": {"name": name}})

        def have_accounts() -> bool:
            paths = (f"/api/v1/namespaces/{name}/serviceaccounts/default" for name in names)
            return all(self.request("GET", path)[0] == 200 for path in paths)

        if not wait_for(have_accounts, 30):
            raise Broken("the new namespaces got no default service account")

    def close(self) -> None:
        for api in self._opened:
            api.close()


def fill(places: Places, pods: int, namespaces: int = 20, prefix: str = "team") -> float:
    """Creates what is not there yet, in the namespaces `prefix`-0, `prefix`-1, …; the seconds it took."""
    filler = Filler(places)
    teams = [f"{prefix}-{number}" for number in range(namespaces)]

    def create_pod(number: int) -> None:
        filler.create(f"/api/v1/namespaces/{teams[number % namespaces]}/pods", build_pod(number))

    try:
        for number in range(NODES):
            filler.create("/api/v1/nodes", build_node(number))
        filler.create_namespaces(teams)
        start = time.monotonic()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for _ in pool.map(create_pod, range(pods)):
                pass  # raises what a thread raised
        return time.monotonic() - start
    finally:
        filler.close()
