"""The workloads that the demo cluster opens with: one YAML file each.

A document may carry `age` beside `kind` ("3d", "2h", "40m", "30s"): how long ago it was made.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import yaml

from .. import discovery
from ..store import Store, timestamp
from .fleet import fill
from .nodes import build_nodes

FOLDER = Path(__file__).parent
MANAGER = "kubectl-client-side-apply"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PLURALS = {kind.kind: kind.plural for kind in discovery.KINDS.values()}


def load(store: Store, *, pods: int = 0) -> None:
    now = time.time()
    for node in build_nodes(now):
        store.create("nodes", node, "kubelet")
    documents = [document for path in sorted(FOLDER.glob("*.yaml")) for document in _read(path)]
    order = {"Namespace": 0, "ServiceAccount": 1, "ConfigMap": 1}
    for document in sorted(documents, key=lambda each: order.get(each["kind"], 2)):
        age_s = seconds(document.pop("age", "12d"))
        document["metadata"]["creationTimestamp"] = timestamp(now - age_s)
        store.create(_PLURALS[document["kind"]], document, MANAGER)
    if pods:
        fill(store, pods, now)


def _read(path: Path) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = []
    for document in yaml.load_all(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if document:
            documents.append(document)
    return documents


def seconds(age: str) -> float:
    return float(age[:-1]) * _UNITS[age[-1]]
