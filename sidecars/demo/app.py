"""The ASGI application: who asks, for what, and which module answers."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from . import (
    access,
    discovery,
    hooks,
    metrics,
    openapi,
    patching,
    reads,
    reviews,
    sending,
    status,
    streams,
    subresources,
    watch,
    writes,
)
from .discovery import Kind
from .requests import Answer, Request, Response, Target, parse_query, parse_target, verb_of
from .store import Store

Obj = dict[str, Any]
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

BODY_LIMIT = 3 * 1024 * 1024
_GENERIC = ("status", "ephemeralcontainers", "finalize", "resize")
_READY = ("healthz", "livez", "readyz")


class App:
    def __init__(self, store: Store, *, with_hooks: bool = False) -> None:
        self.store = store
        self.access = access.Access()
        self.hooks = hooks.Hooks(enabled=with_hooks)
        self.snapshots = reads.Snapshots()
        self.watchers = watch.Watchers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
        if scope["type"] != "http":
            return
        try:
            body = await _read_body(receive)
        except status.ApiError as error:
            await sending.send_response(_answer_of(error), (), receive, send, scope, None)
            return
        if body is None:
            return
        request = self._read_request(scope["method"], scope, body)
        response, fault = await self._respond(request)
        await sending.send_response(response, request.warnings, receive, send, scope, fault)

    def _read_request(self, method: str, scope: Scope, body: bytes) -> Request:
        query = parse_query(scope["query_string"])
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        return Request(
            method, scope["path"], query, headers, body, Target(), "", NOBODY, self.store, self.hooks
        )

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        request = self._read_request("GET", scope, b"")
        entry = _entry_of(request)
        self.hooks.log.append(entry)
        try:
            request.user = self.access.identify(request.headers.get("authorization", ""))
            entry["user"] = request.user.name
            fault = self.hooks.next_fault("GET", request.path, request.user.name)
            if fault:
                await self._before(fault)
            self._aim(request)
            if (request.target.plural, request.target.subresource) != ("pods", "exec"):
                raise status.bad_request("only pods/exec is a WebSocket in the demo cluster")
            entry["status"] = 101
            await streams.run_exec(request, scope, send)
        except status.ApiError as error:
            entry["status"] = error.code
            await streams.refuse(_answer_of(error), send)

    async def _respond(self, request: Request) -> tuple[Response, hooks.Fault | None]:
        entry = _entry_of(request)
        fault = None
        response: Response
        try:
            if request.path.startswith("/_demo/") and self.hooks.enabled:
                own = subresources.HOOKS.get(request.path.removeprefix("/_demo/"))
                return (await own(request) if own else self._hook(request)), None
            self.hooks.log.append(entry)
            request.user = self.access.identify(request.headers.get("authorization", ""))
            entry["user"] = request.user.name
            where = request.path + ("?watch" if request.flag("watch") else "")
            where += "?dryRun" if request.is_dry_run else ""
            fault = self.hooks.next_fault(request.method, where, request.user.name)
            if fault:
                await self._before(fault)
            if fault and fault.action == "error":
                chunk = watch.error_event(fault.error)
                return Answer(chunk), None
            response = await self._answer(request)
        except status.ApiError as error:
            response = _answer_of(error)
        entry["status"] = response.status
        return response, fault

    async def _before(self, fault: hooks.Fault) -> None:
        if fault.action == "delay":
            await asyncio.sleep(fault.seconds)
        if fault.action == "status":
            raise fault.error

    def _hook(self, request: Request) -> Response:
        name = request.path.removeprefix("/_demo/")
        if name == "requests":
            if request.method == "DELETE":
                self.hooks.log.clear()
            return Answer({"items": list(self.hooks.log)})
        try:
            body = msgspec.json.decode(request.body or b"{}", type=dict)
            return hooks.perform(self, name, body)
        except KeyError as error:
            return Answer({"message": f"no such hook or field: {error}"}, 404)
        except (TypeError, ValueError) as error:
            return Answer({"message": str(error)}, 400)

    async def _answer(self, request: Request) -> Response:
        if parse_target(request.path) is None:
            access.authorise_path(request.user, request.method, request.path)
            return _static(request)
        kind = self._aim(request)
        target = request.target
        if kind.plural in discovery.REVIEWS:
            if request.verb != "create":
                raise _not_allowed()
            return reviews.answer(request, kind)
        if kind is discovery.METRICS:
            return metrics.answer(request)
        if target.subresource and target.subresource not in kind.subresources:
            raise status.no_such_path()
        if target.subresource and target.subresource not in _GENERIC:
            return await _route(request)
        return self._resource(request, kind)

    def _aim(self, request: Request) -> Kind:
        """Fills in the target and the verb. Raises ApiError 403 or 404."""
        request.target = target = parse_target(request.path) or Target()
        request.verb = verb_of(request.method, target, request.query)
        kind = discovery.find(target.group, target.version, target.plural)
        access.authorise(request.user, request.verb, target)
        if kind is None or (target.namespace and not kind.namespaced):
            raise status.no_such_path()
        return kind

    def _resource(self, request: Request, kind: Kind) -> Response:
        verb, target = request.verb, request.target
        if kind.namespaced and not target.namespace and verb not in ("list", "watch"):
            raise _not_allowed()
        if verb == "watch":
            return watch.open_watch(request, kind, self.watchers)
        if verb == "list":
            return reads.list_(request, kind, self.snapshots)
        if verb == "get":
            return reads.get(request, kind)
        if verb == "create" and not target.name:
            return writes.create(request, kind)
        if verb == "update" and target.name:
            return writes.update(request, kind)
        if verb == "patch" and target.name:
            return patching.patch(request, kind)
        if verb == "delete" and not target.subresource:
            return writes.delete(request, kind)
        if verb == "deletecollection":
            return self._delete_many(request, kind)
        raise _not_allowed()

    def _delete_many(self, request: Request, kind: Kind) -> Response:
        request.query.pop("limit", None)
        answer = reads.list_(request, kind, self.snapshots)
        picks = reads.picker(request, kind)
        found = self.store.list(kind.plural, request.target.namespace or None)
        chosen = [each for each in found if picks is None or picks(each)]
        return writes.delete_many(request, kind, chosen, answer)


NOBODY = access.User("")


def _entry_of(request: Request) -> Obj:
    return {
        "time": time.time(),
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "user": "",
        "agent": request.headers.get("user-agent", ""),
        "audit": str(uuid.uuid4()),
    }


async def _read_body(receive: Receive) -> bytes | None:
    """None when the client has gone. Raises ApiError 413."""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_LIMIT:
            text = f"limit is {BODY_LIMIT}"
            text = f"Request entity too large: {text}"
            raise status.ApiError(413, text, reason="RequestEntityTooLarge", details={})
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


async def _route(request: Request) -> Response:
    target = request.target
    route = subresources.ROUTES.get((target.plural, target.subresource))
    if route is None:
        raise status.no_such_path()
    return await route(request)


def _answer_of(error: status.ApiError) -> Answer:
    return Answer(error.body, error.code, headers=error.headers)


def _not_allowed() -> status.ApiError:
    text = "the server does not allow this method on the requested resource"
    return status.ApiError(405, text, details={})


def _static(request: Request) -> Answer:
    parts = request.path.strip("/").split("/")
    found: Obj | None = None
    if parts[0] in _READY:
        return Answer(b"ok", content_type="text/plain; charset=utf-8")
    if parts == ["version"]:
        found = discovery.VERSION
    elif parts == ["api"]:
        found = {
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": [
                {"clientCIDR": "0.0.0.0/0", "serverAddress": request.headers.get("host", "")}
            ],
        }
    elif parts[0] == "api" and len(parts) == 2:
        found = discovery.resource_list("", parts[1])
    elif parts == ["apis"]:
        found = discovery.group_list()
    elif parts[0] == "apis" and len(parts) == 2:
        group = discovery.group_of(parts[1])
        found = group and {"kind": "APIGroup", "apiVersion": "v1"} | group
    elif parts[0] == "apis" and len(parts) == 3:
        found = discovery.resource_list(parts[1], parts[2])
    elif parts[:2] == ["openapi", "v3"]:
        found = openapi.document("/".join(parts[2:]))
    if found is None:
        return Answer(b"404 page not found\n", 404, "text/plain; charset=utf-8")
    return Answer(found)
