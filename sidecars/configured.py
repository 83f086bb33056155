"""What each container is told: variables, arguments and mounted texts, to infer calls from.

Values in here may hold secrets. They are matched against and dropped; only a matched host
and port leave `sidecars.edges`.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as with_default
from typing import Any

import msgspec

from sidecars.fields import Json, items, mapping, numbered, pairs, text, texts, truth
from sidecars.volumes import first_names, mounted_configmaps
from sidecars.watched import watched_configmaps

LONGEST_TEXT = 262_144  # characters of one file that are looked at
LONGEST_VALUE = 8_192
POD_IP = "podIP"  # what status.podIP stands for in a value: an address as local as 127.0.0.1
ALIAS = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
REFERENCE = re.compile(
    r"\$\(([A-Za-z0-9_.-]{1,200})\)"
    r"|\$\{([A-Za-z_][A-Za-z0-9_]{0,200})(?::?-([^{}$]{0,200}))?\}"
    r"|\$([A-Za-z_][A-Za-z0-9_]{0,200})"
)
GIVEN = frozenset({"configMap", "secret", "projected", "downwardAPI"})
CHECKS = (
    ("livenessProbe",), ("readinessProbe",), ("startupProbe",),
    ("lifecycle", "postStart"), ("lifecycle", "preStop"),
)  # fmt: skip


class Variable(msgspec.Struct, frozen=True, gc=False):
    name: str
    value: str
    source: str  # "nginx: env UPSTREAM", the same in every language
    field: str  # "spec.containers[1].env[0].value"
    is_hidden: bool = False  # it is set, but its value is a Secret's or unknown


class Argument(msgspec.Struct, frozen=True, gc=False):
    value: str
    source: str
    field: str


class Program(msgspec.Struct, frozen=True, gc=False):
    """A command line: what the container starts, or what a probe or a hook runs inside it."""

    words: tuple[Argument, ...]
    is_check: bool = False


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content: str
    source: str  # "ConfigMap nginx-config"
    field: str  # "data[default.conf]"
    said: dict[str, Any] = with_default(
        default_factory=dict, compare=False, repr=False
    )  # by container; "" for all
    path: str = with_default(default="", compare=False)  # where the container sees it


class Mounted(msgspec.Struct, frozen=True, gc=False):
    """`place` and `inner` name the folder the same way in every container: a volume, a path in it."""

    path: str
    place: str
    inner: str
    is_read_only: bool = False


@dataclass(frozen=True, slots=True)
class Configured:
    container: str
    variables: tuple[Variable, ...] = ()
    arguments: tuple[Argument, ...] = ()
    files: tuple[File, ...] = ()
    folders: tuple[tuple[str, str], ...] = ()  # (mount path, volume), for unix sockets
    field: str = ""  # "spec.containers[1]"
    image: str = ""
    programs: tuple[Program, ...] = ()
    has_command: bool = False  # the image's own entry point is not what runs
    mounts: tuple[Mounted, ...] = ()
    aliases: frozenset[str] = frozenset()  # other names of 127.0.0.1
    resolver: str = ""  # the field that makes a local name server the pod's own; "" if none does


def read_configured(spec: Json, configmaps: Mapping[str, Json] | None) -> list[Configured]:
    """Ephemeral containers too: what one is told to call it calls, while it is there."""
    around = _Around(
        configmaps or {},
        first_names(spec),
        _host_paths(spec),
        _aliases(spec),
        _read_shown(spec, configmaps or {}),
        _resolver(spec),
        _given(spec),
    )
    return [
        _read(f"spec.{field}[{index}]", raw, around)
        for field in ("initContainers", "containers", "ephemeralContainers")
        for index, raw in numbered(spec, field)
    ]


@dataclass(frozen=True, slots=True)
class _Around:
    configmaps: Mapping[str, Json]
    volumes: Mapping[str, str]
    host_paths: Mapping[str, str]
    aliases: frozenset[str]
    shown: Mapping[str, list[File]]  # by volume
    resolver: str
    given: frozenset[str]


def _read(path: str, raw: Json, around: _Around) -> Configured:
    name = text(raw, "name")
    variables = _read_variables(path, raw, around.configmaps)
    known = {variable.name: variable.value for variable in variables if not variable.is_hidden}
    arguments = tuple(
        Argument(_expand(value, known), f"{name}: {field}", f"{path}.{field}[{index}]")
        for field in ("command", "args")
        for index, value in enumerate(texts(raw, field))
    )
    mounts = items(raw, "volumeMounts")
    return Configured(
        container=name,
        variables=tuple(variables),
        arguments=arguments,
        files=tuple(_read_files(mounts, around.shown)),
        folders=tuple((text(m, "mountPath"), around.volumes.get(text(m, "name"), "")) for m in mounts),
        field=path,
        image=text(raw, "image"),
        programs=(Program(arguments), *_read_checks(path, raw, known)),
        has_command=bool(texts(raw, "command")),
        mounts=tuple(_read_mounted(mount, around) for mount in mounts),
        aliases=around.aliases,
        resolver=around.resolver,
    )


def _read_checks(path: str, raw: Json, known: Mapping[str, str]) -> Iterator[Program]:
    """Commands of probes and hooks, which run inside the container."""
    name = text(raw, "name")
    for keys in CHECKS:
        words = texts(raw, *keys, "exec", "command") if keys[0] in raw else []
        if not words:
            continue
        field = ".".join((path, *keys, "exec.command"))
        # The kubelet expands $(NAME) in these as little as in a shell: only the shell expands its own.
        yield Program(
            tuple(
                Argument(_expand(word, known), f"{name}: {keys[-1]}", f"{field}[{index}]")
                for index, word in enumerate(words)
            ),
            is_check=True,
        )


def _read_mounted(mount: Json, around: _Around) -> Mounted:
    """A folder of the node is named by its own path, so that one inside another is seen."""
    name, sub_path = text(mount, "name"), text(mount, "subPath") or text(mount, "subPathExpr")
    host = around.host_paths.get(name, "")
    whole = host or sub_path
    inner = posixpath.normpath(posixpath.join("/", host.lstrip("/"), sub_path.lstrip("/"))) if whole else "/"
    place = "hostPath" if host else around.volumes.get(name, name)
    path = posixpath.normpath(text(mount, "mountPath") or "/")
    return Mounted(path, place, inner, truth(mount, "readOnly") or name in around.given)


def _given(spec: Json) -> frozenset[str]:
    """Volumes that the kubelet fills and mounts read-only, whatever a mount says."""
    return frozenset(text(raw, "name") for raw in items(spec, "volumes") if not GIVEN.isdisjoint(raw))


def _host_paths(spec: Json) -> dict[str, str]:
    return {text(raw, "name"): text(raw, "hostPath", "path") for raw in items(spec, "volumes")}


def _aliases(spec: Json) -> frozenset[str]:
    return frozenset(
        name.lower()
        for alias in items(spec, "hostAliases")
        if text(alias, "ip") in ("127.0.0.1", "::1")
        for name in texts(alias, "hostnames")
        if ALIAS.fullmatch(name)
    )


def _resolver(spec: Json) -> str:
    """With any other policy the cluster's name servers are asked, and come before."""
    servers = texts(spec, "dnsConfig", "nameservers") if text(spec, "dnsPolicy") == "None" else []
    places = (index for index, server in enumerate(servers) if server in ("127.0.0.1", "::1"))
    index = next(places, None)
    return "" if index is None else f"spec.dnsConfig.nameservers[{index}]"


def _read_variables(path: str, raw: Json, configmaps: Mapping[str, Json]) -> list[Variable]:
    found: list[Variable] = []
    known: dict[str, str] = {}  # the ones before: later ones may name them
    for source in items(raw, "envFrom"):
        name, prefix = text(source, "configMapRef", "name"), text(source, "prefix")
        for key, value in pairs(configmaps.get(name), "data"):
            found.append(Variable(prefix + key, value[:LONGEST_VALUE], f"ConfigMap {name}", f"data[{key}]"))
            known[prefix + key] = value[:LONGEST_VALUE]
    container = text(raw, "name")
    for index, entry in numbered(raw, "env"):
        variable = text(entry, "name")
        origin = mapping(entry, "valueFrom")
        if reference := mapping(origin, "configMapKeyRef"):
            name, key = text(reference, "name"), text(reference, "key")
            value = text(configmaps.get(name), "data", key)
            found.append(
                Variable(variable, value[:LONGEST_VALUE], f"ConfigMap {name}", f"data[{key}]", not value)
            )
            is_hidden = not value
        else:
            value, is_hidden = _value(entry, origin, known)
            source_words = f"{container}: env {variable}"
            found.append(Variable(variable, value, source_words, f"{path}.env[{index}].value", is_hidden))
        if not is_hidden:
            known[variable] = found[-1].value
    return found


def _value(entry: Json, origin: Json, known: Mapping[str, str]) -> tuple[str, bool]:
    """The text of a variable, and whether it is set to what cannot be seen."""
    if not origin:
        return _expand(text(entry, "value"), known), False
    field = text(origin, "fieldRef", "fieldPath")
    return (POD_IP, False) if field in ("status.podIP", "status.podIPs") else ("", True)


def _expand(value: str, known: Mapping[str, str]) -> str:
    """$(NAME) as the kubelet expands it, $NAME and ${NAME} as a shell; an unknown name stays as written."""
    value = value[:LONGEST_VALUE]
    if "$" not in value:
        return value

    def replace(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[4]
        default = match[3] if match[3] is not None else match[0]
        return (known.get(name) or default)[:1024]

    return REFERENCE.sub(replace, value)[:LONGEST_VALUE]


def _read_shown(spec: Json, configmaps: Mapping[str, Json]) -> dict[str, list[File]]:
    """The files of each volume, one value for all containers that mount it: each is read once."""
    shown: dict[str, list[File]] = {}
    for volume, name, chosen in (*mounted_configmaps(spec), *watched_configmaps(spec, configmaps)):
        every = chosen or {key: key for key, _value in pairs(configmaps.get(name), "data")}
        for file, key in every.items():
            content = text(configmaps.get(name), "data", key)[:LONGEST_TEXT]
            one = File(file, content, f"ConfigMap {name}", f"data[{key}]")
            shown.setdefault(volume, []).append(one)
    return shown


def _read_files(mounts: list[Json], shown: Mapping[str, list[File]]) -> list[File]:
    """What the mounts show: all, or the one that subPath names; each key once."""
    found = {}
    for mount in mounts:
        files = shown.get(text(mount, "name"))
        if not files:
            continue
        sub_path, base = text(mount, "subPath"), text(mount, "mountPath")
        for file in files:
            if not sub_path or file.name == sub_path:
                path = base if sub_path else posixpath.join(base, file.name)
                found[file.source, file.field] = replace(file, path=path)
    return list(found.values())
