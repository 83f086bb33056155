"""The bodies that are sent: apply sets, JSON patches, the ConfigMap. Field paths are written here."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import yaml

from sidecars.attach.ownership import is_taken
from sidecars.attach.plan import Plan
from sidecars.fields import items, mapping, text

TEMPLATE = "/spec/template"
Operations = list[dict[str, Any]]


def build_identity(plan: Plan, resource_version: str) -> dict[str, Any]:
    """The empty apply set. The uid forbids the API server to create a missing object."""
    metadata = {
        "name": plan.name,
        "namespace": plan.namespace,
        "uid": plan.uid,
        "resourceVersion": resource_version,
    }
    return {"apiVersion": plan.api_version, "kind": plan.kind, "metadata": metadata}


def build_apply(plan: Plan, resource_version: str) -> dict[str, Any]:
    """Our items only: an existing item in the body would make us its co-owner."""
    spec: dict[str, Any] = {plan.container_list: [plan.container]}
    if plan.app_mounts:
        # Of the app only its name, which merges the list, and our mounts: never its image or env.
        app = {"name": plan.app, "volumeMounts": list(plan.app_mounts)}
        # The app first: the merge keeps this order, and kubectl takes the first container by default.
        spec["containers"] = [app, *spec.get("containers", ())]
    if plan.volumes:
        spec["volumes"] = list(plan.volumes)
    template = {"metadata": {"annotations": {plan.annotation_key: plan.annotation}}, "spec": spec}
    return build_identity(plan, resource_version) | {"spec": {"template": template}}


def build_removal(plan: Plan, live: Mapping[str, Any]) -> Operations:
    """Takes our items out one by one; each must still be where it was seen.

    Used where an empty apply would take too much or too little. Empty if nothing of ours is left.
    """
    spec = mapping(live, "spec", "template", "spec")
    wanted = [] if is_taken(live, plan) else [(plan.container_list, plan.container_name)]
    wanted += [("volumes", volume["name"]) for volume in plan.volumes]
    removed: Operations = _remove_app_mounts(spec, plan)
    for key in (plan.container_list, "volumes"):
        names = {name for where, name in wanted if where == key}
        places = [i for i, item in enumerate(items(spec, key)) if text(item, "name") in names]
        for place in reversed(places):
            at = f"{TEMPLATE}/spec/{key}/{place}"
            removed += [_test(f"{at}/name", text(items(spec, key)[place], "name")), _remove(at)]
    annotations = mapping(live, "spec", "template", "metadata", "annotations")
    if plan.annotation_key in annotations:
        at = f"{TEMPLATE}/metadata/annotations/{_escape(plan.annotation_key)}"
        removed += [_test(at, annotations[plan.annotation_key]), _remove(at)]
    if not removed:
        return []
    metadata = mapping(live, "metadata")
    guard = [_test(f"/metadata/{key}", metadata[key]) for key in ("uid", "resourceVersion")]
    return guard + removed


def _remove_app_mounts(spec: Mapping[str, Any], plan: Plan) -> Operations:
    ours = {(text(mount, "name"), text(mount, "mountPath")) for mount in plan.app_mounts}
    removed: Operations = []
    for place, container in enumerate(items(spec, "containers")):
        if not ours or text(container, "name") != plan.app:
            continue
        at = f"{TEMPLATE}/spec/containers/{place}"
        removed.append(_test(f"{at}/name", plan.app))
        mounts = list(enumerate(items(container, "volumeMounts")))
        for number, mount in reversed(mounts):
            if (text(mount, "name"), text(mount, "mountPath")) in ours:
                here = f"{at}/volumeMounts/{number}"
                removed += [_test(f"{here}/mountPath", text(mount, "mountPath")), _remove(here)]
    return removed if any(operation["op"] == "remove" for operation in removed) else []


def build_addition(plan: Plan, live: Mapping[str, Any]) -> Operations:
    """The same change as a JSON patch, for a person's kubectl."""
    spec = mapping(live, "spec", "template", "spec")
    added = [_append(spec, plan.container_list, plan.container)]
    grown = dict(spec)
    for volume in plan.volumes:
        added.append(_append(grown, "volumes", volume))
        grown["volumes"] = [*items(grown, "volumes"), volume]
    added += _add_app_mounts(spec, plan)
    at = f"{TEMPLATE}/metadata/annotations"
    if mapping(live, "spec", "template", "metadata", "annotations"):
        added.append(_add(f"{at}/{_escape(plan.annotation_key)}", plan.annotation))
    else:
        added.append(_add(at, {plan.annotation_key: plan.annotation}))
    return added


def _add_app_mounts(spec: Mapping[str, Any], plan: Plan) -> Operations:
    added: Operations = []
    for place, container in enumerate(items(spec, "containers")):
        if plan.app_mounts and text(container, "name") == plan.app:
            at = f"{TEMPLATE}/spec/containers/{place}"
            added.append(_test(f"{at}/name", plan.app))
            mounts = items(container, "volumeMounts")
            for mount in plan.app_mounts:
                added.append(
                    _add(f"{at}/volumeMounts/-", mount) if mounts else _add(f"{at}/volumeMounts", [mount])
                )
                mounts = [*mounts, mount]
    return added


def kubectl_attach(plan: Plan, live: Mapping[str, Any]) -> str:
    """Commands that do the same by hand. Never `kubectl apply --server-side` under our manager."""
    lines = [*_kubectl_configmap(plan), _kubectl_patch(plan, build_addition(plan, live))]
    return "\n".join(lines) + "\n"


def _kubectl_configmap(plan: Plan) -> list[str]:
    if not plan.configmap:
        return []
    kept = {"name": plan.configmap["metadata"]["name"], "namespace": plan.namespace}
    shown = yaml.safe_dump({**plan.configmap, "metadata": kept}, sort_keys=False)
    return [f"kubectl create -f - <<'SIDECAR_CONFIG'\n{shown}SIDECAR_CONFIG"]


def build_replacement(plan: Plan, former: Plan, live: Mapping[str, Any]) -> Operations:
    """An upgrade as a JSON patch, for a person's kubectl: everything of ours stays in its place."""
    spec = mapping(live, "spec", "template", "spec")
    wanted = {volume["name"]: volume for volume in plan.volumes}
    changed: Operations = []
    for place, container in enumerate(items(spec, plan.container_list)):
        if text(container, "name") == plan.container_name:
            at = f"{TEMPLATE}/spec/{plan.container_list}/{place}"
            changed += [_test(f"{at}/name", plan.container_name), _replace(at, plan.container)]
    there = [text(volume, "name") for volume in items(spec, "volumes")]
    ours = {volume["name"] for volume in former.volumes}
    for place, name in reversed(list(enumerate(there))):  # from the end: a removal moves what follows
        at = f"{TEMPLATE}/spec/volumes/{place}"
        if name in wanted:
            changed += [_test(f"{at}/name", name), _replace(at, wanted[name])]
        elif name in ours:
            changed += [_test(f"{at}/name", name), _remove(at)]
    grown = dict(spec)
    for volume in plan.volumes:
        if volume["name"] not in there:
            changed.append(_append(grown, "volumes", volume))
            grown["volumes"] = [*items(grown, "volumes"), volume]
    going = [m for m in former.app_mounts if former.app != plan.app or m not in plan.app_mounts]
    coming = [m for m in plan.app_mounts if former.app != plan.app or m not in former.app_mounts]
    changed += _remove_app_mounts(spec, replace(former, app_mounts=tuple(going)))
    changed += _add_app_mounts(spec, replace(plan, app_mounts=tuple(coming)))
    at = f"{TEMPLATE}/metadata/annotations/{_escape(plan.annotation_key)}"
    return [*changed, _add(at, plan.annotation)]


def kubectl_upgrade(plan: Plan, former: Plan, live: Mapping[str, Any]) -> str:
    is_other = plan.configmap_name != former.configmap_name
    return "\n".join(
        [
            *(_kubectl_configmap(plan) if is_other else []),
            _kubectl_patch(plan, build_replacement(plan, former, live)),
            "",
        ]
    )


def kubectl_undo(plan: Plan, live: Mapping[str, Any]) -> str:
    kept = [o for o in build_removal(plan, live) if not o["path"].startswith("/metadata/")]
    return _kubectl_patch(plan, kept) + "\n" if kept else ""


def _kubectl_patch(plan: Plan, operations: Operations) -> str:
    body = shlex.quote(json.dumps(operations, separators=(",", ":")))
    target = f"{plan.kind.lower()} {shlex.quote(plan.name)}"
    return f"kubectl -n {shlex.quote(plan.namespace)} patch {target} --type=json -p {body}"


def _append(spec: Mapping[str, Any], key: str, item: Mapping[str, Any]) -> dict[str, Any]:
    at = f"{TEMPLATE}/spec/{key}"
    return _add(f"{at}/-", item) if items(spec, key) else _add(at, [item])


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _test(path: str, value: Any) -> dict[str, Any]:
    return {"op": "test", "path": path, "value": value}


def _add(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def _replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def _remove(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}
