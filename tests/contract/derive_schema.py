"""Writes sidecars/demo/schema.json from the OpenAPI documents of a real API server.

Usage: python tests/contract/derive_schema.py DIRECTORY-OF-OPENAPI-V3-FILES
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Obj = dict[str, Any]
PLACE = Path(__file__).parents[2] / "sidecars/demo/schema.json"
SPECIAL = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "intstr",
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "any",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "any",
}


def reference(node: Obj) -> str:
    target = node.get("$ref") or next((each["$ref"] for each in node.get("allOf", [])), "")
    return str(target).rpartition("/")[2]


def compact_list(node: Obj, schemas: Obj) -> Obj:
    built: Obj = {"t": "list", "items": compact(node.get("items", {}), schemas)}
    kind = node.get("x-kubernetes-list-type", "atomic")
    if kind != "atomic":
        built["kind"] = kind
    if kind == "map":
        built["keys"] = node["x-kubernetes-list-map-keys"]
    strategy = node.get("x-kubernetes-patch-strategy", "")
    if "merge" in strategy:
        built["merge"] = node.get("x-kubernetes-patch-merge-key", "")
    if "retainKeys" in strategy:
        built["retain"] = True
    return built


def compact(node: Obj, schemas: Obj) -> Obj:
    name = reference(node)
    if name in SPECIAL:
        return {"t": SPECIAL[name]}
    if name and "properties" not in schemas[name]:
        return compact(schemas[name], schemas)
    if name:
        built: Obj = {"t": "ref", "ref": name}
        if node.get("default") == {}:
            built["struct"] = True
        if "retainKeys" in node.get("x-kubernetes-patch-strategy", ""):
            built["retain"] = True
        if node.get("x-kubernetes-map-type") == "atomic":
            built["atomic"] = True
        return built
    if node.get("type") == "array":
        return compact_list(node, schemas)
    if node.get("type") == "object":
        built = {"t": "map", "items": compact(node.get("additionalProperties", {}), schemas)}
        return built | ({"atomic": True} if node.get("x-kubernetes-map-type") == "atomic" else {})
    built = {"t": node.get("type", "any")}
    if node.get("format") == "byte":
        built["t"] = "bytes"
    if node.get("format") == "int64":
        built["bits"] = 64
    if "enum" in node:
        built["enum"] = node["enum"]
    if node.get("default"):
        built["default"] = node["default"]
    return built


def references_of(node: Obj) -> list[str]:
    found = [node["ref"]] if "ref" in node else []
    return found + (references_of(node["items"]) if "items" in node else [])


def derive(schemas: Obj, roots: list[str]) -> Obj:
    types: Obj = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in types:
            continue
        source = schemas[name]
        fields = {key: compact(each, schemas) for key, each in source["properties"].items()}
        types[name] = {"fields": fields}
        if "required" in source:
            types[name]["required"] = source["required"]
        if source.get("x-kubernetes-map-type") == "atomic":
            types[name]["atomic"] = True
        for each in fields.values():
            waiting.extend(references_of(each))
    return types


def written(types: Obj) -> str:
    lines = [f"{json.dumps(name)}: {json.dumps(types[name])}" for name in sorted(types)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_schemas(documents: list[Obj]) -> Obj:
    schemas: Obj = {}
    for document in documents:
        schemas.update(document["components"]["schemas"])
    return schemas


if __name__ == "__main__":
    from sidecars.demo.discovery import KINDS

    folder = Path(sys.argv[1])
    documents = [json.loads(each.read_text()) for each in sorted(folder.glob("*.json"))]
    roots = [kind.schema for kind in KINDS.values()]
    PLACE.write_text(written(derive(read_schemas(documents), roots)))
