"""Whether a change is really there, judged from objects that were read back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from sidecars.attach import delta, ownership, patches, rollout, upgrade
from sidecars.attach.operation import CheckResult, Operation
from sidecars.attach.plan import Plan
from sidecars.attach.workload import replicas
from sidecars.fields import integer, items, mapping, text, truth
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.presets.schema import PresetCheck

EXCERPT = 300  # characters of an answer that are kept
ReadBack = Literal["applied", "not-applied", "changed"]


def read_back(live: Mapping[str, Any], plan: Plan) -> ReadBack:
    """What became of an attach whose answer was lost."""
    if text(live, "metadata", "uid") != plan.uid:
        return "changed"
    annotations = mapping(live, "spec", "template", "metadata", "annotations")
    held = ownership.compare(live, plan.field_manager, patches.build_apply(plan, ""))
    if held in ("exact", "more") and annotations.get(plan.annotation_key) == plan.annotation:
        return "applied"
    return "not-applied" if held == "none" and not delta.find_left(live, plan) else "changed"


def read_back_undo(live: Mapping[str, Any], plan: Plan) -> ReadBack:
    if text(live, "metadata", "uid") != plan.uid:
        return "changed"
    return "not-applied" if delta.find_left(live, plan) else "applied"


def is_gone(live: Mapping[str, Any], operation: Operation) -> bool:
    """Whether somebody reverted the operation: took the sidecar out, or put it back in."""
    if operation.kind == "undo":
        return bool(delta.find_left(live, operation.plan))
    if operation.kind == "upgrade" and upgrade.standing(live, operation) == "former":
        return True
    container = delta.our_paths(operation.plan)[0]
    return container not in delta.find_left(live, operation.plan)


def is_settled(live: Mapping[str, Any]) -> bool:
    """Whether no pod is on its way, as after a scaling in the middle of the checks."""
    wanted, status = replicas(live), mapping(live, "status")
    seen = (integer(status, "observedGeneration") or 0) >= (integer(live, "metadata", "generation") or 0)
    counts = {integer(status, key) or 0 for key in ("replicas", "updatedReplicas", "availableReplicas")}
    return truth(live, "spec", "paused") or (seen and counts == {wanted})


def has_failed(results: Sequence[CheckResult]) -> bool:
    return any(result.verdict == "failed" for result in results)


def judge_attach(
    live: Mapping[str, Any], pods: Sequence[Mapping[str, Any]] | None, operation: Operation
) -> tuple[CheckResult, ...]:
    plan = operation.plan
    return (_fields(live, plan), _template(live, operation), *judge_pods(live, pods, plan))


def _fields(live: Mapping[str, Any], plan: Plan) -> CheckResult:
    held = ownership.compare(live, plan.field_manager, patches.build_apply(plan, ""))
    if held == "exact":
        right = _("The API server lists exactly our fields under %(manager)s.")
        return passed("fields", right, manager=plan.field_manager)
    wrong = _("The fields that the API server lists under %(manager)s are not ours exactly.")
    return failed("fields", wrong, manager=plan.field_manager)


def _template(live: Mapping[str, Any], operation: Operation) -> CheckResult:
    """Nothing but ours may differ from before, and the start order must be kept."""
    plan, spec = operation.plan, mapping(live, "spec", "template", "spec")
    names = [text(c, "name") for c in items(spec, plan.container_list)]
    if plan.container_name not in names:
        gone = _("%(name)s is no longer in the template.")
        return failed("template", gone, name=plan.container_name)
    if operation.kind == "upgrade" and upgrade.standing(live, operation) != "new":
        other = _("The template no longer shows these settings of %(name)s: somebody changed them.")
        return failed("template", other, name=plan.container_name)
    now = template_outline(live, plan)
    plans = [known for known in (plan, operation.former) if known]
    others = [
        c.path
        for c in delta.compare(operation.template_before, now)
        if not any(delta.is_ours(known, c.path) for known in plans)
    ]
    if others:
        edited = _("Meanwhile others changed the template: %(paths)s.")
        return passed("template", edited, paths=", ".join(others[:5]))
    kept = _("All that was in the template before is unchanged, in the same order.")
    return passed("template", kept)


def template_outline(workload: Mapping[str, Any], plan: Plan) -> dict[str, str]:
    """Outline of the pod template, with the order of the containers. Salted: it is stored."""
    found = delta.outline_template(workload, plan.attachment_id)
    spec = mapping(workload, "spec", "template", "spec")
    for key in ("initContainers", "containers"):
        names = [text(c, "name") for c in items(spec, key)]
        if key == plan.container_list:
            names = [name for name in names if name != plan.container_name]
        found[f"{delta.SPEC}.{key}(order)"] = " ".join(names)
    return found


def judge_pods(
    live: Mapping[str, Any], pods: Sequence[Mapping[str, Any]] | None, plan: Plan
) -> tuple[CheckResult, ...]:
    if pods is None:
        return (not_checked("pods", _("Not checked: not permitted to list pods.")),)
    carriers = find_carriers(pods, plan)
    if not carriers:
        if replicas(live) == 0:
            return (not_checked("pods", _("Not checked: the workload is scaled to 0.")),)
        return (failed("pods", _("No pod has the sidecar.")),)
    for pod in carriers:
        if problem := _find_problem(pod, plan):
            return (problem,)
    well = _("%(count)s of %(count)s pods have the sidecar, ready and without a restart.")
    return (passed("pods", well, count=len(carriers)),)


def find_carriers(pods: Sequence[Mapping[str, Any]], plan: Plan) -> list[Mapping[str, Any]]:
    """Pods of the new template that are not on their way out."""
    living = [pod for pod in pods if not mapping(pod, "metadata").get("deletionTimestamp")]
    return [pod for pod in living if rollout.is_carrier(pod, plan)]


def _find_problem(pod: Mapping[str, Any], plan: Plan) -> CheckResult | None:
    names = {"pod": text(pod, "metadata", "name"), "name": plan.container_name}
    container = delta.find_container(mapping(pod, "spec"), plan)
    if container is None:
        return failed("pods", _("%(pod)s has no container %(name)s."), **names)
    if plan.is_native and text(container, "restartPolicy") != "Always":
        stripped = _("In %(pod)s a webhook took restartPolicy: Always from %(name)s.")
        return failed("pods", stripped, **names)
    wanted = {integer(port, "containerPort") for port in items(plan.container, "ports")}
    if wanted - {integer(port, "containerPort") for port in items(container, "ports")}:
        return failed("pods", _("In %(pod)s a port of %(name)s is missing."), **names)
    key = "initContainerStatuses" if plan.is_native else "containerStatuses"
    status = next((s for s in items(pod, "status", key) if text(s, "name") == plan.container_name), {})
    if not truth(status, "ready"):
        return failed("pods", _("In %(pod)s %(name)s is not ready."), **names)
    if restarts := integer(status, "restartCount") or 0:
        restarted = _("In %(pod)s %(name)s restarted %(restarts)s times.")
        return failed("pods", restarted, **names, restarts=restarts)
    return None


def judge_undo(live: Mapping[str, Any], operation: Operation) -> tuple[CheckResult, ...]:
    """The template is the one before the attach, but for what others changed since."""
    plan = operation.plan
    left = delta.find_left(live, plan)
    if left:
        return (failed("template", _("Still there: %(paths)s."), paths=", ".join(left)),)
    changes = delta.compare(operation.template_before, template_outline(live, plan))
    if not changes:
        same = _("The template equals the one before: the diff is empty.")
        return (passed("template", same), _entry_gone(live, plan))
    paths = ", ".join(change.path for change in changes[:5])
    edited = _("Nothing of the sidecar is left. Others changed since: %(paths)s.")
    return (passed("template", edited, paths=paths), _entry_gone(live, plan))


def _entry_gone(live: Mapping[str, Any], plan: Plan) -> CheckResult:
    entry = ownership.find_entry(live, plan.field_manager)
    if entry is None:
        gone = _("%(manager)s owns no field any more.")
        return passed("fields", gone, manager=plan.field_manager)
    kept = _("%(manager)s still owns fields that somebody else applied under its name.")
    return passed("fields", kept, manager=plan.field_manager)


def judge_http(path: str, through: int, straight: int, port: int) -> CheckResult:
    statuses = {"path": path, "port": port, "through": through, "straight": straight}
    if through == straight:
        same = _("GET %(path)s through port %(port)s answers %(through)s, as the app itself does.")
        return passed("http", same, **statuses)
    other = _("GET %(path)s through port %(port)s answers %(through)s, but the app %(straight)s.")
    return failed("http", other, **statuses)


def judge_answer(check: PresetCheck, status: int, body: bytes, shown: Mapping[str, Any]) -> CheckResult:
    """An answer by itself: its status is one that the preset expects, and its body holds the text."""
    expected = check.expect or (200,)
    values = {**shown, "expected": ", ".join(str(one) for one in expected), "wanted": check.contains}
    if status not in expected:
        other = _("GET %(path)s through port %(port)s answers %(status)s, not %(expected)s.")
        return failed("http", other, **values)
    if check.contains and check.contains.encode() not in body:
        lacking = _("GET %(path)s through port %(port)s answers %(status)s, but without %(wanted)s.")
        return failed("http", lacking, **values)
    right = _("GET %(path)s through port %(port)s answers %(status)s, as it should.")
    return passed("http", right, **values)


def judge_exec(check: PresetCheck, failure: str, stdout: str, cause: str) -> CheckResult:
    received = excerpt(stdout or cause)
    if not failure and check.contains in stdout:
        ran = _("The command in the sidecar did what it should.")
        return replace(passed("exec", ran), received=received)
    wrong = _("The command in the sidecar did not do what it should.")
    return replace(failed("exec", wrong), received=received)


def excerpt(answer: str | bytes) -> str:
    """The beginning of what came back, on one line, without control characters."""
    plain = answer[:4096].decode("utf-8", "replace") if isinstance(answer, bytes) else answer[:4096]
    return "".join(c if c.isprintable() else " " for c in plain).strip()[:EXCERPT]


def passed(check_id: str, message: str, **parameters: Any) -> CheckResult:
    return CheckResult(check_id, "passed", Sentence(message, parameters))


def failed(check_id: str, message: str, **parameters: Any) -> CheckResult:
    return CheckResult(check_id, "failed", Sentence(message, parameters))


def not_checked(check_id: str, message: str, **parameters: Any) -> CheckResult:
    return CheckResult(check_id, "not-checked", Sentence(message, parameters))
