"""Subresources with behaviour of their own: (plural, subresource) -> coroutine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..requests import Request, Response

Route = Callable[[Request], Awaitable[Response]]

ROUTES: dict[tuple[str, str], Route] = {}
