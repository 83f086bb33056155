"""Writing an answer to the wire, and the ways to break off in the middle."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from .requests import Answer, Response

if TYPE_CHECKING:
    from .hooks import Fault

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# Open connections by the client's address, so that a fault can cut one of them.
_TRANSPORTS: dict[tuple[str, int], asyncio.Transport] = {}


class Connection(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._peer = tuple(transport.get_extra_info("peername") or ())[:2]
        if len(self._peer) == 2:
            _TRANSPORTS[self._peer] = transport

    def handle_websocket_upgrade(self, event: Any) -> None:
        # The connection gets another protocol, which will not tell of its end.
        _TRANSPORTS.pop(self._peer, None)
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        _TRANSPORTS.pop(self._peer, None)
        super().connection_lost(exc)


class _CutOff(Exception):
    pass


def _abort(scope: Mapping[str, Any]) -> None:
    transport = _TRANSPORTS.get(tuple(scope.get("client") or ()))
    if transport is not None:
        transport.abort()


def _headers(response: Response, warnings: Sequence[str]) -> list[tuple[bytes, bytes]]:
    found = [
        ("audit-id", str(uuid.uuid4())),
        ("cache-control", "no-cache, private"),
        ("content-type", response.content_type),
        *response.headers,
    ]
    for text in dict.fromkeys(warnings):
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        found.append(("warning", f'299 - "{quoted}"'))
    if isinstance(response, Answer):
        found.append(("content-length", str(len(response.encoded))))
    return [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in found]


async def send_response(
    response: Response,
    warnings: Sequence[str],
    receive: Receive,
    send: Send,
    scope: Mapping[str, Any],
    fault: Fault | None,
) -> None:
    if fault and fault.action == "drop":
        _abort(scope)
        return
    gate = _Gate(send, scope, fault)
    headers = _headers(response, warnings)
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    try:
        if isinstance(response, Answer):
            body = b"" if scope["method"] == "HEAD" else response.encoded
            await gate.send(body)
        else:
            await _stream(response.chunks, gate, receive)
        await send({"type": "http.response.body", "body": b""})
    except _CutOff:
        _abort(scope)


class _Gate:
    """Lets `fault.bytes` through, then cuts or stalls."""

    def __init__(self, send: Send, scope: Mapping[str, Any], fault: Fault | None) -> None:
        self._send = send
        self._limited = fault is not None and fault.action in ("cut", "stall")
        self._fault = fault
        self._left = fault.bytes if fault else 0

    async def send(self, chunk: bytes) -> None:
        if not self._limited or not self._fault:
            if chunk:
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            return
        part, self._left = chunk[: self._left], self._left - len(chunk)
        if part:
            await self._send({"type": "http.response.body", "body": part, "more_body": True})
        if self._left > 0:
            return
        if self._fault.action == "cut":
            # One turn of the loop lets the transport write what it has been given.
            await asyncio.sleep(0.02)
            raise _CutOff
        await asyncio.Event().wait()


async def _stream(chunks: AsyncIterator[bytes], gate: _Gate, receive: Receive) -> None:
    """Until the source ends or the client leaves."""

    async def pump() -> None:
        await gate.send(b"")
        async for chunk in chunks:
            await gate.send(chunk)

    pumping = asyncio.ensure_future(pump())
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({pumping, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (pumping, leaving):
            task.cancel()
        await asyncio.gather(pumping, leaving, return_exceptions=True)
        close = getattr(chunks, "aclose", None)
        if close:
            await close()
    if not pumping.cancelled():
        error = pumping.exception()
        if error:
            raise error


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
