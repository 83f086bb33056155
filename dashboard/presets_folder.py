"""Reads the preset folders once, at start, and hands their bytes to the pure catalogue."""

from functools import cache
from pathlib import Path

from django.conf import settings

import sidecars.presets
from sidecars.presets.catalogue import Catalogue, read

FILE_LIMIT_BYTES = 256 * 1024
PACKAGED = Path(sidecars.presets.__file__).parent / "catalogue"


def read_folders(root: Path) -> dict[str, dict[str, bytes]]:
    """Each sub-folder with a preset.yaml: its files by relative path. Too long a file is cut,
    one byte over the limit, so that the catalogue refuses it by name."""
    found: dict[str, dict[str, bytes]] = {}
    for folder in sorted(path.parent for path in root.glob("*/preset.yaml")):
        files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".pyc")
        found[folder.name] = {str(path.relative_to(folder)): _head(path) for path in files}
    return found


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(FILE_LIMIT_BYTES + 1)


@cache
def catalogue() -> Catalogue:
    folders = read_folders(PACKAGED)
    if settings.SIDECAR_PRESETS_DIR:
        # A packaged preset keeps its name: an administrator's file cannot stand in for it.
        folders = read_folders(Path(settings.SIDECAR_PRESETS_DIR)) | folders
    return read(folders)
