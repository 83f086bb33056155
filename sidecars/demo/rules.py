"""Validation after defaulting: 422 with a cause for each field, worded as the real one."""

from __future__ import annotations

import json
import re
from typing import Any

from . import podrules, selectors, status
from .discovery import Kind
from .podrules import Causes

Obj = dict[str, Any]

SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
    "'-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', "
    "regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
DNS_1035 = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_IMMUTABLE_SET = "field is immutable when `immutable` is set"


def check(kind: Kind, new: Obj, old: Obj | None) -> None:
    """Raises ApiError 422."""
    causes = Causes()
    _metadata(kind, new, old, causes)
    checker = _CHECKERS.get(kind.plural)
    if checker:
        checker(new, old, causes)
    if causes.found:
        name = new["metadata"].get("name", "")
        raise status.invalid(kind.kind, kind.group, name, causes.found)


def _metadata(kind: Kind, new: Obj, old: Obj | None, causes: Causes) -> None:
    metadata = new["metadata"]
    name = metadata.get("name", "")
    if not name:
        causes.required("metadata.name", "name or generateName is required")
    elif kind.plural == "services" and not _DNS_1035.fullmatch(name):
        causes.invalid("metadata.name", name, DNS_1035)
    elif kind.plural == "namespaces" and not _LABEL.fullmatch(name):
        causes.invalid("metadata.name", name, podrules.LABEL)
    elif kind.plural != "services" and not _SUBDOMAIN.fullmatch(name):
        causes.invalid("metadata.name", name, SUBDOMAIN)
    labels(metadata.get("labels"), "metadata.labels", causes)


def labels(found: Obj | None, field: str, causes: Causes) -> None:
    for key, value in (found or {}).items():
        name = key.rpartition("/")[2]
        if not _QUALIFIED.fullmatch(name):
            causes.invalid(
                field,
                key,
                "name part must consist of alphanumeric characters, '-', '_' or '.', and must "
                "start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or "
                "'123-abc', regex used for validation is "
                "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            )
        if len(value) > 63:
            causes.invalid(field, value, "must be no more than 63 bytes")
        elif not _VALUE.fullmatch(value):
            causes.invalid(
                field,
                value,
                "a valid label must be an empty string or consist of alphanumeric characters, "
                "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. "
                "'MyValue',  or 'my_value',  or '12345', regex used for validation is "
                "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
            )


def _pod(new: Obj, old: Obj | None, causes: Causes) -> None:
    podrules.pod_spec(new["spec"], "spec", causes)
    if old is not None:
        podrules.pod_update(new["spec"], old["spec"], causes)


def _template(new: Obj, causes: Causes, policies: tuple[str, ...] = ("Always",)) -> None:
    spec = new["spec"]
    template = spec.get("template", {})
    wanted = template.get("metadata", {}).get("labels")
    selector = spec.get("selector")
    if not selector:
        causes.required("spec.selector")
    if not selector or not selectors.matches(selector, wanted or {}):
        shown = json.dumps(wanted, separators=(",", ":")) if wanted else "null"
        causes.add(
            "FieldValueInvalid",
            "spec.template.metadata.labels",
            f"Invalid value: {shown}: `selector` does not match template `labels`",
        )
    labels(wanted, "spec.template.labels", causes)
    podrules.pod_spec(template.get("spec", {}), "spec.template.spec", causes)
    policy = template.get("spec", {}).get("restartPolicy", "Always")
    if policy not in policies and policy in ("OnFailure", "Never", "Always"):
        causes.unsupported("spec.template.spec.restartPolicy", policy, policies)


def _same_selector(new: Obj, old: Obj | None, causes: Causes) -> None:
    if old is not None and old["spec"].get("selector") != new["spec"].get("selector"):
        shown = json.dumps(new["spec"].get("selector"), separators=(",", ":"), sort_keys=True)
        causes.add("FieldValueInvalid", "spec.selector", f"Invalid value: {shown}: field is immutable")


def _workload(new: Obj, old: Obj | None, causes: Causes) -> None:
    if new["spec"].get("replicas", 1) < 0:
        causes.invalid("spec.replicas", new["spec"]["replicas"], "must be greater than or equal to 0")
    _template(new, causes)
    _same_selector(new, old, causes)


def _statefulset(new: Obj, old: Obj | None, causes: Causes) -> None:
    _template(new, causes)
    allowed = {"replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
               "persistentVolumeClaimRetentionPolicy", "minReadySeconds"}  # fmt: skip
    if old is None:
        return
    before, after = old["spec"], new["spec"]
    if any(before.get(name) != after.get(name) for name in (set(before) | set(after)) - allowed):
        causes.forbidden(
            "spec",
            "updates to statefulset spec for fields other than 'replicas', 'ordinals', "
            "'template', 'updateStrategy', 'revisionHistoryLimit', "
            "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        )


def _job(new: Obj, old: Obj | None, causes: Causes) -> None:
    _template(new, causes, ("OnFailure", "Never"))
    _same_template(new, old, causes)
    _same_selector(new, old, causes)


def _same_template(new: Obj, old: Obj | None, causes: Causes) -> None:
    if old is None or old["spec"].get("template") == new["spec"].get("template"):
        return
    if old["spec"].get("suspend") and new["spec"].get("suspend"):
        return
    shown = json.dumps(new["spec"]["template"], separators=(",", ":"))
    causes.add("FieldValueInvalid", "spec.template", f"Invalid value: {shown}: field is immutable")


def _cronjob(new: Obj, old: Obj | None, causes: Causes) -> None:
    if not new["spec"].get("schedule"):
        causes.required("spec.schedule")
    spec = new["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    podrules.pod_spec(spec, "spec.jobTemplate.spec.template.spec", causes)
    policy = spec.get("restartPolicy")
    if policy not in ("OnFailure", "Never"):
        field = "spec.jobTemplate.spec.template.spec.restartPolicy"
        causes.unsupported(field, policy, ("OnFailure", "Never"))


def _configmap(new: Obj, old: Obj | None, causes: Causes) -> None:
    for field in ("data", "binaryData"):
        for key in new.get(field) or {}:
            if not _DATA_KEY.fullmatch(key):
                causes.invalid(
                    f"{field}[{key}]",
                    key,
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
                    "(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation "
                    "is '[-._a-zA-Z0-9]+')",
                )
    if old is not None and old.get("immutable"):
        if not new.get("immutable"):
            causes.forbidden("immutable", _IMMUTABLE_SET)
        for field in ("data", "binaryData"):
            if (old.get(field) or {}) != (new.get(field) or {}):
                causes.forbidden(field, _IMMUTABLE_SET)


def _service(new: Obj, old: Obj | None, causes: Causes) -> None:
    spec = new["spec"]
    ports = spec.get("ports") or []
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        causes.required("spec.ports")
    seen: set[tuple[Any, Any]] = set()
    for index, port in enumerate(ports):
        field = f"spec.ports[{index}]"
        if len(ports) > 1 and not port.get("name"):
            causes.required(f"{field}.name")
        podrules.port_number(port.get("port", 0), f"{field}.port", causes)
        target = port.get("targetPort")
        if isinstance(target, int):
            podrules.port_number(target, f"{field}.targetPort", causes)
        key = (port.get("protocol"), port.get("port"))
        if key in seen:
            shown = json.dumps({"protocol": key[0], "port": key[1]}, separators=(",", ":"))
            causes.add("FieldValueDuplicate", field, f"Duplicate value: {shown}")
        seen.add(key)


_CHECKERS = {
    "pods": _pod,
    "deployments": _workload,
    "replicasets": _workload,
    "daemonsets": _workload,
    "statefulsets": _statefulset,
    "jobs": _job,
    "cronjobs": _cronjob,
    "configmaps": _configmap,
    "secrets": _configmap,
    "services": _service,
}
