"""Makes the three objects, one a step. An answer that is lost is read back: ours, or somebody else's."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sidecars.attach.run.driver import TRIES, Changed, Driver
from sidecars.attach.run.patience import patiently
from sidecars.attach.run.standalone.looking import look, objects_of
from sidecars.attach.run.standalone.rehearsal import rehearse
from sidecars.attach.standalone import judging
from sidecars.attach.standalone.objects import KINDS
from sidecars.attach.steps import Step
from sidecars.errors import Clash, ForbiddenPath, OutcomeUnknown, Rejected
from sidecars.fields import integer, text
from sidecars.messages import gettext_noop as _

PAUSE_S = 1.0
MAKES: Mapping[Step, str] = {
    Step.CONFIGMAP: "configmaps",
    Step.DEPLOYMENT: "deployments",
    Step.SERVICE: "services",
}
FOREIGN = _("%(kind)s %(name)s is there already and is somebody else's: it was not touched.")
EDITED = _("%(kind)s %(name)s is there, but others changed it meanwhile: %(paths)s.")
EXISTS = "AlreadyExists"


async def make_object(driver: Driver) -> None:
    resource = MAKES[driver.operation.step]
    objects = objects_of(driver.operation)
    if driver.operation.step is Step.CONFIGMAP and not driver.operation.pending:
        await _rehearse_first(driver)
    await driver.intend({"resource": resource, "name": objects.name_of(resource)})
    for _attempt in range(TRIES):
        outcome, live, audit_id = await _try(driver, resource)
        if live is not None and not text(live, "metadata", "deletionTimestamp"):
            await _accept(driver, resource, outcome, live, audit_id)
            return
        await asyncio.sleep(PAUSE_S)
    raise OutcomeUnknown()


async def _try(driver: Driver, resource: str) -> tuple[str, Mapping[str, Any] | None, str]:
    """The outcome, the object if it is there, the server's Audit-ID."""
    plan, objects = driver.plan, objects_of(driver.operation)
    try:
        written = await patiently(
            lambda: driver.cluster.create(
                resource, plan.namespace, objects.bodies[resource], field_manager=plan.field_manager
            )
        )
    except OutcomeUnknown:
        return "found", await look(driver.cluster, plan, objects, resource), ""
    except Rejected as error:
        if error.reason != EXISTS:
            raise
        return "found", await look(driver.cluster, plan, objects, resource), ""
    return "created", written.object, written.audit_id


async def _accept(
    driver: Driver, resource: str, outcome: str, live: Mapping[str, Any], audit_id: str
) -> None:
    plan, objects = driver.plan, objects_of(driver.operation)
    names = {"kind": KINDS[resource], "name": objects.name_of(resource)}
    if outcome == "found":
        standing = judging.read_back(live, objects.bodies[resource], plan)
        if standing == "foreign":
            raise Clash(FOREIGN, field="name", **names)
        if standing == "edited":
            paths = ", ".join(judging.find_differing(live, objects.bodies[resource])[:5])
            raise Clash(EDITED, **names, paths=paths)
    uid = text(live, "metadata", "uid")
    changes: dict[str, Any] = {
        "objects": objects.with_made(resource, uid, judging.outline_of(live, plan)),
    }
    if resource == "deployments":
        changes |= {
            "plan": replace(plan, uid=uid),
            "generation": integer(live, "metadata", "generation") or 0,
        }
    version = text(live, "metadata", "resourceVersion")
    detail = {"resource": resource, "uid": uid, "audit_id": audit_id, "resource_version_after": version}
    await driver.finish(outcome, detail, **changes)


async def _rehearse_first(driver: Driver) -> None:
    """Not even the ConfigMap is made if the server would store something else than was confirmed."""
    operation, objects = driver.operation, objects_of(driver.operation)
    try:
        rehearsal = await patiently(lambda: rehearse(driver.cluster, driver.plan, objects))
    except Rejected as error:
        if error.reason == EXISTS:
            raise Changed(resource="Deployment", name=driver.plan.name) from error
        raise
    if rehearsal.fingerprint(driver.plan, operation.preset_digest) != operation.fingerprint:
        raise Changed(resource="Deployment", name=driver.plan.name)
    if rehearsal.forbidden:
        raise ForbiddenPath(path=rehearsal.forbidden[0])
