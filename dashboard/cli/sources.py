"""What -f names: files, folders as kubectl reads them, and standard input."""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sidecars.documents import LARGEST_BYTES

SUFFIXES = (".json", ".yaml", ".yml")
MOST_FILES = 5_000


@dataclass(frozen=True, slots=True)
class Source:
    """`content` is cut one byte above the limit, so that its reader can refuse it."""

    name: str
    content: bytes


def open_sources(names: Sequence[str], *, recursive: bool) -> tuple[list[Source], list[str]]:
    """What could be read, and a sentence for each that could not."""
    found: list[Source] = []
    wrong: list[str] = []
    seen: set[str] = set()
    for name in names:
        try:
            for path in _paths(name, recursive):
                real = path if path == "-" else os.path.realpath(path)
                if real not in seen:
                    seen.add(real)
                    found.append(Source("stdin" if path == "-" else path, _read(path)))
        except OSError as error:
            wrong.append(f"{error.filename or name}: {error.strerror or error}. {_advice(name)}")
    return found, wrong


def _advice(name: str) -> str:
    if name.startswith(("http://", "https://")):
        return f"Fetch it first: curl -sSf {name} | sidecar-dashboard inspect -f -"
    return "Check the path; - reads standard input."


def _paths(name: str, recursive: bool) -> Iterator[str]:
    if name == "-" or not os.path.isdir(name):
        yield name
        return
    folder = Path(name)
    entries = sorted(folder.rglob("*") if recursive else folder.iterdir())
    files = [str(path) for path in entries if path.suffix in SUFFIXES and path.is_file()]
    if not files:
        where = "it or its folders" if recursive else "it (-R looks into its folders too)"
        raise FileNotFoundError(2, f"no .yaml, .yml or .json file in {where}", name)
    if len(files) > MOST_FILES:
        raise OSError(7, f"more than {MOST_FILES} files", name)
    yield from files


def _read(path: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read(LARGEST_BYTES + 1)
    with open(path, "rb") as file:
        if stat.S_ISDIR(os.fstat(file.fileno()).st_mode):
            raise IsADirectoryError(21, "Is a directory", path)
        return file.read(LARGEST_BYTES + 1)
