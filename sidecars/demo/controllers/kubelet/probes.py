"""Probes: their pace, their answer, their complaint."""

from __future__ import annotations

from ...store import Obj
from ..programs.http import HttpRequest, Network
from .container import Container


def passes(ip: str, network: Network, spec: Obj, probe: Obj) -> bool:
    """Exec and grpc probes always do: there is no process to ask."""
    action = probe.get("httpGet") or probe.get("tcpSocket")
    if action is None:
        return True
    server = network.find(port_number(spec, action["port"]), outside=True)
    if server is None or "tcpSocket" in probe:
        return server is not None
    headers = {"user-agent": "kube-probe/1.34", "host": ip}
    answer = server(HttpRequest(action.get("path", "/"), headers, "10.244.0.1"))
    return 200 <= answer.status < 400


def delay_s(probe: Obj) -> float:
    return float(probe.get("initialDelaySeconds", 0)) + 0.5


def period_s(probe: Obj) -> float:
    return float(probe.get("periodSeconds", 10))


def port_number(spec: Obj, port: object) -> int:
    if isinstance(port, int):
        return port
    for each in spec.get("ports", []):
        if each.get("name") == port:
            return int(each["containerPort"])
    return int(str(port)) if str(port).isdigit() else 0


def probe_error(ip: str, container: Container, probe: Obj) -> str:
    action = probe.get("httpGet") or probe["tcpSocket"]
    place = f"{ip}:{port_number(container.spec, action['port'])}"
    if "tcpSocket" in probe:
        return f"dial tcp {place}: connect: connection refused"
    path = action.get("path", "/")
    return f'Get "http://{place}{path}": dial tcp {place}: connect: connection refused'
