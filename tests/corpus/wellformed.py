"""Is a label file well formed, and does it name only what its manifest has?"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.corpus.labels import EdgeLabel, Label, pod_specs

ROLES = {"main", "sidecar", "native-sidecar", "init", "ephemeral"}
LISTS = ("initContainers", "containers", "ephemeralContainers")


def faults(label: Label) -> Iterator[str]:
    """Sentences; none if the label is well formed."""
    if not label.manifest.exists():
        yield "has no manifest"
        return
    specs = [spec for name, spec in pod_specs(label.manifest) if label.pod in ("", name)]
    if len(specs) != 1:
        yield f"its manifest has {len(specs)} pods of that name"
        return
    if not label.source.strip():
        yield "names no source"
    yield from _role_faults(label, specs[0])
    yield from _volume_faults(label, specs[0])
    written = label.manifest.read_text(encoding="utf-8")
    for edge in label.edges:
        if edge.port is not None and str(edge.port) not in written + edge.why:
            yield f"{edge}: neither the manifest nor the reason tells where the port comes from"
        yield from (f"{edge}: {fault}" for fault in _edge_faults(edge, label))
    if len({str(edge) for edge in label.edges}) < len(label.edges):
        yield "has the same edge twice"


def _role_faults(label: Label, spec: Mapping[str, Any]) -> Iterator[str]:
    lists = {raw["name"]: field for field in LISTS for raw in spec.get(field) or ()}
    native = {raw["name"] for raw in spec.get(LISTS[0]) or () if raw.get("restartPolicy") == "Always"}
    if set(lists) != set(label.roles):
        yield f"containers differ: {sorted(set(lists) ^ set(label.roles))}"
    if not any("main" in roles for roles in label.roles.values()):
        yield "has no main container"
    for name, roles in label.roles.items():
        if not set(roles) <= ROLES:
            yield f"{name}: unknown role {roles}"
        fixed = {LISTS[0]: "native-sidecar" if name in native else "init", LISTS[2]: "ephemeral"}
        wanted = fixed.get(lists.get(name, ""))
        if (wanted and roles != (wanted,)) or (not wanted and not set(roles) <= {"main", "sidecar"}):
            yield f"{name}: {roles} does not fit the list it stands in"


def _volume_faults(label: Label, spec: Mapping[str, Any]) -> Iterator[str]:
    types = {raw["name"]: set(raw) - {"name"} or {"emptyDir"} for raw in spec.get("volumes") or ()}
    mounts: dict[str, set[tuple[str, str]]] = {}
    for field in LISTS:
        for raw in spec.get(field) or ():
            for mount in [*(raw.get("volumeMounts") or ()), *(raw.get("volumeDevices") or ())]:
                path = mount.get("mountPath") or mount["devicePath"]
                mounts.setdefault(mount["name"], set()).add((raw["name"], path))
    shared = {name for name, all_of in mounts.items() if len({c for c, _path in all_of}) > 1}
    if shared != set(label.volumes):
        yield f"shared volumes differ: {sorted(shared ^ set(label.volumes))}"
    for name, volume in label.volumes.items():
        # A claim template of a StatefulSet stands in no list of volumes.
        if volume.type_name not in types.get(name, {"persistentVolumeClaim"}):
            yield f"{name}: is no {volume.type_name}"
        if {(container, path) for container, path, _mode in volume.mounts} != mounts.get(name, set()):
            yield f"{name}: mounts differ"
        if not {mode for *_rest, mode in volume.mounts} <= {"ro", "rw"}:
            yield f"{name}: mode is ro or rw"


def _edge_faults(edge: EdgeLabel, label: Label) -> Iterator[str]:
    for end in (edge.source, edge.target):
        if end is not None and end not in label.roles:
            yield f"there is no container {end}"
    if edge.source == edge.target:
        yield "a container's call to itself is no edge"
    if edge.protocol not in ("tcp", "udp", "unix"):
        yield "unknown protocol"
    elif edge.protocol == "unix":
        if edge.port is not None or not edge.paths or not all(p.startswith(("/", "@")) for p in edge.paths):
            yield "a unix edge has a path and no port"
    elif edge.paths or not isinstance(edge.port, int) or not 0 < edge.port < 65536:
        yield "a tcp or udp edge has a port and no path"
    if not edge.why:
        yield "says no why"
