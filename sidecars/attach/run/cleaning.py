"""What is left after an undo, an upgrade, or an attach that failed on its way: ConfigMaps.

Old ReplicaSets may still need it to roll back, and so may a copy of the workload.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sidecars.attach.plan import Plan, content_mark
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
    """Deletes each ConfigMap only when nothing can need it any more."""
    operation = driver.operation
    own = operation.plan.configmap_name if operation.kind == "upgrade" else ""
    names = [name for name in operation.configmaps if name != own]
    ended = [await _clean_up(driver, name) for name in names]
    kept = tuple(name for name, (_note, is_kept) in zip(names, ended, strict=True) if is_kept)
    notes = tuple(note for note, _is_kept in ended)
    if not names and operation.kind == "undo":
        notes = (Sentence(NONE),)
    outcome = "kept" if len(kept) == len(names) else "deleted"
    await driver.finish(outcome, {}, notes=notes, former_configmaps=kept)


async def _clean_up(driver: Driver, name: str) -> tuple[Sentence, bool]:
    """What became of it, and whether it is kept."""
    where = ("configmaps", driver.plan.namespace, name)
    for _attempt in range(TRIES):
        note, found = await find_leftover(driver.cluster, driver.plan, name)
        if found is None:
            return note, note.message != GONE
        await driver.intend({"configmap": name})
        try:
            await driver.cluster.delete(*where, uid=text(found, "metadata", "uid"))
        except (NotFound, Stale, OutcomeUnknown):
            continue  # looked for again: gone is gone
        return note, False
    raise OutcomeUnknown()


async def drop_unused(driver: Driver) -> None:
    """After an attach that failed before its template: nothing later would take its ConfigMap away."""
    with suppress(NotFound, Forbidden, Rejected, Stale, OutcomeUnknown):
        name = driver.plan.configmap_name
        found = (await find_leftover(driver.cluster, driver.plan, name))[1] if name else None
        if found is None:
            return
        detail = {"configmap": name}
        await driver.journal.record_intent(driver.operation.intend(), detail)
        where = ("configmaps", driver.plan.namespace, name)
        await driver.cluster.delete(*where, uid=text(found, "metadata", "uid"))


async def find_leftover(cluster: Cluster, plan: Plan, name: str) -> tuple[Sentence, Mapping[str, Any] | None]:
    """The ConfigMap if it can be deleted, and a sentence about it."""
    named = {"name": name}
    try:
        found = await patiently(lambda: if_permitted(cluster.get("configmaps", plan.namespace, name)))
    except NotFound:
        return Sentence(GONE, named), None
    live = await patiently(lambda: cluster.get(plan.resource, plan.namespace, plan.name))
    # All of the namespace: somebody may have copied the workload, whose labels are others.
    sets = await patiently(lambda: if_permitted(cluster.list("replicasets", plan.namespace)))
    may_delete = await cluster.may("delete", "configmaps", plan.namespace)
    if found is None or sets is None or not may_delete or not _is_ours(found, plan):
        return Sentence(UNKNOWN, named), None
    users = [user for user in (live, *sets) if name in configmap_names(user)]
    if users:
        said = USED if any(_is_of(user, plan) for user in users) else SHARED
        return Sentence(said, named | {"users": text(users[0], "metadata", "name")}), None
    return Sentence(GONE, named), found


def _is_ours(found: Mapping[str, Any], plan: Plan) -> bool:
    owners = [text(owner, "uid") for owner in items(found, "metadata", "ownerReferences")]
    is_same = text(found, "metadata", "name").endswith(content_mark(mapping(found, "data")))
    return is_same and found.get("immutable") is True and plan.uid in owners


def _is_of(user: Mapping[str, Any], plan: Plan) -> bool:
    """Whether it is the workload, or made for it."""
    owners = [text(owner, "uid") for owner in items(user, "metadata", "ownerReferences")]
    return plan.uid in (text(user, "metadata", "uid"), *owners)
