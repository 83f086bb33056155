"""POST, PUT and DELETE over HTTP."""

from __future__ import annotations

import json
from typing import Any

from . import admission, options, rules, schema, status, validate
from .discovery import Kind
from .requests import Answer, Request

Obj = dict[str, Any]

_JOB_ORPHANS = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background "
    "to remove them or set propagationPolicy=Orphan to suppress this warning"
)
# These answer a DELETE with the object, all others with a Status.
_RETURNED = ("pods", "services", "serviceaccounts", "resourcequotas", "namespaces")


def read_body(request: Request, kind: Kind) -> Obj:
    """Decoded, checked against the schema, nulls and status of the identity fields settled."""
    content_type = request.headers.get("content-type", "")
    if "protobuf" in content_type or "cbor" in content_type:
        text = (
            "the body of the request was in an unknown format - accepted media types include: "
            "application/json, application/yaml"
        )
        raise status.ApiError(415, text)
    body = validate.read_object(request.body, content_type, kind)
    validate.require_kind(body, kind)
    validate.check_types(body, kind)
    request.warnings += validate.strict(body, kind, options.validation(request))
    obj: Obj = known(schema.without_nulls(body), kind)
    obj |= {"kind": kind.kind, "apiVersion": kind.api_version}
    obj.setdefault("metadata", {})
    return obj


def known(obj: Any, kind: Kind) -> Any:
    """Without the fields that the schema does not know."""
    return _known(obj, schema.root(kind.schema))


def _known(value: Any, node: schema.Node) -> Any:
    if isinstance(value, list) and node["t"] == "list":
        return [_known(each, node["items"]) for each in value]
    if isinstance(value, dict) and node["t"] in ("ref", "map"):
        fields = schema.fields_of(node)
        return {
            name: _known(each, schema.child(node, name))
            for name, each in value.items()
            if fields is None or (name in fields and not _is_omitted(node, fields[name], name, each))
        }
    return value


def _is_omitted(node: schema.Node, field: schema.Node, name: str, value: Any) -> bool:
    """Go's omitempty: an empty list or map is not kept, but for a required field."""
    if value or value is None or field["t"] not in ("list", "map"):
        return False
    return name not in schema.types()[node["ref"]].get("required", ())


def settle_namespace(request: Request, kind: Kind, obj: Obj) -> None:
    metadata = obj["metadata"]
    if not kind.namespaced:
        metadata.pop("namespace", None)
        return
    namespace = request.target.namespace
    if metadata.get("namespace", namespace) != namespace:
        raise status.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    metadata["namespace"] = namespace


def settle_name(request: Request, obj: Obj) -> None:
    wanted, name = request.target.name, obj["metadata"].get("name", "")
    if name and name != wanted:
        raise status.bad_request(
            f"the name of the object ({name}) does not match the name on the URL ({wanted})"
        )
    obj["metadata"]["name"] = wanted


def create(request: Request, kind: Kind) -> Answer:
    options.check(request, "CreateOptions")
    obj = read_body(request, kind)
    settle_namespace(request, kind, obj)
    if obj["metadata"].get("resourceVersion"):
        raise status.ApiError(500, "resourceVersion should not be set on objects to be created", reason="")
    obj.pop("status", None)
    if kind.plural == "secrets":
        for name, value in obj.pop("stringData", {}).items():
            obj.setdefault("data", {})[name] = _base64(value)
    _require_spec(kind, obj)
    manager = options.field_manager(request)
    made = request.store.create(kind.plural, obj, manager, check=rules.check, dry_run=request.is_dry_run)
    request.warnings += admission.warnings(request.store, kind, made)
    return Answer(made, 201)


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode()


def _require_spec(kind: Kind, obj: Obj) -> None:
    if "spec" in schema.types()[kind.schema]["fields"]:
        obj.setdefault("spec", {})
    if not obj["metadata"].get("name") and not obj["metadata"].get("generateName"):
        # Named for the length of the validation, which then refuses the empty name.
        obj["metadata"]["name"] = ""


def update(request: Request, kind: Kind) -> Answer:
    options.check(request, "UpdateOptions")
    obj = read_body(request, kind)
    settle_namespace(request, kind, obj)
    settle_name(request, obj)
    subresource = request.target.subresource or None
    request.store.get(kind.plural, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
    if subresource is None and "spec" in schema.types()[kind.schema]["fields"]:
        obj.setdefault("spec", {})
    done = request.store.update(
        kind.plural,
        obj,
        options.field_manager(request),
        subresource,
        check=rules.check,
        dry_run=request.is_dry_run,
    )
    request.warnings += admission.warnings(request.store, kind, done)
    return Answer(done)


def _delete_options(request: Request) -> Obj:
    found: Obj = {}
    if request.body.strip():
        try:
            found = json.loads(request.body)
        except ValueError as error:
            raise status.bad_request(f"couldn't get version/kind; json parse error: {error}") from error
    if request.option("gracePeriodSeconds"):
        found["gracePeriodSeconds"] = int(request.option("gracePeriodSeconds"))
    if request.option("propagationPolicy"):
        found["propagationPolicy"] = request.option("propagationPolicy")
    if "All" in (found.get("dryRun") or []):
        request.query["dryRun"] = ["All"]
    return found


def delete(request: Request, kind: Kind) -> Answer:
    wanted = _delete_options(request)
    namespace = request.target.namespace if kind.namespaced else ""
    name = request.target.name
    obj = _delete_one(request, kind, namespace, name, wanted)
    stays = request.store.find(kind.plural, namespace, name) is not None and not request.is_dry_run
    if stays or kind.plural in _RETURNED:
        return Answer(obj)
    return Answer(status.success(kind.plural, kind.group, name, obj["metadata"]["uid"]))


def _delete_one(request: Request, kind: Kind, namespace: str, name: str, wanted: Obj) -> Obj:
    policy = wanted.get("propagationPolicy")
    if policy is None and kind.plural == "jobs":
        policy = "Orphan"
        request.warnings.append(_JOB_ORPHANS)
    finalizers = {"Orphan": ("orphan",), "Foreground": ("foregroundDeletion",)}.get(policy or "")
    return request.store.delete(
        kind.plural,
        namespace,
        name,
        wanted.get("gracePeriodSeconds"),
        preconditions=wanted.get("preconditions"),
        finalizers=finalizers or (),
        dry_run=request.is_dry_run,
    )


def delete_many(request: Request, kind: Kind, chosen: list[Obj], answer: Answer) -> Answer:
    wanted = _delete_options(request)
    for obj in chosen:
        metadata = obj["metadata"]
        _delete_one(request, kind, metadata.get("namespace", ""), metadata["name"], wanted)
    return answer
