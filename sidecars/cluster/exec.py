"""One command in a container, over a WebSocket: arguments as a list, no input, bounded output.

Protocol: v5.channel.k8s.io, else v4: binary messages whose first byte names the stream. The last
message is a Status on stream 3. Source: k8s.io/apimachinery pkg/util/remotecommand, KEP-4006.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp
import msgspec
from multidict import CIMultiDict
from yarl import URL

from sidecars import errors
from sidecars.cluster import failures
from sidecars.cluster.failures import Asked
from sidecars.cluster.resources import build_path, is_label, resource_of
from sidecars.cluster.transport import CONNECT_S, STATUS_LIMIT_BYTES, Transport, read_up_to
from sidecars.messages import gettext_noop as _

if TYPE_CHECKING:
    from aiohttp.client_middlewares import ClientHandlerType

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDOUT, STDERR, STATUS = 1, 2, 3
LIMIT_S = 10.0
OUTPUT_LIMIT_BYTES = 2 << 20
STDERR_LIMIT_BYTES = 4096
MESSAGE_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """`failure`: "" or exit | no-program | not-running | time | size | broken.

    `cause` is redacted text of the runtime; `stdout` what came until then.
    """

    stdout: str
    failure: str = ""
    cause: str = ""


class _Declined(Exception):
    """The handshake's answer is no upgrade."""

    def __init__(self, response: aiohttp.ClientResponse, body: bytes) -> None:
        self.status, self.headers, self.body = response.status, response.headers, body
        super().__init__(response.status)


async def run(
    transport: Transport,
    namespace: str,
    pod: str,
    container: str,
    command: Sequence[str],
    *,
    limit_s: float = LIMIT_S,
    output_limit_bytes: int = OUTPUT_LIMIT_BYTES,
) -> Outcome:
    """Raises Forbidden without the right or when read-only, NotFound, Rejected by admission, Unreachable.

    What ends in the container, a missing program too, is an Outcome. Nothing is tried again.
    """
    asked = Asked("create", "pods/exec", namespace, pod)
    if transport.read_only:
        raise errors.Forbidden(
            asked.verb,
            asked.resource,
            namespace,
            sentence=_("This dashboard is read-only: %(verb)s %(resource)s is switched off."),
        )
    if not pod or not is_label(container):
        raise errors.NotFound(resource="containers", name=container[:63])
    query = [("container", container), ("stdout", "true"), ("stderr", "true")]
    query += [("command", word) for word in command]
    path = f"{build_path(resource_of('pods'), namespace, pod, 'exec')}?{urlencode(query)}"
    try:
        return await _within(transport, path, limit_s, output_limit_bytes)
    except _Declined as declined:
        raise _refused(declined, asked, transport.credentials.server) from declined
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise failures.from_exception(error, transport.credentials.server, asked) from error


def _refused(declined: _Declined, asked: Asked, server: str) -> errors.ClusterError:
    error = failures.from_answer(declined.status, declined.headers, declined.body, asked, server)
    is_pod = isinstance(error, errors.NotFound) and error.parameters.get("name") == asked.name
    return errors.NotFound(resource="pods", name=asked.name) if is_pod else error


async def _within(transport: Transport, path: str, limit_s: float, limit_bytes: int) -> Outcome:
    streams = _Streams(limit_bytes)
    connector = aiohttp.TCPConnector(limit=1, force_close=True)
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        middlewares=(_stop_unless_upgraded,),
    )
    async with session:
        async with asyncio.timeout(CONNECT_S + limit_s):
            socket = await _open(session, transport, path)
        try:
            async with asyncio.timeout(limit_s):
                await streams.read(socket)
        except TimeoutError:
            return Outcome(streams.text, "time")
        finally:
            # Closing ends our side; a command that still runs there ends when it next writes.
            await _close(socket)
    return streams.outcome()


async def _open(
    session: aiohttp.ClientSession, transport: Transport, path: str
) -> aiohttp.ClientWebSocketResponse:
    """After a 401 nothing was run: it may go again with a fresh proof of who asks."""
    credentials = transport.credentials
    generation = credentials.generation
    try:
        return await _connect(session, transport, path)
    except _Declined as declined:
        if declined.status != 401:
            raise
    await credentials.refresh(generation)
    return await _connect(session, transport, path)


async def _connect(
    session: aiohttp.ClientSession, transport: Transport, path: str
) -> aiohttp.ClientWebSocketResponse:
    credentials = transport.credentials
    headers = CIMultiDict({"User-Agent": transport.user_agent})
    headers.extend(credentials.impersonation)
    authorization = await credentials.header()
    if authorization:
        headers["Authorization"] = authorization
    return await session.ws_connect(
        URL(f"{credentials.server}{path}", encoded=True),
        protocols=PROTOCOLS,
        headers=headers,
        proxy=credentials.proxy,
        ssl=credentials.tls if credentials.tls is not None else True,
        server_hostname=credentials.server_name,
        max_msg_size=MESSAGE_LIMIT_BYTES,
    )


async def _stop_unless_upgraded(
    request: aiohttp.ClientRequest, handler: "ClientHandlerType"
) -> aiohttp.ClientResponse:
    """The answer's body says why; a redirect is not followed, as it would take the proof along."""
    response = await handler(request)
    if response.status != 101:
        body = await read_up_to(response.content, STATUS_LIMIT_BYTES)
        response.close()
        raise _Declined(response, body)
    return response


async def _close(socket: aiohttp.ClientWebSocketResponse) -> None:
    try:
        async with asyncio.timeout(1.0):
            await socket.close()
    except (TimeoutError, aiohttp.ClientError, OSError):
        pass  # the session's end cuts the connection


class _Streams:
    def __init__(self, limit_bytes: int) -> None:
        self._stdout, self._stderr = bytearray(), bytearray()
        self._limit = limit_bytes
        self._status: dict[str, Any] | None = None
        self._is_cut = False

    @property
    def text(self) -> str:
        return self._stdout.decode(errors="replace")

    async def read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Until the command's Status, the other side's close, or too much output."""
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.BINARY or not message.data:
                continue
            stream, data = message.data[0], message.data[1:]
            if stream == STDOUT:
                self._stdout += data[: self._limit - len(self._stdout)]
                self._is_cut = len(self._stdout) >= self._limit
            elif stream == STDERR:
                self._stderr += data[: STDERR_LIMIT_BYTES - len(self._stderr)]
            elif stream == STATUS:
                self._note_status(data)
            if self._is_cut or self._status is not None:
                return

    def outcome(self) -> Outcome:
        if self._is_cut:
            return Outcome(self.text, "size")
        if self._status is None:
            return Outcome(self.text, "broken")
        if self._status.get("status") == "Success":
            return Outcome(self.text)
        said = str(self._status.get("message", ""))[: failures.CAUSE_LIMIT * 8]
        cause = failures.redact(said)
        if self._status.get("reason") == "NonZeroExitCode":
            # 126 and 127 are also what a runtime makes of a program that is not there.
            code = self._exit_code()
            is_missing = code in ("126", "127") and not self._stdout
            return Outcome(self.text, "no-program" if is_missing else "exit", cause)
        return Outcome(self.text, _kind_of(said), cause)

    def _note_status(self, data: bytes) -> None:
        try:
            decoded = msgspec.json.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            decoded = None
        self._status = decoded if isinstance(decoded, dict) else {}

    def _exit_code(self) -> str:
        causes = ((self._status or {}).get("details") or {}).get("causes") or []
        return next((str(c.get("message", "")) for c in causes if c.get("reason") == "ExitCode"), "")


def _kind_of(said: str) -> str:
    """As the kubelet, and runc, crun or gVisor behind it, say it."""
    said = said.lower()
    if "container not found" in said or "is not running" in said:
        return "not-running"
    missing = ("executable file not found", "no such file or directory", "not found in $path")
    return "no-program" if any(words in said for words in missing) else "broken"
