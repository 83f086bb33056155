"""What the pages of a pod and of a workload answer alike: the picture as a file, the choice of main."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dashboard.chosen_main import REGULAR, choose
from dashboard.identity import identity_of
from dashboard.pod_picture import draw_file
from dashboard.views.attach import see
from dashboard.views.login import own_page
from dashboard.workload_page import WorkloadName
from sidecars.errors import NotFound
from sidecars.topology import Pod, Usage


def file_response(
    request: HttpRequest,
    ctx: str,
    pod: Pod,
    kind: str,
    seen_at: str = "",
    usage: Mapping[str, Usage] | None = None,
) -> HttpResponse:
    """With name, context and time. Both parts of the file's name are as Kubernetes allows names."""
    shown = "" if kind == "pod" else f"{kind} "
    caption = f"{shown}{pod.namespace}/{pod.name} · {ctx} · {timezone.now():%Y-%m-%d %H:%M:%S} UTC"
    theme = "dark" if request.GET.get("theme") == "dark" else "light"
    response = HttpResponse(draw_file(pod, theme, caption, seen_at, usage), content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="{pod.name}.svg"'
    return response


async def choose_main(
    request: HttpRequest, ctx: str, pod: Pod, workload: WorkloadName, page: str
) -> HttpResponse:
    """Without `container` the rules decide again. Back to the same view of the page."""
    container = request.POST.get("container", "")
    if container and not any(c.name == container and c.role in REGULAR for c in pod.containers):
        raise NotFound(resource="containers", name=container[:63])
    await choose(identity_of(request), ctx, workload, container)
    asked = own_page(request.POST.get("next", ""))
    return see(asked if asked.partition("?")[0] == page else page)
