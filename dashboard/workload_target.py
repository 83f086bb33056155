"""Where a sidecar for this pod would be attached, or why it cannot be."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.workload_page import Workload


@dataclass(frozen=True, slots=True)
class Target:
    """`link` is "" when there is a reason against it."""

    link: str
    reason: str = ""


def attach_target(workload: Workload | None, namespace: str, ctx: str) -> Target:
    if settings.SIDECAR_READ_ONLY:
        return Target("", _("This dashboard is read-only."))
    if workload is None:
        return Target("", _("No workload owns this pod: its containers cannot be changed."))
    if workload.resource != "deployments":
        sentence = _("Attaching to a %(kind)s is not possible yet; only Deployments can be changed.")
        return Target("", sentence % {"kind": workload.kind})
    return Target(f"{reverse('attach', args=[ctx])}?to=deployments/{namespace}/{workload.name}")
