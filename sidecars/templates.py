"""Where an object of any kind carries pods: itself, a template, or templates deep in a custom resource."""

from collections.abc import Iterator
from dataclasses import dataclass

from sidecars.fields import Json, items, mapping, text

DEEPEST = 8  # keys down to a template; Kubeflow and JobSet need 5
KNOWN = frozenset({
    "CronJob", "DaemonSet", "Deployment", "Job", "Pod", "PodTemplate", "ReplicaSet",
    "ReplicationController", "StatefulSet",
})  # fmt: skip
USUAL = (
    ("spec", "template"),
    ("spec", "jobTemplate", "spec", "template"),
    ("template",),
)


@dataclass(frozen=True, slots=True)
class Template:
    """`path` leads to an object with `metadata` and `spec`; () is the object itself."""

    path: tuple[str, ...]
    body: Json


def find_templates(body: Json) -> list[Template]:
    """Of a Pod itself; else the usual place; else, in a custom resource, wherever one stands."""
    if text(body, "kind") == "Pod":
        return [Template((), body)] if _is_pod(body) else []
    for path in USUAL:
        if _is_pod(found := mapping(body, *path)):
            return [Template(path, found)]
    if text(body, "kind") in KNOWN and _is_builtin(body):
        return []
    return [t for t in _search(mapping(body, "spec"), ("spec",)) if t.path]


def _is_builtin(body: Json) -> bool:
    group = text(body, "apiVersion").rpartition("/")[0]
    return group in ("", "apps", "batch", "extensions")


def _is_pod(found: Json) -> bool:
    return bool(items(found, "spec", "containers"))


def _search(value: object, path: tuple[str, ...]) -> Iterator[Template]:
    """Only objects whose containers have an image: a schema speaks of containers too."""
    if len(path) > DEEPEST:
        return
    if isinstance(value, dict):
        if _is_pod(value) and any(text(raw, "image") for raw in items(value, "spec", "containers")):
            yield Template(path, value)
            return
        for key, child in value.items():
            if isinstance(child, (dict, list)):
                yield from _search(child, (*path, str(key)[:80]))
    elif isinstance(value, list):
        for index, child in enumerate(value[:100]):
            if isinstance(child, dict):
                yield from _search(child, (*path[:-1], f"{path[-1]}[{index}]"))
