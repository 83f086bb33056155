"""Raw requests of one identity: time limits, keepalive, retries of reads, never of writes.

No redirect is followed, no proxy of the environment used, no cookie kept. In read-only
mode everything but reads is refused here, below every caller.
"""

import asyncio
import random
import re
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from sidecars import errors
from sidecars.cluster import failures
from sidecars.cluster.credentials import Credentials
from sidecars.cluster.failures import Asked
from sidecars.messages import gettext_noop as _

CONNECT_S = 10.0
READ_S = 30.0
HEADERS_S = CONNECT_S + READ_S
LIST_S = 60.0
WRITE_S = 65.0  # the API server gives admission webhooks up to 30 s, itself up to 60 s
BACKOFF_BASE_S = 0.8
BACKOFF_TOP_S = 30.0
BUFFER_BYTES = 2 << 20
STATUS_LIMIT_BYTES = 1 << 16

_REVIEWS = re.compile(
    r"/apis/(authorization\.k8s\.io/v1/selfsubject(access|rules)reviews"
    r"|authentication\.k8s\.io/v1/selfsubjectreviews)"
)
_REFUSED_SUBRESOURCES = frozenset({"exec", "attach", "portforward", "proxy"})


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str  # quoted by `resources.build_path`
    asked: Asked
    params: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    def __init__(self, credentials: Credentials, *, read_only: bool, user_agent: str) -> None:
        self.credentials, self.read_only, self.user_agent = credentials, read_only, user_agent
        self.clock_offset_s = 0.0
        self._session: aiohttp.ClientSession | None = None
        self._encoding = "identity" if _is_near(credentials.server) else "gzip"

    async def read(self, request: Request, *, limit_s: float = READ_S, tries: int = 2) -> Answer:
        """A GET that is tried again while the API server is busy or a connection broke.

        Two tries for a page that somebody waits for, ten for background readers.
        """
        for attempt in range(1, tries + 1):
            try:
                return await self._checked(request, limit_s)
            except errors.Busy as error:
                if attempt == tries or (tries <= 2 and error.retry_after_s > 2):
                    raise
                await asyncio.sleep(error.retry_after_s + backoff(attempt))
            except errors.Unreachable as error:
                # A kept connection may have died unnoticed; a refused one is no better now.
                if attempt == tries or isinstance(
                    error.__cause__, aiohttp.ClientConnectorError | TimeoutError
                ):
                    raise
                await asyncio.sleep(backoff(0))
        raise AssertionError("unreachable: every path above returns or raises")

    async def write(self, request: Request) -> Answer:
        """Tried once. Raises OutcomeUnknown when the request left and no answer came."""
        return await self._checked(request, WRITE_S)

    async def ask(self, request: Request, *, limit_s: float = READ_S, limit_bytes: int = 1 << 16) -> Answer:
        """Any status is an answer, and the body is cut: for what a pod's own program says."""
        async with self.open(request, limit_s=limit_s) as response:
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > limit_bytes:
                    break
            return Answer(response.status, response.headers, bytes(body[: limit_bytes + 1]))

    @asynccontextmanager
    async def stream(
        self,
        request: Request,
        *,
        silence_s: float | None,
        headers_s: float | None = HEADERS_S,
        buffer_bytes: int = BUFFER_BYTES,
    ) -> AsyncIterator[aiohttp.StreamReader]:
        """The body of a 2xx answer, without an end in sight; dead after `silence_s`
        (None: the caller watches over it), or when it has not begun after `headers_s`.

        Errors while the body is read come out translated as well.
        """
        async with self.open(
            request, limit_s=None, silence_s=silence_s, headers_s=headers_s, buffer_bytes=buffer_bytes
        ) as response:
            await self._raise_for(response, request.asked)
            yield response.content

    @asynccontextmanager
    async def open(
        self,
        request: Request,
        *,
        limit_s: float | None,
        silence_s: float | None = READ_S,
        headers_s: float | None = HEADERS_S,
        buffer_bytes: int = BUFFER_BYTES,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        self._refuse_when_read_only(request)
        timeout = aiohttp.ClientTimeout(
            total=limit_s, connect=CONNECT_S * 2, sock_connect=CONNECT_S, sock_read=limit_s or silence_s
        )
        try:
            response = await self._begin(request, timeout, limit_s or headers_s, buffer_bytes)
            async with response:
                self._note_date(response.headers)
                yield response
        except (aiohttp.ClientError, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise failures.from_exception(error, self.credentials.server, request.asked) from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _checked(self, request: Request, limit_s: float) -> Answer:
        async with self.open(request, limit_s=limit_s) as response:
            await self._raise_for(response, request.asked)
            return Answer(response.status, response.headers, await response.content.read())

    async def _raise_for(self, response: aiohttp.ClientResponse, asked: Asked) -> None:
        if 200 <= response.status < 300:
            return
        async with asyncio.timeout(READ_S):
            body = await read_up_to(response.content, STATUS_LIMIT_BYTES)
        raise failures.from_answer(response.status, response.headers, body, asked, self.credentials.server)

    async def _begin(
        self,
        request: Request,
        timeout: aiohttp.ClientTimeout,
        headers_s: float | None,
        buffer_bytes: int,
    ) -> aiohttp.ClientResponse:
        """The headers of an answer. After a 401 nothing was done: even a write may go again."""
        authorization = await self.credentials.header()
        generation = self.credentials.generation
        # A stream has no total limit, but its headers must come.
        async with asyncio.timeout(headers_s):
            response = await self._send(request, timeout, buffer_bytes, authorization)
        if response.status != 401:
            return response
        response.close()
        await self.credentials.refresh(generation)
        authorization = await self.credentials.header()
        async with asyncio.timeout(headers_s):
            return await self._send(request, timeout, buffer_bytes, authorization)

    async def _send(
        self, request: Request, timeout: aiohttp.ClientTimeout, buffer_bytes: int, authorization: str
    ) -> aiohttp.ClientResponse:
        credentials = self.credentials
        headers = CIMultiDict(
            {
                "Accept": "application/json",
                "Accept-Encoding": self._encoding,
                "User-Agent": self.user_agent,
                **dict(request.headers),
            }
        )
        headers.extend(credentials.impersonation)
        if authorization:
            headers["Authorization"] = authorization
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        query = f"?{urlencode(request.params)}" if request.params else ""
        return await self._opened().request(
            request.method,
            URL(f"{credentials.server}{request.path}{query}", encoded=True),
            headers=headers,
            data=request.body,
            timeout=timeout,
            allow_redirects=False,
            proxy=credentials.proxy,
            ssl=credentials.tls if credentials.tls is not None else True,
            server_hostname=credentials.server_name,
            read_bufsize=buffer_bytes,
        )

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=0, keepalive_timeout=30, socket_factory=_socket, enable_cleanup_closed=False
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session

    def _refuse_when_read_only(self, request: Request) -> None:
        if self.read_only and not is_reading(request.method, request.path):
            raise errors.Forbidden(
                request.asked.verb,
                request.asked.resource,
                request.asked.namespace,
                sentence=_("This dashboard is read-only: %(verb)s %(resource)s is switched off."),
            )

    def _note_date(self, headers: Mapping[str, str]) -> None:
        """The cluster's clock, to half a second: the header holds whole seconds."""
        try:
            theirs = parsedate_to_datetime(headers["Date"]).timestamp() + 0.5
        except (KeyError, ValueError):
            return
        offset = theirs - time.time()
        if abs(offset - self.clock_offset_s) > 1.0:
            self.clock_offset_s = 0.0 if abs(offset) <= 1.0 else offset


async def read_up_to(content: aiohttp.StreamReader, limit_bytes: int) -> bytes:
    """The whole body, cut: one `read` gives no more than has arrived by now."""
    body = bytearray()
    while len(body) < limit_bytes and (chunk := await content.read(limit_bytes - len(body))):
        body += chunk
    return bytes(body)


def is_reading(method: str, path: str) -> bool:
    """GETs that change nothing and run nothing, and questions about oneself."""
    if method == "POST":
        return _REVIEWS.fullmatch(path) is not None
    if method != "GET":
        return False
    segments = [unquote(s) for s in path.split("/") if s]
    rest = segments[2:] if segments[:1] == ["api"] else segments[3:]
    if rest[:1] == ["namespaces"] and len(rest) > 2:
        rest = rest[2:]
    # plural, name, subresource; `proxy` and `watch` also stood before the plural once.
    return rest[:1] != ["proxy"] and not _REFUSED_SUBRESOURCES.intersection(rest[2:3])


def backoff(attempt: int, *, top_s: float | None = None) -> float:
    """Doubled each time, plus up to as much again by chance, so that clients spread."""
    top_s = BACKOFF_TOP_S if top_s is None else top_s
    step = min(BACKOFF_BASE_S * 2.0 ** min(attempt, 10), top_s)
    return min(step * (1.0 + random.random()), top_s)  # noqa: S311  no secret


def _is_near(server: str) -> bool:
    """gzip costs more than it saves below about 3.6 Gbit/s: off on loopback and in a cluster."""
    host = urlsplit(server).hostname or ""
    if host in ("localhost", "kubernetes", "kubernetes.default.svc"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_KEEPALIVE: tuple[tuple[str, int], ...] = (
    ("TCP_KEEPIDLE", 30),
    ("TCP_KEEPINTVL", 10),
    ("TCP_KEEPCNT", 3),
    ("TCP_USER_TIMEOUT", 45_000),
)


def _socket(address: Any) -> socket.socket:
    family, kind, protocol = address[0], address[1], address[2]
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made
