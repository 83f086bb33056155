"""All presets: the folders beside this file, and an administrator's files."""

from collections.abc import Mapping
from dataclasses import dataclass

from sidecars.errors import BadConfiguration, NotFound
from sidecars.presets.preset import Preset
from sidecars.presets.reading import read_preset


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


def read(
    folders: Mapping[str, Mapping[str, bytes]],
    *,
    packaged: Mapping[str, Mapping[str, bytes]] | None = None,
    images: Mapping[str, str] | None = None,
) -> Catalogue:
    """Folder name -> file name -> bytes. A bad folder is listed, not loaded.

    `packaged` are our own: an administrator's preset cannot stand in for one. `images` maps
    name:tag to the administrator's own copy.
    """
    own = packaged or {}
    every = {**folders, **own}
    presets: list[Preset] = []
    bad: list[BadPreset] = []
    for folder in sorted(set(folders) & set(own)):
        bad.append(BadPreset(folder, "a preset of the package has this name"))
    for folder in sorted(every):
        try:
            preset = read_preset(every[folder], images=images, is_packaged=folder in own)
            if preset.id != folder:
                raise BadConfiguration(cause=f"the id {preset.id} is not the folder's name")
            presets.append(preset)
        except BadConfiguration as error:
            bad.append(BadPreset(folder, str(error.parameters["cause"])))
    return Catalogue(tuple(presets), tuple(bad))
