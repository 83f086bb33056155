"""What is left after an undo, or after an attach that failed on its way: the ConfigMap.

Old ReplicaSets may still need it to roll back, and so may a copy of the workload.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sidecars.attach.plan import Plan
from sidecars.attach.run.driver import TRIES, Driver
from sidecars.attach.run.patience import if_permitted, patiently
from sidecars.cluster.cluster import Cluster
from sidecars.errors import Forbidden, NotFound, OutcomeUnknown, Rejected, Stale
from sidecars.fields import items, mapping, text
from sidecars.manifests import configmap_names
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _

NONE = _("Nothing is left of the sidecar.")
GONE = _("The ConfigMap %(name)s is gone.")
USED = _(
    "The ConfigMap %(name)s stays: %(users)s still uses it, so that a rollback works. It goes with "
    "the workload."
)
SHARED = _("The ConfigMap %(name)s stays: %(users)s, of another workload, uses it too.")
UNKNOWN = _("The ConfigMap %(name)s stays: who uses it cannot be checked. It goes with the workload.")


async def clean_up(driver: Driver) -> None:
    """Deletes the ConfigMap only when nothing can need it any more."""
    where = ("configmaps", driver.plan.namespace, driver.plan.configmap_name)
    for _attempt in range(TRIES):
        note, found = await find_leftover(driver.cluster, driver.plan)
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


async def drop_unused(driver: Driver) -> None:
    """After an attach that failed before its template: nothing later would take its ConfigMap away."""
    with suppress(NotFound, Forbidden, Rejected, Stale, OutcomeUnknown):
        _note, found = await find_leftover(driver.cluster, driver.plan)
        if found is None:
            return
        detail = {"configmap": driver.plan.configmap_name}
        await driver.journal.record_intent(driver.operation.intend(), detail)
        where = ("configmaps", driver.plan.namespace, driver.plan.configmap_name)
        await driver.cluster.delete(*where, uid=text(found, "metadata", "uid"))


async def find_leftover(cluster: Cluster, plan: Plan) -> tuple[Sentence, Mapping[str, Any] | None]:
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
    # All of the namespace: somebody may have copied the workload, whose labels are others.
    sets = await patiently(lambda: if_permitted(cluster.list("replicasets", plan.namespace)))
    may_delete = await cluster.may("delete", "configmaps", plan.namespace)
    if found is None or sets is None or not may_delete or not _is_ours(found, plan):
        return Sentence(UNKNOWN, name), None
    users = [user for user in (live, *sets) if plan.configmap_name in configmap_names(user)]
    if users:
        said = USED if any(_is_of(user, plan) for user in users) else SHARED
        return Sentence(said, name | {"users": text(users[0], "metadata", "name")}), None
    return Sentence(GONE, name), found


def _is_ours(found: Mapping[str, Any], plan: Plan) -> bool:
    owners = [text(owner, "uid") for owner in items(found, "metadata", "ownerReferences")]
    is_same = found.get("data") == mapping(plan.configmap, "data")
    return is_same and found.get("immutable") is True and plan.uid in owners


def _is_of(user: Mapping[str, Any], plan: Plan) -> bool:
    """Whether it is the workload, or made for it."""
    owners = [text(owner, "uid") for owner in items(user, "metadata", "ownerReferences")]
    return plan.uid in (text(user, "metadata", "uid"), *owners)
