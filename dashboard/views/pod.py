"""The pod page: what is inside, as a diagram and as a table, and the diagram as a file."""

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard.attached import Attached, find_attached
from dashboard.chosen_main import choices_of, main_container
from dashboard.clusters import cluster_for
from dashboard.identity import identity_of
from dashboard.log_links import LogPlace, restarted
from dashboard.observe_page import Observe, observe_values, seen_at_of, with_observation
from dashboard.pod_page import PodReading, read_pod_page
from dashboard.statuses import look_of
from dashboard.topology_page import topology_context
from dashboard.views.topology import choose_main, file_response
from dashboard.workload_target import attach_target


@require_safe
async def pod_detail(request: HttpRequest, ctx: str, namespace: str, pod: str) -> HttpResponse:
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    choices = await choices_of(identity, ctx, namespace)
    reading = await read_pod_page(cluster, namespace, pod, choices=choices)
    reading = with_observation(request, ctx, reading)
    observe = await observe_values(request, ctx, reading.pod, cluster)
    attached = await find_attached(request, ctx, namespace, reading.workload)
    # In a thread: a picture takes longer than all other viewers should wait.
    return await sync_to_async(_draw_page, thread_sensitive=False)(request, ctx, reading, observe, attached)


def _draw_page(
    request: HttpRequest, ctx: str, reading: PodReading, observe: Observe, attached: Attached | None
) -> HttpResponse:
    namespace, pod = reading.pod.namespace, reading.pod.name
    seen_at = observe.seen.clock if observe.seen else ""
    place = LogPlace(ctx, "pods", namespace, pod)
    fallen = restarted(reading.row)
    context = {
        "ctx": ctx,
        "reading": reading,
        "row": reading.row,
        "look": look_of(reading.row),
        "observe": observe,
        "attached": attached,
        "target": attach_target(reading.workload, namespace, ctx),
        "logs_link": place.of(_first_read(reading)),
        "fallen": fallen,
        "previous_link": place.of(fallen, previous=True) if fallen else "",
        "file_link": reverse("pod-diagram", args=[ctx, namespace, pod]),
        "kubectl": f"kubectl -n {namespace} describe pod {pod}",
        **topology_context(
            request,
            reading.pod,
            place=place,
            chosen_main=reading.chosen_main,
            main_address=reverse("pod-main", args=[ctx, namespace, pod]),
            seen_at=seen_at,
            measured=reading.measured,
        ),
    }
    return render(request, "pods/detail.html", context)


@require_safe
async def pod_diagram(request: HttpRequest, ctx: str, namespace: str, pod: str) -> HttpResponse:
    """The picture as a file, with its name, context and time, in the theme asked for."""
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    choices = await choices_of(identity, ctx, namespace)
    reading = await read_pod_page(cluster, namespace, pod, choices=choices)
    reading = with_observation(request, ctx, reading)
    seen_at = seen_at_of(request, ctx, reading.pod.uid)
    answer = sync_to_async(file_response, thread_sensitive=False)
    return await answer(request, ctx, reading.pod, "pod", seen_at, reading.measured.usage)


def _first_read(reading: PodReading) -> str:
    """The container whose log is wanted first: the one that the pod's status is about."""
    return reading.row.reason_container or main_container(reading.pod).name


@require_POST
async def pod_main(request: HttpRequest, ctx: str, namespace: str, pod: str) -> HttpResponse:
    """Keeps which container this viewer treats as the main one. Nothing changes in the cluster."""
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    reading = await read_pod_page(cluster, namespace, pod)
    page = reverse("pod", args=[ctx, namespace, pod])
    return await choose_main(request, ctx, reading.pod, reading.known_as, page)
