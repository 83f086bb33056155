"""Pod templates and their revisions."""

from __future__ import annotations

import copy

import msgspec

from ..store import Obj
from .world import reference_to

HASH_LABEL = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
NOT_COPIED = (
    REVISION,
    HISTORY,
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "kubectl.kubernetes.io/last-applied-configuration",
)
_SAFE = "bcdfghjklmnpqrstvwxz2456789"


def template_hash(template: Obj) -> str:
    """FNV-1a over the template, in the letters that Kubernetes allows itself here."""
    value = 0x811C9DC5
    for byte in msgspec.json.encode(template, order="sorted"):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return "".join(_SAFE[ord(digit) % len(_SAFE)] for digit in str(value))


def same_template(deployment: Obj, replicaset: Obj) -> bool:
    mine, theirs = deployment["spec"]["template"], replicaset["spec"]["template"]
    return bool(mine["spec"] == theirs["spec"]) and _metadata(mine) == _metadata(theirs)


def _metadata(template: Obj) -> Obj:
    metadata = template.get("metadata") or {}
    labels = dict(metadata.get("labels") or {})
    labels.pop(HASH_LABEL, None)
    return {"labels": labels, "annotations": metadata.get("annotations") or {}}


def revision_of(obj: Obj) -> int:
    text = (obj["metadata"].get("annotations") or {}).get(REVISION, "0")
    return int(text) if text.isdigit() else 0


def set_revision(obj: Obj, revision: int) -> None:
    annotations = obj["metadata"].setdefault("annotations", {})
    before = annotations.get(REVISION)
    if obj["kind"] == "ReplicaSet" and before and before != str(revision):
        past = [*annotations.get(HISTORY, "").split(","), before]
        annotations[HISTORY] = ",".join(each for each in past if each)
    annotations[REVISION] = str(revision)


def new_replicaset(deployment: Obj, revision: int) -> Obj:
    template = copy.deepcopy(deployment["spec"]["template"])
    digest = template_hash(template)
    metadata = template.setdefault("metadata", {})
    metadata["labels"] = {**(metadata.get("labels") or {}), HASH_LABEL: digest}
    selector = copy.deepcopy(deployment["spec"]["selector"])
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), HASH_LABEL: digest}
    annotations = deployment["metadata"].get("annotations") or {}
    copied = {key: value for key, value in annotations.items() if key not in NOT_COPIED}
    return {
        "metadata": {
            "name": f"{deployment['metadata']['name']}-{digest}",
            "namespace": deployment["metadata"]["namespace"],
            "labels": dict(metadata["labels"]),
            "annotations": {**copied, REVISION: str(revision)},
            "ownerReferences": [reference_to(deployment)],
        },
        "spec": {
            "replicas": 0,
            "selector": selector,
            "template": template,
            **(
                {"minReadySeconds": deployment["spec"]["minReadySeconds"]}
                if deployment["spec"].get("minReadySeconds")
                else {}
            ),
        },
    }
