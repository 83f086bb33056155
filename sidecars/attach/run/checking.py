"""The checks after a rollout that need the cluster: a GET through the sidecar, its log line."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sidecars.attach import verify
from sidecars.attach.operation import CheckResult, Operation
from sidecars.attach.run.patience import if_permitted, patiently
from sidecars.attach.run.streams import closing
from sidecars.attach.workload import selector_text
from sidecars.cluster.cluster import Cluster
from sidecars.cluster.logs import LogTarget
from sidecars.errors import Busy, ClusterError, Forbidden, Unauthorized, Unreachable
from sidecars.fields import text
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import PresetCheck

Pods = Sequence[Mapping[str, Any]]
SETTLED_S, MOVING_S, PAUSE_S, LOG_S = 4.0, 60.0, 1.0, 10.0
NO_PROXY = _("Not checked: not permitted to get pods/proxy.")
NO_LOG = _("Not checked: not permitted to get pods/log.")
NO_POD = _("Not checked: there is no pod to ask.")
GATEWAY_ERRORS = (502, 503, 504)


async def check_attach(cluster: Cluster, operation: Operation) -> tuple[CheckResult, ...]:
    """Looks again for a while if a check fails, for longer while pods still come and go."""
    clock = asyncio.get_running_loop().time
    began = clock()
    while True:
        live, results = await _check_all(cluster, operation)
        limit_s = SETTLED_S if verify.is_settled(live) else MOVING_S
        if not verify.has_failed(results) or clock() - began >= limit_s:
            return results
        await asyncio.sleep(PAUSE_S)


async def _check_all(
    cluster: Cluster, operation: Operation
) -> tuple[Mapping[str, Any], tuple[CheckResult, ...]]:
    plan = operation.plan
    live = await patiently(lambda: cluster.get(plan.resource, plan.namespace, plan.name))
    pods = await list_pods(cluster, live, plan.namespace)
    results = verify.judge_attach(live, pods, operation)
    carriers = verify.find_carriers(pods or (), plan)
    for check in operation.checks_asked:
        if check.kind != "status":
            results = (*results, await _check(cluster, operation, check, carriers, results))
    return live, results


async def list_pods(cluster: Cluster, live: Mapping[str, Any], namespace: str) -> Pods | None:
    selector = selector_text(live)
    return await patiently(lambda: if_permitted(cluster.list("pods", namespace, label_selector=selector)))


async def _check(
    cluster: Cluster,
    operation: Operation,
    check: PresetCheck,
    carriers: Pods,
    results: tuple[CheckResult, ...],
) -> CheckResult:
    if not carriers:
        return verify.not_checked(check.kind, NO_POD)
    http = next((r for r in results if r.id == "http"), None)
    try:
        if check.kind == "http":
            return await patiently(lambda: _check_http(cluster, operation, check, carriers[0]))
        return await patiently(lambda: _check_log(cluster, operation, carriers[0], http))
    except (Unreachable, Busy, Unauthorized):
        raise  # says nothing about the sidecar: checked once the cluster is back
    except ClusterError as error:
        unanswered = _("The check could not be made: %(cause)s")
        return verify.failed(check.kind, unanswered, cause=str(error))


async def _check_http(
    cluster: Cluster, operation: Operation, check: PresetCheck, pod: Mapping[str, Any]
) -> CheckResult:
    plan, name = operation.plan, text(pod, "metadata", "name")
    path = f"{check.path}?{log_mark(operation)}"
    port = plan.ports[check.port]
    try:
        through = await cluster.proxy_get(plan.namespace, name, port, path)
        straight = await cluster.proxy_get(plan.namespace, name, plan.ports[check.compare], path)
    except Forbidden:
        return verify.not_checked("http", NO_PROXY)
    shown = {"path": check.path, "port": port, "status": through.status}
    if through.refused:
        return verify.failed("http", _("Port %(port)s of the sidecar cannot be reached."), **shown)
    if straight.refused:
        if through.status in GATEWAY_ERRORS:
            silent = _("GET %(path)s through port %(port)s answers %(status)s: the app does not answer.")
            return verify.failed("http", silent, **shown)
        alone = _("GET %(path)s through port %(port)s answers %(status)s.")
        return verify.passed("http", alone, **shown)
    return verify.judge_http(check.path, through.status, straight.status, port)


def log_mark(operation: Operation) -> str:
    return f"sidecar-check={operation.attachment_id}"


async def _check_log(
    cluster: Cluster, operation: Operation, pod: Mapping[str, Any], http: CheckResult | None
) -> CheckResult:
    plan = operation.plan
    if http is None or http.verdict == "not-checked":
        return verify.not_checked("log", _("Not checked: no request was sent through the sidecar."))
    target = LogTarget(
        plan.namespace, text(pod, "metadata", "name"), text(pod, "metadata", "uid"), plan.container_name
    )
    try:
        found = await _find_line(cluster, target, log_mark(operation))
        if not found:  # the cluster may have been away: once more when it answers
            await cluster.get("pods", plan.namespace, target.pod)
            found = await _find_line(cluster, target, log_mark(operation))
    except Forbidden:
        return verify.not_checked("log", NO_LOG)
    if found:
        return verify.passed("log", _("The sidecar's access log shows the request."))
    return verify.failed("log", _("The sidecar's log does not show the request."))


async def _find_line(cluster: Cluster, target: LogTarget, mark: str) -> bool:
    try:
        async with asyncio.timeout(LOG_S), closing(cluster.follow_log(target, tail_lines=200)) as batches:
            async for batch in batches:
                if any(mark in line.text for line in batch if line.kind == "line"):
                    return True
    except TimeoutError:
        pass
    return False
