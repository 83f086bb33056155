"""Helpers that copy labelled ConfigMaps into a folder, as data: `watchers.toml` beside this file."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sidecars.knowledge.data import load

MOST_LABELS = 20


@dataclass(frozen=True, slots=True)
class Watcher:
    """Names of the variables that say which label, which value of it and which folder."""

    label: str
    value: str
    labels: str
    folder: str
    kind: str
    unlike: str

    def find(self, told: Mapping[str, str]) -> tuple[str, Mapping[str, str]] | None:
        """The folder and the labels that a ConfigMap needs, "" for any value; None if it watches none."""
        folder = told.get(self.folder, "")
        if not folder.startswith("/") or (self.unlike and told.get(self.kind) == self.unlike):
            return None
        if self.labels:
            pairs = (part.partition("=") for part in told.get(self.labels, "").split(",")[:MOST_LABELS])
            wanted = {name.strip(): value.strip() for name, _equals, value in pairs if name.strip()}
        else:
            label = told.get(self.label, "")
            wanted = {label: told.get(self.value, "")} if label else {}
        return (folder, wanted) if wanted else None


@cache
def watchers() -> tuple[Watcher, ...]:
    """Read once from the package; it changes only with a release."""
    raw = load("watchers.toml")
    return tuple(
        Watcher(
            label=str(entry.get("label", "")),
            value=str(entry.get("value", "")),
            labels=str(entry.get("labels", "")),
            folder=str(entry["folder"]),
            kind=str(entry.get("kind", "")),
            unlike=str(entry.get("not", "")),
        )
        for entry in raw["watcher"]
    )


@cache
def folder_variables() -> frozenset[str]:
    return frozenset(watcher.folder for watcher in watchers())
