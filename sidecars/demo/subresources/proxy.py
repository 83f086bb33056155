"""pods/proxy: a GET through the API server to a port of a pod."""

from __future__ import annotations

from urllib.parse import urlencode

from .. import status
from ..controllers.programs.http import HttpRequest
from ..requests import Answer, Request, Response
from ..store import Obj
from . import simulated
from .places import pod_of, run_of

BRIDGE = "10.244.0.1"  # the node's address on the pod network
_NOT_PASSED_ON = ("authorization", "connection", "host", "content-length", "transfer-encoding",
                  "x-forwarded-for", "accept-encoding")  # fmt: skip


async def proxy_pod(request: Request) -> Response:
    name, port_text = _split(request.target.name)
    pod = pod_of(request, name)
    if not request.target.tail and not request.path.endswith("/"):
        return Answer(b"", 301, "", (("location", request.path + "/"),))
    if request.method not in ("GET", "HEAD"):
        raise status.ApiError(405, "the demo server passes on GET only")
    port = int(port_text) if port_text else _first_port(pod)
    address = pod.get("status", {}).get("podIP")
    if simulated.is_simulated(pod):
        raise _unreachable(f"dial tcp {address}:{port}: connect: connection refused")
    if not address:
        raise status.bad_request("address not allowed")
    run = run_of(request, pod)
    server = run.network.find(port, outside=True) if run else None
    if server is None:
        raise _unreachable(f"dial tcp {address}:{port}: connect: connection refused")
    answer = server(HttpRequest(_path(request), _headers(request), BRIDGE, request.method))
    kind = next((value for key, value in answer.headers if key == "content-type"), "")
    others = tuple(each for each in answer.headers if each[0] != "content-type")
    return Answer(answer.body, answer.status, kind or "text/plain; charset=utf-8", others)


def _split(target: str) -> tuple[str, str]:
    """`name`, `name:port` or `scheme:name:port`."""
    parts = target.split(":")
    if len(parts) == 3:
        if parts[0] not in ("", "http"):
            raise _unreachable("http: server gave HTTP response to HTTPS client")
        parts = parts[1:]
    name, port = (*parts, "")[:2]
    if len(parts) > 2 or (port and not port.isdigit()):
        raise status.bad_request(f'invalid pod request "{target}"')
    return name, port


def _first_port(pod: Obj) -> int:
    """The first declared port of any container, else 80: as the API server guesses."""
    for container in pod["spec"]["containers"]:
        for port in container.get("ports", []):
            return int(port["containerPort"])
    return 80


def _path(request: Request) -> str:
    pairs = [(name, value) for name, values in request.query.items() for value in values]
    query = urlencode(pairs)
    return (request.target.tail or "/") + (f"?{query}" if query else "")


def _headers(request: Request) -> dict[str, str]:
    headers = {"host": request.headers.get("host", "")}
    headers |= {name: value for name, value in request.headers.items() if name not in _NOT_PASSED_ON}
    headers["accept-encoding"] = request.headers.get("accept-encoding", "gzip")
    headers["x-forwarded-for"] = "127.0.0.1"
    headers["x-forwarded-uri"] = request.path
    return headers


def _unreachable(why: str) -> status.ApiError:
    return status.ApiError(503, f"error trying to reach service: {why}")
