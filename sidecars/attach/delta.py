"""What a change would do, field by field: ours, added by the server, or forbidden.

Objects are compared by outline: leaf paths with digests, so that a stored outline holds no
values (environment variables may be secrets).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sidecars.attach.ownership import LIST_KEYS, is_taken
from sidecars.attach.plan import Plan
from sidecars.fields import items, mapping, text
from sidecars.presets import policy

Outline = Mapping[str, str]
IGNORED = ("status",)
IGNORED_METADATA = (
    "managedFields",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "selfLink",
)
TEMPLATE = "spec.template"
SPEC = f"{TEMPLATE}.spec"


@dataclass(frozen=True, slots=True)
class Change:
    path: str
    kind: Literal["added", "removed", "changed"]
    digest: str = ""  # of the value afterwards


@dataclass(frozen=True, slots=True)
class Delta:
    ours: tuple[Change, ...]
    added_by_server: tuple[Change, ...]  # by webhooks and defaulting: shown
    forbidden: tuple[str, ...]  # paths: the change is refused


def outline(node: Any, path: str = "", salt: str = "") -> dict[str, str]:
    """Leaf path -> digest of its value."""
    return dict(_outline(_relevant(node) if not path else node, path, salt))


def outline_template(workload: Mapping[str, Any], salt: str) -> dict[str, str]:
    """Of the pod template alone. Salted: it is stored."""
    return outline(dict(mapping(workload, "spec", "template")), TEMPLATE, salt)


def _relevant(shown: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in shown.items() if key not in IGNORED}
    if isinstance(kept.get("metadata"), Mapping):
        metadata = kept["metadata"]
        kept["metadata"] = {k: v for k, v in metadata.items() if k not in IGNORED_METADATA}
    return kept


def _outline(node: Any, path: str, salt: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            yield from _outline(value, _below(path, key), salt)
    elif isinstance(node, list) and _keys_of(path, node):
        seen: dict[str, int] = {}
        for item in node:
            name = ",".join(str(item.get(part, "")) for part in _keys_of(path, node))
            seen[name] = seen.get(name, 0) + 1
            twin = f"#{seen[name]}" if seen[name] > 1 else ""
            yield from _outline(item, f"{path}[{name}]{twin}", salt)
    else:
        value = json.dumps([salt, node], sort_keys=True, separators=(",", ":"), default=str)
        yield path, hashlib.sha256(value.encode()).hexdigest()[:16]


def _below(path: str, key: str) -> str:
    plain = key.replace("-", "").replace("_", "").isalnum()
    return f"{path}.{key}".lstrip(".") if plain else f"{path}[{key}]"


def _keys_of(path: str, node: Sequence[Any]) -> tuple[str, ...]:
    keys = LIST_KEYS.get(path.rsplit(".", 1)[-1], ())
    return keys if node and all(isinstance(item, Mapping) for item in node) else ()


def compare(before: Outline, after: Outline) -> tuple[Change, ...]:
    changes = [Change(path, "removed") for path in before if path not in after]
    changes += [Change(path, "added", after[path]) for path in after if path not in before]
    both = [path for path in before if path in after and before[path] != after[path]]
    changes += [Change(path, "changed", after[path]) for path in both]
    return tuple(sorted(changes, key=lambda change: change.path))


def our_paths(plan: Plan) -> tuple[str, ...]:
    names = [f"{SPEC}.{plan.container_list}[{plan.container_name}]"]
    names += [f"{SPEC}.volumes[{volume['name']}]" for volume in plan.volumes]
    names += [f"{app_mounts_path(plan)}[{mount['mountPath']}]" for mount in plan.app_mounts]
    return (*names, f"{TEMPLATE}.metadata.annotations[{plan.annotation_key}]")


def app_mounts_path(plan: Plan) -> str:
    return f"{SPEC}.containers[{plan.app}].volumeMounts"


def is_ours(plan: Plan, path: str) -> bool:
    return any(path == ours or path.startswith((ours + ".", ours + "[")) for ours in our_paths(plan))


def judge(live: Mapping[str, Any], result: Mapping[str, Any], plan: Plan) -> Delta:
    """An attach's dry run: it may add our items, and nothing else may go or change."""
    changes = compare(outline(live), outline(result))
    ours = tuple(c for c in changes if is_ours(plan, c.path))
    others = [c for c in changes if not is_ours(plan, c.path)]
    forbidden = [c.path for c in others if _is_forbidden(c)]
    forbidden += [c.path for c in ours if c.kind != "added"]
    forbidden += _find_altered(result, plan) + _find_moved(live, result, plan)
    shown = tuple(c for c in others if c.path not in forbidden)
    return Delta(ours, shown, tuple(dict.fromkeys(forbidden)))


def judge_upgrade(live: Mapping[str, Any], result: Mapping[str, Any], plan: Plan, former: Plan) -> Delta:
    """An upgrade's dry run: our items, new or former, may come, change and go; nothing else."""
    changes = compare(outline(live), outline(result))
    ours = tuple(c for c in changes if is_ours(plan, c.path) or is_ours(former, c.path))
    emptied = _lists_of(plan) | _lists_of(former)
    others = [c for c in changes if c not in ours and c.path not in emptied]
    forbidden = [c.path for c in others if _is_forbidden(c)]
    forbidden += _find_altered(result, plan) + _find_moved(live, result, plan, with_ours=True)
    shown = tuple(c for c in others if c.path not in forbidden)
    return Delta(ours, shown, tuple(dict.fromkeys(forbidden)))


def find_staying(result: Mapping[str, Any], plan: Plan, former: Plan) -> tuple[str, ...]:
    """What only the former settings had and an upgrade leaves: another manager owns a part of it."""
    paths = outline(result)
    gone = [path for path in our_paths(former) if path not in our_paths(plan)]
    return tuple(o for o in gone if any(p == o or p.startswith((o + ".", o + "[")) for p in paths))


def _lists_of(plan: Plan) -> set[str]:
    """Lists that an API server may show as empty once our last item is gone."""
    emptied = {f"{SPEC}.initContainers", f"{SPEC}.volumes", f"{TEMPLATE}.metadata.annotations"}
    return emptied | ({app_mounts_path(plan)} if plan.app_mounts else set())


def judge_removal(live: Mapping[str, Any], result: Mapping[str, Any], plan: Plan) -> Delta:
    """An undo's dry run: it may remove our items, and nothing else."""
    changes = compare(outline(live), outline(result))
    ours = tuple(c for c in changes if is_ours(plan, c.path))
    emptied = _lists_of(plan)
    others = [c for c in changes if not is_ours(plan, c.path) and c.path not in emptied]
    forbidden = [c.path for c in others if _is_forbidden(c)] + _find_moved(live, result, plan)
    shown = tuple(c for c in others if c.path not in forbidden)
    return Delta(ours, shown, tuple(forbidden))


def find_left(
    result: Mapping[str, Any], plan: Plan, before: Mapping[str, Any] | None = None
) -> tuple[str, ...]:
    """Our paths that are still there; a container that only has the name of ours is not ours.

    With `before`, that is judged there: a dry run may leave a stub of ours that nobody knows again.
    """
    paths = outline(result)
    asked = our_paths(plan)[1:] if is_taken(before or result, plan) else our_paths(plan)
    return tuple(o for o in asked if any(p == o or p.startswith((o + ".", o + "[")) for p in paths))


def fingerprint(uid: str, preset_digest: str, changes: Sequence[Change]) -> str:
    """What a person confirmed. Without resourceVersion and status: those move by themselves."""
    listed = sorted([change.path, change.kind, change.digest] for change in changes)
    canonical = json.dumps([uid, preset_digest, listed], separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _is_forbidden(change: Change) -> bool:
    if change.kind != "added" and change.path.startswith(("spec.", "metadata.ownerReferences")):
        return True
    pod = change.path.removeprefix(f"{SPEC}.")
    if pod == change.path:
        return False
    if pod.split(".")[0].split("[")[0] in policy.POD_FIELDS:
        return True
    if pod.startswith("volumes["):
        inside = pod.partition("]")[2].lstrip(".").split(".")[0].split("[")[0]
        return inside not in ("", "name", *policy.VOLUME_SOURCES)
    tails = ("hostPort", "privileged", "procMount", "capabilities.add", "runAsUser", "subPath")
    return pod.endswith(tails) or pod.startswith("securityContext")


def _find_altered(result: Mapping[str, Any], plan: Plan) -> list[str]:
    """What the server stored for our container against what we asked for."""
    at = our_paths(plan)[0]
    stored = find_container(mapping(result, "spec", "template", "spec"), plan)
    if stored is None:
        return [at]
    kept = ("restartPolicy", "securityContext", "volumeMounts", "command", "args", "ports")
    wanted = outline({k: v for k, v in plan.container.items() if k in kept}, at)
    after = outline({k: v for k, v in stored.items() if k in kept}, at)
    altered = [path for path, digest in wanted.items() if after.get(path) != digest]
    if policy.find_secrets(stored) - policy.find_secrets(plan.container):
        altered.append(f"{at}.env")  # a webhook's: nobody was told of it
    return altered + [f"{at}.{path}" for path in policy.find_unsafe(stored)]


def find_container(spec: Mapping[str, Any], plan: Plan) -> Mapping[str, Any] | None:
    for container in items(spec, plan.container_list):
        if text(container, "name") == plan.container_name:
            return container
    return None


def _find_moved(
    live: Mapping[str, Any], result: Mapping[str, Any], plan: Plan, *, with_ours: bool = False
) -> list[str]:
    """Servers before 1.24 reorder init containers; the order is what a pod's start is made of."""
    moved = []
    for key in ("initContainers", "containers"):
        before = [name for name in _names(live, key) if with_ours or name != plan.container_name]
        after = [name for name in _names(result, key) if with_ours or name != plan.container_name]
        common = [name for name in after if name in before]
        if [name for name in before if name in after] != common:
            moved.append(f"{SPEC}.{key}")
    return moved


def _names(workload: Mapping[str, Any], key: str) -> list[str]:
    return [text(c, "name") for c in items(mapping(workload, "spec", "template", "spec"), key)]
