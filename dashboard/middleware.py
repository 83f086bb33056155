"""Request ids, page headers, the sign-in wall, and the one place that shows an error."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, cast
from urllib.parse import quote

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from dashboard.error_pages import Problem, problem_of, request_id, show
from dashboard.identity import SIGNED_IN
from sidecars.errors import SidecarsError

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]
OPEN_TO_ALL = frozenset({"login", "healthz", "readyz", "preferences"})


class _AsyncMiddleware:
    sync_capable = False
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        # Django asks a middleware, as it asks a function, whether it is async.
        markcoroutinefunction(cast(Any, self))


class RequestId(_AsyncMiddleware):
    """Joins what a person sees with the log, and with the cluster's audit log by the User-Agent."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.request_id = secrets.token_hex(6)  # type: ignore[attr-defined]  # Django has no place for it
        response = await self.get_response(request)
        response["X-Request-Id"] = request_id(request)
        return response


class PageHeaders(_AsyncMiddleware):
    """Nothing of a page stays in a cache: it holds what one identity may see."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = await self.get_response(request)
        response.setdefault("Cache-Control", "no-store")
        return response


class SignInRequired(_AsyncMiddleware):
    """Everything but sign-in and health needs a session; the address is kept for afterwards."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return await self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        match = request.resolver_match
        if request.session.get(SIGNED_IN) or (match and match.url_name in OPEN_TO_ALL):
            return None
        address = f"{reverse('login')}?next={quote(request.get_full_path(), safe='')}"
        if getattr(request, "htmx", False):
            response = HttpResponse(status=401)
            response["HX-Redirect"] = reverse("login")
            return response
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse("Sign in first.\n", status=401, content_type="text/plain")
        return redirect(address)


class ErrorPages(_AsyncMiddleware):
    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return await self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls this in a thread; it only renders. Anything it does not know becomes a 500."""
        if not isinstance(error, SidecarsError):
            return None
        problem: Problem = problem_of(error)
        if problem.status >= 500:
            log.warning("%s %s: %s", request_id(request), type(error).__name__, error)
        return show(request, problem)
