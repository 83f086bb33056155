"""Thousands of simulated pods: records only, with no task, timer or log behind them."""

from __future__ import annotations

import hashlib
import uuid

from ..controllers.kubelet.container import image_id
from ..controllers.world import SIMULATED
from ..store import Obj, Store, random_suffix, timestamp
from .nodes import build_node

PER_NODE, PER_NAMESPACE, PER_WORKLOAD = 200, 1000, 50
APPS = ("cart", "checkout", "search", "inventory", "pricing", "mail", "invoice", "catalog")
SIDECARS = (
    ("", ""),
    ("nginx", "docker.io/library/nginx:1.30"),
    ("fluent-bit", "docker.io/fluent/fluent-bit:5.1.1"),
    ("envoy", "docker.io/envoyproxy/envoy:v1.40.0"),
)


def fill(store: Store, count: int, now_s: float) -> None:
    created = timestamp(now_s - 6 * 3600)
    for number in range((count + PER_NAMESPACE - 1) // PER_NAMESPACE):
        name = f"fleet-{number + 1:02d}"
        store.create("namespaces", {"metadata": {"name": name, "creationTimestamp": created}}, "")
    for number in range((count + PER_NODE - 1) // PER_NODE):
        cidr = f"10.{100 + number // 250}.{number % 250}.0/24"
        node = build_node(f"{SIMULATED}{number + 1:03d}", f"10.1.{number // 250}.{number % 250 + 1}", cidr,
                          "abc"[number % 3], created, pods=250)  # fmt: skip
        store.create("nodes", node, "")
    for number in range(count):
        store.create("pods", _pod(number, created), "")


def _pod(number: int, created: str) -> Obj:
    app = APPS[number // PER_WORKLOAD % len(APPS)]
    workload = f"{app}-{number // PER_WORKLOAD:03d}"
    digest = hashlib.sha256(workload.encode()).hexdigest()
    name = f"{workload}-{digest[:9]}-{random_suffix()}"
    sidecar, image = SIDECARS[number // PER_WORKLOAD % len(SIDECARS)]
    containers = [_container(app, f"registry.example/{app}:2.{number % 7}", 8080)]
    if sidecar:
        containers.append(_container(sidecar, image, 8081))
    node = number // PER_NODE
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{workload}-{digest[:9]}",
             "uid": str(uuid.UUID(digest[:32])), "controller": True, "blockOwnerDeletion": True}  # fmt: skip
    return {
        "metadata": {
            "name": name,
            "namespace": f"fleet-{number // PER_NAMESPACE + 1:02d}",
            "creationTimestamp": created,
            "labels": {"app": workload, "pod-template-hash": digest[:9], "tier": app},
            "ownerReferences": [owner],
        },
        "spec": {"nodeName": f"{SIMULATED}{node + 1:03d}", "containers": containers},
        "status": _status(containers, node, number, created),
    }


def _container(name: str, image: str, port: int) -> Obj:
    return {"name": name, "image": image, "ports": [{"containerPort": port}],
            "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}}  # fmt: skip


def _status(containers: list[Obj], node: int, number: int, created: str) -> Obj:
    ip = f"10.{100 + node // 250}.{node % 250}.{number % PER_NODE + 2}"
    conditions = [
        {"type": type_, "status": "True", "lastProbeTime": None, "lastTransitionTime": created}
        for type_ in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    ]
    statuses = [
        {
            "name": each["name"], "image": each["image"], "imageID": image_id(each["image"]),
            "containerID": f"containerd://{number:032x}{position:032x}", "ready": True, "started": True,
            "restartCount": 0, "state": {"running": {"startedAt": created}}, "lastState": {},
        }
        for position, each in enumerate(containers)
    ]  # fmt: skip
    return {
        "phase": "Running", "conditions": conditions, "containerStatuses": statuses, "podIP": ip,
        "podIPs": [{"ip": ip}], "hostIP": f"10.1.{node // 250}.{node % 250 + 1}", "startTime": created,
        "qosClass": "Burstable",
    }  # fmt: skip
