"""Pods of a few containers, and the calls that are read from them."""

from typing import Any

from sidecars import manifests
from sidecars.topology import Edge
from tests.topology.pods import Json, container, pod


def edges_of(*containers: Json, configmaps: dict[str, Json] | None = None, **fields: Any) -> tuple[Edge, ...]:
    return manifests.read_pod(pod(*containers, **fields), configmaps=configmaps or {}).edges


def told(*containers: Json, **fields: Any) -> set[str]:
    """`app > db 5432`, `app > ? 80`, `app > statsd 8125/udp`, `app > db /run/x.sock`."""
    return {show(edge) for edge in edges_of(*containers, **fields)}


def show(edge: Edge) -> str:
    udp = "/udp" if edge.protocol == "udp" else ""
    return f"{edge.source} > {edge.target or '?'} {edge.port or edge.path}{udp}"


def with_env(name: str, image: str = "", *, ports: object = (), mounts: object = (), **values: str) -> Json:
    env = [{"name": key, "value": value} for key, value in values.items()]
    return container(name, image, ports=ports, mounts=mounts, env=env)


def udp(name: str, number: int) -> Json:
    return {**container(name), "ports": [{"containerPort": number, "protocol": "UDP"}]}
