"""What the pages of a pod and of a workload's template have in common: picture, table, panel."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext

from dashboard.chosen_main import form_of
from dashboard.log_links import LogPlace
from dashboard.pod_page import Measured
from dashboard.pod_picture import draw_picture
from dashboard.pod_words import findings_of, panel_of, story_of
from sidecars import inspector
from sidecars.diagram.words import Words
from sidecars.table import tabulate
from sidecars.topology import Pod

CARDS_MOST, TANKS_MOST = 8, 10
LONGEST_ID = 400
VIEWS = ("diagram", "table")
UNASKED = Measured()  # of a template, which uses nothing


def topology_context(
    request: HttpRequest,
    pod: Pod,
    *,
    place: LogPlace | None,
    chosen_main: str,
    main_address: str,
    seen_at: str = "",
    measured: Measured = UNASKED,
) -> dict[str, Any]:
    """For `pods/_topology.html`. It draws, so it is called in a thread.

    `place` is whose logs there are; `seen_at` the time of the observation that the pod's calls come from.
    """
    selected = request.GET.get("sel", "")[:LONGEST_ID]
    words = Words().translated(gettext)
    facts = inspector.inspect(pod, selected, words, measured.usage, measured.problem) if selected else None
    is_container = facts is not None and facts.kind == "container"
    return {
        "pod": pod,
        "place": place,
        "view": _view(request, pod),
        "asked_view": asked if (asked := request.GET.get("view", "")) in VIEWS else "",
        "is_large": is_large(pod),
        "panel": panel_of(facts, pod, place, seen_at) if facts else None,
        "main_form": form_of(pod, facts.name, chosen_main, main_address) if facts and is_container else None,
        "story": story_of(pod),
        "findings": findings_of(pod.checks),
        "picture": draw_picture(request, pod, selected if facts else "", words, seen_at, measured.usage),
        "table": tabulate(pod, words),
        "links": {view: _link(selected, view) for view in VIEWS},
    }


def _view(request: HttpRequest, pod: Pod) -> str:
    """diagram | table | auto: a narrow screen opens the table by itself."""
    asked = request.GET.get("view", "")
    if asked in VIEWS:
        return asked
    return "table" if is_large(pod) else "auto"


def is_large(pod: Pod) -> bool:
    tanks = sum(not volume.is_system for volume in pod.volumes)
    return len(pod.containers) > CARDS_MOST or tanks > TANKS_MOST


def _link(selected: str, view: str) -> str:
    params = {"sel": selected} if selected else {}
    return f"?{urlencode(params | {'view': view})}"
