"""Requests between clients, proxies and apps of the demo's pods."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

CALLS_KEPT = 64


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


@dataclass(frozen=True, slots=True)
class Listener:
    owner: object
    port: int
    host: str
    server: Server
    inode: int


@dataclass(slots=True)
class Call:
    """`inodes`: of the caller's end and of the other; `ended_s` None: it is open."""

    owner: object
    port: int
    from_port: int
    inodes: tuple[int, int]
    ended_s: float | None = None


class Network:
    """The ports of one pod, which all its containers share, and who calls whom on them."""

    def __init__(self) -> None:
        self._listeners: dict[int, Listener] = {}
        self._numbers = itertools.count(100_001)
        self._from_ports = itertools.count(40_000)
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)

    @property
    def listeners(self) -> list[Listener]:
        return list(self._listeners.values())

    def listen(self, owner: object, port: int, server: Server, host: str = "0.0.0.0") -> None:
        if port in self._listeners:
            raise AddressInUse
        self._listeners[port] = Listener(owner, port, host, server, next(self._numbers))

    def close(self, owner: object) -> None:
        self._listeners = {port: one for port, one in self._listeners.items() if one.owner is not owner}
        self.calls = deque((one for one in self.calls if one.owner is not owner), CALLS_KEPT)

    def find(self, port: int, *, outside: bool = False) -> Server | None:
        """`outside`: by the pod's address, which a server on 127.0.0.1 does not hear."""
        found = self._listeners.get(port)
        if found is None or (outside and found.host != "0.0.0.0"):
            return None
        return found.server

    def call(self, owner: object, port: int, now_s: float) -> Server | None:
        """A call that ends at once; it is remembered as the kernel remembers it."""
        if port in self._listeners:
            self.calls.append(self._new_call(owner, port, now_s))
        return self.find(port)

    def keep_open(self, owner: object, port: int) -> Server | None:
        """A call over a connection that stays."""
        if not any(one.owner is owner and one.port == port and one.ended_s is None for one in self.calls):
            self.calls.append(self._new_call(owner, port, None))
        return self.find(port)

    def _new_call(self, owner: object, port: int, ended_s: float | None) -> Call:
        from_port = 40_000 + next(self._from_ports) % 20_000
        return Call(owner, port, from_port, (next(self._numbers), next(self._numbers)), ended_s)
