"""A pod as the JSON that `inspect -o json` prints. Its shape is documented in docs/inspect.md.

Messages are English in every language, so that a program can rely on them.
"""

from collections.abc import Mapping, Sequence

from sidecars.bundle import Found
from sidecars.topology import Check, Container, Edge, Evidence, Flow, Mount, Pod, Volume

LONGEST = 2_000  # characters of any text
Value = object


def report(found: Sequence[Found]) -> dict[str, Value]:
    return {"pods": [report_pod(one) for one in found]}


def report_pod(found: Found) -> Mapping[str, Value]:
    """The keys of the contract first; flows, kind, source, services and missing are additions."""
    pod = found.pod
    return {
        "namespace": pod.namespace,
        "name": pod.name,
        "containers": [_container(container) for container in pod.containers],
        "volumes": [entry for volume in pod.volumes for entry in _volumes(pod, volume)],
        "edges": [_edge(edge) for edge in pod.edges],
        "checks": [_check(check) for check in pod.checks if check.severity != "ok"],
        "flows": [_flow(flow) for flow in pod.flows],
        "kind": found.kind,
        "source": {"file": found.file, "document": found.document, "line": found.line},
        "services": [_service(pod, index) for index in range(len(pod.services))],
        "missing": [f"ConfigMap {name}" for name in found.missing],
        "unreadable": list(pod.unreadable),
    } | ({"template": found.template} if found.template else {})


def fill(message: str, parameters: Mapping[str, str]) -> str:
    return (message % parameters if parameters else message)[:LONGEST]


def why(container: Container) -> str:
    return fill(container.role_reason, dict(container.role_parameters))


def _container(container: Container) -> dict[str, Value]:
    return {
        "name": container.name,
        "role": container.role.value,
        "reason": why(container),
        "image": container.image[:LONGEST],
        "ports": [
            {"port": port.number, "protocol": port.protocol.lower(), "name": port.name}
            for port in container.ports
        ],
    }


def mounts_of(pod: Pod, volume: str) -> list[tuple[Container, Mount]]:
    return [(c, mount) for c in pod.containers for mount in c.mounts if mount.volume == volume]


def _volumes(pod: Pod, volume: Volume) -> list[dict[str, Value]]:
    """A volume with all its mounts, then those that are the same folder under another name."""
    mounts = mounts_of(pod, volume.name)
    entry = _volume(volume, volume.name, mounts)
    if volume.parts:
        entry["parts"] = [part[:LONGEST] for part in volume.parts]
    same = [
        _volume(volume, name, [pair for pair in mounts if pair[1].alias == name]) | {"sameAs": volume.name}
        for name in volume.aliases
    ]
    return [entry, *same]


def _volume(volume: Volume, name: str, mounts: Sequence[tuple[Container, Mount]]) -> dict[str, Value]:
    entry: dict[str, Value] = {
        "name": name,
        "type": volume.type_name,
        "mounts": [_mount(container, mount) for container, mount in mounts],
    }
    return entry | {"source": volume.source_name[:LONGEST]} if volume.source_name else entry


def _mount(container: Container, mount: Mount) -> dict[str, Value]:
    entry: dict[str, Value] = {
        "container": container.name,
        "path": mount.path[:LONGEST],
        "mode": "ro" if mount.read_only else "rw",
    }
    more = {
        "subPath": mount.sub_path[:LONGEST],
        "reason": mount.reason,
        "device": mount.is_device,
        "volume": mount.alias,
    }
    return entry | {key: value for key, value in more.items() if value}


def _edge(edge: Edge) -> dict[str, Value]:
    entry: dict[str, Value] = {
        "from": edge.source,
        "to": edge.target,
        "port": None if edge.protocol == "unix" else edge.port,
        "protocol": edge.protocol,
        "kind": edge.kind,
        "confidence": edge.confidence.value,
        "evidence": [_evidence(one) for one in edge.evidence],
    }
    return entry | {"path": edge.path[:LONGEST]} if edge.protocol == "unix" else entry


def _flow(flow: Flow) -> dict[str, Value]:
    return {
        "from": flow.source,
        "to": flow.target,
        "volume": flow.volume,
        "path": flow.path[:LONGEST],
        "confidence": flow.confidence.value,
        "evidence": [_evidence(one) for one in flow.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, Value]:
    return {
        "source": evidence.source[:LONGEST],
        "field": evidence.field[:LONGEST],
        "line": evidence.line,
        "text": evidence.text[:LONGEST],
    }


def _check(check: Check) -> dict[str, Value]:
    parameters = dict(check.parameters)
    return {
        "id": check.id,
        "severity": check.severity,
        "containers": list(check.containers),
        "message": fill(check.message, parameters),
        "cure": fill(check.cure, parameters),
    }


def _service(pod: Pod, index: int) -> dict[str, Value]:
    service = pod.services[index]
    ports = [
        {"port": p.port, "targetPort": p.target, "protocol": p.protocol.lower(), "container": p.container}
        for p in service.ports
    ]
    return {"name": service.name, "ports": ports}
