"""Access reviews: what one may do, and who one is."""

from __future__ import annotations

from typing import Any

from . import access, status, validate
from .discovery import Kind
from .requests import Answer, Request, Target
from .store import timestamp

Obj = dict[str, Any]


def answer(request: Request, kind: Kind) -> Answer:
    obj: Obj = {"apiVersion": kind.api_version, "kind": kind.kind}
    if request.body:
        read = validate.read_object(request.body, request.headers.get("content-type", ""), kind)
        validate.require_kind(read, kind)
        obj = read | obj
    if kind.plural == "selfsubjectreviews":
        return Answer(_whoami(request, obj), 201)
    if kind.plural == "selfsubjectrulesreviews":
        return Answer(_rules(request, obj), 201)
    return Answer(_access(request, obj, kind), 201)


def _whoami(request: Request, obj: Obj) -> Obj:
    user = request.user
    info: Obj = {"username": user.name, "groups": list(user.groups)}
    if user.uid:
        info["uid"] = user.uid
    metadata = {"creationTimestamp": timestamp()}
    return obj | {"metadata": metadata, "status": {"userInfo": info}}


def _access(request: Request, obj: Obj, kind: Kind) -> Obj:
    spec = obj.get("spec") or {}
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if (resource is None) == (path is None):
        why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        field = "spec.resourceAttributes"
        cause = status.cause("FieldValueInvalid", f"Invalid value: null: {why}", field)
        raise status.invalid("", kind.group, "", [cause])
    if resource is not None:
        target = Target(
            resource.get("group", ""),
            resource.get("version", ""),
            resource.get("resource", ""),
            resource.get("namespace", ""),
            resource.get("name", ""),
            resource.get("subresource", ""),
        )
        allowed = request.user.may(resource.get("verb", ""), target)
    else:
        allowed = _may_path(request, path or {})
    return obj | {"metadata": {}, "status": {"allowed": allowed}}


def _may_path(request: Request, wanted: Obj) -> bool:
    try:
        access.authorise_path(request.user, wanted.get("verb", "").upper(), wanted.get("path", ""))
    except status.ApiError:
        return False
    return True


def _rules(request: Request, obj: Obj) -> Obj:
    namespace = (obj.get("spec") or {}).get("namespace", "")
    if not namespace:
        raise status.bad_request("no namespace on request")
    rules = []
    for rule in (*access.SELF_REVIEWS, *request.user.rules):
        if rule.namespaces and namespace not in rule.namespaces:
            continue
        row: Obj = {
            "verbs": list(rule.verbs),
            "apiGroups": list(rule.groups),
            "resources": list(rule.resources),
        }
        rules.append(row | ({"resourceNames": list(rule.names)} if rule.names else {}))
    paths = [*access.PUBLIC_PATHS, *access.DISCOVERY_PATHS]
    found = {
        "resourceRules": rules,
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": paths}],
        "incomplete": False,
    }
    return obj | {"metadata": {}, "spec": {}, "status": found}
