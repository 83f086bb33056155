"""Paths against mounts: where in a volume a file lies, and whether a glob takes it."""

import posixpath
import re
from collections.abc import Sequence
from fnmatch import translate
from functools import lru_cache

from sidecars.topology import Container, Mount

MOST_PARTS = 40
DATE = re.compile(r"%(?:[A-Za-z]|\{[^}]{0,40}\})|\$\{[^}]{0,60}\}|\$\w{1,40}|\{\{[^}]{0,60}\}\}")
CHOICE = re.compile(r"\{[^{}]{0,200},[^{}]{0,200}\}")
META = re.compile(r"[*?\[]")


def plain_glob(path: str) -> str:
    """Dates and variables in a name stand for anything."""
    return DATE.sub("*", CHOICE.sub("*", path))


def literal_folder(path: str) -> str:
    """The part of a glob before its first wildcard, up to a whole folder."""
    match = META.search(path)
    return path if match is None else posixpath.dirname(path[: match.start()] + "x")


def holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def mount_of(container: Container, path: str) -> Mount | None:
    """The mount that a path lies in: the longest wins, as in the container."""
    inside = [m for m in container.mounts if not m.is_device and m.path and holds(m.path, path)]
    return max(inside, key=lambda m: len(m.path), default=None)


def inner(mount: Mount, path: str) -> str:
    """From the volume's root, by the mount's subPath."""
    rest = path[len(mount.path.rstrip("/")) :].lstrip("/")
    return posixpath.normpath(posixpath.join("/", mount.sub_path, rest))


def outer(container: Container, volume: str, path: str) -> list[str]:
    """Where a container sees what lies at `path` of a volume, by each of its mounts."""
    found = []
    for mount in container.mounts:
        if mount.volume != volume or mount.is_device:
            continue
        root = posixpath.normpath(posixpath.join("/", mount.sub_path))
        if holds(root, path):
            seen = posixpath.normpath(posixpath.join(mount.path, path[len(root) :].lstrip("/")))
            if mount_of(container, seen) is mount:
                found.append(seen)
    return found


def takes(glob: str, path: str, *, is_folder: bool = False) -> bool:
    """Whether a glob takes a file; of a folder, whether it may take a file in it."""
    if not is_folder and not META.search(glob):
        return glob.strip("/") == path.strip("/")
    wanted, given = glob.strip("/").split("/"), path.strip("/").split("/")
    if max(len(wanted), len(given)) > MOST_PARTS:
        return False
    # The places in the glob that the parts so far may have led to.
    at = _through({0}, wanted)
    for part in given:
        stay = {i for i in at if i < len(wanted) and wanted[i] == "**"}
        step = {i + 1 for i in at if i < len(wanted) and wanted[i] != "**" and _fits(wanted[i], part)}
        at = _through(stay | step, wanted)
    return any(i < len(wanted) for i in at) if is_folder else len(wanted) in at


def _through(at: set[int], wanted: Sequence[str]) -> set[int]:
    """`**` may stand for no folder at all."""
    found = set(at)
    for i in range(len(wanted)):
        if i in found and wanted[i] == "**":
            found.add(i + 1)
    return found


def _fits(glob: str, part: str) -> bool:
    return bool(_part(glob).match(part)) if META.search(glob) else glob == part


@lru_cache(maxsize=32)  # small: it keeps a pod's texts
def _part(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob[:200]))
