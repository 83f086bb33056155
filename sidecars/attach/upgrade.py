"""Other settings, or another version, for a sidecar that is attached already. Pure.

The same field manager and annotation key go on; what the new set no longer has, server-side
apply removes.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from sidecars.attach import delta, ownership, patches
from sidecars.attach.operation import Operation
from sidecars.attach.plan import Plan
from sidecars.fields import items, mapping, text

Standing = Literal["new", "former", "neither"]


def without(workload: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """The workload as if this attachment had never been: what it has is no clash with itself."""
    prefix = f"sd-{plan.attachment_id}-"
    template = dict(mapping(workload, "spec", "template"))
    spec = dict(mapping(template, "spec"))
    for key in ("initContainers", "containers"):
        if key in spec:
            spec[key] = [
                _without_mounts(c, prefix)
                for c in items(spec, key)
                if (key, text(c, "name")) != (plan.container_list, plan.container_name)
            ]
    if "volumes" in spec:
        spec["volumes"] = [v for v in items(spec, "volumes") if not text(v, "name").startswith(prefix)]
    metadata = dict(mapping(template, "metadata"))
    annotations = mapping(metadata, "annotations")
    metadata["annotations"] = {k: v for k, v in annotations.items() if k != plan.annotation_key}
    whole = dict(mapping(workload, "spec")) | {"template": template | {"metadata": metadata, "spec": spec}}
    return {**workload, "spec": whole}


def _without_mounts(container: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    kept = [m for m in items(container, "volumeMounts") if not text(m, "name").startswith(prefix)]
    return {**container, **({"volumeMounts": kept} if "volumeMounts" in container else {})}


def is_there(live: Mapping[str, Any], plan: Plan) -> bool:
    """Whether the template still has this attachment's own container."""
    container = delta.find_container(mapping(live, "spec", "template", "spec"), plan)
    return container is not None and not ownership.is_taken(live, plan)


def standing(live: Mapping[str, Any], operation: Operation) -> Standing:
    """Which settings the template shows, by the values of what the upgrade changes.

    Ownership alone does not tell: an upgrade to another value owns the same fields. Only the
    changed paths are looked at, so that others' edits beside them do not matter.
    """
    new, former, changed = _count(live, operation)
    if new == changed:
        return "new"
    return "former" if former == changed else "neither"


def _count(live: Mapping[str, Any], operation: Operation) -> tuple[int, int, int]:
    """How many of the changed paths are as after the upgrade, as before it, and are there."""
    before, after = operation.template_before, operation.template_expected
    plans = [plan for plan in (operation.plan, operation.former) if plan]
    changed = [c.path for c in delta.compare(before, after) if any(delta.is_ours(p, c.path) for p in plans)]
    now = delta.outline_template(live, operation.attachment_id)
    new = sum(now.get(path) == after.get(path) for path in changed)
    return new, sum(now.get(path) == before.get(path) for path in changed), len(changed)


def is_applied(live: Mapping[str, Any], operation: Operation) -> bool:
    """What became of an upgrade whose answer was lost: its values are there, and ours."""
    plan = operation.plan
    if text(live, "metadata", "uid") != plan.uid or standing(live, operation) != "new":
        return False
    held = ownership.compare(live, plan.field_manager, patches.build_apply(plan, ""))
    return held in ("exact", "more")


def in_force(live: Mapping[str, Any], operation: Operation) -> Plan:
    """The plan that the template shows: an upgrade may have failed before or after its write.

    The write is one, so a mixture is others' edits: the greater part decides.
    """
    new, former, _changed = _count(live, operation)
    return operation.plan if operation.former is None or new >= former else operation.former


def remembered(plan: Plan) -> Plan:
    """A former plan as it is stored: of its ConfigMap only the name, which says its content."""
    if plan.configmap is None:
        return plan
    return replace(plan, configmap={"metadata": {"name": plan.configmap_name}})
