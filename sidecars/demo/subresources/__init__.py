"""Subresources with behaviour of their own: (plural, subresource) -> coroutine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..requests import Answer, Request, Response
from .hooks import change_log
from .log import read_log
from .pods import evict, refuse_stream
from .proxy import proxy_pod
from .scale import scale

Route = Callable[[Request], Awaitable[Response]]

ROUTES: dict[tuple[str, str], Route] = {
    ("pods", "log"): read_log,
    ("pods", "proxy"): proxy_pod,
    ("pods", "eviction"): evict,
    ("pods", "exec"): refuse_stream,
    ("pods", "attach"): refuse_stream,
    ("pods", "portforward"): refuse_stream,
    ("deployments", "scale"): scale,
    ("replicasets", "scale"): scale,
    ("statefulsets", "scale"): scale,
}

# Fault hooks of the log, at POST /_demo/<name>, off outside tests.
HOOKS: dict[str, Callable[[Request], Awaitable[Answer]]] = {"log": change_log}
