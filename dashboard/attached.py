"""The sidecar of a pod that was attached from here: where its settings are changed."""

import re
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from dashboard.models import CHANGES, Operation
from dashboard.presets_folder import catalogue
from dashboard.workload_page import Workload
from sidecars.attach import operation as states
from sidecars.attach.plan import ANNOTATION_PREFIX
from sidecars.fields import mapping

KEY = re.compile(re.escape(ANNOTATION_PREFIX) + r"([0-9a-f]{8})")
LONGEST_ID = 400
MOST = 20  # annotations that are looked up


@dataclass(frozen=True, slots=True)
class Attached:
    """`newer` is the catalogue's version, if it is another one than the template says."""

    preset: str
    version: str
    newer: str
    link: str


async def find_attached(
    request: HttpRequest, ctx: str, namespace: str, workload: Workload | None
) -> Attached | None:
    """Of the selected container. None where it is no sidecar of ours, or no record of it is here."""
    selected = request.GET.get("sel", "")[:LONGEST_ID]
    if workload is None or workload.object is None or not selected.startswith("c-"):
        return None
    container = selected.removeprefix("c-")
    annotations = mapping(workload.object, "spec", "template", "metadata", "annotations")
    managers = [match[1] for key in annotations if (match := KEY.fullmatch(str(key)))]
    rows = Operation.objects.select_related("attachment").filter(
        manager__in=managers[:MOST],
        kind__in=CHANGES,
        attachment__context=ctx,
        attachment__namespace=namespace,
        attachment__name=workload.name,
    )
    async for row in rows.order_by("-started")[:MOST]:
        plan = states.load(row.state).plan
        if plan.container_name == container:
            return _described(row, str(annotations.get(plan.annotation_key, "")), ctx)
    return None


def _described(row: Operation, annotation: str, ctx: str) -> Attached:
    """By the annotation, which a rollback turns back too."""
    preset, _at, version = annotation.partition("@")
    known = next((p for p in catalogue().presets if p.id == row.attachment.preset), None)
    told = version.rpartition("+sha256.")[0] or version
    newer = known.version if known is not None and known.version != told else ""
    return Attached(preset[:63], told[:63], newer, reverse("change", args=[ctx, row.pk]))
