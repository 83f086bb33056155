"""A file that several containers mount is what one of them obeys: the one whose program reads the format."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sidecars.configured import Configured, File
from sidecars.edges import copies
from sidecars.edges.files import tell_file
from sidecars.knowledge import recognise, repository
from sidecars.knowledge.formats import programs

Key = tuple[str, str]  # ConfigMap and key


def assign_files(configured: Sequence[Configured], images: Mapping[str, str]) -> list[Configured]:
    """Without the files that a container only watches or copies for another."""
    configured = copies.hand_on(configured)
    mounted = Counter(key for part in configured for key in {_key(file) for file in part.files})
    shared = {key for key, count in mounted.items() if count > 1}
    if not shared:
        return list(configured)
    first: dict[Key, File] = {}
    for part in configured:
        for file in part.files:
            first.setdefault(_key(file), file)
    owners = {key: _owners(key, first[key], configured, images) for key in shared}
    return [
        replace(
            part,
            files=tuple(f for f in part.files if part.container in owners.get(_key(f), {part.container})),
        )
        for part in configured
    ]


def _key(file: File) -> Key:
    return file.source, file.field


def _owners(
    key: Key, file: File, configured: Sequence[Configured], images: Mapping[str, str]
) -> frozenset[str]:
    parts = [part for part in configured if any(_key(f) == key for f in part.files)]
    names = [part.container for part in parts]
    format_id, _mentions = tell_file(file)
    known = programs().get(format_id, ())
    fitting = [name for name in names if any(part in repository(images.get(name, "")) for part in known)]
    # A reloader mounts the files that it watches for another.
    lasting = [name for name in fitting or names if not _is_reloader(images.get(name, ""), name)]
    chosen = lasting or fitting or names
    if len(chosen) > 1:
        # Of clamd and freshclam in one folder, each is started with its own.
        named = [part.container for part in parts if part.container in chosen and _names(part, key)]
        # A script that none of them names may be anybody's.
        chosen = named if named or format_id == "shell" else chosen
    return frozenset(chosen)


def _names(part: Configured, key: Key) -> bool:
    """Its command, a check or a variable of it names the file."""
    paths = [file.path for file in part.files if _key(file) == key and file.path]
    return any(path in said for path in paths for said in _said(part))


def _said(part: Configured) -> Iterator[str]:
    yield from (word.value for program in part.programs for word in program.words)
    yield from (variable.value for variable in part.variables)


def _is_reloader(image: str, name: str) -> bool:
    product = recognise(image, name)
    return product is not None and product.kind == "reload"
