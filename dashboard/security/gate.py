"""The first thing a request meets: is it meant for this address, and does it come from our own page?

Stands before Django, so that static files, errors and sockets are judged alike (security.md W1, W2).
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from django.conf import settings

from dashboard.security.headers import with_fixed_headers

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LONGEST_BODY_BYTES = 256 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def allowed_hosts() -> frozenset[str]:
    """Whole `Host` values; a name without the port is another address."""
    port = settings.SIDECAR_PORT
    return frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))


def allowed_origins() -> frozenset[str]:
    return frozenset(f"http://{host}" for host in allowed_hosts())


def one_header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """The header's value; None if it is missing, and an unmatchable text if it is there twice."""
    values = [value.decode("latin-1") for key, value in headers if key.lower() == name]
    if len(values) > 1:
        return "\0"
    return values[0] if values else None


def refusal(scope: Scope) -> str:
    """Why this request or socket is refused; "" if it may pass."""
    headers = scope["headers"]
    host = one_header(headers, b"host")
    if host not in allowed_hosts():
        return "This address is not the dashboard's own. Open the address that the terminal shows."
    origin = one_header(headers, b"origin")
    own_origin = f"http://{host}"
    if scope["type"] == "websocket":
        return "" if origin == own_origin else "This socket was opened by another site."
    site = one_header(headers, b"sec-fetch-site")
    foreign = site not in {None, "same-origin", "none"}
    if scope["method"] in SAFE_METHODS:
        # A link from another site may open a page; another site's page may not embed or fetch one.
        if foreign and one_header(headers, b"sec-fetch-mode") not in {None, "navigate"}:
            return "This was asked for by another site."
        return ""
    if foreign or (origin is not None and origin != own_origin):
        return "This was sent by another site. Nothing was changed."
    if origin is None and site is None:
        return "" if _is_command_line(headers) else "The browser did not say which site sent this."
    return ""


def _is_command_line(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Every browser of today sends Origin or Sec-Fetch-Site with a POST; its User-Agent says Mozilla."""
    agent = one_header(headers, b"user-agent") or ""
    return not agent.startswith("Mozilla/")


class Gate:
    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            send = with_fixed_headers(send)
        reason = refusal(scope)
        if not reason and scope["type"] == "http":
            await _within_limit(self.application, scope, receive, send)
        elif not reason:
            await self.application(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before accept: an HTTP 403
        else:
            await _answer(send, 403, reason)


async def _within_limit(application: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Django would take a body of any length to the disk before it looks at it, or at who sends it."""
    size_bytes = 0
    has_begun = False

    async def limited() -> Message:
        nonlocal size_bytes
        message = await receive()
        size_bytes += len(message.get("body", b""))
        return message if size_bytes <= LONGEST_BODY_BYTES else {"type": "http.disconnect"}

    async def noting(message: Message) -> None:
        nonlocal has_begun
        has_begun = True
        await send(message)

    await application(scope, limited, noting)
    if size_bytes > LONGEST_BODY_BYTES and not has_begun:
        await _answer(send, 413, "This is more than a form of the dashboard holds. Nothing was changed.")


async def _answer(send: Send, status: int, text: str) -> None:
    body = f"{text}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
