"""Which fields a field manager owns, read from managedFields, and which it should own."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from sidecars.attach.plan import Plan
from sidecars.fields import items, mapping, text

Path = tuple[str, ...]
# Lists that server-side apply merges by key; every other list has one owner as a whole.
LIST_KEYS: Mapping[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "volumeMounts": ("mountPath",),
    "ports": ("containerPort", "protocol"),
}
# Mappings that have one owner as a whole (x-kubernetes-map-type: atomic in the API's OpenAPI document).
ATOMIC = ("secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef")
# Identity, which nobody owns.
UNOWNED = {("f:apiVersion",), ("f:kind",)} | {
    ("f:metadata", f"f:{key}") for key in ("name", "namespace", "uid", "resourceVersion")
}
ITEM_KEYS = ('k:{"name"', 'k:{"mountPath"')
Holding = Literal["exact", "more", "less", "none"]


def find_entry(live: Mapping[str, Any], manager: str) -> Mapping[str, Any] | None:
    """The manager's entry for server-side apply."""
    for entry in items(live, "metadata", "managedFields"):
        if text(entry, "manager") == manager and text(entry, "operation") == "Apply":
            return entry
    return None


def read_fields(entry: Mapping[str, Any]) -> frozenset[Path]:
    return frozenset(_read(mapping(entry, "fieldsV1"), ()))


def _read(node: Mapping[str, Any], path: Path) -> Iterator[Path]:
    children = {key: value for key, value in node.items() if key != "."}
    if not children and path:
        yield path
    for key, value in children.items():
        yield from _read(value if isinstance(value, Mapping) else {}, (*path, _canonical(key)))


def _canonical(key: str) -> str:
    if not key.startswith("k:"):
        return key
    try:
        return "k:" + json.dumps(json.loads(key[2:]), sort_keys=True, separators=(",", ":"))
    except ValueError:
        return key


def expected_fields(body: Mapping[str, Any]) -> frozenset[Path]:
    """What an apply of this body makes its manager own."""
    return frozenset(_expect(body, ())) - UNOWNED


def _expect(node: Any, path: Path) -> Iterator[Path]:
    if not isinstance(node, Mapping) or not node:
        yield path
        return
    for key, value in node.items():
        here = (*path, f"f:{key}")
        if isinstance(value, list) and key in LIST_KEYS:
            for item in value:
                name = {part: item[part] for part in LIST_KEYS[key]}
                merged = "k:" + json.dumps(name, sort_keys=True, separators=(",", ":"))
                yield from _expect(item, (*here, merged))
        elif key in ATOMIC:
            yield here
        else:
            yield from _expect(value, here)


def compare(live: Mapping[str, Any], manager: str, body: Mapping[str, Any]) -> Holding:
    """ "more": somebody applied under this name, and an empty apply would delete what is theirs."""
    entry = find_entry(live, manager)
    if entry is None:
        return "none"
    held, wanted = read_fields(entry), expected_fields(body)
    if held - wanted:
        return "more"
    return "less" if wanted - held else "exact"


def is_taken(live: Mapping[str, Any], plan: Plan) -> bool:
    """Whether the container of our name is another's by now: ours went, and the name was free."""
    template = mapping(live, "spec", "template")
    spec = mapping(template, "spec")
    named = [c for c in items(spec, plan.container_list) if text(c, "name") == plan.container_name]
    if not named or _owns_container(live, plan):
        return False
    if not plan.volumes:
        return plan.annotation_key not in mapping(template, "metadata", "annotations")
    ours = {volume["name"] for volume in plan.volumes}
    return not ours & {text(mount, "name") for mount in items(named[0], "volumeMounts")}


def _owns_container(live: Mapping[str, Any], plan: Plan) -> bool:
    entry = find_entry(live, plan.field_manager)
    name = _key(name=plan.container_name)
    at = ("f:spec", "f:template", "f:spec", f"f:{plan.container_list}", name)
    return entry is not None and any(path[: len(at)] == at for path in read_fields(entry))


def _key(**parts: str) -> str:
    return "k:" + json.dumps(parts, sort_keys=True, separators=(",", ":"))


def co_owners(
    live: Mapping[str, Any], manager: str, body: Mapping[str, Any], app: str | None = None
) -> tuple[str, ...]:
    """Other managers that own a field inside one of our items. The app's container is not ours,
    our mounts on it are."""
    wanted = expected_fields(body)
    ours = {path[: i + 1] for path in wanted for i, key in enumerate(path) if key.startswith(ITEM_KEYS)}
    ours = {path for path in ours if app is None or path[-1] != _key(name=app)}
    found = set()
    for entry in items(live, "metadata", "managedFields"):
        other = text(entry, "manager")
        if other == manager:
            continue
        if any(path[:n] in ours for path in read_fields(entry) for n in range(1, len(path) + 1)):
            found.add(other)
    return tuple(sorted(found))
