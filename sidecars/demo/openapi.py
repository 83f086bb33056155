"""As much of /openapi/v3 as kubectl asks for: which versions take `fieldValidation`."""

from __future__ import annotations

from typing import Any

from . import discovery

Obj = dict[str, Any]


def document(path: str) -> Obj | None:
    versions = {"api/v1": ("", "v1")}
    for group, version in discovery.groups().items():
        versions[f"apis/{group}/{version}"] = (group, version)
    if not path:
        return {"paths": {each: {"serverRelativeURL": f"/openapi/v3/{each}"} for each in versions}}
    if path not in versions:
        return None
    group, version = versions[path]
    paths = {}
    for kind in discovery.served(group, version):
        scope = "/namespaces/{namespace}" if kind.namespaced else ""
        described = {"group": group, "version": version, "kind": kind.kind}
        patch = {
            "parameters": [{"name": "fieldValidation", "in": "query"}],
            "responses": {},
            "x-kubernetes-group-version-kind": described,
        }
        paths[f"/{path}{scope}/{kind.plural}/{{name}}"] = {"patch": patch}
    info = {"title": "Kubernetes", "version": discovery.VERSION["gitVersion"]}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": {}}}
