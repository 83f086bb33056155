"""What containers use, as the metrics API says: a PodMetrics of metrics.k8s.io/v1beta1."""

from collections.abc import Mapping
from typing import Any

from sidecars.fields import items, text
from sidecars.quantities import bytes_of, millicores_of
from sidecars.topology import Usage


def read_usage(metrics: Mapping[str, Any]) -> dict[str, Usage]:
    """By container name, native sidecars too. One that was not measured yet is not in it."""
    found = {}
    for container in items(metrics, "containers"):
        cpu, memory = text(container, "usage", "cpu"), text(container, "usage", "memory")
        if cpu or memory:
            found[text(container, "name")] = Usage(millicores_of(cpu), bytes_of(memory))
    return found
