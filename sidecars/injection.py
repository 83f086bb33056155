"""Sidecars that a pod or its namespace asks an injector for, and that are not there."""

from collections.abc import Collection, Iterator

from sidecars.fields import Json, mapping, pairs
from sidecars.knowledge.injectors import Injector, Marker
from sidecars.knowledge.injectors import injectors as known
from sidecars.topology import Absent


def find_absent(
    pod: Json, namespace: Json | None, containers: Collection[str], *, host_network: bool
) -> tuple[Absent, ...]:
    """`namespace` is its object, None if it may not be read: then the pod's own markers must do."""
    there = frozenset(containers)
    found = (
        _judge(injector, mapping(pod, "metadata"), mapping(namespace, "metadata"), host_network)
        for injector in known()
        if not injector.containers & there
    )
    return tuple(absent for absent in found if absent)


def _judge(injector: Injector, pod: Json, namespace: Json, host_network: bool) -> Absent | None:
    own = next(_marks(injector.pod, pod), "")
    theirs = next(_marks(injector.namespace, namespace), "")
    if not own and not theirs:
        return None
    if refusal := next(_marks(injector.refused, pod), ""):
        return Absent(injector.name, refusal, "refused")
    asks = own or theirs
    if host_network and not injector.host_network:
        return Absent(injector.name, asks, "host-network")
    return Absent(injector.name, asks, "pod" if own else "namespace")


def _marks(markers: tuple[Marker, ...], metadata: Json) -> Iterator[str]:
    labels, annotations = (dict(pairs(metadata, kind)) for kind in ("labels", "annotations"))
    return (found for marker in markers if (found := marker.find(labels, annotations)))
