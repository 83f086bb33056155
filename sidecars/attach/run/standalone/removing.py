"""Takes the three objects away, one a step: by uid, and only as they were reviewed."""

from collections.abc import Mapping

from sidecars.attach.run.driver import TRIES, Changed, Driver
from sidecars.attach.run.standalone.looking import look, objects_of
from sidecars.attach.standalone import judging
from sidecars.attach.standalone.objects import KINDS, is_ours
from sidecars.attach.steps import Step
from sidecars.errors import NotFound, OutcomeUnknown, Stale
from sidecars.fields import text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _

DELETES: Mapping[Step, str] = {
    Step.DELETE_SERVICE: "services",
    Step.DELETE_DEPLOYMENT: "deployments",
    Step.DELETE_CONFIGMAP: "configmaps",
}
STAYS = _("%(kind)s %(name)s is another object by now: it stays.")
EDITED_SINCE = _("%(resource)s %(name)s changed since you looked. It was not deleted.")


async def delete_object(driver: Driver) -> None:
    resource = DELETES[driver.operation.step]
    plan, objects = driver.plan, objects_of(driver.operation)
    name = objects.name_of(resource)
    has_asked = False
    for _attempt in range(TRIES):
        live = await look(driver.cluster, plan, objects, resource)
        if live is None or text(live, "metadata", "deletionTimestamp"):
            outcome = "deleted" if has_asked or driver.operation.pending else "gone"
            await driver.finish(outcome, {"resource": resource})
            return
        uid = text(live, "metadata", "uid")
        if uid != objects.uids.get(resource):
            if is_ours(live, plan):  # made since: nobody has reviewed it
                raise Changed(EDITED_SINCE, resource=KINDS[resource], name=name)
            note = Sentence(STAYS, {"kind": KINDS[resource], "name": name})
            notes = (*driver.operation.notes, note)
            await driver.finish("kept", {"resource": resource}, notes=notes)
            return
        if judging.digest_of(judging.outline_of(live, plan)) != objects.reviewed.get(resource):
            raise Changed(EDITED_SINCE, resource=KINDS[resource], name=name)
        await driver.intend({"resource": resource, "name": name, "uid": uid})
        has_asked = True
        try:
            await driver.cluster.delete(resource, plan.namespace, name, uid=uid)
        except (NotFound, Stale, OutcomeUnknown):
            continue  # looked for again: gone is gone
        await driver.finish("deleted", {"resource": resource, "uid": uid})
        return
    raise OutcomeUnknown()
