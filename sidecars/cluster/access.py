"""What the identity may do, asked of the API server: only ever to grey something out."""

import time
from dataclasses import dataclass
from typing import Any

import msgspec

from sidecars.cluster.failures import Asked
from sidecars.cluster.resources import RESOURCES
from sidecars.cluster.transport import Request, Transport

ALLOWED_S = 30.0
CACHE_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class WhoAmI:
    username: str
    uid: str
    groups: tuple[str, ...]


class Access:
    """Refusals are asked again each time: a right that was just granted shows at once."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._allowed: dict[tuple[str, ...], float] = {}

    async def whoami(self) -> WhoAmI:
        answer = await self._review(
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
            "selfsubjectreviews",
        )
        user = answer.get("userInfo") or {}
        return WhoAmI(user.get("username", ""), user.get("uid", ""), tuple(user.get("groups") or ()))

    async def may(
        self,
        verb: str,
        resource: str,
        namespace: str = "",
        *,
        name: str = "",
        subresource: str = "",
        group: str | None = None,
    ) -> bool:
        if group is None:
            group = RESOURCES[resource].group if resource in RESOURCES else ""
        key = (verb, group, resource, subresource, namespace, name)
        now = time.monotonic()
        if self._allowed.get(key, 0.0) > now:
            return True
        attributes = dict(
            zip(("verb", "group", "resource", "subresource", "namespace", "name"), key, strict=True)
        )
        answer = await self._review(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SelfSubjectAccessReview",
                "spec": {"resourceAttributes": {k: v for k, v in attributes.items() if v}},
            },
            "selfsubjectaccessreviews",
        )
        allowed = answer.get("allowed") is True
        if allowed:
            if len(self._allowed) >= CACHE_LIMIT:
                self._allowed.clear()
            self._allowed[key] = now + ALLOWED_S
        else:
            self._allowed.pop(key, None)
        return allowed

    async def _review(self, path: str, body: dict[str, object], plural: str) -> dict[str, Any]:
        """The review's status."""
        # A review creates nothing: it is tried again like any read.
        request = Request("POST", path, Asked("create", plural), body=msgspec.json.encode(body))
        answer = await self._transport.read(request)
        status: dict[str, Any] = msgspec.json.decode(answer.body).get("status") or {}
        return status
