"""What the cluster has against what was asked for: dry runs, lost answers, others' edits."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sidecars.attach.delta import Change, Delta, compare, outline
from sidecars.attach.operation import CheckResult, Operation
from sidecars.attach.plan import Plan
from sidecars.attach.standalone.objects import KINDS, is_ours, selector_of
from sidecars.attach.verify import failed, judge_pods, passed
from sidecars.fields import items, mapping, text
from sidecars.messages import gettext_noop as _
from sidecars.presets import policy

# Written by controllers, or given out anew at each try: no edit, and nothing that was confirmed.
BY_CONTROLLERS = ("metadata.annotations[deployment.kubernetes.io/revision]",)
GIVEN_OUT = ("metadata.uid", "spec.clusterIP", "spec.clusterIPs")

Standing = Literal["ours", "edited", "foreign"]


def read_back(live: Mapping[str, Any], body: Mapping[str, Any], plan: Plan) -> Standing:
    """What became of a creation whose answer was lost."""
    if not is_ours(live, plan):
        return "foreign"
    return "edited" if find_differing(live, body) else "ours"


def find_differing(live: Mapping[str, Any], body: Mapping[str, Any]) -> tuple[str, ...]:
    """Paths of the body that are absent or other in the object; what it has more does not count."""
    found = outline(live)
    return tuple(path for path, digest in outline(body).items() if found.get(path) != digest)


def outline_of(live: Mapping[str, Any], plan: Plan) -> dict[str, str]:
    """Salted: it is stored, and a short value could be guessed from its digest."""
    found = outline(live, salt=plan.attachment_id)
    return {path: digest for path, digest in found.items() if path not in BY_CONTROLLERS}


def find_edits(
    made: Mapping[str, str] | None, live: Mapping[str, Any], body: Mapping[str, Any], plan: Plan
) -> tuple[str, ...]:
    """Paths that others changed since it was made. If its answer was lost, against what was sent."""
    if made is None:
        return find_differing(live, body)
    return tuple(change.path for change in compare(made, outline_of(live, plan)))


def digest_of(outlined: Mapping[str, str]) -> str:
    text = json.dumps(sorted(outlined.items()), separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def judge_creation(body: Mapping[str, Any], result: Mapping[str, Any]) -> Delta:
    """A dry run: all that was asked for, and what the server adds; what no preset may have is refused."""
    asked, got = outline(body), outline(result)
    changes = [c for c in compare(asked, got) if not c.path.startswith(GIVEN_OUT)]
    forbidden = [c.path for c in changes if c.kind != "added"]
    forbidden += _find_unsafe(body, result)
    ours = tuple(Change(path, "added", digest) for path, digest in sorted(asked.items()))
    shown = tuple(c for c in changes if c.path not in forbidden)
    return Delta(ours, shown, tuple(dict.fromkeys(forbidden)))


def _find_unsafe(body: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """In the pods of what would be stored, beyond what was asked for."""
    at = "spec.template.spec"
    wanted, stored = (mapping(one, "spec", "template", "spec") for one in (body, result))
    if not stored:
        return []
    names = {text(c, "name") for c in items(wanted, "containers")}
    found = [f"{at}.{key}" for key in policy.POD_FIELDS if key in stored and key not in wanted]
    for key in ("initContainers", "containers"):
        for container in items(stored, key):
            if text(container, "name") not in names or key == "initContainers":
                found.append(f"{at}.{key}[{text(container, 'name')}]")
    secrets = policy.find_secrets(items(wanted, "containers"))
    for container in items(stored, "containers"):
        here = f"{at}.containers[{text(container, 'name')}]"
        found += [f"{here}.{path}" for path in policy.find_unsafe(container)]
        found += [f"{here}.env"] if policy.find_secrets(container) - secrets else []
    volumes = {text(volume, "name") for volume in items(wanted, "volumes")}
    for volume in items(stored, "volumes"):
        if text(volume, "name") not in volumes and policy.find_unsafe_volume(volume):
            found.append(f"{at}.volumes[{text(volume, 'name')}]")
    return found


def fingerprint(plan: Plan, preset_digest: str, deltas: Sequence[Delta]) -> str:
    """What a person confirmed: every path with its value's digest, of all that would be stored."""
    listed = [
        sorted([c.path, c.kind, c.digest] for c in delta.ours + delta.added_by_server) for delta in deltas
    ]
    canonical = json.dumps([plan.attachment_id, preset_digest, listed], separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def shown_of(live: Mapping[str, Any]) -> dict[str, Any]:
    """Without the addresses of a dry run's Service, which are given out again for the real one."""
    spec = {
        key: value for key, value in mapping(live, "spec").items() if key not in ("clusterIP", "clusterIPs")
    }
    return {**live, "spec": spec} if spec else dict(live)


def judge_object(resource: str, live: Mapping[str, Any] | None, operation: Operation) -> CheckResult:
    """After the rollout: it is there, the same one, and as it was asked for."""
    objects = operation.objects
    if objects is None:
        raise ValueError("no objects")
    names = {"kind": KINDS[resource], "name": objects.name_of(resource)}
    if live is None or text(live, "metadata", "uid") != objects.uids.get(resource):
        return failed(resource, _("%(kind)s %(name)s is no longer there."), **names)
    differing = find_differing(live, objects.bodies[resource])
    if differing:
        edited = _("Meanwhile others changed %(kind)s %(name)s: %(paths)s.")
        return passed(resource, edited, **names, paths=", ".join(differing[:5]))
    return passed(resource, _("%(kind)s %(name)s is there, as it was confirmed."), **names)


def judge_deployment(
    live: Mapping[str, Any], pods: Sequence[Mapping[str, Any]] | None, operation: Operation
) -> tuple[CheckResult, ...]:
    """Its pods, and whether the Service means them."""
    found = judge_pods(live, pods, operation.plan)
    if pods is None or any(check.verdict != "passed" for check in found):
        return found
    wanted = selector_of(operation.plan).items()
    meant = [pod for pod in pods if wanted <= mapping(pod, "metadata", "labels").items()]
    well = _("All %(count)s pods are ready, without a restart.")
    said = _("The Service %(name)s sends requests to %(count)s ready pods.")
    if len(meant) == 1:
        well = _("The pod is ready, without a restart.")
        said = _("The Service %(name)s sends requests to the ready pod.")
    ready = passed("pods", well, count=len(meant))
    return (ready, passed("endpoints", said, name=operation.plan.name, count=len(meant)))
