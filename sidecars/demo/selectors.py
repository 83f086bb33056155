"""Label and field selectors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .status import bad_request

Obj = dict[str, Any]
Labels = dict[str, str]
Matcher = Callable[[Labels], bool]

_TOKENS = re.compile(r"\s*(==|!=|[=!(),<>]|[^\s=!(),<>]+)")
_KEY = re.compile(
    r"^([a-z0-9A-Z]([-a-z0-9A-Z.]*[a-z0-9A-Z])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
)

_COMMON = ("metadata.name", "metadata.namespace")
_FIELDS: dict[str, tuple[str, ...]] = {
    "pods": ("spec.nodeName", "spec.restartPolicy", "spec.schedulerName",
             "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP",
             "status.nominatedNodeName"),
    "events": ("involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
               "involvedObject.uid", "involvedObject.apiVersion",
               "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
               "reportingComponent", "source", "type"),
    "replicasets": ("status.replicas",),
    "jobs": ("status.successful",),
    "namespaces": ("status.phase",),
    "nodes": ("spec.unschedulable",),
    "secrets": ("type",),
    "services": ("spec.clusterIP", "spec.type"),
}  # fmt: skip


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = _TOKENS.findall(text)
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def values(self) -> list[str]:
        opened = self.take()
        if opened != "(":
            raise bad_request(f"unable to parse requirement: found '{opened}' expected: '('")
        found = []
        while self.peek() not in (")", ""):
            token = self.take()
            if token != ",":
                found.append(token)
        if self.take() != ")":
            raise bad_request("unable to parse requirement: found '', expected: ',' or ')'")
        return found

    def requirement(self) -> Matcher:
        if self.peek() == "!":
            self.take()
            absent = self._key()
            return lambda labels: absent not in labels
        key = self._key()
        operator = self.peek()
        if operator in ("", ","):
            return lambda labels: key in labels
        self.take()
        if operator in ("=", "=="):
            value = "" if self.peek() in ("", ",") else self.take()
            return lambda labels: labels.get(key) == value
        if operator == "!=":
            value = "" if self.peek() in ("", ",") else self.take()
            return lambda labels: labels.get(key) != value
        if operator in ("in", "notin"):
            values = frozenset(self.values())
            if operator == "in":
                return lambda labels: labels.get(key) in values
            return lambda labels: labels.get(key) not in values
        raise bad_request(
            f"unable to parse requirement: found '{operator}', expected: in, notin, =, ==, !=, gt, lt"
        )

    def _key(self) -> str:
        key = self.take()
        if not _KEY.match(key):
            raise bad_request(
                f'unable to parse requirement: <nil>: Invalid value: "{key}": name part must'
                " consist of alphanumeric characters, '-', '_' or '.'"
            )
        return key


def parse_labels(text: str) -> Matcher:
    """Raises ApiError 400."""
    parser = _Parser(text)
    found: list[Matcher] = []
    while parser.peek():
        found.append(parser.requirement())
        if parser.peek() == ",":
            parser.take()
    return lambda labels: all(match(labels) for match in found)


def matches(selector: Obj | None, labels: Labels) -> bool:
    """A LabelSelector object; an empty one matches all, None nothing."""
    if selector is None:
        return False
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    return all(_expression(each, labels) for each in selector.get("matchExpressions") or [])


def _expression(requirement: Obj, labels: Labels) -> bool:
    key, operator = requirement["key"], requirement["operator"]
    if operator == "In":
        return labels.get(key) in requirement["values"]
    if operator == "NotIn":
        return labels.get(key) not in requirement["values"]
    is_wanted: bool = operator == "Exists"
    return (key in labels) is is_wanted


def parse_fields(text: str, kind: str) -> Callable[[Obj], bool]:
    """Raises ApiError 400."""
    wanted: list[tuple[str, str, bool]] = []
    for term in filter(None, text.split(",")):
        found = re.match(r"^(.*?)(==|!=|=)(.*)$", term)
        if not found:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{term}'")
        field, operator, value = found.groups()
        _require_known(field, kind)
        wanted.append((field, value, operator != "!="))
    return lambda obj: all((_value(obj, field) == value) == positive for field, value, positive in wanted)


def _require_known(field: str, kind: str) -> None:
    special = _FIELDS.get(kind)
    if field in _COMMON or field in (special or ()):
        return
    if special is not None:
        raise bad_request(f"field label not supported: {field}")
    raise bad_request(f'"{field}" is not a known field selector: only "metadata.name", "metadata.namespace"')


def _value(obj: Obj, field: str) -> str:
    here: Any = obj
    for part in field.split("."):
        here = here.get(part) if isinstance(here, dict) else None
    if isinstance(here, bool):
        return str(here).lower()
    return "" if here is None else str(here)
