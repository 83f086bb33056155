"""PATCH over HTTP: server-side apply, and the patches that count as updates."""

from __future__ import annotations

import json
from typing import Any

import yaml

from . import admission, managedfields, options, patches, rules, schema, status, validate, writes
from .discovery import Kind
from .requests import Answer, Request
from .store import timestamp

Obj = dict[str, Any]

_TYPES = (patches.JSON_PATCH, patches.MERGE_PATCH, patches.STRATEGIC, patches.APPLY)


def patch(request: Request, kind: Kind) -> Answer:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if content_type not in _TYPES:
        text = "415: Unsupported Media Type"
        raise status.ApiError(415, text, details={})
    options.check(request, "PatchOptions")
    if content_type == patches.APPLY:
        return _apply(request, kind)
    namespace = request.target.namespace if kind.namespaced else ""
    live = request.store.get(kind.plural, namespace, request.target.name)
    patched = patches.apply_patch(content_type, live, request.body, schema.root(kind.schema))
    return _update(request, kind, live, patched)


def _update(request: Request, kind: Kind, live: Obj, patched: Obj) -> Answer:
    _require_schema(request, kind, patched)
    obj: Obj = writes.known(schema.without_nulls(patched), kind)
    obj.setdefault("metadata", {})
    _same_identity(kind, live, obj)
    if "spec" in schema.types()[kind.schema]["fields"]:
        obj.setdefault("spec", {})
    done = request.store.update(
        kind.plural,
        obj,
        options.field_manager(request),
        request.target.subresource or None,
        check=rules.check,
        dry_run=request.is_dry_run,
    )
    request.warnings += admission.warnings(request.store, kind, done)
    return Answer(done)


def _require_schema(request: Request, kind: Kind, patched: Obj) -> None:
    mode = options.validation(request)
    found = validate.unknown_fields(patched, kind) if mode != "Ignore" else []
    if found and mode == "Strict":
        shown = json.dumps(json.dumps(patched, separators=(",", ":")))
        text = f"Invalid value: {shown}: strict decoding error: {', '.join(found)}"
        raise status.invalid("", "", "", [status.cause("FieldValueInvalid", text, "patch")])
    request.warnings += found
    validate.check_types(patched, kind)


def _same_identity(kind: Kind, live: Obj, obj: Obj) -> None:
    name, uid = live["metadata"]["name"], obj["metadata"].get("uid")
    if obj["metadata"].get("name") != name:
        given = obj["metadata"].get("name", "")
        raise status.bad_request(
            f"the name of the object ({given}) does not match the name on the URL ({name})"
        )
    if uid and uid != live["metadata"]["uid"]:
        raise wrong_uid(kind, name, uid)


def wrong_uid(kind: Kind, name: str, uid: str) -> status.ApiError:
    text = f"Invalid value: {json.dumps(uid)}: field is immutable"
    cause = status.cause("FieldValueInvalid", text, "metadata.uid")
    error = status.invalid(kind.kind, kind.group, name, [cause])
    assert error.details
    # The real server validates metadata twice and keeps both causes.
    error.details["causes"] = [cause, cause]
    return error


def _apply(request: Request, kind: Kind) -> Answer:
    manager = request.option("fieldManager")
    if not manager:
        text = "Required value: is required for apply patch"
        cause = status.cause("FieldValueRequired", text, "fieldManager")
        raise status.invalid("PatchOptions", "meta.k8s.io", "", [cause])
    body = _read_apply(request, kind)
    namespace = request.target.namespace if kind.namespaced else ""
    live = request.store.find(kind.plural, namespace, request.target.name)
    subresource = request.target.subresource
    if live is None:
        return _apply_new(request, kind, body, manager)
    _check_preconditions(kind, live, body)
    merged, managed = managedfields.apply(
        kind,
        live,
        body,
        manager,
        force=request.flag("force"),
        now=timestamp(),
        subresource=subresource,
    )
    merged["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
    done = request.store.update(
        kind.plural,
        merged,
        manager,
        subresource or None,
        check=rules.check,
        dry_run=request.is_dry_run,
        managed=managed,
    )
    request.warnings += admission.warnings(request.store, kind, done)
    return Answer(done)


def _read_apply(request: Request, kind: Kind) -> Obj:
    try:
        body = yaml.load(request.body, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        text = str(error).replace("\n", " ")
        raise status.bad_request(
            f"error decoding YAML: error converting YAML to JSON: yaml: {text}"
        ) from error
    if not isinstance(body, dict):
        raise status.bad_request("error decoding YAML: no object")
    version, given = body.get("apiVersion", ""), body.get("kind", "")
    if (version, given) != (kind.api_version, kind.kind):
        shown = version if "/" in version else f"/{version}"
        raise status.bad_request(f"invalid object type: {shown}, Kind={given}")
    metadata = body.get("metadata") or {}
    body["metadata"] = metadata
    if metadata.get("managedFields") is not None:
        raise status.bad_request("metadata.managedFields must be nil")
    problem = validate.typed_patch_problem(body, schema.root(kind.schema))
    if problem:
        where = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"
        text = f"failed to create typed patch object ({where}; {version}, Kind={given}): {problem}"
        raise status.ApiError(500, text, reason="")
    writes.settle_name(request, body)
    writes.settle_namespace(request, kind, body)
    return body


def _apply_new(request: Request, kind: Kind, body: Obj, manager: str) -> Answer:
    name, uid = request.target.name, body["metadata"].get("uid")
    if request.target.subresource:
        raise status.not_found(kind.plural, kind.group, name)
    if uid:
        why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise status.conflict(kind.plural, kind.group, name, why)
    new, managed = managedfields.apply(kind, None, body, manager, force=False, now=timestamp())
    new = {"kind": kind.kind, "apiVersion": kind.api_version} | new
    made = request.store.create(
        kind.plural, new, manager, check=rules.check, dry_run=request.is_dry_run, managed=managed
    )
    request.warnings += admission.warnings(request.store, kind, made)
    return Answer(made, 201)


def _check_preconditions(kind: Kind, live: Obj, body: Obj) -> None:
    metadata, have = body["metadata"], live["metadata"]
    rv, uid = metadata.get("resourceVersion"), metadata.get("uid")
    if rv and rv != have["resourceVersion"]:
        raise status.conflict(kind.plural, kind.group, have["name"], status.MODIFIED)
    if uid and uid != have["uid"]:
        raise wrong_uid(kind, have["name"], uid)
