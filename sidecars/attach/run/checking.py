"""The checks after a rollout that need the cluster: a GET through the sidecar, a log line, a command."""

import asyncio
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sidecars.attach import verify
from sidecars.attach.operation import CheckResult, Operation
from sidecars.attach.plan import Plan
from sidecars.attach.run.patience import if_permitted, patiently
from sidecars.attach.run.streams import closing
from sidecars.attach.workload import selector_text
from sidecars.cluster.cluster import Cluster, ProxyAnswer
from sidecars.cluster.logs import LogTarget
from sidecars.errors import Busy, ClusterError, Forbidden, Unauthorized, Unreachable
from sidecars.fields import text
from sidecars.messages import gettext_noop as _
from sidecars.presets.schema import PresetCheck

Pods = Sequence[Mapping[str, Any]]
Judge = Callable[[Mapping[str, Any], Pods | None, Operation], tuple[CheckResult, ...]]
SETTLED_S, MOVING_S, PAUSE_S = 4.0, 60.0, 1.0
NO_EXEC = _("Not checked: not permitted to create pods/exec.")
REQUEST = _("The sidecar's access log shows the request.")
NO_REQUEST = _("The sidecar's log does not show the request.")
NO_PROXY = _("Not checked: not permitted to get pods/proxy.")
NO_LOG = _("Not checked: not permitted to get pods/log.")
NO_POD = _("Not checked: there is no pod to ask.")
GATEWAY_ERRORS = (502, 503, 504)


async def check_attach(
    cluster: Cluster, operation: Operation, judge: Judge = verify.judge_attach
) -> tuple[CheckResult, ...]:
    """Looks again for a while if a check fails, for longer while pods still come and go."""
    clock = asyncio.get_running_loop().time
    began = clock()
    while True:
        live, results = await _check_all(cluster, operation, judge)
        limit_s = SETTLED_S if verify.is_settled(live) else MOVING_S
        if not verify.has_failed(results) or clock() - began >= limit_s:
            return results
        await asyncio.sleep(PAUSE_S)


async def _check_all(
    cluster: Cluster, operation: Operation, judge: Judge
) -> tuple[Mapping[str, Any], tuple[CheckResult, ...]]:
    plan = operation.plan
    live = await patiently(lambda: cluster.get(plan.resource, plan.namespace, plan.name))
    pods = await list_pods(cluster, live, plan.namespace)
    results = judge(live, pods, operation)
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
    pod = carriers[0]
    try:
        if check.kind == "http":
            return await patiently(lambda: _check_http(cluster, operation, check, pod))
        if check.kind == "exec":
            return await _check_exec(cluster, operation, check, pod)
        return await patiently(lambda: _check_log(cluster, operation, check, pod, results))
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
    port = port_of(plan, check.port)
    shown: dict[str, Any] = {"path": check.path, "port": port}
    sent = f"GET {path}  (pods/proxy, port {port})"
    try:
        through = await cluster.proxy_get(plan.namespace, name, port, path)
        straight = None
        if check.compare:
            straight = await cluster.proxy_get(plan.namespace, name, port_of(plan, check.compare), path)
    except Forbidden:
        return verify.not_checked("http", NO_PROXY)
    shown["status"] = through.status
    # Its body is the app's own business: it is looked at, and neither kept nor shown.
    received = f"{through.status}, {len(through.body)} bytes"
    if through.refused:
        refused = verify.failed("http", _("Port %(port)s of the sidecar cannot be reached."), **shown)
        return replace(refused, sent=sent)
    if straight is None:
        return replace(
            verify.judge_answer(check, through.status, through.body, shown), sent=sent, received=received
        )
    return replace(_compared(check, through.status, straight, shown), sent=sent, received=received)


def _compared(
    check: PresetCheck, status: int, straight: ProxyAnswer, shown: Mapping[str, Any]
) -> CheckResult:
    if not straight.refused:
        return verify.judge_http(check.path, status, straight.status, shown["port"])
    if status in GATEWAY_ERRORS:
        silent = _("GET %(path)s through port %(port)s answers %(status)s: the app does not answer.")
        return verify.failed("http", silent, **shown)
    alone = _("GET %(path)s through port %(port)s answers %(status)s.")
    return verify.passed("http", alone, **shown)


def port_of(plan: Plan, port: int | str) -> int:
    return port if isinstance(port, int) else plan.ports[port]


async def _check_exec(
    cluster: Cluster, operation: Operation, check: PresetCheck, pod: Mapping[str, Any]
) -> CheckResult:
    """With the viewer's own right; never in read-only mode, which the transport refuses."""
    plan = operation.plan
    words = [word.replace("{mark}", operation.attachment_id) for word in check.run]
    sent = "$ " + shlex.join(words)
    try:
        outcome = await cluster.run_command(
            plan.namespace, text(pod, "metadata", "name"), plan.container_name, words, limit_s=check.within_s
        )
    except Forbidden:
        return replace(verify.not_checked("exec", NO_EXEC), sent=sent)
    return replace(verify.judge_exec(check, outcome.failure, outcome.stdout, outcome.cause), sent=sent)


def log_mark(operation: Operation) -> str:
    return f"sidecar-check={operation.attachment_id}"


async def _check_log(
    cluster: Cluster,
    operation: Operation,
    check: PresetCheck,
    pod: Mapping[str, Any],
    results: tuple[CheckResult, ...],
) -> CheckResult:
    """A line with the check's mark, which a request before left there, or with a text of the preset."""
    plan = operation.plan
    http = next((r for r in results if r.id == "http"), None)
    if not check.contains and (http is None or http.verdict == "not-checked"):
        return verify.not_checked("log", _("Not checked: no request was sent through the sidecar."))
    wanted = check.contains or log_mark(operation)
    target = LogTarget(
        plan.namespace, text(pod, "metadata", "name"), text(pod, "metadata", "uid"), plan.container_name
    )
    try:
        found = await _find_line(cluster, target, wanted, check.within_s)
        if not found:  # the cluster may have been away: once more when it answers
            await cluster.get("pods", plan.namespace, target.pod)
            found = await _find_line(cluster, target, wanted, check.within_s)
    except Forbidden:
        return verify.not_checked("log", NO_LOG)
    if not found:
        silent = _("The sidecar's log does not show %(wanted)s.") if check.contains else NO_REQUEST
        return verify.failed("log", silent, wanted=wanted)
    shown = _("The sidecar's log shows %(wanted)s.") if check.contains else REQUEST
    return verify.passed("log", shown, wanted=wanted)  # lines of a log are never kept


async def _find_line(cluster: Cluster, target: LogTarget, wanted: str, limit_s: float) -> bool:
    try:
        async with asyncio.timeout(limit_s), closing(cluster.follow_log(target, tail_lines=200)) as batches:
            async for batch in batches:
                if any(wanted in line.text for line in batch if line.kind == "line"):
                    return True
    except TimeoutError:
        pass
    return False
