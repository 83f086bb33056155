"""Headers that every HTTP answer carries, whoever made it: page, error, static file, refusal."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

FIXED = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    # Not no-referrer: with it browsers send `Origin: null` with our own forms, which the gate must
    # refuse. Other sites learn as little from this value.
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), usb=()",
    # For answers that are no page; pages bring their own policy with a nonce.
    b"content-security-policy": b"default-src 'none'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    b"cache-control": b"no-store",
}


def with_fixed_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            present = {name.lower() for name, _value in headers}
            headers += [item for item in FIXED.items() if item[0] not in present]
            message = {**message, "headers": headers}
        await send(message)

    return send_with_headers
