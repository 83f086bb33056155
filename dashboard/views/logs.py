"""The log page: the end of one container's log, which the page's socket then follows."""

import asyncio
from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.clusters import cluster_for
from dashboard.error_pages import problem_of
from dashboard.identity import identity_of
from dashboard.log_ask import TAILS, LogAsk
from dashboard.log_lines import Line, to_lines
from sidecars import errors
from sidecars.cluster import Cluster, LogTarget
from sidecars.manifests import read_pod
from sidecars.topology import Container, Pod, Role, State


@require_safe
async def log_page(request: HttpRequest, ctx: str) -> HttpResponse:
    identity = identity_of(request)
    if not request.GET.get("src"):
        return HttpResponseRedirect(reverse("pods", args=[ctx]))  # where a log is chosen
    cluster = await cluster_for(identity, ctx)
    ask = LogAsk.read(request.GET)
    source = ask.sources[0]
    if source.resource != "pods":
        raise Http404("src")
    manifest = await cluster.get("pods", source.namespace, source.name)
    pod = read_pod(manifest)
    if not source.containers:
        chosen = _one(ask, main_container(pod).name)
        return HttpResponseRedirect(f"{request.path}{chosen.query_string()}")
    container = next((c for c in pod.containers if c.name == source.containers[0]), None)
    if source.takes_all:
        container = main_container(pod)
    if container is None:
        raise errors.NotFound(resource="containers", name=source.containers[0])
    target = LogTarget(source.namespace, source.name, pod.uid, container.name)
    lines, problem = await _tail(cluster, ask, target)
    context = {
        "ctx": ctx,
        "ask": ask,
        "pod": pod,
        "container": container,
        "choices": [(c, _one(ask, c.name).query_string()) for c in pod.containers],
        "tails": [(tail, ask.link(tail=tail)) for tail in TAILS],
        "lines": lines,
        "problem": problem_of(problem) if problem else None,
        "previous_link": ask.link(is_previous=not ask.is_previous),
        "kubectl": _kubectl(ask, target),
    }
    return render(request, "logs/viewer.html", context)


def main_container(pod: Pod) -> Container:
    """The main one, else the first that runs; a pod has at least one container."""
    running = (c for c in pod.containers if c.state is State.RUNNING)
    found = next((c for c in pod.containers if c.role is Role.MAIN), None) or next(running, None)
    return found or pod.containers[0]


def _one(ask: LogAsk, container: str) -> LogAsk:
    return replace(ask, sources=(replace(ask.sources[0], containers=(container,)),))


async def _tail(
    cluster: Cluster, ask: LogAsk, target: LogTarget
) -> tuple[list[Line], errors.SidecarsError | None]:
    """A log that cannot be read now is a state of the page, not an error of it."""
    try:
        async with asyncio.timeout(10):
            tail = min(ask.tail_lines or 500, 500)
            return to_lines(await cluster.read_log(target, tail_lines=tail, previous=ask.is_previous)), None
    except (errors.Rejected, errors.Unreachable, errors.Busy, TimeoutError) as error:
        return [], error if isinstance(error, errors.SidecarsError) else errors.Busy()


def _kubectl(ask: LogAsk, target: LogTarget) -> str:
    kind = "--previous" if ask.is_previous else "-f"
    tail = -1 if ask.tail_lines is None else ask.tail_lines
    return f"kubectl logs {kind} --tail={tail} -n {target.namespace} {target.pod} -c {target.container}"
