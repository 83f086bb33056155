"""Which folders of known images a volume must not hide, as data: `contents.toml` beside this file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Content:
    images: frozenset[str]
    path: str
    files: tuple[str, ...]


@cache
def contents() -> tuple[Content, ...]:
    """Read once from the package; it changes only with a release."""
    raw = tomllib.loads(files(__package__).joinpath("contents.toml").read_text(encoding="utf-8"))
    return tuple(
        Content(frozenset(entry["images"]), str(entry["path"]), tuple(entry["files"]))
        for entry in raw["content"]
    )
