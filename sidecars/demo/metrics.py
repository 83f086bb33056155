"""metrics.k8s.io: what the pods of the demo cluster would use, made up from what they ask for.

Nothing runs here, so nothing can be measured: each container has a steady share of its limit or
request, by its name, that moves a little from one half minute to the next.
"""

from __future__ import annotations

import time
import zlib
from typing import Any

from . import status
from .discovery import METRICS
from .quantities import value_of
from .requests import Answer, Request

Obj = dict[str, Any]
WINDOW_S = 30
USUAL_MEMORY_KI, USUAL_CPU_M = 48 * 1024, 40  # of a container that asks for nothing


def answer(request: Request) -> Answer:
    """Raises ApiError 404 for a pod without a running container, as metrics-server does."""
    target = request.target
    if request.verb == "get":
        pod = request.store.find("pods", target.namespace, target.name)
        found = _measured(pod) if pod else None
        if found is None:
            raise status.not_found("podmetrics", METRICS.group, target.name)
        return Answer(found)
    if request.verb != "list":
        raise status.ApiError(
            405, "the server does not allow this method on the requested resource", details={}
        )
    pods = request.store.list("pods", target.namespace or None)
    items = [found for pod in pods if (found := _measured(pod))]
    return Answer(_typed("PodMetricsList") | {"metadata": {}, "items": items})


def _typed(kind: str) -> Obj:
    return {"kind": kind, "apiVersion": f"{METRICS.group}/{METRICS.version}"}


def _measured(pod: Obj) -> Obj | None:
    fields = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
    states = [c for field in fields for c in pod.get("status", {}).get(field) or ()]
    running = {c["name"] for c in states if "running" in (c.get("state") or {})}
    if not running:
        return None
    spec, metadata = pod["spec"], pod["metadata"]
    lists = ("containers", "initContainers", "ephemeralContainers")
    containers = [c for field in lists for c in spec.get(field) or () if c["name"] in running]
    now = time.time()
    named = {key: metadata[key] for key in ("name", "namespace", "labels") if key in metadata}
    return _typed("PodMetrics") | {
        "metadata": named,
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        "window": f"{WINDOW_S}s",
        "containers": [{"name": c["name"], "usage": _usage(metadata["name"], c, now)} for c in containers],
    }


def _usage(pod: str, container: Obj, now: float) -> Obj:
    resources = container.get("resources") or {}
    asked = (resources.get("requests") or {}) | (resources.get("limits") or {})
    share = _share(f"{pod}/{container['name']}", now)
    cpu_m = float(value_of(asked["cpu"])) * 1000 if "cpu" in asked else USUAL_CPU_M
    memory_ki = float(value_of(asked["memory"])) / 1024 if "memory" in asked else USUAL_MEMORY_KI
    return {"cpu": f"{int(cpu_m * share / 3 * 1e6)}n", "memory": f"{int(memory_ki * share)}Ki"}


def _share(name: str, now: float) -> float:
    steady = 0.35 + zlib.crc32(name.encode()) % 50 / 100
    moving = zlib.crc32(f"{name} {int(now / WINDOW_S)}".encode()) % 7 / 100
    return steady + moving
