"""The log page: the end of one container's log, which the page's socket then follows."""

import asyncio
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.chosen_main import main_container
from dashboard.clusters import cluster_for
from dashboard.error_pages import problem_of
from dashboard.identity import identity_of
from dashboard.log_lines import Line, to_lines
from dashboard.log_source import TAILS, LogAsk, advance, find_place, write_cursor
from sidecars import errors
from sidecars.cluster import Cluster
from sidecars.loglines import Cursor, LogLine, Position
from sidecars.manifests import read_pod

RESTARTS_MOST = 3


@require_safe
async def log_page(request: HttpRequest, ctx: str) -> HttpResponse:
    identity = identity_of(request)
    if not request.GET.get("src"):
        return HttpResponseRedirect(reverse("pods", args=[ctx]))  # where a log is chosen
    cluster = await cluster_for(identity, ctx)
    ask = LogAsk.read(request.GET)
    manifest = await cluster.get("pods", ask.namespace, ask.pod)
    pod = read_pod(manifest)
    if not ask.container:
        chosen = replace(ask, container=main_container(pod).name)
        return HttpResponseRedirect(f"{request.path}{chosen.query_string()}")
    container = next((c for c in pod.containers if c.name == ask.container), None)
    if container is None:
        raise errors.NotFound(resource="containers", name=ask.container)
    lines, cursor, problem = await _tail(cluster, ask)
    context = {
        "ctx": ctx,
        "ask": ask,
        "pod": pod,
        "container": container,
        "choices": [(c, ask.link(container=c.name)) for c in pod.containers],
        "tails": [(tail, ask.link(tail=tail)) for tail in TAILS],
        "lines": lines,
        "cursor": cursor,
        "problem": problem_of(problem) if problem else None,
        "previous_link": ask.link(is_previous=not ask.is_previous),
        "kubectl": _kubectl(ask),
    }
    return render(request, "logs/viewer.html", context)


async def _tail(cluster: Cluster, ask: LogAsk) -> tuple[list[Line], str, errors.SidecarsError | None]:
    """A log that cannot be read now is a state of the page, not an error of it."""
    try:
        async with asyncio.timeout(10):
            read, place = await _read_one_instance(cluster, ask)
    except (errors.Rejected, errors.Unreachable, errors.Busy, TimeoutError) as error:
        problem = error if isinstance(error, errors.SidecarsError) else errors.Busy()
        return [], "", problem
    position = Position(place)
    advance(position, read)
    return to_lines(read), write_cursor(position.cursor()), None


async def _read_one_instance(cluster: Cluster, ask: LogAsk) -> tuple[tuple[LogLine, ...], Cursor]:
    """The lines and the instance that wrote them: read again if a restart came in between."""
    place = await find_place(cluster, ask)
    for _attempt in range(RESTARTS_MOST):
        target = ask.target(place.pod_uid)
        read = await cluster.read_log(target, tail_lines=ask.tail, previous=ask.is_previous)
        before, place = place, await find_place(cluster, ask)
        if place == before:
            break
    return read, place


def _kubectl(ask: LogAsk) -> str:
    kind = "--previous" if ask.is_previous else "-f"
    return f"kubectl logs {kind} --tail={ask.tail} -n {ask.namespace} {ask.pod} -c {ask.container}"
