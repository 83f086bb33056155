"""The values of the two review pages, attach and undo: rows, diff, pictures, consequences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from dashboard import diff_rows
from dashboard.drafts import Target, read_surroundings
from dashboard.error_pages import say
from dashboard.pictures import draw_change
from dashboard.server_lines import find_server_lines
from sidecars.attach.patches import build_addition
from sidecars.attach.preview import Preview
from sidecars.cluster import Cluster
from sidecars.diffs import diff_objects
from sidecars.errors import SidecarsError
from sidecars.messages import Sentence

ALL_LINES = 1_000_000
ORDER = {"block": 0, "warn": 1, "pass": 2}


@dataclass(frozen=True, slots=True)
class Row:
    verdict: str
    text: str
    field: str


def tell(sentence: Sentence) -> str:
    return say(sentence.message, sentence.parameters)


async def review_context(
    request: HttpRequest, cluster: Cluster, preview: Preview, *, is_removal: bool
) -> dict[str, Any]:
    rows = [Row(row.verdict, tell(row.sentence), row.field) for row in preview.rows]
    rows.sort(key=lambda row: ORDER[row.verdict])
    is_split = request.GET.get("diff") == "split"
    return {
        "preview": preview,
        "rows": rows,
        "counts": {verdict: sum(r.verdict == verdict for r in rows) for verdict in ORDER},
        "tools": [tell(row.sentence) for row in preview.rows if row.id == "tool"],
        "consequences": [tell(sentence) for sentence in preview.consequences],
        "is_split": is_split,
        "shows_all": request.GET.get("lines") == "all",
        "diff": _diff(preview, is_split=is_split, shows_all=request.GET.get("lines") == "all"),
        "pictures": await _pictures(cluster, preview, is_removal=is_removal),
        "fingerprint": preview.operation.fingerprint if preview.operation else "",
        "server_added": preview.delta.added_by_server,
    }


def _diff(
    preview: Preview, *, is_split: bool, shows_all: bool
) -> list[diff_rows.Side] | list[diff_rows.SplitRow]:
    if preview.merged is None or preview.operation is None:
        return []
    lines = diff_objects(preview.live, preview.merged, context=ALL_LINES)
    servers: frozenset[int] = frozenset()
    if preview.operation.kind == "attach":
        asked = build_addition(preview.operation.plan, preview.live)
        servers = find_server_lines(preview.live, asked, preview.merged)
    rows = diff_rows.unified(lines, servers)
    rows = rows if shows_all else diff_rows.fold(rows)
    return diff_rows.split(rows) if is_split else rows


async def _pictures(cluster: Cluster, preview: Preview, *, is_removal: bool) -> Any:
    if preview.merged is None:
        return None
    live, merged = dict(preview.live), dict(preview.merged)
    try:
        before = await read_surroundings(cluster, live)
        after = (await read_surroundings(cluster, merged)).with_configmap(_new_configmap(preview))
    except SidecarsError:  # a picture less is no reason to show no review
        return None
    return draw_change(before.picture_of(live), after.picture_of(merged), is_removal=is_removal)


def _new_configmap(preview: Preview) -> Mapping[str, Any] | None:
    """The sidecar's configuration is not there yet, but its calls are to be drawn."""
    configmap = preview.operation.plan.configmap if preview.operation else None
    return configmap if configmap and "data" in configmap else None  # of former settings only the name


def download(preview: Preview, target: Target) -> HttpResponse:
    """The diff as a file. Its name is made of a checked Kubernetes name only (W12)."""
    text = diff_rows.as_text(preview.diff, str(target))
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{target.namespace}-{target.name}.diff"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
