"""After the rollout: the objects, the pods, the preset's own checks. After a removal: nothing is left."""

import asyncio
from dataclasses import replace

from sidecars.attach import verify
from sidecars.attach.operation import CheckResult, Operation
from sidecars.attach.run.checking import check_attach
from sidecars.attach.run.driver import Driver
from sidecars.attach.run.patience import if_permitted, patiently
from sidecars.attach.run.standalone.looking import look, objects_of
from sidecars.attach.standalone import judging
from sidecars.attach.standalone.objects import ID_LABEL, KINDS, RESOURCES
from sidecars.cluster.cluster import Cluster
from sidecars.errors import SidecarsError
from sidecars.fields import text
from sidecars.messages import gettext_noop as _

GONE_S, PAUSE_S = 90.0, 0.5
CHECK_FAILED = _("A check failed. The Deployment runs all the same; look at it, or undo.")
NOT_GONE = _("Not everything is gone.")


async def verify_standalone(driver: Driver) -> None:
    is_creation = driver.operation.kind == "create"
    check = check_creation if is_creation else check_removal
    checks = await check(driver.cluster, driver.operation)
    if verify.has_failed(checks):
        driver.operation = replace(driver.operation, checks=checks)
        raise SidecarsError(CHECK_FAILED if is_creation else NOT_GONE)
    await driver.finish("verified", {check.id: check.verdict for check in checks}, checks=checks)


async def check_creation(cluster: Cluster, operation: Operation) -> tuple[CheckResult, ...]:
    planned, objects = operation.plan, objects_of(operation)
    found = [
        judging.judge_object(resource, await look(cluster, planned, objects, resource), operation)
        for resource in RESOURCES
    ]
    if verify.has_failed(found):
        return tuple(found)
    return (*found, *await check_attach(cluster, operation, judging.judge_deployment))


async def check_removal(cluster: Cluster, operation: Operation) -> tuple[CheckResult, ...]:
    """Waits for what is on its way: pods end in their own time."""
    clock = asyncio.get_running_loop().time
    ends = clock() + GONE_S
    while True:
        checks = await _look_for_rest(cluster, operation)
        if not verify.has_failed(checks) or clock() > ends:
            return checks
        await asyncio.sleep(PAUSE_S)


async def _look_for_rest(cluster: Cluster, operation: Operation) -> tuple[CheckResult, ...]:
    planned, objects = operation.plan, objects_of(operation)
    found = []
    for resource in RESOURCES:
        names = {"kind": KINDS[resource], "name": objects.name_of(resource)}
        live = await look(cluster, planned, objects, resource)
        uid = text(live, "metadata", "uid") if live else ""
        if live is None:
            found.append(verify.passed(resource, _("%(kind)s %(name)s is gone."), **names))
        elif uid != objects.uids.get(resource):
            other = _("%(kind)s %(name)s is another object, which stays.")
            found.append(verify.passed(resource, other, **names))
        else:
            found.append(verify.failed(resource, _("%(kind)s %(name)s is still there."), **names))
    return (*found, await _pods(cluster, operation))


async def _pods(cluster: Cluster, operation: Operation) -> CheckResult:
    planned = operation.plan
    selector = f"{ID_LABEL}={planned.attachment_id}"
    pods = await patiently(
        lambda: if_permitted(cluster.list("pods", planned.namespace, label_selector=selector))
    )
    if pods is None:
        return verify.not_checked("pods", _("Not checked: not permitted to list pods."))
    if pods:
        names = ", ".join(text(pod, "metadata", "name") for pod in pods[:5])
        return verify.failed("pods", _("Pods are still there: %(names)s."), names=names)
    return verify.passed("pods", _("None of its pods is left."))
