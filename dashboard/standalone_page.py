"""What the pages of a Deployment of its own show: each object with its lines, and what comes next."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext

from dashboard import diff_rows
from dashboard.drafts import Target
from dashboard.models import Operation
from sidecars.attach import operation as states
from sidecars.attach.run.standalone import ObjectPreview, StandalonePreview
from sidecars.attach.standalone.objects import ID_LABEL
from sidecars.cluster import Cluster
from sidecars.diffs import DiffLine, match_lines, to_text
from sidecars.errors import SidecarsError
from sidecars.fields import items

ALONE = (Operation.Kind.CREATE, Operation.Kind.REMOVE)
SELECTED = "configmap,deployment,service"


@dataclass(frozen=True, slots=True)
class ObjectView:
    kind: str
    name: str
    lines: list[diff_rows.Side]
    sign: str

    @property
    def count(self) -> int:
        return len(self.lines)


def object_views(preview: StandalonePreview, *, is_removal: bool) -> list[ObjectView]:
    return [_view(one, is_removal=is_removal) for one in preview.objects]


def _view(one: ObjectPreview, *, is_removal: bool) -> ObjectView:
    lines = to_text(one.shown, blocks=True).splitlines()
    if is_removal:
        rows = diff_rows.unified([DiffLine("-", line) for line in lines])
        return ObjectView(one.kind, one.name, rows, "−")
    servers = _server_lines(to_text(one.asked, blocks=True).splitlines(), lines)
    rows = diff_rows.unified([DiffLine("+", line) for line in lines], servers)
    return ObjectView(one.kind, one.name, rows, "+")


def _server_lines(asked: list[str], stored: list[str]) -> frozenset[int]:
    """Of what would be stored the lines that nobody asked for: defaults and webhooks."""
    found: set[int] = set()
    for tag, _i1, _i2, j1, j2 in match_lines(asked, stored).get_opcodes():
        if tag in ("insert", "replace"):
            found.update(range(j1, j2))
    return frozenset(found)


async def hindrance(cluster: Cluster, namespace: str) -> str:
    """Why nothing can be created, by the missing right; "" if it can."""
    if settings.SIDECAR_READ_ONLY:
        return gettext("Read-only mode: this dashboard changes nothing.")
    for resource in ("configmaps", "deployments", "services"):
        try:
            is_allowed = await cluster.may("create", resource, namespace)
        except SidecarsError:
            return ""
        if not is_allowed:
            missing = {"verb": "create", "resource": resource, "namespace": namespace}
            return gettext("Not permitted: %(verb)s %(resource)s in %(namespace)s.") % missing
    return ""


def download(preview: StandalonePreview, target: Target, wanted: str) -> HttpResponse:
    """The objects for `kubectl create -f`, or the diff. The file's name has a checked name only (W12)."""
    text = preview.yaml
    if wanted == "diff":
        text = diff_rows.as_text(preview.preview.diff, str(target))
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    ending = "diff" if wanted == "diff" else "yaml"
    response["Content-Disposition"] = f'attachment; filename="{target.namespace}-{target.name}.{ending}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def alone_context(row: Operation, state: states.Operation) -> dict[str, Any]:
    """What the change's page shows beside what an attach shows. Nothing for other kinds."""
    if row.kind not in ALONE or state.objects is None:
        return {"alone": None}
    attachment, objects = row.attachment, state.objects
    ports = [port["port"] for port in items(objects.bodies["services"], "spec", "ports")]
    host = f"{attachment.name}.{attachment.namespace}.svc"
    selector = f"{ID_LABEL}={attachment.pk}"
    names = [(kind, objects.name_of(resource)) for resource, kind in _kinds()]
    return {
        "alone": {
            "address": f"http://{host}:{ports[0]}" if ports else host,
            "objects": names,
            "command": f"kubectl -n {attachment.namespace} get {SELECTED} -l {selector}",
            "is_standing": row.kind == Operation.Kind.CREATE and row.result == Operation.Result.DONE,
        }
    }


async def alone_undo(row: Operation, state: states.Operation) -> dict[str, Any]:
    """The removal, and whether one can be begun from here."""
    operations = row.attachment.operations
    if row.kind == Operation.Kind.REMOVE:
        created = await operations.aget(kind=Operation.Kind.CREATE)
        return {"undo": None, "attach_row": created, "can_undo": row.result == Operation.Result.FAILED}
    last = await operations.filter(kind=Operation.Kind.REMOVE).order_by("-started").afirst()
    has_worked = last is not None and last.result in (Operation.Result.RUNNING, Operation.Result.DONE)
    return {
        "undo": last if has_worked else None,
        "attach_row": row,
        "can_undo": state.can_be_undone and not has_worked,
    }


def _kinds() -> list[tuple[str, str]]:
    return [("services", "Service"), ("deployments", "Deployment"), ("configmaps", "ConfigMap")]
