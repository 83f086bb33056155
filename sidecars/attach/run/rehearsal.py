"""Dry runs on the API server: what it would store, judged. Nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sidecars.attach import delta, ownership, patches
from sidecars.attach.clashes import PreflightRow
from sidecars.attach.delta import Delta
from sidecars.attach.operation import Method
from sidecars.attach.plan import Plan
from sidecars.attach.steps import Kind
from sidecars.cluster.cluster import Cluster, Written
from sidecars.errors import Forbidden, Rejected
from sidecars.fields import mapping, text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`body` is what to send for real, with `method`."""

    method: Method
    body: Any
    written: Written
    delta: Delta
    co_owners: tuple[str, ...] = ()

    def fingerprint(self, plan: Plan, preset_digest: str) -> str:
        changes = self.delta.ours + self.delta.added_by_server
        return delta.fingerprint(plan.uid, preset_digest, changes)


async def rehearse(
    cluster: Cluster, live: Mapping[str, Any], plan: Plan, kind: Kind, former: Plan | None = None
) -> Rehearsal:
    if kind == "undo":
        return await rehearse_undo(cluster, live, plan)
    if kind == "upgrade" and former is not None:
        return await rehearse_upgrade(cluster, live, plan, former)
    return await rehearse_attach(cluster, live, plan)


async def rehearse_attach(cluster: Cluster, live: Mapping[str, Any], plan: Plan) -> Rehearsal:
    """Raises FieldConflict, Rejected, Stale, Forbidden."""
    body = patches.build_apply(plan, text(live, "metadata", "resourceVersion"))
    written = await cluster.apply(
        plan.resource, plan.namespace, plan.name, body, field_manager=plan.field_manager, dry_run=True
    )
    return Rehearsal("apply", body, written, delta.judge(live, written.object, plan))


async def rehearse_upgrade(cluster: Cluster, live: Mapping[str, Any], plan: Plan, former: Plan) -> Rehearsal:
    """The new set under the same manager: what it no longer has goes. Raises as an attach does."""
    attach = await rehearse_attach(cluster, live, plan)
    return replace(attach, delta=delta.judge_upgrade(live, attach.written.object, plan, former))


async def rehearse_undo(cluster: Cluster, live: Mapping[str, Any], plan: Plan) -> Rehearsal:
    """The empty set where it removes exactly ours; else a JSON patch, item by item.

    The empty set takes too much if somebody applied under our name, and too little where
    another manager owns a field inside one of our items.
    """
    whole = patches.build_apply(plan, "")
    held = ownership.compare(live, plan.field_manager, whole)
    app = plan.app if plan.app_mounts else None
    co_owners = ownership.co_owners(live, plan.field_manager, whole, app)
    if held in ("exact", "less"):
        rehearsal = await _rehearse_empty(cluster, live, plan, co_owners)
        if rehearsal is not None:
            return rehearsal
    operations = patches.build_removal(plan, live)
    if not operations:
        nothing = Written(dict(live), (), "")
        return Rehearsal("nothing", [], nothing, Delta((), (), ()), co_owners)
    written = await cluster.json_patch(
        plan.resource,
        plan.namespace,
        plan.name,
        operations,
        field_manager=plan.field_manager,
        dry_run=True,
    )
    removal = delta.judge_removal(live, written.object, plan)
    return Rehearsal("json-patch", operations, written, removal, co_owners)


async def _rehearse_empty(
    cluster: Cluster, live: Mapping[str, Any], plan: Plan, co_owners: tuple[str, ...]
) -> Rehearsal | None:
    body = patches.build_identity(plan, text(live, "metadata", "resourceVersion"))
    try:
        written = await cluster.apply(
            plan.resource,
            plan.namespace,
            plan.name,
            body,
            field_manager=plan.field_manager,
            dry_run=True,
        )
    except Rejected:  # a stub of our container is left, and it is invalid
        return None
    removal = delta.judge_removal(live, written.object, plan)
    if removal.forbidden or delta.find_left(written.object, plan, live):
        return None
    return Rehearsal("apply", body, written, removal, co_owners)


async def rehearse_configmap(cluster: Cluster, plan: Plan) -> PreflightRow | None:
    """A row if the API server refuses it. One that is there already is compared when needed."""
    if plan.configmap is None:
        return None
    try:
        await cluster.create(
            "configmaps",
            plan.namespace,
            plan.configmap,
            field_manager=plan.field_manager,
            dry_run=True,
        )
    except Rejected as error:
        if error.reason == "AlreadyExists":
            return None
        cause = Sentence(error.sentence, {"cause": str(error.parameters["cause"])})
        return PreflightRow("configmap", "block", cause)
    return None


async def rehearse_pod(cluster: Cluster, merged: Mapping[str, Any], plan: Plan) -> PreflightRow:
    """Pod Security, quotas and many webhooks look at pods only, so a pod is tried too."""
    try:
        written = await cluster.create(
            "pods", plan.namespace, build_pod(merged, plan), field_manager=plan.field_manager, dry_run=True
        )
    except Forbidden as error:
        unchecked = _("Pod Security, quotas and webhooks are not checked: not permitted to create pods.")
        return PreflightRow("pod", "warn", Sentence(unchecked, {"verb": error.verb}))
    except Rejected as error:
        refused = _("A pod with the sidecar would be refused: %(cause)s")
        return PreflightRow("pod", "block", Sentence(refused, {"cause": str(error.parameters["cause"])}))
    container = delta.find_container(mapping(written.object, "spec"), plan)
    if container is None or (plan.is_native and text(container, "restartPolicy") != "Always"):
        stripped = _("A webhook takes the sidecar, or its restartPolicy: Always, out of new pods.")
        return PreflightRow("pod", "block", Sentence(stripped))
    accepted = _("A pod with the sidecar is accepted by Pod Security, quotas and webhooks.")
    return PreflightRow("pod", "pass", Sentence(accepted))


def build_pod(merged: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """A pod as the controllers would make it from the merged template."""
    template = mapping(merged, "spec", "template")
    name = f"{plan.name[:200]}-{plan.attachment_id}"
    metadata: dict[str, Any] = {"name": name, "namespace": plan.namespace}
    for key in ("labels", "annotations"):
        if mapping(template, "metadata", key):
            metadata[key] = dict(mapping(template, "metadata", key))
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": mapping(template, "spec")}
