"""What a role is judged by, besides the containers themselves."""

import re
from dataclasses import dataclass

from sidecars.fields import Json, mapping, pairs, text
from sidecars.roles.reasons import ANNOTATION, OLD_ANNOTATION
from sidecars.topology import Edge, Owner, Service

# Labels that name the application, surest first.
APP_LABELS = (
    "app.kubernetes.io/name", "app.kubernetes.io/component", "app", "k8s-app", "app.kubernetes.io/instance",
    "name", "component", "run",
)  # fmt: skip
HASHES = ("pod-template-hash", "rollouts-pod-template-hash")
# The API server's generated names: five characters without vowels, behind a hash of them.
GENERATED = re.compile(r"(?:-[bcdfghjklmnpqrstvwxz2456789]{6,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}$")
RUN = re.compile(r"-\d{6,}$")  # a CronJob's Job: the minute or second it was due
ORDINAL = re.compile(r"-\d{1,4}$")  # a StatefulSet's pod


@dataclass(frozen=True, slots=True)
class Surroundings:
    default_container: str = ""
    workload: str = ""
    labels: tuple[str, ...] = ()  # values of the labels that name the application
    label_names: frozenset[str] = frozenset()  # names of all labels and annotations: who made the pod
    services: tuple[Service, ...] = ()
    edges: tuple[Edge, ...] = ()
    is_stateful: bool = False  # of a StatefulSet
    disks: frozenset[str] = frozenset()  # volumes that outlast the pod
    read_servers: frozenset[str] = frozenset()  # web servers whose configuration was read
    chosen_main: str = ""  # the viewer's own choice, kept per workload

    @property
    def names(self) -> tuple[str, ...]:
        """What the main container may be named after, surest first."""
        return tuple(dict.fromkeys(name for name in (self.workload, *self.labels) if name))


def read_surroundings(metadata: Json, owner: Owner | None, chosen_main: str) -> Surroundings:
    labels, annotations = mapping(metadata, "labels"), mapping(metadata, "annotations")
    return Surroundings(
        default_container=text(annotations, ANNOTATION) or text(annotations, OLD_ANNOTATION),
        workload=workload_name(metadata, owner),
        labels=tuple(value for value in (text(labels, label) for label in APP_LABELS) if value),
        label_names=frozenset(name for found in (labels, annotations) for name, _value in pairs(found)),
        is_stateful=owner is not None and owner.kind == "StatefulSet",
        chosen_main=chosen_main,
    )


def workload_name(metadata: Json, owner: Owner | None) -> str:
    """The name that a person gave, without what controllers append."""
    if owner is None:
        name = text(metadata, "name")[:253] or text(metadata, "generateName")[:253].rstrip("-")
        return ORDINAL.sub("", GENERATED.sub("", name))
    if owner.kind == "ReplicaSet":
        # A Deployment's ReplicaSet is <deployment>-<pod-template-hash>.
        for label in HASHES:
            if hashed := text(metadata, "labels", label):
                return owner.name.removesuffix("-" + hashed)
    return RUN.sub("", owner.name) if owner.kind == "Job" else owner.name
