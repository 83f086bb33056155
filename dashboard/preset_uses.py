"""Where a preset's sidecars are, by the records of what was attached from here; and all their logs."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from dashboard.clusters import cluster_for, clusters
from dashboard.identity import Identity
from dashboard.log_links import SOURCES_MOST, LogPlace, logs_address, place_of
from dashboard.models import CHANGES, Operation
from sidecars.attach import operation as states
from sidecars.errors import SidecarsError

LOOKED_AT = 400  # operations, the newest first
PUT_IN = (*CHANGES, Operation.Kind.CREATE)
TAKEN_OUT = (Operation.Kind.UNDO, Operation.Kind.REMOVE)
WORKED = (Operation.Result.RUNNING, Operation.Result.DONE)


@dataclass(frozen=True, slots=True)
class Use:
    """One sidecar, or a Deployment of its own: `workload` and `change` are addresses of pages."""

    place: LogPlace
    container: str
    version: str
    workload: str
    change: str

    @property
    def logs(self) -> str:
        return self.place.of(self.container)


@dataclass(frozen=True, slots=True)
class Uses:
    """In one context. `logs` merges all their logs, as far as one view takes them."""

    context: str  # its name
    all: tuple[Use, ...]

    @property
    def logs(self) -> str:
        return logs_address(self.all[0].place.ctx, [use.place.source(use.container) for use in self.all])

    @property
    def left_out(self) -> int:
        return max(0, len(self.all) - SOURCES_MOST)


async def find_uses(identity: Identity, preset: str) -> list[Uses]:
    """What the viewer may read, by context. The cluster is not asked whether it is still there."""
    found: dict[str, list[Use]] = {}
    for row in await _standing(preset):
        place = place_of(
            row.attachment.context, row.attachment.resource, row.attachment.namespace, row.attachment.name
        )
        if place and await _may_see(identity, row):
            found.setdefault(place.ctx, []).append(_use(row, place))
    return [
        Uses(clusters.by_slug[ctx].name, tuple(sorted(uses, key=lambda u: (u.place.namespace, u.place.name))))
        for ctx, uses in found.items()
    ]


async def _standing(preset: str) -> list[Operation]:
    """Of each sidecar the last change that put it in, unless one took it out since."""
    put_in = Operation.objects.filter(
        kind__in=PUT_IN, attachment__preset=preset, attachment__context__in=list(clusters.by_slug)
    )
    managers = [m async for m in put_in.order_by("-started").values_list("manager", flat=True)[:LOOKED_AT]]
    rows = Operation.objects.select_related("attachment").filter(manager__in=set(managers))
    newest: dict[str, list[Operation]] = {}
    async for row in rows.order_by("-started")[: 2 * LOOKED_AT]:
        newest.setdefault(row.manager, []).append(row)
    return [head for rows in newest.values() if (head := _head(rows)) is not None]


def _head(rows: Iterable[Operation]) -> Operation | None:
    """`rows`, newest first, are those of one sidecar."""
    for row in rows:
        if row.kind in TAKEN_OUT and row.result in WORKED:
            return None
        if row.kind in PUT_IN and states.load(row.state).can_be_undone:
            return row
    return None


async def _may_see(identity: Identity, row: Operation) -> bool:
    """One's own, and what one may read in the cluster, as for the page of the change."""
    if row.owner == identity.key:
        return True
    try:
        cluster = await cluster_for(identity, row.attachment.context)
        return await cluster.may("get", row.attachment.resource, row.attachment.namespace)
    except SidecarsError:
        return False


def _use(row: Operation, place: LogPlace) -> Use:
    attached = row.attachment
    return Use(
        place,
        states.load(row.state).plan.container_name,
        attached.preset_version,
        reverse("workload", args=[place.ctx, place.resource, place.namespace, place.name]),
        reverse("change", args=[place.ctx, row.pk]),
    )
