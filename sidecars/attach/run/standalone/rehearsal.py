"""Dry runs of the three objects and of a pod. Nothing is written."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sidecars.attach.clashes import PreflightRow
from sidecars.attach.delta import Delta
from sidecars.attach.plan import Plan
from sidecars.attach.run.rehearsal import rehearse_pod
from sidecars.attach.standalone import judging
from sidecars.attach.standalone.objects import RESOURCES, Objects
from sidecars.cluster.cluster import Cluster, Written
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _

ACCEPTED = _("A pod of this Deployment is accepted by Pod Security, quotas and webhooks.")
REFUSED = _("A pod of this Deployment would be refused: %(cause)s")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """By resource: what the server would store, and what that is against what was asked."""

    written: Mapping[str, Written]
    deltas: Mapping[str, Delta]

    def fingerprint(self, planned: Plan, preset_digest: str) -> str:
        return judging.fingerprint(planned, preset_digest, [self.deltas[r] for r in RESOURCES])

    @property
    def forbidden(self) -> tuple[str, ...]:
        return tuple(path for delta in self.deltas.values() for path in delta.forbidden)

    @property
    def warnings(self) -> tuple[str, ...]:
        found = [text for written in self.written.values() for text in written.warnings]
        return tuple(dict.fromkeys(found))

    def shown(self, resource: str) -> dict[str, Any]:
        return judging.shown_of(self.written[resource].object)


async def rehearse(cluster: Cluster, planned: Plan, objects: Objects) -> Rehearsal:
    """Raises Rejected, also for a name that is taken, and Forbidden."""
    answers = await asyncio.gather(
        *(
            cluster.create(
                resource,
                planned.namespace,
                objects.bodies[resource],
                field_manager=planned.field_manager,
                dry_run=True,
            )
            for resource in RESOURCES
        )
    )
    written = dict(zip(RESOURCES, answers, strict=True))
    deltas = {r: judging.judge_creation(objects.bodies[r], written[r].object) for r in RESOURCES}
    return Rehearsal(written, deltas)


async def rehearse_its_pod(cluster: Cluster, planned: Plan, rehearsal: Rehearsal) -> PreflightRow:
    """As for a sidecar, in words for a pod that has nothing else in it."""
    row = await rehearse_pod(cluster, rehearsal.written["deployments"].object, planned)
    if row.verdict == "pass":
        return replace(row, sentence=Sentence(ACCEPTED))
    if row.verdict == "block" and "cause" in row.sentence.parameters:
        return replace(row, sentence=Sentence(REFUSED, row.sentence.parameters))
    return row
