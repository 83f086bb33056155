"""All presets: the folders beside this file, and an administrator's files."""

from collections.abc import Mapping
from dataclasses import dataclass

from sidecars.errors import BadConfiguration, NotFound
from sidecars.presets.preset import Preset, read_preset


@dataclass(frozen=True, slots=True)
class BadPreset:
    """A folder that was not loaded, and why."""

    folder: str
    cause: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    presets: tuple[Preset, ...]
    bad: tuple[BadPreset, ...] = ()

    def get(self, preset_id: str) -> Preset:
        for preset in self.presets:
            if preset.id == preset_id:
                return preset
        raise NotFound(resource="preset", name=preset_id)


def read(folders: Mapping[str, Mapping[str, bytes]]) -> Catalogue:
    """Folder name -> file name -> bytes. A bad folder is listed, not loaded."""
    presets, bad = [], []
    for folder in sorted(folders):
        try:
            preset = read_preset(folders[folder])
            if preset.id != folder:
                raise BadConfiguration(cause=f"the id {preset.id} is not the folder's name")
            presets.append(preset)
        except BadConfiguration as error:
            bad.append(BadPreset(folder, str(error.parameters["cause"])))
    return Catalogue(tuple(presets), tuple(bad))
