"""What to do after a proxy was attached: the traffic does not go through it by itself."""

from dataclasses import dataclass

from dashboard.drafts import read_surroundings
from dashboard.models import Operation
from dashboard.presets_folder import catalogue
from sidecars.attach import operation as states
from sidecars.attach.traffic import Repointing, find_repointings
from sidecars.cluster import Cluster
from sidecars.errors import SidecarsError
from sidecars.fields import integer, items


@dataclass(frozen=True, slots=True)
class Advice:
    port: int
    repointings: tuple[Repointing, ...]


async def find_advice(cluster: Cluster, row: Operation, state: states.Operation) -> Advice | None:
    """None when there is nothing to do, or nothing known: an advice less is no error."""
    if (row.kind, row.result) != (Operation.Kind.ATTACH, Operation.Result.DONE):
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
