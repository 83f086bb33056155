"""Files that an init container copies from a ConfigMap to a shared volume, for who reads them there."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sidecars.configured import Configured, File
from sidecars.edges.sockets import find_place

COPIER = re.compile(r"\b(?:cp|mv|install|rsync|cat|envsubst|sed|tee|gomplate|jinja2?|ln)\b")
PATH = re.compile(r"/[A-Za-z0-9_.@+/*-]{1,300}")
MOST_LINES, MOST_PATHS, MOST_FILES, MOST_COPIES = 500, 20, 200, 200


@dataclass(frozen=True, slots=True)
class _Copy:
    file: File
    place: tuple[str, str]  # volume and path in it


def hand_on(configured: Sequence[Configured]) -> list[Configured]:
    """Each copied file goes from the copier to the containers that mount where it lies afterwards."""
    given: dict[str, list[File]] = {}
    gone: dict[str, set[str]] = {}
    for part in configured:
        if not part.field.startswith("spec.initContainers") or not part.files:
            continue
        for copy in islice(_copies(part), MOST_COPIES):
            for other, path in _readers(copy, [one for one in configured if not _is_early(one)]):
                name = posixpath.basename(path)
                given.setdefault(other.container, []).append(
                    replace(copy.file, name=name, path=path, said={})
                )
                gone.setdefault(part.container, set()).add(copy.file.path)
    if not given:
        return list(configured)
    return [
        _changed(part, given.get(part.container, []), gone.get(part.container, set())) for part in configured
    ]


def _readers(copy: _Copy, lasting: Sequence[Configured]) -> list[tuple[Configured, str]]:
    """Who sees the copy, and where; those whose command names it, if any does."""
    found = [(part, path) for part in lasting if (path := _seen_at(part, copy.place))]
    named = [(part, path) for part, path in found if any(path in a.value for a in part.arguments)]
    return named or found


def _is_early(part: Configured) -> bool:
    return part.field.startswith("spec.initContainers")


def _changed(part: Configured, given: list[File], gone: set[str]) -> Configured:
    new = {(file.source, file.field): file for file in given[:MOST_FILES]}
    kept = [f for f in part.files if f.path not in gone and (f.source, f.field) not in new]
    return replace(part, files=(*kept, *new.values()))


def _copies(part: Configured) -> Iterator[_Copy]:
    by_source: dict[str, list[File]] = {}
    for file in part.files[:MOST_FILES]:
        folder = posixpath.dirname(file.path)
        for source in (file.path, folder, f"{folder}/..data"):
            by_source.setdefault(source, []).append(file)
    for line in _lines(part):
        paths = PATH.findall(line)[:MOST_PATHS] if COPIER.search(line) else []
        for source in paths[:-1]:
            for file in by_source.get(source.partition("*")[0].rstrip("/."), ()):
                if place := _target(part, file, source, paths[-1]):
                    yield _Copy(file, place)


def _lines(part: Configured) -> Iterator[str]:
    """Of its command, and of the scripts that it mounts and names."""
    values = [argument.value for argument in part.arguments]
    if not any("\n" in value or " " in value.strip() for value in values):
        values = [" ".join(values)]
    named = [f.content for f in part.files if f.path and any(f.path in value for value in values)]
    lines = (line for text in (*values, *named) for line in re.split(r"[\n;]|&&|\|\|", text))
    for _number, line in zip(range(MOST_LINES), lines, strict=False):
        yield line[:2000]


def _target(part: Configured, file: File, source: str, given: str) -> tuple[str, str] | None:
    path = given
    if not posixpath.splitext(path)[1] or path.endswith("/") or source != file.path:
        path = posixpath.join(path, file.name)
    elif given in {mount.path for mount in part.mounts}:
        path = posixpath.join(given, file.name)
    return find_place(path, part)


def _seen_at(part: Configured, place: tuple[str, str]) -> str:
    for mount in part.mounts:
        inner = mount.inner.rstrip("/")
        if mount.place == place[0] and (place[1] == mount.inner or place[1].startswith(inner + "/")):
            return posixpath.join(mount.path, place[1][len(inner) :].lstrip("/"))
    return ""
