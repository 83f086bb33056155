"""Reads one of the three objects, or that it is not there."""

from sidecars.attach.operation import Operation
from sidecars.attach.plan import Plan
from sidecars.attach.run.patience import patiently
from sidecars.attach.standalone.objects import Objects
from sidecars.cluster.cluster import Cluster
from sidecars.errors import NotFound


async def look(cluster: Cluster, planned: Plan, objects: Objects, resource: str) -> dict[str, object] | None:
    """Raises Forbidden."""
    name = objects.name_of(resource)
    try:
        return await patiently(lambda: cluster.get(resource, planned.namespace, name))
    except NotFound:
        return None


def objects_of(operation: Operation) -> Objects:
    if operation.objects is None:
        raise ValueError("an operation on a Deployment of its own has objects")
    return operation.objects
