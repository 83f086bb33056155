"""The scale subresource of workloads."""

from __future__ import annotations

from typing import Any

import msgspec

from .. import discovery, patches, status
from ..requests import Answer, Request, Response
from ..store import Obj


async def scale(request: Request) -> Response:
    target = request.target
    workload = request.store.get(target.plural, target.namespace, target.name)
    if request.method == "GET":
        return Answer(_scale_of(workload))
    wanted = _wanted(request, workload)
    replicas = wanted.get("spec", {}).get("replicas", 0)
    if not isinstance(replicas, int) or replicas < 0:
        text = f"Invalid value: {replicas}: must be greater than or equal to 0"
        causes = [status.cause("FieldValueInvalid", text, "spec.replicas")]
        raise status.invalid("Scale", "autoscaling", target.name, causes)
    expected = wanted.get("metadata", {}).get("resourceVersion")
    if expected and expected != workload["metadata"]["resourceVersion"]:
        group = discovery.KINDS[target.plural].group
        raise status.conflict(target.plural, group, target.name, status.MODIFIED)
    if request.is_dry_run:
        scaled = workload | {"spec": workload["spec"] | {"replicas": replicas}}
        return Answer(_scale_of(scaled))
    manager = request.option("fieldManager") or request.headers.get("user-agent", "").partition("/")[0]
    changed = request.store.edit(
        target.plural, target.namespace, target.name,
        lambda copy: copy["spec"].update(replicas=replicas), manager or "unknown",
    )  # fmt: skip
    return Answer(_scale_of(changed))


def _wanted(request: Request, workload: Obj) -> Obj:
    if request.method == "PUT":
        body: Any = msgspec.json.decode(request.body)
        return dict(body)
    content_type = request.headers.get("content-type", "").partition(";")[0]
    if content_type == "application/strategic-merge-patch+json":
        content_type = "application/merge-patch+json"  # the same, for two numbers
    return patches.apply_patch(content_type, _scale_of(workload), request.body)


def _scale_of(workload: Obj) -> Obj:
    metadata = workload["metadata"]
    labels = workload["spec"]["selector"].get("matchLabels", {})
    replicas = workload["spec"].get("replicas", 0)
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {field: metadata[field] for field in kept},
        "spec": {"replicas": replicas} if replicas else {},
        "status": {
            "replicas": workload.get("status", {}).get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in sorted(labels.items())),
        },
    }
