"""Who asks, and what they may do: bearer tokens, users, rules as data."""

from __future__ import annotations

import fnmatch
import secrets
from dataclasses import dataclass, field
from typing import Any

from . import status
from .requests import Target

Obj = dict[str, Any]

PUBLIC_PATHS = ("/healthz*", "/livez*", "/readyz*", "/version", "/version/")
DISCOVERY_PATHS = ("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*")


@dataclass(frozen=True, slots=True)
class Rule:
    """As in RBAC; `namespaces` empty: everywhere."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ("",)
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()

    def covers(self, verb: str, target: Target) -> bool:
        resource = target.plural + (f"/{target.subresource}" if target.subresource else "")
        return (
            _has(self.verbs, verb)
            and _has(self.groups, target.group)
            and (_has(self.resources, resource) or f"*/{target.subresource}" in self.resources)
            and (not self.names or target.name in self.names)
            and (not self.namespaces or target.namespace in self.namespaces)
        )


def _has(allowed: tuple[str, ...], value: str) -> bool:
    return "*" in allowed or value in allowed


@dataclass(slots=True)
class User:
    name: str
    groups: tuple[str, ...] = ("system:authenticated",)
    uid: str = ""
    rules: tuple[Rule, ...] = field(default_factory=tuple)

    def may(self, verb: str, target: Target) -> bool:
        if any(rule.covers(verb, target) for rule in SELF_REVIEWS):
            return self.name != ANONYMOUS
        return any(rule.covers(verb, target) for rule in self.rules)


ANONYMOUS = "system:anonymous"
SELF_REVIEWS = (
    Rule(
        ("create",),
        ("authorization.k8s.io",),
        ("selfsubjectaccessreviews", "selfsubjectrulesreviews"),
    ),
    Rule(("create",), ("authentication.k8s.io",), ("selfsubjectreviews",)),
)
EVERYTHING = (Rule(("*",), ("*",), ("*",)),)
_READ = ("get", "list", "watch")
VIEW = (
    Rule(_READ, ("",), ("pods", "services", "configmaps", "events", "namespaces",
                        "serviceaccounts", "resourcequotas", "limitranges", "pods/log",
                        "pods/status")),
    Rule(_READ, ("metrics.k8s.io",), ("pods",)),
    Rule(_READ, ("apps", "batch", "autoscaling", "policy", "discovery.k8s.io"), ("*",)),
)  # fmt: skip
EDIT = (
    *VIEW,
    Rule(("create", "update", "patch", "delete"), ("",), ("pods", "services", "configmaps")),
    Rule(("create", "update", "patch", "delete"), ("apps", "batch"), ("*",)),
    Rule(("get", "create"), ("",), ("pods/proxy", "pods/exec", "pods/portforward")),
    Rule(("get", "update", "patch"), ("",), ("pods/ephemeralcontainers",)),
)


class Access:
    """Tokens and their users; tokens may expire, rules may be revoked while it runs."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.expired: set[str] = set()

    def add(self, name: str, rules: tuple[Rule, ...], *groups: str, token: str = "") -> str:
        token = token or secrets.token_urlsafe(24)
        found = (*groups, "system:authenticated")
        self.users[token] = User(name, found, f"demo-{name}", rules)
        return token

    def identify(self, authorization: str) -> User:
        """Raises ApiError 401 for a token that is unknown or expired."""
        if not authorization:
            return User(ANONYMOUS, ("system:unauthenticated",))
        scheme, _, token = authorization.partition(" ")
        user = self.users.get(token.strip()) if scheme.lower() == "bearer" else None
        if user is None or token.strip() in self.expired:
            raise status.ApiError(401, "Unauthorized")
        return user


def authorise(user: User, verb: str, target: Target) -> None:
    """Raises ApiError 403."""
    if user.may(verb, target):
        return
    resource = target.plural + (f"/{target.subresource}" if target.subresource else "")
    namespace = target.name if target.plural == "namespaces" else target.namespace
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    why = f'User "{user.name}" cannot {verb} resource "{resource}" in API group "{target.group}" {where}'
    raise status.forbidden(target.plural, target.group, target.name, why)


def authorise_path(user: User, method: str, path: str) -> None:
    """Raises ApiError 403."""
    known = PUBLIC_PATHS if user.name == ANONYMOUS else (*PUBLIC_PATHS, *DISCOVERY_PATHS)
    if any(fnmatch.fnmatch(path, pattern) for pattern in known):
        return
    if user.rules == EVERYTHING:
        return
    verb = {"GET": "get", "HEAD": "head"}.get(method, method.lower())
    text = f'forbidden: User "{user.name}" cannot {verb} path "{path}"'
    raise status.ApiError(403, text, details={})
