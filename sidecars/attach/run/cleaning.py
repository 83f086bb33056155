"""What is left after an undo: the ConfigMap, which old ReplicaSets may still need to roll back."""

from collections.abc import Mapping
from typing import Any

from sidecars.attach.plan import Plan
from sidecars.attach.run.driver import TRIES, Driver
from sidecars.attach.run.patience import if_permitted, patiently
from sidecars.attach.workload import selector_text
from sidecars.cluster.cluster import Cluster
from sidecars.errors import NotFound, OutcomeUnknown, Stale
from sidecars.fields import items, mapping, text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _

NONE = _("Nothing is left of the sidecar.")
GONE = _("The ConfigMap %(name)s is gone.")
USED = _(
    "The ConfigMap %(name)s stays: %(users)s still uses it, so that a rollback works. It goes with "
    "the workload."
)
UNKNOWN = _("The ConfigMap %(name)s stays: who uses it cannot be checked. It goes with the workload.")


async def clean_up(driver: Driver) -> None:
    """Deletes the ConfigMap only when nothing can need it any more."""
    where = ("configmaps", driver.plan.namespace, driver.plan.configmap_name)
    for _attempt in range(TRIES):
        note, found = await _find_leftover(driver.cluster, driver.plan)
        if found is None:
            await driver.finish("kept", {}, notes=(note,))
            return
        await driver.intend({"configmap": driver.plan.configmap_name})
        try:
            await driver.cluster.delete(*where, uid=text(found, "metadata", "uid"))
        except (NotFound, Stale, OutcomeUnknown):
            continue  # looked for again: gone is gone
        await driver.finish("deleted", {}, notes=(note,))
        return
    raise OutcomeUnknown()


async def _find_leftover(cluster: Cluster, plan: Plan) -> tuple[Sentence, Mapping[str, Any] | None]:
    """The ConfigMap if it can be deleted, and a sentence about it."""
    name = {"name": plan.configmap_name}
    if not plan.configmap:
        return Sentence(NONE), None
    try:
        found = await patiently(
            lambda: if_permitted(cluster.get("configmaps", plan.namespace, plan.configmap_name))
        )
    except NotFound:
        return Sentence(GONE, name), None
    live = await patiently(lambda: cluster.get(plan.resource, plan.namespace, plan.name))
    selector = selector_text(live)
    sets = await patiently(
        lambda: if_permitted(cluster.list("replicasets", plan.namespace, label_selector=selector))
    )
    may_delete = await cluster.may("delete", "configmaps", plan.namespace)
    if found is None or sets is None or not may_delete or not _is_ours(found, plan):
        return Sentence(UNKNOWN, name), None
    users = [text(s, "metadata", "name") for s in (live, *sets) if _uses(s, plan.configmap_name)]
    if users:
        return Sentence(USED, name | {"users": users[0]}), None
    return Sentence(GONE, name), found


def _is_ours(found: Mapping[str, Any], plan: Plan) -> bool:
    owners = items(found, "metadata", "ownerReferences")
    return found.get("immutable") is True and plan.uid in [text(owner, "uid") for owner in owners]


def _uses(workload: Mapping[str, Any], configmap: str) -> bool:
    volumes = items(mapping(workload, "spec", "template", "spec"), "volumes")
    return any(text(volume, "configMap", "name") == configmap for volume in volumes)
