"""The page of a workload: the topology of its pod template."""

from datetime import datetime

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard.attached import Attached, find_attached
from dashboard.chosen_main import choices_of
from dashboard.clusters import cluster_for
from dashboard.identity import identity_of
from dashboard.log_links import place_of
from dashboard.topology_page import topology_context
from dashboard.views.topology import choose_main, file_response
from dashboard.workload_page import KINDS, WorkloadReading, read_workload_page
from dashboard.workload_target import attach_target


@require_safe
async def workload_detail(
    request: HttpRequest, ctx: str, resource: str, namespace: str, name: str
) -> HttpResponse:
    reading = await _read(request, ctx, resource, namespace, name)
    attached = await find_attached(request, ctx, namespace, reading.workload)
    # In a thread: a picture takes longer than all other viewers should wait.
    return await sync_to_async(_draw_page, thread_sensitive=False)(request, ctx, reading, attached)


def _draw_page(
    request: HttpRequest, ctx: str, reading: WorkloadReading, attached: Attached | None
) -> HttpResponse:
    workload, namespace = reading.workload, reading.pod.namespace
    address = [ctx, workload.resource, namespace, workload.name]
    context = {
        "ctx": ctx,
        "reading": reading,
        "workload": workload,
        "attached": attached,
        "created_s": _epoch(reading.created),
        "target": attach_target(workload, namespace, ctx),
        "file_link": reverse("workload-diagram", args=address),
        "kubectl": f"kubectl -n {namespace} describe {workload.kind.lower()} {workload.name}",
        **topology_context(
            request,
            reading.pod,
            place=place_of(ctx, workload.resource, namespace, workload.name),
            chosen_main=reading.chosen_main,
            main_address=reverse("workload-main", args=address),
        ),
    }
    return render(request, "pods/workload.html", context)


@require_safe
async def workload_diagram(
    request: HttpRequest, ctx: str, resource: str, namespace: str, name: str
) -> HttpResponse:
    """The picture of the template as a file."""
    reading = await _read(request, ctx, resource, namespace, name)
    kind = reading.workload.kind
    return await sync_to_async(file_response, thread_sensitive=False)(request, ctx, reading.pod, kind)


@require_POST
async def workload_main(
    request: HttpRequest, ctx: str, resource: str, namespace: str, name: str
) -> HttpResponse:
    """Keeps which container this viewer treats as the main one. Nothing changes in the cluster."""
    reading = await _read(request, ctx, resource, namespace, name)
    page = reverse("workload", args=[ctx, resource, namespace, name])
    return await choose_main(request, ctx, reading.pod, reading.known_as, page)


async def _read(request: HttpRequest, ctx: str, resource: str, namespace: str, name: str) -> WorkloadReading:
    if resource not in KINDS:
        raise Http404(resource)
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    choices = await choices_of(identity, ctx, namespace)
    return await read_workload_page(cluster, resource, namespace, name, choices=choices)


def _epoch(created: str) -> float | None:
    try:
        return datetime.fromisoformat(created).timestamp()
    except ValueError:
        return None
