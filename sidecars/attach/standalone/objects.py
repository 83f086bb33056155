"""The three objects of a Deployment of its own: their bodies, and what is known of them since."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sidecars.attach.plan import Plan, plan
from sidecars.attach.standalone.place import Place, can_stand_alone
from sidecars.errors import Unsupported
from sidecars.fields import items, mapping, text
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import Preset

# In the order in which they are made; taken away in the other one.
RESOURCES = ("configmaps", "deployments", "services")
KINDS: Mapping[str, str] = {"configmaps": "ConfigMap", "deployments": "Deployment", "services": "Service"}
NAME_LABEL = "app.kubernetes.io/name"
MANAGED_BY = "app.kubernetes.io/managed-by"
# Not app.kubernetes.io/instance: by that label Argo CD knows what belongs to one of its applications.
ID_LABEL = "attach.sidecar-dash.io/id"
MANAGER = "sidecar-dashboard"
NOT_ALONE = _("%(preset)s is of use only beside its app, in the same pod.")


@dataclass(frozen=True, slots=True)
class Objects:
    """By resource: bodies as they are sent, the uid of what is there, and how it looked then."""

    bodies: Mapping[str, Mapping[str, Any]]
    uids: Mapping[str, str] = field(default_factory=dict)
    outlines: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # when it was made
    reviewed: Mapping[str, str] = field(default_factory=dict)  # digests, when a removal was confirmed

    def with_made(self, resource: str, uid: str, outline: Mapping[str, str]) -> "Objects":
        return replace(self, uids={**self.uids, resource: uid}, outlines={**self.outlines, resource: outline})

    def name_of(self, resource: str) -> str:
        return text(self.bodies[resource], "metadata", "name")


def plan_standalone(
    preset: Preset, values: Mapping[str, Any], place: Place, *, attachment_id: str
) -> tuple[Plan, Objects]:
    """The container is the sidecar's own plan, on a Deployment that has nothing else in its pods."""
    if not can_stand_alone(preset):
        raise Unsupported(NOT_ALONE, preset=preset.id)
    metadata = {"name": place.name, "namespace": place.namespace, "uid": ""}
    empty = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}
    planned = plan(empty, preset, values, attachment_id=attachment_id, native=False)
    configmap = dict(planned.configmap or {})
    configmap["metadata"] = _metadata(planned, planned.configmap_name)
    planned = replace(planned, configmap=configmap)
    deployment = {**empty, "metadata": _metadata(planned, place.name), "spec": _spec(planned, place)}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(planned, place.name),
        "spec": {"selector": selector_of(planned), "ports": [_port(planned, place)]},
    }
    bodies = {"configmaps": configmap, "deployments": deployment, "services": service}
    return planned, Objects(bodies)


def labels_of(planned: Plan) -> dict[str, str]:
    return {**selector_of(planned), MANAGED_BY: MANAGER}


def selector_of(planned: Plan) -> dict[str, str]:
    """With the attachment's id, so that no other pod is meant by it."""
    return {NAME_LABEL: planned.name, ID_LABEL: planned.attachment_id}


def _metadata(planned: Plan, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": planned.namespace,
        "labels": labels_of(planned),
        "annotations": {planned.annotation_key: planned.annotation},
    }


def _spec(planned: Plan, place: Place) -> dict[str, Any]:
    marks = {
        "labels": labels_of(planned),
        "annotations": {planned.annotation_key: planned.annotation},
    }
    pod = {
        "automountServiceAccountToken": False,
        "containers": [planned.container],
        "volumes": list(planned.volumes),
    }
    return {
        "replicas": place.replicas,
        "selector": {"matchLabels": selector_of(planned)},
        "template": {"metadata": marks, "spec": pod},
    }


def _port(planned: Plan, place: Place) -> dict[str, Any]:
    """To the container's first port, by its name."""
    first = items(planned.container, "ports")[0]
    target = text(first, "name") or first["containerPort"]
    return {"name": "http", "port": place.port, "protocol": "TCP", "targetPort": target}


def is_ours(live: Mapping[str, Any], planned: Plan) -> bool:
    """Whether it was made for this attachment: the annotation has its random id."""
    annotations = mapping(live, "metadata", "annotations")
    return annotations.get(planned.annotation_key) == planned.annotation
