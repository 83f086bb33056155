"""A socket's session, and the token that its first frame must carry."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare, salted_hmac

from dashboard.identity import SIGNED_IN
from dashboard.security.gate import one_header


def socket_token(session: SessionBase) -> str:
    """Bound to the session: a page of another session, or of another site, cannot know it."""
    return salted_hmac("dashboard.socket", session.session_key or "", algorithm="sha256").hexdigest()


def is_socket_token(offered: object, session: SessionBase) -> bool:
    return isinstance(offered, str) and constant_time_compare(offered, socket_token(session))


def header_of(scope: Mapping[str, Any], name: bytes) -> str:
    return one_header(scope["headers"], name) or ""


def cookies_of(scope: Mapping[str, Any]) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header_of(scope, b"cookie")).items()}
    except CookieError:
        return {}


async def session_of(scope: Mapping[str, Any]) -> SessionStore | None:
    """The signed-in session of the socket's cookie, read afresh; None if there is none any more."""
    key = cookies_of(scope).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    session = SessionStore(key)
    signed_in = await session.aget(SIGNED_IN)
    return session if signed_in else None
