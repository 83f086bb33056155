"""The way in, and the page that helps."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.clusters import clusters

LAST_CONTEXT = "last_context"


@require_safe
async def home(request: HttpRequest) -> HttpResponse:
    """The pods of the context that was open last, else of the current one."""
    slug = request.session.get(LAST_CONTEXT) or clusters.current_slug
    if slug in clusters.by_slug:
        return HttpResponseRedirect(reverse("pods", args=[slug]))
    if clusters.current_slug:
        return HttpResponseRedirect(reverse("pods", args=[clusters.current_slug]))
    return render(request, "no_cluster.html", {"problem": clusters.problem}, status=503)


@require_safe
async def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "help.html")
