"""Labelled pods: NAME.yaml is the manifest, NAME.labels.yaml beside it what is true of it.

A label file has `source` (project and document), `containers` (name: role, or a list of roles
where engineers would differ), `volumes` (those that several containers mount: `type` and
`mounts`, each "CONTAINER PATH ro|rw") and `edges`: `from`, `to` (null: nobody in the pod owns
the port), `port`, `protocol` (tcp), for unix `path` or a list of them, as the containers see the
socket; `visible: false` is a call that is real but not written in the spec: found is right, not
found is no miss; `optional: true` is one that engineers would argue about: it never counts.
`pod` names the pod where the manifest has several.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SUFFIX = ".labels.yaml"
CORPUS = Path(__file__).parent
KNOWN = CORPUS / "known"


@dataclass(frozen=True, slots=True)
class EdgeLabel:
    source: str
    target: str | None
    port: int | None
    protocol: str
    paths: tuple[str, ...] = ()
    visible: bool = True
    optional: bool = False
    why: str = ""

    def matches(self, edge: Mapping[str, Any]) -> bool:
        ends = (edge["from"], edge["to"], edge["protocol"]) == (self.source, self.target, self.protocol)
        if self.protocol == "unix":
            return ends and edge.get("path") in self.paths
        return ends and edge["port"] == self.port

    def __str__(self) -> str:
        address = " or ".join(self.paths) if self.protocol == "unix" else self.port
        return f"{self.source} -> {self.target or '?'} {self.protocol} {address}"


@dataclass(frozen=True, slots=True)
class VolumeLabel:
    type_name: str
    mounts: frozenset[tuple[str, str, str]]  # container, path, ro or rw


@dataclass(frozen=True, slots=True)
class Label:
    name: str
    manifest: Path
    source: str
    pod: str
    roles: Mapping[str, tuple[str, ...]]
    volumes: Mapping[str, VolumeLabel]
    edges: tuple[EdgeLabel, ...]


def read_labels(folder: Path) -> list[Label]:
    return [read_label(path) for path in sorted(folder.glob("*" + SUFFIX))]


def labelled_folders() -> list[Path]:
    return sorted({path.parent for path in CORPUS.glob("*/*" + SUFFIX)})


def read_label(path: Path) -> Label:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    name = path.name.removesuffix(SUFFIX)
    return Label(
        name=name,
        manifest=path.with_name(name + ".yaml"),
        source=raw["source"],
        pod=raw.get("pod", ""),
        roles={container: _several(role) for container, role in raw["containers"].items()},
        volumes={volume: _read_volume(value) for volume, value in (raw["volumes"] or {}).items()},
        edges=tuple(_read_edge(value) for value in raw["edges"] or ()),
    )


def _several(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _read_volume(raw: Mapping[str, Any]) -> VolumeLabel:
    mounts = set()
    for mount in raw["mounts"]:
        container, path, mode = mount.split(" ")
        mounts.add((container, path, mode))
    return VolumeLabel(raw["type"], frozenset(mounts))


def _read_edge(raw: Mapping[str, Any]) -> EdgeLabel:
    return EdgeLabel(
        source=raw["from"],
        target=raw["to"],
        port=raw.get("port"),
        protocol=raw.get("protocol", "tcp"),
        paths=_several(raw.get("path", [])),
        visible=raw.get("visible", True),
        optional=raw.get("optional", False),
        why=raw.get("why", ""),
    )


def pod_specs(manifest: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name and spec of each pod or pod template, read without any help of the program."""
    for document in yaml.safe_load_all(manifest.read_text(encoding="utf-8")):
        spec = (document or {}).get("spec") or {}
        spec = (spec.get("jobTemplate") or {}).get("spec") or spec
        spec = (spec.get("template") or {}).get("spec") or spec
        if "containers" in spec:
            yield document["metadata"]["name"], spec
