"""Validation of pod specs."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from typing import Any

from . import quantities, status

Obj = dict[str, Any]

LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_PORT_NAME = re.compile(r"[-a-z0-9]*")
_EPHEMERAL_FORBIDDEN = ("ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle",
                        "resizePolicy")  # fmt: skip
_UPDATE_REFUSED = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
    "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set "
    "to 1 if it was previously negative)\n"
)


class Causes:
    def __init__(self) -> None:
        self.found: list[Obj] = []

    def add(self, reason: str, field: str, message: str) -> None:
        self.found.append(status.cause(reason, message, field))

    def required(self, field: str, why: str = "") -> None:
        self.add("FieldValueRequired", field, "Required value" + (f": {why}" if why else ""))

    def invalid(self, field: str, value: Any, why: str) -> None:
        shown = json.dumps(value, separators=(",", ":"))
        self.add("FieldValueInvalid", field, f"Invalid value: {shown}: {why}")

    def duplicate(self, field: str, value: Any) -> None:
        self.add("FieldValueDuplicate", field, f"Duplicate value: {json.dumps(value)}")

    def forbidden(self, field: str, why: str) -> None:
        self.add("FieldValueForbidden", field, f"Forbidden: {why}")

    def unsupported(self, field: str, value: Any, supported: Sequence[str]) -> None:
        listed = ", ".join(f'"{each}"' for each in supported)
        shown = json.dumps(value)
        message = f"Unsupported value: {shown}: supported values: {listed}"
        self.add("FieldValueNotSupported", field, message)


def port_number(value: int, field: str, causes: Causes) -> None:
    if not 1 <= value <= 65535:
        causes.invalid(field, value, "must be between 1 and 65535, inclusive")


def pod_spec(spec: Obj, field: str, causes: Causes) -> None:
    volumes = _volumes(spec, field, causes)
    containers = spec.get("containers") or []
    if not containers:
        causes.required(f"{field}.containers")
    seen: set[str] = set()
    for index, container in enumerate(containers):
        _container(container, f"{field}.containers[{index}]", volumes, seen, causes)
    for index, container in enumerate(spec.get("initContainers") or []):
        here = f"{field}.initContainers[{index}]"
        _container(container, here, volumes, seen, causes)
        _init_container(container, here, causes)
    for index, container in enumerate(spec.get("ephemeralContainers") or []):
        here = f"{field}.ephemeralContainers[{index}]"
        _container(container, here, volumes, seen, causes)
        for name in _EPHEMERAL_FORBIDDEN:
            if container.get(name):
                causes.forbidden(f"{here}.{name}", "cannot be set for an Ephemeral Container")
        if container.get("resources"):
            causes.forbidden(f"{here}.resources", "cannot be set for an Ephemeral Container")
    policy = spec.get("restartPolicy")
    if policy not in ("Always", "OnFailure", "Never"):
        supported = ("Always", "OnFailure", "Never")
        causes.unsupported(f"{field}.restartPolicy", policy, supported)


def _volumes(spec: Obj, field: str, causes: Causes) -> set[str]:
    seen: set[str] = set()
    for index, volume in enumerate(spec.get("volumes") or []):
        here = f"{field}.volumes[{index}].name"
        name = volume.get("name", "")
        if not name:
            causes.required(here)
        elif not _LABEL.fullmatch(name):
            causes.invalid(here, name, LABEL)
        elif name in seen:
            causes.duplicate(here, name)
        seen.add(name)
    return seen


def _container(container: Obj, field: str, volumes: set[str], seen: set[str], causes: Causes) -> None:
    name = container.get("name", "")
    if not name:
        causes.required(f"{field}.name")
    elif not _LABEL.fullmatch(name):
        causes.invalid(f"{field}.name", name, LABEL)
    if not container.get("image"):
        causes.required(f"{field}.image")
    elif container["image"] != container["image"].strip():
        why = "must not have leading or trailing whitespace"
        causes.invalid(f"{field}.image", container["image"], why)
    _ports(container, field, causes)
    for index, variable in enumerate(container.get("env") or []):
        if not variable.get("name"):
            causes.required(f"{field}.env[{index}].name")
    _mounts(container, field, volumes, causes)
    policy = container.get("imagePullPolicy")
    if policy not in ("Always", "IfNotPresent", "Never", None):
        supported = ("Always", "IfNotPresent", "Never")
        causes.unsupported(f"{field}.imagePullPolicy", policy, supported)
    _resources(container.get("resources") or {}, f"{field}.resources", causes)
    if name and name in seen:
        causes.duplicate(f"{field}.name", name)
    seen.add(name)


def _ports(container: Obj, field: str, causes: Causes) -> None:
    names: set[str] = set()
    for index, port in enumerate(container.get("ports") or []):
        here = f"{field}.ports[{index}]"
        name = port.get("name", "")
        if len(name) > 15:
            causes.invalid(f"{here}.name", name, "must be no more than 15 characters")
        if not _PORT_NAME.fullmatch(name):
            why = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
            causes.invalid(f"{here}.name", name, why)
        if name and name in names:
            causes.duplicate(f"{here}.name", name)
        names.add(name)
        if not port.get("containerPort"):
            causes.required(f"{here}.containerPort")
        else:
            port_number(port["containerPort"], f"{here}.containerPort", causes)
        if port.get("protocol") not in ("SCTP", "TCP", "UDP"):
            supported = ("SCTP", "TCP", "UDP")
            causes.unsupported(f"{here}.protocol", port.get("protocol"), supported)


def _mounts(container: Obj, field: str, volumes: set[str], causes: Causes) -> None:
    paths: set[str] = set()
    for index, mount in enumerate(container.get("volumeMounts") or []):
        here = f"{field}.volumeMounts[{index}]"
        name, path = mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            causes.required(f"{here}.name")
        elif name not in volumes:
            causes.add("FieldValueNotFound", f"{here}.name", f"Not found: {json.dumps(name)}")
        if not path:
            causes.required(f"{here}.mountPath")
        elif path in paths:
            causes.invalid(f"{here}.mountPath", path, "must be unique")
        paths.add(path)


def _resources(resources: Obj, field: str, causes: Causes) -> None:
    limits = resources.get("limits") or {}
    for group in ("limits", "requests"):
        for name, amount in (resources.get(group) or {}).items():
            try:
                quantities.value_of(amount)
            except ValueError:
                causes.invalid(f"{field}.{group}[{name}]", amount, quantities.MALFORMED)
                return
    for name, amount in (resources.get("requests") or {}).items():
        if name in limits and quantities.value_of(amount) > quantities.value_of(limits[name]):
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            causes.invalid(f"{field}.requests", str(amount), why)


def _init_container(container: Obj, field: str, causes: Causes) -> None:
    policy = container.get("restartPolicy")
    if policy == "Always":
        return
    if policy is not None:
        causes.unsupported(f"{field}.restartPolicy", policy, ("Always",))
    for name in ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle"):
        if name in container:
            why = "may not be set for init containers without restartPolicy=Always"
            causes.forbidden(f"{field}.{name}", why)


def pod_update(new: Obj, old: Obj, causes: Causes) -> None:
    for group in ("containers", "initContainers"):
        if len(new.get(group) or []) != len(old.get(group) or []):
            causes.forbidden(f"spec.{group}", "pod updates may not add or remove containers")
            return
    before, after = copy.deepcopy(old), copy.deepcopy(new)
    for spec in (before, after):
        for group in ("containers", "initContainers"):
            for container in spec.get(group) or []:
                container.pop("image", None)
        for name in ("activeDeadlineSeconds", "tolerations", "ephemeralContainers"):
            spec.pop(name, None)
    if before != after:
        causes.forbidden("spec", _UPDATE_REFUSED)
    kept = {each["name"]: each for each in new.get("ephemeralContainers") or []}
    for container in old.get("ephemeralContainers") or []:
        name = container["name"]
        if name not in kept or kept[name] != container:
            verb = "changed" if name in kept else "removed"
            why = f'existing ephemeral containers "{name}" may not be {verb}\n'
            causes.forbidden("spec.ephemeralContainers", why)
