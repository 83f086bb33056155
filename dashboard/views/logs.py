"""The log page: whose logs there are, and the end of them, which the page's socket then follows."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.clusters import cluster_for
from dashboard.error_pages import problem_of
from dashboard.identity import identity_of
from dashboard.log_ask import LogAsk
from dashboard.log_lines import first_lines
from dashboard.log_page import page_values
from dashboard.log_view import read_view
from sidecars import errors


@require_safe
async def log_page(request: HttpRequest, ctx: str) -> HttpResponse:
    identity = identity_of(request)
    if not request.GET.get("src"):
        return HttpResponseRedirect(reverse("pods", args=[ctx]))  # where a log is chosen
    ask = LogAsk.read(request.GET)
    cluster = await cluster_for(identity, ctx)
    view = await read_view(cluster, ctx, identity, ask)
    if view.ask != ask:
        return HttpResponseRedirect(f"{request.path}{view.ask.query_string()}")
    lines, problem = await first_lines(cluster, ask, view.streams)
    if isinstance(problem, errors.Forbidden | errors.Unauthorized) and not lines:
        raise problem
    context = {"lines": lines, "problem": problem_of(problem) if problem else None, **page_values(ctx, view)}
    return render(request, "logs/viewer.html", context)
