"""The requests for one container's log."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp

from sidecars import errors
from sidecars.cluster.failures import Asked
from sidecars.cluster.logs.targets import LogTarget
from sidecars.cluster.resources import build_path, resource_of
from sidecars.cluster.transport import Request
from sidecars.loglines import read_line

if TYPE_CHECKING:
    from sidecars.cluster.cluster import Cluster

BUFFER_BYTES = 64 * 1024


class LogRequests:
    def __init__(self, cluster: "Cluster", target: LogTarget) -> None:
        self._transport = cluster.transport
        self._path = build_path(resource_of("pods"), target.namespace, target.pod, "log")
        self._asked = Asked("get", "pods/log", target.namespace, target.pod)
        self._container = target.container

    @asynccontextmanager
    async def stream(self, params: Mapping[str, str]) -> AsyncIterator[aiohttp.StreamReader]:
        """Without a time limit of its own, not even for the answer's beginning."""
        async with self._transport.stream(
            self._request(params), silence_s=None, headers_s=None, buffer_bytes=BUFFER_BYTES
        ) as stream:
            yield stream

    async def newest_ns(self) -> int | None:
        """The time of the last line; 0 if there is none, None if nobody can tell."""
        try:
            answer = await self._transport.ask(self._request({"timestamps": "true", "tailLines": "1"}))
        except errors.ClusterError:
            return None
        if answer.status != 200:
            return None
        return read_line(answer.body.rstrip(b"\n"))[0]

    def _request(self, params: Mapping[str, str]) -> Request:
        return Request("GET", self._path, self._asked, {**params, "container": self._container})
