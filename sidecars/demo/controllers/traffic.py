"""Visitors of the scenes' Services, so that apps and proxies have something to log."""

from __future__ import annotations

import random

from ..store import Obj
from .endpoints import selects, target_port
from .kubelet.agent import Kubelet
from .pods import is_ready
from .programs.http import HttpRequest
from .world import World

ANNOTATION = "demo.sidecar-dash.io/requests-per-second"
PATHS = ("/", "/products", "/products?page=2", "/products/1842", "/cart", "/api/prices", "/search?q=tea",
         "/favicon.ico", "/login", "/orders/77120")  # fmt: skip
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15",
    "curl/8.14.1",
)


class Traffic:
    def __init__(self, world: World, kubelet: Kubelet) -> None:
        self._world = world
        self._kubelet = kubelet
        self._random = random.Random(8080)  # noqa: S311
        self._going: set[str] = set()
        world.listeners.append(self._changed)

    def _changed(self, kind: str, old: Obj | None, new: Obj | None) -> None:
        if kind == "services" and new and _rate(new) and new["metadata"]["uid"] not in self._going:
            self._going.add(new["metadata"]["uid"])
            self._world.clock.after(5.0, lambda: self._visit(new), idle=True)

    def _visit(self, service: Obj) -> None:
        metadata = service["metadata"]
        current = self._world.store.find("services", metadata["namespace"], metadata["name"])
        if current is None or not _rate(current):
            self._going.discard(metadata["uid"])
            return
        pods = [pod for pod in self._world.pods(metadata["namespace"]) if selects(current, pod)]
        pods = [pod for pod in pods if is_ready(pod)]
        if pods:
            self._send(self._random.choice(pods), current["spec"]["ports"][0])
        pause_s = self._random.expovariate(_rate(current))
        self._world.clock.after(pause_s, lambda: self._visit(current), idle=True)

    def _send(self, pod: Obj, port: Obj) -> None:
        run = self._kubelet.run_of(pod)
        server = run.network.find(target_port(pod, port) or 0, outside=True) if run else None
        if server is None:
            return
        visitor = f"203.0.113.{self._random.randint(2, 250)}"
        headers = {"host": "shop.example", "user-agent": self._random.choice(AGENTS), "accept": "*/*",
                   "x-forwarded-for": visitor}  # fmt: skip
        server(HttpRequest(self._random.choice(PATHS), headers, f"10.244.{self._random.randint(1, 3)}.1"))


def _rate(service: Obj) -> float:
    try:
        return float((service["metadata"].get("annotations") or {}).get(ANNOTATION, 0))
    except ValueError:
        return 0.0
