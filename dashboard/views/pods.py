"""The pods list."""

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.clusters import cluster_for
from dashboard.identity import identity_of
from dashboard.namespaces import known_namespaces, last_choice, remember, remembered
from dashboard.pod_list import Ask, build_list
from dashboard.scopes import open_scopes
from dashboard.views.home import LAST_CONTEXT


@require_safe
async def pod_list(request: HttpRequest, ctx: str) -> HttpResponse:
    cluster = await cluster_for(identity_of(request), ctx)
    ask = Ask.read(request.GET)
    chosen = last_choice(request.session, ctx)
    if "ns" not in request.GET and chosen and not ask.text:
        return HttpResponseRedirect(f"{request.path}{ask.link(namespaces=chosen)}")
    if "ns" in request.GET:
        remember(request.session, ctx, ask.namespaces)
    if request.session.get(LAST_CONTEXT) != ctx:
        request.session[LAST_CONTEXT] = ctx
    async with open_scopes(cluster, "pods", ask.namespaces) as scopes:
        await scopes.first_rows()
        namespaces = await known_namespaces(cluster)
        offered = namespaces.names or remembered(request.session, ctx)
        listing = build_list(ask, scopes, offered)
        context = {"ctx": ctx, "listing": listing, "namespaces": namespaces}
        # In a thread: a page of rows takes longer than all other viewers should wait.
        return await sync_to_async(render, thread_sensitive=False)(request, "pods/list.html", context)
