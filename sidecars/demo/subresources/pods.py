"""Eviction, and what is no stream in a demo, or only over a WebSocket."""

from __future__ import annotations

from .. import status
from ..requests import Answer, Request, Response
from .places import container_name, pod_of


async def evict(request: Request) -> Response:
    pod = pod_of(request)
    if not request.is_dry_run:
        request.store.delete("pods", pod["metadata"]["namespace"], pod["metadata"]["name"])
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return Answer(body, 201)


async def refuse_stream(request: Request) -> Response:
    pod = pod_of(request)
    kind = request.target.subresource
    if kind == "exec":
        raise status.bad_request("Upgrade request required")
    if kind != "portforward":
        container_name(request, pod)
    raise status.ApiError(501, f"{kind} is not available in the demo cluster", reason="NotImplemented")
