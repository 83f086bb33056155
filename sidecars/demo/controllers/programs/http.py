"""Requests between clients, proxies and apps of the demo's pods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpRequest:
    path: str  # with its query
    headers: dict[str, str] = field(default_factory=dict)
    remote: str = "127.0.0.1"
    method: str = "GET"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("content-type", "text/plain"),)


Server = Callable[[HttpRequest], HttpResponse]


class AddressInUse(Exception):
    """Two listeners of one pod want one port."""


class Network:
    """The ports of one pod: all its containers share them."""

    def __init__(self) -> None:
        self._listeners: dict[int, tuple[object, str, Server]] = {}

    def listen(self, owner: object, port: int, server: Server, host: str = "0.0.0.0") -> None:
        if port in self._listeners:
            raise AddressInUse
        self._listeners[port] = (owner, host, server)

    def close(self, owner: object) -> None:
        kept = {port: entry for port, entry in self._listeners.items() if entry[0] is not owner}
        self._listeners = kept

    def find(self, port: int, *, outside: bool = False) -> Server | None:
        """`outside`: by the pod's address, which a server on 127.0.0.1 does not hear."""
        entry = self._listeners.get(port)
        if entry is None or (outside and entry[1] != "0.0.0.0"):
            return None
        return entry[2]
