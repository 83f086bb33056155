"""The pod page: what is inside, as a diagram and as a table, and the diagram as a file."""

from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from dashboard.clusters import cluster_for
from dashboard.identity import identity_of
from dashboard.observe_page import Observe, observe_values, seen_at_of, with_observation
from dashboard.pod_page import PodReading, read_pod_page
from dashboard.pod_picture import draw_file, draw_picture
from dashboard.pod_words import findings_of, panel_of, story_of
from dashboard.statuses import look_of
from dashboard.views.logs import main_container
from dashboard.workload_target import attach_target
from sidecars import inspector
from sidecars.diagram.words import Words
from sidecars.table import tabulate

CARDS_MOST, TANKS_MOST = 8, 10


@require_safe
async def pod_detail(request: HttpRequest, ctx: str, namespace: str, pod: str) -> HttpResponse:
    cluster = await cluster_for(identity_of(request), ctx)
    reading = with_observation(request, ctx, await read_pod_page(cluster, namespace, pod))
    observe = await observe_values(request, ctx, reading.pod, cluster)
    # In a thread: a picture takes longer than all other viewers should wait.
    return await sync_to_async(_draw_page, thread_sensitive=False)(request, ctx, reading, observe)


def _draw_page(request: HttpRequest, ctx: str, reading: PodReading, observe: Observe) -> HttpResponse:
    namespace, pod = reading.pod.namespace, reading.pod.name
    selected = request.GET.get("sel", "")[:200]
    view = _view(request, reading)
    words = Words().translated(gettext)
    facts = inspector.inspect(reading.pod, selected, words) if selected else None
    seen_at = observe.seen.clock if observe.seen else ""
    logs = reverse("logs", args=[ctx])
    context = {
        "ctx": ctx,
        "reading": reading,
        "pod": reading.pod,
        "row": reading.row,
        "look": look_of(reading.row),
        "view": view,
        "observe": observe,
        "panel": panel_of(facts, reading.pod, seen_at) if facts else None,
        "story": story_of(reading.pod),
        "findings": findings_of(reading.pod.checks),
        "picture": draw_picture(request, reading.pod, selected if facts else "", words, seen_at),
        "table": tabulate(reading.pod, words),
        "target": attach_target(reading, ctx),
        "logs_link": f"{logs}?src=pods/{namespace}/{pod}:{_first_read(reading)}",
        "links": {v: _link(selected, v) for v in ("diagram", "table")},
        "kubectl": f"kubectl -n {namespace} describe pod {pod}",
    }
    return render(request, "pods/detail.html", context)


@require_safe
async def pod_diagram(request: HttpRequest, ctx: str, namespace: str, pod: str) -> HttpResponse:
    """The picture as a file, with its name, context and time, in the theme asked for."""
    cluster = await cluster_for(identity_of(request), ctx)
    reading = with_observation(request, ctx, await read_pod_page(cluster, namespace, pod))
    caption = f"{namespace}/{pod} · {ctx} · {timezone.now():%Y-%m-%d %H:%M:%S} UTC"
    theme = "dark" if request.GET.get("theme") == "dark" else "light"
    drawn = draw_file(reading.pod, theme, caption, seen_at_of(request, ctx, reading.pod.uid))
    response = HttpResponse(drawn, content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="{pod}.svg"'
    return response


def _first_read(reading: PodReading) -> str:
    """The container whose log is wanted first: the one that the pod's status is about."""
    return reading.row.reason_container or main_container(reading.pod).name


def _view(request: HttpRequest, reading: PodReading) -> str:
    """diagram | table | auto: a narrow screen opens the table by itself."""
    asked = request.GET.get("view", "")
    if asked in ("diagram", "table"):
        return asked
    tanks = sum(not volume.is_system for volume in reading.pod.volumes)
    is_large = len(reading.pod.containers) > CARDS_MOST or tanks > TANKS_MOST
    return "table" if is_large else "auto"


def _link(selected: str, view: str) -> str:
    params = {"sel": selected} if selected else {}
    return f"?{urlencode(params | {'view': view})}"
