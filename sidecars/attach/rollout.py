"""How far a rollout is, as values for a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sidecars.attach.plan import Plan
from sidecars.fields import items, mapping, text
from sidecars.messages import Sentence

Stage = Literal["waiting", "progressing", "paused", "complete", "failed"]


@dataclass(frozen=True, slots=True)
class RolloutPod:
    """`container` is the first failing one, `reason` why, `message` more words about it."""

    name: str
    is_new: bool
    status: str
    ready: str  # "2/2"
    container: str = ""
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class RolloutEvent:
    time: float  # seconds since the epoch, by the cluster's clock
    type: str  # Normal | Warning
    reason: str
    message: str
    object: str  # Pod/web-1
    count: int


@dataclass(frozen=True, slots=True)
class Rollout:
    """`unreadable`: what may not be listed ("pods", "events", "replicasets")."""

    stage: Stage
    sentence: Sentence
    desired: int
    updated: int
    ready: int
    available: int
    old: int
    pods: tuple[RolloutPod, ...] = ()
    events: tuple[RolloutEvent, ...] = ()
    unreadable: tuple[str, ...] = ()


def is_carrier(pod: Mapping[str, Any], plan: Plan) -> bool:
    """Whether the pod was made from a template with our annotation and our configuration.

    Other settings of the same version have the same annotation, but another ConfigMap.
    """
    annotations = mapping(pod, "metadata", "annotations")
    used = [text(volume, "configMap", "name") for volume in items(pod, "spec", "volumes")]
    is_configured = not plan.configmap or plan.configmap_name in used
    return is_configured and annotations.get(plan.annotation_key) == plan.annotation
