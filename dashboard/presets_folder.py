"""Reads the preset folders once, at start, and hands their bytes to the pure catalogue."""

import re
from functools import cache
from pathlib import Path

from django.conf import settings

import sidecars.presets
from sidecars.errors import BadConfiguration
from sidecars.presets.catalogue import Catalogue, read
from sidecars.presets.reading import load_yaml

FILE_LIMIT_BYTES = 256 * 1024
SHARED = "_shared"
REFERENCE = re.compile(r"[a-z0-9][A-Za-z0-9._/:@-]{0,300}")
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
    """Empty if it cannot be read: one such file must not hide the other presets."""
    try:
        return _read(path)
    except OSError:
        return b""


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(FILE_LIMIT_BYTES + 1)


def read_single_files(root: Path) -> dict[str, dict[str, bytes]]:
    """Each NAME.yaml beside the folders is a preset of one file."""
    return {path.stem: {"preset.yaml": _head(path)} for path in sorted(root.glob("*.yaml")) if path.is_file()}


def read_packaged() -> dict[str, dict[str, bytes]]:
    """Our own, each with the programs that several of them share."""
    shared = {f"{SHARED}/{path.name}": _head(path) for path in sorted((PACKAGED / SHARED).glob("*.py"))}
    return {name: files | shared for name, files in read_folders(PACKAGED).items()}


def read_images(path: str) -> dict[str, str]:
    """name:tag -> reference, of a YAML file. Raises BadConfiguration."""
    if not path:
        return {}
    try:
        document = load_yaml(_read(Path(path)))
    except OSError as error:
        raise BadConfiguration(cause=f"SIDECAR_IMAGES_FILE {path}: {error.strerror}") from error
    except BadConfiguration as error:
        raise BadConfiguration(cause=f"SIDECAR_IMAGES_FILE {path}: {error.parameters['cause']}") from error
    if not isinstance(document, dict) or not all(
        isinstance(key, str) and isinstance(value, str) and REFERENCE.fullmatch(value)
        for key, value in document.items()
    ):
        raise BadConfiguration(
            cause=f"SIDECAR_IMAGES_FILE {path}: one line an image, as name:tag: registry/name:tag"
        )
    return document


@cache
def _folders() -> tuple[dict[str, dict[str, bytes]], dict[str, dict[str, bytes]]]:
    """An administrator's, and ours."""
    others: dict[str, dict[str, bytes]] = {}
    if settings.SIDECAR_PRESETS_DIR:
        root = Path(settings.SIDECAR_PRESETS_DIR)
        if not root.is_dir():
            raise BadConfiguration(cause=f"SIDECAR_PRESETS_DIR {root}: no such folder")
        others = read_single_files(root) | read_folders(root)
    return others, read_packaged()


@cache
def catalogue() -> Catalogue:
    others, packaged = _folders()
    return read(others, packaged=packaged, images=read_images(settings.SIDECAR_IMAGES_FILE))


def source_of(preset: str) -> bytes:
    """preset.yaml of one that was read."""
    others, packaged = _folders()
    return (others | packaged)[preset]["preset.yaml"]
