"""First values of a preset's form, each with the place where it was found."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sidecars.fields import integer, items, mapping, text
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.presets.preset import Preset
from sidecars.topology import Container, Pod, Role, VolumeKind

PORT_VARIABLES = ("PORT", "SERVER_PORT", "HTTP_PORT", "LISTEN")
LOG_VARIABLES = ("LOG_DIR", "LOG_PATH", "LOG_FILE", "LOGGING_FILE_NAME", "LOGGING_FILE_PATH")
LOG_PATH = re.compile(r"/[A-Za-z0-9._/-]{1,190}")
LABEL = re.compile(r"(?!(?:pod|namespace)\Z)[A-Za-z_][A-Za-z0-9_]{0,62}")
PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
NUMBER = re.compile(r"[0-9]{1,5}")
HTTP_NAME = re.compile(r"(http|web)(-.*)?")


@dataclass(frozen=True, slots=True)
class Prefilled:
    value: Any
    source: Sentence


def find(preset: Preset, pod: Pod, workload: Mapping[str, Any]) -> dict[str, Prefilled]:
    """Parameter -> value and source. `pod` is the workload's template or one of its pods."""
    found: dict[str, Prefilled] = {}
    main = next((c for c in pod.containers if c.role is Role.MAIN), None)
    if main is None:
        return found
    finders = {
        "app.port": _find_ports,
        "app.dir": _find_folders,
        "app.log": _find_logs,
        "app.uid": _find_user,
        "app.labels": _find_labels,
    }
    for parameter in preset.parameters:
        finder = finders.get(parameter.prefill)
        first = next(finder(pod, main, workload), None) if finder else None
        if first is not None:
            found[parameter.name] = first
    return found


def _find_ports(pod: Pod, main: Container, workload: Mapping[str, Any]) -> Iterator[Prefilled]:
    """The surest source first."""
    yield from _of_services(pod, main)
    named = sorted(main.ports, key=lambda port: not HTTP_NAME.fullmatch(port.name))
    for port in named:
        if port.protocol == "TCP":
            declared = _("containerPort of %(container)s")
            yield Prefilled(port.number, Sentence(declared, {"container": main.name}))
    spec = _main_spec(workload, main.name)
    yield from _of_probes(spec, main)
    for variable in items(spec, "env"):
        if text(variable, "name") in PORT_VARIABLES and NUMBER.fullmatch(text(variable, "value")):
            from_env = _("environment variable %(name)s of %(container)s")
            names = {"name": text(variable, "name"), "container": main.name}
            yield Prefilled(int(text(variable, "value")), Sentence(from_env, names))


def _of_services(pod: Pod, main: Container) -> Iterator[Prefilled]:
    ports = [(service, port) for service in pod.services for port in service.ports]
    for service, port in sorted(ports, key=lambda pair: not HTTP_NAME.fullmatch(pair[1].name)):
        number = port.container_port
        if number is None and port.container is None and NUMBER.fullmatch(port.target):
            number = int(port.target)
        if number and port.container in (main.name, None) and port.protocol == "TCP":
            yield Prefilled(number, Sentence(_("Service %(name)s targetPort"), {"name": service.name}))


def _of_probes(spec: Mapping[str, Any], main: Container) -> Iterator[Prefilled]:
    named = {port.name: port.number for port in main.ports}
    for probe in PROBES:
        for kind in ("httpGet", "tcpSocket"):
            asked = mapping(spec, probe, kind)
            number = integer(asked, "port") or named.get(text(asked, "port"))
            if number:
                names = {"probe": probe, "container": main.name}
                yield Prefilled(number, Sentence(_("%(probe)s of %(container)s"), names))


def _find_folders(pod: Pod, main: Container, workload: Mapping[str, Any]) -> Iterator[Prefilled]:
    folders = {volume.name for volume in pod.volumes if volume.kind is VolumeKind.EMPTY_DIR}
    for mount in main.mounts:
        if mount.volume in folders:
            names = {"volume": mount.volume, "container": main.name}
            source = Sentence(_("emptyDir %(volume)s of %(container)s"), names)
            yield Prefilled(mount.path.rstrip("/") + "/", source)


def _find_logs(pod: Pod, main: Container, workload: Mapping[str, Any]) -> Iterator[Prefilled]:
    """Patterns of the app's log files, as a list."""
    for mount in main.mounts:
        if "log" in f"{mount.volume} {mount.path}".lower() and not mount.read_only:
            names = {"volume": mount.volume, "container": main.name}
            source = Sentence(_("volume %(volume)s of %(container)s"), names)
            yield Prefilled([mount.path.rstrip("/") + "/*.log"], source)
    for variable in items(_main_spec(workload, main.name), "env"):
        name, value = text(variable, "name"), text(variable, "value").rstrip("/")
        if name in LOG_VARIABLES and LOG_PATH.fullmatch(value):
            pattern = value if "." in value.rsplit("/", 1)[-1] else value + "/*.log"
            from_env = _("environment variable %(name)s of %(container)s")
            yield Prefilled([pattern], Sentence(from_env, {"name": name, "container": main.name}))


def _find_user(pod: Pod, main: Container, workload: Mapping[str, Any]) -> Iterator[Prefilled]:
    """So that both may change each other's files; root is never copied."""
    if main.user:
        yield Prefilled(main.user, Sentence(_("runAsUser of %(container)s"), {"container": main.name}))


def _find_labels(pod: Pod, main: Container, workload: Mapping[str, Any]) -> Iterator[Prefilled]:
    labels = mapping(workload, "spec", "template", "metadata", "labels")
    found: list[dict[str, str]] = []
    for key, value in labels.items():
        short = key.rsplit("/", 1)[-1]
        if LABEL.fullmatch(short) and isinstance(value, str) and short not in [one["key"] for one in found]:
            found.append({"key": short, "value": value})
    if found:
        yield Prefilled(found[:5], Sentence(_("labels of the pod template"), {}))


def _main_spec(workload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    template = mapping(workload, "spec", "template", "spec") or mapping(workload, "spec")
    return next((c for c in items(template, "containers") if text(c, "name") == name), {})
