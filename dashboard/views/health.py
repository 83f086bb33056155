"""For whoever watches this process. They say nothing about clusters: a dead one must not restart us."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.lifespan import is_ready


@require_safe
async def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
async def ready(request: HttpRequest) -> HttpResponse:
    if is_ready():
        return HttpResponse("ready\n", content_type="text/plain")
    return HttpResponse("not ready\n", content_type="text/plain", status=503)
