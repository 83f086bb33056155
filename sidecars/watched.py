"""ConfigMaps that no volume names: a helper that watches their labels copies them into a folder."""

from collections.abc import Iterator, Mapping

from sidecars.fields import Json, items, mapping, pairs, text
from sidecars.knowledge.watchers import folder_variables, watchers

MOST = 50  # ConfigMaps that one helper copies


def watched_configmaps(
    spec: Json, configmaps: Mapping[str, Json]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(volume, ConfigMap, {file: key}): whoever mounts the volume sees the files."""
    if not configmaps:
        return
    for field in ("initContainers", "containers"):
        for raw in items(spec, field):
            env = items(raw, "env")
            if not any(text(entry, "name") in folder_variables() for entry in env):
                continue
            told = {text(entry, "name"): text(entry, "value") for entry in env}
            for watcher in watchers():
                if asked := watcher.find(told):
                    volume = _volume(raw, asked[0])
                    found = [name for name, one in configmaps.items() if _has(one, asked[1])]
                    shown = ((volume, name, _keys(configmaps[name])) for name in found[:MOST] if volume)
                    yield from (one for one in shown if one[2])


def _keys(configmap: Json) -> dict[str, str]:
    """Without dashboards, of which there are many: they tell nobody whom to call."""
    return {key: key for key, _value in pairs(configmap, "data") if not key.endswith(".json")}


def _volume(raw: Json, folder: str) -> str:
    """The volume with the longest path above the folder."""
    inside = folder.rstrip("/") + "/"
    above = [
        (text(mount, "mountPath").rstrip("/"), text(mount, "name"))
        for mount in items(raw, "volumeMounts")
        if inside.startswith(text(mount, "mountPath").rstrip("/") + "/")
    ]
    return max(above, key=lambda one: len(one[0]))[1] if above else ""


def _has(configmap: Json, wanted: Mapping[str, str]) -> bool:
    labels = mapping(configmap, "metadata", "labels")
    return all(
        name in labels and (not value or text(labels, name) == value) for name, value in wanted.items()
    )
