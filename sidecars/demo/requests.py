"""A request as the API server sees it, and the two shapes of an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec

if TYPE_CHECKING:
    from .access import User
    from .hooks import Hooks
    from .store import Store

Obj = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """What a path points at; `tail` is what follows pods/x/proxy, with its slash."""

    group: str = ""
    version: str = ""
    plural: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    tail: str = ""


@dataclass(slots=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    target: Target
    verb: str
    user: User
    store: Store
    hooks: Hooks
    warnings: list[str] = field(default_factory=list)

    def option(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[-1]

    def flag(self, name: str) -> bool:
        return self.option(name).lower() in ("true", "1")

    @property
    def is_dry_run(self) -> bool:
        return "All" in self.query.get("dryRun", [])


@dataclass(slots=True)
class Answer:
    body: Obj | bytes
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def encoded(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


@dataclass(slots=True)
class Stream:
    """Sent chunk by chunk; closed (`aclose`) when the client leaves."""

    chunks: AsyncIterator[bytes]
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


Response = Answer | Stream


def parse_query(raw: bytes) -> dict[str, list[str]]:
    return parse_qs(raw.decode("latin-1"), keep_blank_values=True)


def parse_target(path: str) -> Target | None:
    """None for a path that is no resource path."""
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    elif rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
    plural, name, subresource = (*rest[:3], "", "")[:3]
    tail = ""
    if len(rest) > 3:
        tail = "/" + "/".join(rest[3:])
        if path.endswith("/"):
            tail += "/"
    if plural == "namespaces":
        namespace = ""
    return Target(group, version, plural, namespace, name, subresource, tail)


_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def verb_of(method: str, target: Target, query: dict[str, list[str]]) -> str:
    if method in ("GET", "HEAD"):
        if target.name:
            return "get"
        watching = query.get("watch", [""])[-1].lower() in ("true", "1")
        return "watch" if watching else "list"
    if method == "DELETE" and not target.name:
        return "deletecollection"
    return _VERBS.get(method, method.lower())
