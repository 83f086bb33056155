"""What was changed from here, by whom, and how it ended. Only what the viewer may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from dashboard.change_words import ICONS, TONES, WORDS
from dashboard.clusters import cluster_for
from dashboard.identity import Identity, identity_of
from dashboard.models import Activity
from sidecars.cluster import Cluster
from sidecars.errors import SidecarsError

PAGE_SIZE = 100
KINDS = {
    "attach": _("Attach"),
    "settings": _("Change settings"),
    "upgrade": _("Upgrade"),
    "undo": _("Undo"),
    "create": _("Create a Deployment"),
    "remove": _("Remove a Deployment"),
    "observe": _("Observe"),
    "helper": _("Ephemeral container"),
}
RESULTS = {
    "running": _("Running"),
    "done": _("Done"),
    "failed": _("Failed"),
    "stopped": _("Stopped"),
    "refused": _("Refused"),
}
REFUSALS = {
    "moved": _("Not begun: the workload had changed since it was looked at"),
    "blocked": _("Not begun: the checks found a clash"),
    "replaced": _("Not begun: the workload was deleted and made again"),
    "edited": _("Not begun: others' edits were not agreed to"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    who: str
    what: str
    result: str
    text: str

    @staticmethod
    def read(params: QueryDict) -> "Filters":
        what, result = params.get("what", ""), params.get("result", "")
        return Filters(
            params.get("who", "")[:200].strip(),
            what if what in KINDS else "",
            result if result in RESULTS else "",
            params.get("q", "")[:200].strip(),
        )


@dataclass(frozen=True, slots=True)
class Line:
    activity: Activity
    tone: str
    icon: str
    word: str


@require_safe
async def listing(request: HttpRequest, ctx: str) -> HttpResponse:
    identity = identity_of(request)
    cluster = await cluster_for(identity, ctx)
    filters = Filters.read(request.GET)
    page = request.GET.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1
    start = (max(1, number) - 1) * PAGE_SIZE
    query = _filtered(ctx, filters)
    found = await sync_to_async(lambda: list(query[start : start + PAGE_SIZE + 1]))()
    rows = await _visible(found[:PAGE_SIZE], identity, cluster)
    context: dict[str, Any] = {
        "ctx": ctx,
        "filters": filters,
        "kinds": KINDS.items(),
        "results": RESULTS.items(),
        "lines": [_line(row) for row in rows],
        "is_filtered": any((filters.who, filters.what, filters.result, filters.text)),
        "page": max(1, number),
        "has_next": len(found) > PAGE_SIZE,
        "query": _without_page(request.GET),
    }
    return render(request, "activity/list.html", context)


def _filtered(ctx: str, filters: Filters) -> QuerySet[Activity]:
    """One row for each attempt: its outcome, or its intent while there is no outcome."""
    ended = Activity.objects.filter(operation=OuterRef("operation"), phase=Activity.Phase.OUTCOME)
    rows = Activity.objects.filter(context=ctx).exclude(Exists(ended), phase=Activity.Phase.INTENT)
    if filters.who:
        rows = rows.filter(actor__icontains=filters.who)
    if filters.what:
        rows = rows.filter(kind=filters.what)
    for word in filters.text.split():
        about = Q(namespace__icontains=word) | Q(name__icontains=word)
        rows = rows.filter(about | Q(preset__icontains=word) | Q(note__icontains=word))
    if filters.result == "running":
        return rows.filter(phase=Activity.Phase.INTENT)
    if filters.result == "refused":
        return rows.filter(phase=Activity.Phase.REFUSED)
    if filters.result:
        return rows.filter(phase=Activity.Phase.OUTCOME, outcome=filters.result)
    return rows


async def _visible(rows: Iterable[Activity], identity: Identity, cluster: Cluster) -> list[Activity]:
    """The viewer's own, and others' on workloads that the viewer may read."""
    known: dict[tuple[str, str], bool] = {}
    shown = []
    for row in rows:
        place = (row.resource, row.namespace)
        if row.owner != identity.key and place not in known:
            try:
                known[place] = await cluster.may("get", *place)
            except SidecarsError:
                known[place] = False
        if row.owner == identity.key or known[place]:
            shown.append(row)
    return shown


def _line(row: Activity) -> Line:
    if row.phase == Activity.Phase.REFUSED:
        return Line(row, "warn", "ban", str(REFUSALS.get(row.outcome, RESULTS["refused"])))
    result = row.outcome if row.phase == Activity.Phase.OUTCOME else "running"
    return Line(row, TONES[result], ICONS[result], str(WORDS[row.kind, result]))


def _without_page(params: QueryDict) -> str:
    kept = params.copy()
    kept.pop("page", None)
    return kept.urlencode()
