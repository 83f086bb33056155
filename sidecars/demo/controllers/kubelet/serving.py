"""What a request to a Service's name meets: a server in a ready pod that the Service selects."""

from __future__ import annotations

from collections.abc import Callable

from ...store import Obj
from ..endpoints import selects, target_port
from ..pods import is_ready
from ..programs.http import Network, Server
from ..world import World

SUFFIXES = ("svc", "svc.cluster.local", "svc.cluster.local.")
Networks = Callable[[Obj], Network | None]


def find_server(world: World, networks: Networks, namespace: str, host: str, port: int) -> Server | None:
    """`host` as in a pod of `namespace`: web, web.shop, web.shop.svc or with the cluster's domain."""
    name, _dot, rest = host.partition(".")
    where, _dot, suffix = rest.partition(".")
    if suffix and suffix not in SUFFIXES:
        return None
    service = world.store.find("services", where or namespace, name)
    entry = next((p for p in (service or {}).get("spec", {}).get("ports", []) if p["port"] == port), None)
    if service is None or entry is None:
        return None
    for pod in world.pods(where or namespace):
        network = networks(pod) if selects(service, pod) and is_ready(pod) else None
        number = target_port(pod, entry)
        server = network.find(number, outside=True) if network and number else None
        if server is not None:
            return server
    return None
