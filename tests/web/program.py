"""The dashboard with a few pages and a socket of the tests: whatever a real one could meet."""

import asyncio
import os
from typing import Any

from django.http import HttpRequest, HttpResponse

from dashboard.cli import serve
from dashboard.cli.main import main
from sidecars.errors import Busy, Forbidden, Unreachable

prepare = serve._prepare_database
SLOW: list[str] = []


def prepare_with_test_pages() -> None:
    prepare()
    from django.urls import path

    from dashboard import routing, urls
    from dashboard.consumers import base

    class Echo(base.ViewerConsumer):
        """Says what it was told; `flood` sends for ever, `forbidden` fails."""

        async def run(self, params: dict[str, Any]) -> None:
            await self.send_frame({"type": "hello", "params": params, "who": self.identity.display_name})
            if params.get("fail") == "forbidden":
                raise Forbidden("list", "pods", "shop")
            if params.get("fail") == "crash":
                raise RuntimeError("token=abc")
            try:
                while params.get("flood"):
                    await self.send_frame({"type": "flood", "text": "x" * 60_000})
                await asyncio.sleep(600)
            except base.SlowClient:
                SLOW.append(self.request_id)
                raise

        async def frame_received(self, frame: dict[str, Any]) -> None:
            await self.send_frame({"type": "echo", "frame": frame})

    base.RECHECK_S = float(os.environ.get("TEST_RECHECK_S", "0.3"))
    base.FIRST_FRAME_S = base.SEND_S = 0.5
    routing.sockets.routes.insert(0, path("ws/echo/", Echo.as_asgi(), name=""))
    for route in routing.sockets.routes[:1]:
        route.pattern = route.pattern.__class__(route.pattern._route, "", is_endpoint=False)
    urls.urlpatterns += [path(f"fail/{name}/", view, name=f"fail-{name}") for name, view in PAGES.items()]


async def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("token=abc")


async def unreachable(request: HttpRequest) -> HttpResponse:
    raise Unreachable(server="https://192.0.2.1", cause="<b>no route</b>")


async def forbidden(request: HttpRequest) -> HttpResponse:
    raise Forbidden("list", "pods", "pay")


async def busy(request: HttpRequest) -> HttpResponse:
    raise Busy(3.0)


async def change(request: HttpRequest) -> HttpResponse:
    return HttpResponse("changed\n")


async def slow(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{len(SLOW)}\n")


PAGES = {
    "slow": slow,
    "crash": crash,
    "unreachable": unreachable,
    "forbidden": forbidden,
    "busy": busy,
    "change": change,
}

if __name__ == "__main__":
    serve._prepare_database = prepare_with_test_pages
    raise SystemExit(main())
