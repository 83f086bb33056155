"""Which folders of known images a volume must not hide, as data: `contents.toml` beside this file."""

from dataclasses import dataclass
from functools import cache

from sidecars.knowledge.data import load


@dataclass(frozen=True, slots=True)
class Content:
    images: frozenset[str]
    path: str
    files: tuple[str, ...]


@cache
def contents() -> tuple[Content, ...]:
    """Read once from the package; it changes only with a release."""
    raw = load("contents.toml")
    return tuple(
        Content(frozenset(entry["images"]), str(entry["path"]), tuple(entry["files"]))
        for entry in raw["content"]
    )
