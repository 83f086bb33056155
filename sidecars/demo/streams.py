"""WebSockets: of all streams only pods/exec. Each message begins with the number of its channel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from .requests import Answer, Request
from .status import ApiError
from .subresources import exec

Scope = Mapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDOUT, STATUS = b"\x01", b"\x03"
CHUNK_BYTES = 32 * 1024


def choose_protocol(scope: Scope) -> str:
    """Raises ApiError when the client knows none of ours."""
    offered = scope.get("subprotocols") or ()
    found = next((name for name in PROTOCOLS if name in offered), None)
    if found is None:
        raise ApiError(400, "unable to upgrade: no known protocol was asked for")
    return found


async def run_exec(request: Request, scope: Scope, send: Send) -> None:
    """Raises ApiError while the connection is not yet made."""
    run, name, command = exec.find_place(request)
    await send({"type": "websocket.accept", "subprotocol": choose_protocol(scope)})
    ended = await exec.run_command(run, name, command)
    output = ended.output.encode()
    for start in range(0, len(output), CHUNK_BYTES):
        await send({"type": "websocket.send", "bytes": STDOUT + output[start : start + CHUNK_BYTES]})
    await send({"type": "websocket.send", "bytes": STATUS + msgspec.json.encode(ended.status)})
    await send({"type": "websocket.close", "code": 1000})


async def refuse(answer: Answer, send: Send) -> None:
    """The handshake's answer is an ordinary one, as when no WebSocket was asked for."""
    headers = [(b"content-type", b"application/json")]
    headers += [(name.lower().encode(), value.encode()) for name, value in answer.headers]
    await send({"type": "websocket.http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": answer.encoded})
