"""One cluster as one identity sees it: every call goes out with that identity."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any
from urllib.parse import quote

import msgspec

from sidecars import errors
from sidecars.cluster import credentials, exec, failures
from sidecars.cluster.access import Access
from sidecars.cluster.connection import ContextEntry
from sidecars.cluster.failures import Asked
from sidecars.cluster.logs import LogTarget, reads
from sidecars.cluster.logs.shared import LogHub
from sidecars.cluster.reflections import Reflection, Reflections
from sidecars.cluster.resources import Resource, build_path, resource_of
from sidecars.cluster.transport import LIST_S, Answer, Request, Transport
from sidecars.loglines import LogLine
from sidecars.logplace import Cursor
from sidecars.messages import gettext_noop as _

PAGE_SIZE = 500
PROXY_LIMIT_BYTES = 64 * 1024
FIELD_MANAGER_LIMIT = 128

Objects = list[dict[str, Any]]  # inside Cluster, `list` is the method

_APPLY = "application/apply-patch+yaml"
_JSON_PATCH = "application/json-patch+json"
_STRATEGIC = "application/strategic-merge-patch+json"
_FORWARDED = frozenset({"accept", "accept-language", "content-type", "host", "user-agent", "x-request-id"})


@dataclass(frozen=True, slots=True)
class Written:
    """What the API server stored, or would store; its warnings; its audit record's id."""

    object: dict[str, Any]
    warnings: tuple[str, ...]
    audit_id: str


@dataclass(frozen=True, slots=True)
class ProxyAnswer:
    """`refused` is "" when the pod's program answered, else why the API server could not ask it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    refused: str = ""


def version_of_this_program() -> str:
    try:
        return metadata.version("sidecar-dashboard")
    except metadata.PackageNotFoundError:
        return "0"


async def connect(entry: ContextEntry, *, read_only: bool = False, user_agent: str = "") -> "Cluster":
    """Reads the credentials' files; the first request goes out when one is needed."""
    proof = await asyncio.to_thread(credentials.load, entry)
    agent = user_agent or f"sidecar-dash/{version_of_this_program()}"
    return Cluster(entry, Transport(proof, read_only=read_only, user_agent=agent))


class Cluster:
    def __init__(self, entry: ContextEntry, transport: Transport) -> None:
        self.entry = entry
        self.identity_key = transport.credentials.identity_key
        self.read_only = transport.read_only
        self.transport = transport
        self._access = Access(transport)
        self._reflections = Reflections(transport)
        self.logs = LogHub(self)
        self.may = self._access.may
        self.whoami = self._access.whoami

    @property
    def clock_offset_s(self) -> float:
        """The server's clock minus ours; 0.0 while they agree to the second."""
        return self.transport.clock_offset_s

    async def version(self) -> tuple[int, int, str]:
        answer = await self.transport.read(Request("GET", "/version", Asked("get", "version")))
        said = self._decode(answer)
        major, minor = (int("".join(filter(str.isdigit, said.get(k, ""))) or 0) for k in ("major", "minor"))
        return major, minor, str(said.get("gitVersion", ""))

    async def get(self, resource: str, namespace: str, name: str) -> dict[str, Any]:
        kind = resource_of(resource)
        path = build_path(kind, namespace, _required(kind, name))
        asked = Asked("get", resource, namespace, name)
        return self._decode(await self.transport.read(Request("GET", path, asked)))

    async def list(
        self, resource: str, namespace: str = "", *, label_selector: str = "", field_selector: str = ""
    ) -> Objects:
        """All pages. A list that expires between pages is begun again, once."""
        kind = resource_of(resource)
        for _attempt in range(2):
            try:
                return await self._list(kind, namespace, label_selector, field_selector)
            except errors.Expired:
                continue
        raise errors.Busy()

    async def apply(
        self,
        resource: str,
        namespace: str,
        name: str,
        body: Mapping[str, Any],
        *,
        field_manager: str,
        dry_run: bool = False,
    ) -> Written:
        """Server-side apply without force. A `uid` in the body forbids to create."""
        kind = resource_of(resource)
        path = build_path(kind, namespace, _required(kind, name))
        params = _write_params(field_manager, dry_run) | {"force": "false"}
        asked = Asked("patch", resource, namespace, name, is_write=not dry_run)
        return await self._write("PATCH", path, asked, params, body, _APPLY)

    async def create(
        self,
        resource: str,
        namespace: str,
        body: Mapping[str, Any],
        *,
        field_manager: str,
        dry_run: bool = False,
    ) -> Written:
        name = str(body.get("metadata", {}).get("name", ""))
        asked = Asked("create", resource, namespace, name, is_write=not dry_run)
        path = build_path(resource_of(resource), namespace)
        return await self._write("POST", path, asked, _write_params(field_manager, dry_run), body)

    async def json_patch(
        self,
        resource: str,
        namespace: str,
        name: str,
        operations: Sequence[Mapping[str, Any]],
        *,
        field_manager: str,
        dry_run: bool = False,
    ) -> Written:
        kind = resource_of(resource)
        path = build_path(kind, namespace, _required(kind, name))
        asked = Asked("patch", resource, namespace, name, is_write=not dry_run)
        params = _write_params(field_manager, dry_run)
        return await self._write("PATCH", path, asked, params, operations, _JSON_PATCH)

    async def add_ephemeral(
        self,
        namespace: str,
        pod: str,
        container: Mapping[str, Any],
        *,
        uid: str,
        field_manager: str,
        dry_run: bool = False,
    ) -> Written:
        """An ephemeral container for the pod with this uid. It cannot be taken away again."""
        kind = resource_of("pods")
        path = build_path(kind, namespace, _required(kind, pod), "ephemeralcontainers")
        body = {"metadata": {"uid": uid}, "spec": {"ephemeralContainers": [container]}}
        asked = Asked("patch", "pods/ephemeralcontainers", namespace, pod, is_write=not dry_run)
        params = _write_params(field_manager, dry_run)
        return await self._write("PATCH", path, asked, params, body, _STRATEGIC)

    async def run_command(
        self,
        namespace: str,
        pod: str,
        container: str,
        command: Sequence[str],
        *,
        limit_s: float = exec.LIMIT_S,
    ) -> exec.Outcome:
        return await exec.run(self.transport, namespace, pod, container, command, limit_s=limit_s)

    async def delete(self, resource: str, namespace: str, name: str, *, uid: str) -> None:
        """Only the object with this uid: one that came back under the name is Stale."""
        kind = resource_of(resource)
        path = build_path(kind, namespace, _required(kind, name))
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid},
            "propagationPolicy": "Background",
        }
        asked = Asked("delete", resource, namespace, name, is_write=True)
        await self.transport.write(Request("DELETE", path, asked, body=msgspec.json.encode(body)))

    async def proxy_get(
        self, namespace: str, pod: str, port: int, path: str, headers: Sequence[tuple[str, str]] = ()
    ) -> ProxyAnswer:
        """A GET to a port of the pod, through the API server. At most 64 KiB of the body."""
        asked = Asked("get", "pods/proxy", namespace, pod)
        if not 0 < port < 65536 or ".." in path.split("/"):
            raise errors.NotFound(resource="pods/proxy", name=pod[:253])
        base = build_path(resource_of("pods"), namespace, _required(resource_of("pods"), pod))
        route, _mark, query = path.partition("?")
        target = f"{base}:{port}/proxy/{quote(route.lstrip('/'), safe='/-._~')}"
        target += f"?{quote(query, safe='=&-._~%')}" if query else ""
        kept = tuple((n, v) for n, v in headers if n.lower() in _FORWARDED and v.isprintable())
        answer = await self.transport.ask(
            Request("GET", target, asked, headers=kept), limit_bytes=PROXY_LIMIT_BYTES
        )
        return _proxy_answer(answer, asked)

    def reflect(self, resource: str, namespace: str = "") -> Reflection:
        """`async with cluster.reflect("pods") as reflection: reflection.store.rows`"""
        return self._reflections.of(resource_of(resource), namespace)

    def follow_log(
        self,
        target: LogTarget,
        since: Cursor | None = None,
        *,
        tail_lines: int | None = None,
        previous: bool = False,
    ) -> AsyncGenerator[tuple[LogLine, ...], None]:
        return reads.follow(self, target, since, tail_lines=tail_lines, previous=previous)

    async def read_log(
        self, target: LogTarget, *, tail_lines: int, previous: bool = False
    ) -> tuple[LogLine, ...]:
        return await reads.read_tail(self, target, tail_lines=tail_lines, previous=previous)

    async def close(self) -> None:
        await self.logs.close()
        await self._reflections.close()
        await self.transport.close()

    def _decode(self, answer: Answer) -> dict[str, Any]:
        try:
            decoded = msgspec.json.decode(answer.body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise errors.Unreachable(
                server=self.transport.credentials.server, cause=_("its answer is not JSON")
            ) from error
        return decoded if isinstance(decoded, dict) else {}

    async def _list(
        self, kind: Resource, namespace: str, label_selector: str, field_selector: str
    ) -> Objects:
        params = {"limit": str(PAGE_SIZE), "labelSelector": label_selector, "fieldSelector": field_selector}
        params = {key: value for key, value in params.items() if value}
        path = build_path(kind, namespace)
        asked = Asked("list", kind.plural, namespace)
        found: Objects = []
        while True:
            answer = await self.transport.read(Request("GET", path, asked, params), limit_s=LIST_S)
            page = self._decode(answer)
            found += page.get("items") or ()
            token = (page.get("metadata") or {}).get("continue")
            if not token:
                return [{"apiVersion": kind.api_version, "kind": kind.kind} | o for o in found]
            params = params | {"continue": token}

    async def _write(
        self,
        method: str,
        path: str,
        asked: Asked,
        params: Mapping[str, str],
        body: object,
        content_type: str = "application/json",
    ) -> Written:
        request = Request(
            method, path, asked, params, body=msgspec.json.encode(body), content_type=content_type
        )
        answer = await self.transport.write(request)
        return Written(self._decode(answer), _warnings(answer), answer.headers.get("Audit-Id", ""))


def _required(kind: Resource, name: str) -> str:
    """An empty name would make the path that of the whole collection."""
    if not name:
        raise errors.NotFound(resource=kind.plural, name=name)
    return name


def _write_params(field_manager: str, dry_run: bool) -> dict[str, str]:
    params = {"fieldManager": field_manager[:FIELD_MANAGER_LIMIT], "fieldValidation": "Strict"}
    return params | {"dryRun": "All"} if dry_run else params


def _warnings(answer: Answer) -> tuple[str, ...]:
    """`Warning: 299 - "text"`, one header each, the text redacted."""
    found = getattr(answer.headers, "getall", lambda _name, _default: ())("Warning", ())
    texts = (w.split(" ", 2)[-1].strip().strip('"').replace('\\"', '"') for w in found)
    return tuple(failures.redact(text) for text in texts)


def _proxy_answer(answer: Answer, asked: Asked) -> ProxyAnswer:
    """A Status body is the API server speaking, anything else the program in the pod."""
    status = failures.read_status(answer.body) if answer.status >= 400 else None
    refused = ""
    if status is not None and status.kind:
        if answer.status in (401, 403, 404):
            raise failures.from_status(status, answer.status, asked)
        refused = failures.redact(status.message) or f"HTTP {answer.status}"
    return ProxyAnswer(
        answer.status,
        tuple((str(k), str(v)) for k, v in answer.headers.items()),
        answer.body[:PROXY_LIMIT_BYTES],
        len(answer.body) > PROXY_LIMIT_BYTES,
        refused,
    )
