"""Bodies that the contract sends."""

from __future__ import annotations

from typing import Any

Obj = dict[str, Any]

IMAGE = "docker.io/library/busybox:1.36"
SAFE = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def container(name: str = "app", **more: Any) -> Obj:
    return {"name": name, "image": IMAGE, "command": ["sleep", "3600"], **more}


def pod(name: str, *containers: Obj, **spec: Any) -> Obj:
    # No node: nothing runs, nothing changes behind the test's back.
    chosen = {"nodeSelector": {"contract": "nowhere"}} | spec
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": list(containers) or [container()], **chosen},
    }


def deployment(name: str, *containers: Obj, replicas: int = 0, **more: Any) -> Obj:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {
            "containers": list(containers) or [container()],
            "terminationGracePeriodSeconds": 1,
            **more,
        },
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": template,
        },
    }


def configmap(name: str, labels: Obj | None = None, **more: Any) -> Obj:
    metadata = {"name": name} | ({"labels": labels} if labels else {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **more}


def identity(obj: Obj, **more: Any) -> Obj:
    """The fields that name an object: an empty apply set."""
    metadata = {"name": obj["metadata"]["name"], **more}
    return {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": metadata}


def with_template(obj: Obj, spec: Obj, metadata: Obj | None = None, **more: Any) -> Obj:
    """An apply set on the pod template of a Deployment."""
    template = {"spec": spec} | ({"metadata": metadata} if metadata else {})
    return identity(obj, **more) | {"spec": {"template": template}}
