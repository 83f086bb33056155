"""Calls over localhost, with evidence. A source is a module with `find(configured)`.

To add one, write the module and name it in SOURCES.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sidecars.configured import Configured
from sidecars.edges import arguments, files, variables
from sidecars.edges.addresses import Address
from sidecars.edges.findings import Finding
from sidecars.knowledge import recognise
from sidecars.topology import Confidence, Container, Edge, Role

SOURCES: tuple[Callable[[Configured], Iterator[Finding]], ...] = (
    variables.find,
    arguments.find,
    files.find,
)
ORDER = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)


def infer(configured: Sequence[Configured], containers: Sequence[Container]) -> tuple[Edge, ...]:
    """One edge per caller, target and port, with every piece of evidence, surest first."""
    findings = [f for part in configured for source in SOURCES for f in source(part)]
    listeners = _listeners(findings, containers)
    volumes = {part.container: part.folders for part in configured}
    found: dict[tuple[str, str | None, int | None, str, str], list[Finding]] = {}
    for finding in findings:
        where = finding.address
        owners = listeners.get((where.port, where.protocol), set())
        if finding.is_listener or finding.container in owners:
            continue
        if where.protocol == "unix":
            target = _other_end(finding.container, where, volumes)
            if target is None:
                continue
        elif owners:
            target = _first(containers, owners)
        else:
            target, finding = _by_product(finding, containers)
        key = (finding.container, target, where.port, where.protocol, where.path)
        found.setdefault(key, []).append(finding)
    return tuple(_join(*item) for item in found.items())


def _listeners(
    findings: Sequence[Finding], containers: Sequence[Container]
) -> dict[tuple[int | None, str], set[str]]:
    """Who declares a port, or says in its own configuration that it opens it."""
    owners: dict[tuple[int | None, str], set[str]] = {}
    for container in containers:
        if container.role is not Role.EPHEMERAL:
            for port in container.ports:
                owners.setdefault((port.number, port.protocol.lower()), set()).add(container.name)
    for finding in findings:
        if finding.is_listener and finding.address.port:
            key = (finding.address.port, finding.address.protocol)
            owners.setdefault(key, set()).add(finding.container)
    return owners


def _by_product(finding: Finding, containers: Sequence[Container]) -> tuple[str | None, Finding]:
    """The one container whose product is known to open this port: likely, but not written."""
    known = [
        (container.name, product.id)
        for container in containers
        if container.name != finding.container and container.role is not Role.INIT
        for product in [recognise(container.image, container.name)]
        if product and finding.address.protocol == "tcp" and finding.address.port in product.ports
    ]
    if len(known) != 1:
        return None, finding
    return known[0][0], replace(finding, kind="inferred", confidence=Confidence.MEDIUM)


def _first(containers: Sequence[Container], names: set[str]) -> str | None:
    """Of several that claim a port (a clash), the one that runs beside the caller first."""
    lasting = [c.name for c in containers if c.role not in (Role.INIT, Role.EPHEMERAL)]
    return next((name for name in lasting if name in names), None)


def _other_end(caller: str, address: Address, volumes: dict[str, tuple[tuple[str, str], ...]]) -> str | None:
    """The one other container that mounts the volume in which the socket lies."""
    inside = [
        (len(folder), volume)
        for folder, volume in volumes.get(caller, ())
        if address.path.startswith(folder.rstrip("/") + "/")
    ]
    if not inside:
        return None
    volume = max(inside)[1]
    others = [
        name
        for name, folders in volumes.items()
        if name != caller and any(found == volume for _folder, found in folders)
    ]
    return others[0] if len(others) == 1 else None


def _join(key: tuple[str, str | None, int | None, str, str], findings: list[Finding]) -> Edge:
    source, target, port, protocol, path = key
    findings = sorted(findings, key=lambda f: (f.kind != "declared", ORDER.index(f.confidence)))
    best = findings[0]
    # Who made the socket is not written anywhere: the direction is a guess.
    is_guess = protocol == "unix"
    return Edge(
        source=source,
        target=target,
        port=port,
        protocol=protocol,
        path=path,
        kind="inferred" if is_guess else best.kind,
        confidence=Confidence.MEDIUM if is_guess else best.confidence,
        evidence=tuple(dict.fromkeys(finding.evidence for finding in findings)),
    )
