"""Every socket. The gate has compared Host and Origin before a route is looked up."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.routing import URLRouter
from django.urls import path, register_converter
from django.urls.converters import get_converters

from dashboard.consumers.logs import LogsConsumer
from dashboard.consumers.pod import PodConsumer
from dashboard.consumers.rollout import RolloutConsumer
from dashboard.consumers.rows import RowsConsumer
from dashboard.converters import IdConverter, LabelConverter, NameConverter

if "label" not in get_converters():  # urls.py registers them too; either may be imported first
    register_converter(LabelConverter, "label")
    register_converter(NameConverter, "name")
    register_converter(IdConverter, "id")


async def _no_such_socket(scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4404})


sockets = URLRouter(
    [
        path("ws/c/<label:ctx>/pods/", RowsConsumer.as_asgi()),
        path("ws/c/<label:ctx>/pods/<label:namespace>/<name:pod>/", PodConsumer.as_asgi()),
        path("ws/c/<label:ctx>/logs/", LogsConsumer.as_asgi()),
        path("ws/c/<label:ctx>/changes/<id:change>/", RolloutConsumer.as_asgi()),
        path("<path:rest>", _no_such_socket),  # type: ignore[arg-type]  # an ASGI application, no view
    ]
)
