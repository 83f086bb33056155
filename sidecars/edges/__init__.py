"""Calls over localhost, with evidence. A source is a module with `find(configured)`.

To add one, write the module and name it in SOURCES.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from sidecars.configured import Configured
from sidecars.edges import arguments, exporters, files, injected, limits, products, resolving, variables
from sidecars.edges.findings import Finding
from sidecars.edges.joining import join
from sidecars.topology import Container, Cut, Edge, Service

SOURCES: tuple[Callable[[Configured], Iterator[Finding]], ...] = (
    variables.find,
    arguments.find,
    files.find,
    resolving.find,
    exporters.find,
)
NOTHING: Mapping[str, str] = {}


def infer(
    configured: Sequence[Configured],
    containers: Sequence[Container],
    annotations: Mapping[str, str] = NOTHING,
    services: Sequence[Service] = (),
) -> tuple[tuple[Edge, ...], Cut | None]:
    """One edge per caller, target and port, with every piece of evidence, surest first; what is left out."""
    findings = [f for one in configured for source in SOURCES for f in limits.some(source(one))]
    findings += [f for one in configured for f in limits.some(products.find(one, annotations))]
    findings += injected.find_listeners(configured, annotations)
    findings += injected.find_forwarding(configured, containers, annotations, services)
    findings, cut = limits.cut(list(dict.fromkeys(findings)))
    return join(findings, configured, containers), cut
