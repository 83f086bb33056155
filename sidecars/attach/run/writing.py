"""The steps that write: the ConfigMap, the template. Each reads back what became of an earlier try."""

import asyncio
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from sidecars.attach.run.driver import TRIES, Changed, Driver
from sidecars.attach.run.patience import patiently
from sidecars.attach.run.rehearsal import Rehearsal
from sidecars.cluster.cluster import Written
from sidecars.errors import Clash, Forbidden, NotFound, OutcomeUnknown, Rejected, Stale
from sidecars.fields import integer, items, text
from sidecars.messages import gettext_noop as _

UNKNOWN_PAUSE_S = 1.0
OTHER_CONTENT = _("A ConfigMap named %(name)s is there already, with other content.")


async def create_configmap(driver: Driver) -> None:
    plan, configmap = driver.plan, driver.plan.configmap
    if configmap is None:
        await driver.finish("nothing", {})
        return
    if not driver.operation.pending:
        await _rehearse_first(driver)
    await driver.intend({"configmap": plan.configmap_name})
    for _attempt in range(TRIES):
        try:
            written = await patiently(
                lambda: driver.cluster.create(
                    "configmaps", plan.namespace, configmap, field_manager=plan.field_manager
                )
            )
        except OutcomeUnknown:
            continue  # by name: created again it is "already there"
        except Rejected as error:
            if error.reason != "AlreadyExists":
                raise
            if not await _is_usable(driver, configmap):
                await asyncio.sleep(UNKNOWN_PAUSE_S)  # the garbage collector is about to take it
                continue
            await driver.finish("found", {})
            return
        await driver.finish("created", {"audit_id": written.audit_id})
        return
    raise Stale(resource="configmaps", name=plan.configmap_name)


async def _rehearse_first(driver: Driver) -> None:
    """Not even a ConfigMap is written if the workload is no longer what was confirmed."""
    for attempt in range(TRIES):
        live = await driver.get()
        try:
            if not driver.is_applied(live):
                await driver.rehearse(live)
            return
        except Stale as error:
            if isinstance(error, Changed) or attempt + 1 == TRIES:
                raise


async def _is_usable(driver: Driver, wanted: Mapping[str, Any]) -> bool:
    """False for one that is going, or goes with an earlier workload of this name. Raises Clash."""
    name = driver.plan.configmap_name
    where = ("configmaps", driver.plan.namespace, name)
    try:
        found = await patiently(lambda: driver.cluster.get(*where))
    except NotFound:
        return False
    owners = {text(owner, "uid") for owner in items(found, "metadata", "ownerReferences")}
    if text(found, "metadata", "deletionTimestamp") or (owners and driver.plan.uid not in owners):
        return False
    if found.get("data") != wanted["data"] or found.get("immutable") is not True:
        raise Clash(OTHER_CONTENT, name=name)
    return True


async def keep_configmap(driver: Driver) -> None:
    """Once more after the template needs it: an undo beside us may have tidied it up before that."""
    plan, configmap = driver.plan, driver.plan.configmap
    if configmap is None:
        return
    try:
        await patiently(lambda: driver.cluster.get("configmaps", plan.namespace, plan.configmap_name))
        return
    except Forbidden:
        return
    except NotFound:
        await driver.intend({"configmap": plan.configmap_name})
    with suppress(Rejected, OutcomeUnknown):  # there by now; if not, the rollout tells
        await driver.cluster.create("configmaps", plan.namespace, configmap, field_manager=plan.field_manager)


async def write_template(driver: Driver) -> None:
    """One PATCH: the apply set, the empty set, or a JSON patch. At most 5 tries."""
    for attempt in range(TRIES):
        live = await driver.get()
        if driver.is_applied(live):
            generation = integer(live, "metadata", "generation") or 0
            await driver.finish("found", {}, generation=generation)
            return
        try:
            if await _try_write(driver, live):
                return
        except Changed:
            raise
        except (Stale, OutcomeUnknown) as error:
            if attempt + 1 == TRIES:
                raise
            if isinstance(error, OutcomeUnknown):
                await asyncio.sleep(UNKNOWN_PAUSE_S)
    raise Stale(resource=driver.plan.resource, name=driver.plan.name)


async def _try_write(driver: Driver, live: Mapping[str, Any]) -> bool:
    """False if a test of the JSON patch failed because the workload moved on."""
    rehearsal = await driver.rehearse(live)
    await driver.intend(_describe(rehearsal, live))
    try:
        written = await _write(driver, rehearsal)
    except Rejected:
        now = await driver.get()
        moved = text(now, "metadata", "resourceVersion") != text(live, "metadata", "resourceVersion")
        if rehearsal.method == "json-patch" and moved:
            return False
        raise
    after = {"resource_version_after": text(written.object, "metadata", "resourceVersion")}
    seen = {"audit_id": written.audit_id, "warnings": list(written.warnings)}
    generation = integer(written.object, "metadata", "generation") or 0
    await driver.finish("written", after | seen, generation=generation)
    return True


async def _write(driver: Driver, rehearsal: Rehearsal) -> Written:
    plan, cluster = driver.plan, driver.cluster
    send = cluster.json_patch if rehearsal.method == "json-patch" else cluster.apply
    where = (plan.resource, plan.namespace, plan.name)
    return await patiently(lambda: send(*where, rehearsal.body, field_manager=plan.field_manager))


def _describe(rehearsal: Rehearsal, live: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "method": rehearsal.method,
        "patch_sha256": hashlib.sha256(msgspec.json.encode(rehearsal.body)).hexdigest(),
        "resource_version_before": text(live, "metadata", "resourceVersion"),
        "warnings": list(rehearsal.written.warnings),
    }
