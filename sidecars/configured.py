"""What each container is told: variables, arguments and mounted texts, to infer calls from.

Values in here may hold secrets. They are matched against and dropped; only a matched host
and port leave `sidecars.edges`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from typing import Any

from sidecars.fields import Json, items, mapping, pairs, text, texts
from sidecars.volumes import first_names, mounted_configmaps

LONGEST_TEXT = 262_144  # characters of one file that are looked at
LONGEST_VALUE = 8_192


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    value: str
    source: str  # "nginx: env UPSTREAM", the same in every language
    field: str  # "spec.containers[1].env[0].value"


@dataclass(frozen=True, slots=True)
class Argument:
    value: str
    source: str
    field: str


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content: str
    source: str  # "ConfigMap nginx-config"
    field: str  # "data[default.conf]"
    said: dict[str, Any] = with_default(default_factory=dict, compare=False, repr=False)  # read of it, once


@dataclass(frozen=True, slots=True)
class Configured:
    container: str
    variables: tuple[Variable, ...] = ()
    arguments: tuple[Argument, ...] = ()
    files: tuple[File, ...] = ()
    folders: tuple[tuple[str, str], ...] = ()  # (mount path, volume), for unix sockets


def read_configured(spec: Json, configmaps: Mapping[str, Json] | None) -> list[Configured]:
    """For containers that run while the pod does; ephemeral ones are nobody's configuration."""
    found = []
    for field in ("initContainers", "containers"):
        for index, raw in enumerate(items(spec, field)):
            found.append(_read(f"spec.{field}[{index}]", raw, spec, configmaps or {}))
    return found


def _read(path: str, raw: Json, spec: Json, configmaps: Mapping[str, Json]) -> Configured:
    name = text(raw, "name")
    variables = _read_variables(path, raw, configmaps)
    known = {variable.name: variable.value for variable in variables}
    arguments = [
        Argument(_expand(value, known), f"{name}: {field}", f"{path}.{field}[{index}]")
        for field in ("command", "args")
        for index, value in enumerate(texts(raw, field))
    ]
    mounts = items(raw, "volumeMounts")
    names = first_names(spec)
    return Configured(
        container=name,
        variables=tuple(variables),
        arguments=tuple(arguments),
        files=tuple(_read_files(mounts, spec, configmaps)),
        folders=tuple((text(m, "mountPath"), names.get(text(m, "name"), "")) for m in mounts),
    )


def _read_variables(path: str, raw: Json, configmaps: Mapping[str, Json]) -> list[Variable]:
    found: list[Variable] = []
    for source in items(raw, "envFrom"):
        name, prefix = text(source, "configMapRef", "name"), text(source, "prefix")
        for key, value in pairs(configmaps.get(name), "data"):
            found.append(Variable(prefix + key, value[:LONGEST_VALUE], f"ConfigMap {name}", f"data[{key}]"))
    for index, entry in enumerate(items(raw, "env")):
        variable = text(entry, "name")
        reference = mapping(entry, "valueFrom", "configMapKeyRef")
        if reference:
            name, key = text(reference, "name"), text(reference, "key")
            value = text(configmaps.get(name), "data", key)
            found.append(Variable(variable, value[:LONGEST_VALUE], f"ConfigMap {name}", f"data[{key}]"))
        else:
            known = {earlier.name: earlier.value for earlier in found}
            value = _expand(text(entry, "value"), known)
            source_words = f"{text(raw, 'name')}: env {variable}"
            found.append(Variable(variable, value, source_words, f"{path}.env[{index}].value"))
    return found


def _expand(value: str, known: Mapping[str, str]) -> str:
    """$(NAME) as the kubelet expands it; an unknown name stays as written."""
    value = value[:LONGEST_VALUE]
    expanded = re.sub(r"\$\(([A-Za-z0-9_.-]+)\)", lambda m: known.get(m[1], m[0])[:1024], value)
    return expanded[:LONGEST_VALUE]


def _read_files(mounts: list[Json], spec: Json, configmaps: Mapping[str, Json]) -> list[File]:
    shown = {}
    sources = mounted_configmaps(spec)
    for mount in mounts:
        for volume, name, chosen in sources:
            if volume == text(mount, "name"):
                for file, key in _visible(chosen, configmaps.get(name), text(mount, "subPath")):
                    content = text(configmaps.get(name), "data", key)[:LONGEST_TEXT]
                    shown[name, key] = File(file, content, f"ConfigMap {name}", f"data[{key}]")
    return list(shown.values())


def _visible(chosen: dict[str, str], configmap: Json | None, sub_path: str) -> list[tuple[str, str]]:
    """(file, key) pairs that a mount of this ConfigMap shows."""
    every = chosen or {key: key for key, _value in pairs(configmap, "data")}
    return [(file, key) for file, key in every.items() if not sub_path or file == sub_path]
