"""What to do after a change: send the traffic through a proxy, change the settings, upgrade."""

from dataclasses import dataclass

from dashboard.drafts import read_surroundings
from dashboard.models import CHANGES, Attachment, Operation
from dashboard.presets_folder import catalogue
from sidecars.attach import operation as states
from sidecars.attach.steps import Step
from sidecars.attach.traffic import Repointing, find_repointings
from sidecars.cluster import Cluster
from sidecars.errors import SidecarsError
from sidecars.fields import integer, items


@dataclass(frozen=True, slots=True)
class Advice:
    port: int
    repointings: tuple[Repointing, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What the catalogue of today makes of the attached preset. "" where there is nothing to say."""

    version: str  # the catalogue's, if it is another one
    is_edited: bool  # the same version with another content
    has_former: bool  # the settings before can be filled in again


async def find_offer(row: Operation, state: states.Operation) -> Offer | None:
    """None where the settings cannot be changed: nothing is attached, or the preset is gone."""
    preset = next((p for p in catalogue().presets if p.id == row.attachment.preset), None)
    if preset is None or not _is_attached(row, state):
        return None
    last, former = row.attachment, None
    if last.replaces_id is not None:
        former = await Attachment.objects.aget(pk=last.replaces_id)
    is_same = last.preset_digest == preset.digest
    is_other = last.preset_version != preset.version
    return Offer(
        version=preset.version if is_other else "",
        is_edited=not is_same and not is_other,
        has_former=former is not None and former.preset_digest == preset.digest,
    )


def _is_attached(row: Operation, state: states.Operation) -> bool:
    """Whether the template has the sidecar: of a failed upgrade the one before."""
    if row.result in (Operation.Result.DONE, Operation.Result.RUNNING):
        return row.result == Operation.Result.DONE
    reached = state.failed_step or state.step
    return row.kind == Operation.Kind.UPGRADE or reached in (Step.ROLLOUT, Step.VERIFY)


async def find_advice(cluster: Cluster, row: Operation, state: states.Operation) -> Advice | None:
    """None when there is nothing to do, or nothing known: an advice less is no error."""
    if row.kind not in CHANGES or row.result != Operation.Result.DONE:
        return None
    plan = state.plan
    preset = next((p for p in catalogue().presets if p.id == row.attachment.preset), None)
    ports = items(plan.container, "ports")
    if preset is None or preset.kind != "proxy" or not ports:
        return None
    proxy_port = integer(ports[0], "containerPort") or 0
    app = next((p.name for p in preset.parameters if p.prefill == "app.port"), "")
    try:
        workload = await cluster.get(plan.resource, plan.namespace, plan.name)
        around = await read_surroundings(cluster, workload)
    except SidecarsError:
        return None
    pod = around.picture_of(workload)
    found = find_repointings(pod, app_port=plan.ports.get(app, 0), proxy_port=proxy_port)
    return Advice(proxy_port, found) if found or around.services is None else None
