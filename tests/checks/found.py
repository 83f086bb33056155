"""What the checks find in a manifest, by id."""

from collections.abc import Mapping
from typing import Any

from sidecars import manifests
from sidecars.topology import Check
from tests.topology.pods import container, pod

Json = dict[str, Any]
JOB = {"kind": "Job", "name": "nightly", "controller": True}


def checks(
    *containers: Json, configmaps: Mapping[str, Json] | None = None, **fields: Any
) -> dict[str, Check]:
    services = fields.pop("services", ())
    read = manifests.read_pod(pod(*containers, **fields), services=services, configmaps=configmaps)
    return {check.id: check for check in read.checks}


def severity(id_: str, *containers: Json, **fields: Any) -> str:
    """ "" if the check is silent."""
    found = checks(*containers, **fields).get(id_)
    return found.severity if found else ""


def shell(name: str, script: str, **fields: Any) -> Json:
    return container(name, command=["sh", "-c", script], **fields)


def user(uid: int) -> Json:
    return {"securityContext": {"runAsUser": uid}}
