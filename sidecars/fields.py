"""Typed access to Kubernetes JSON, in which any field may be absent, null or of a wrong type."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
EMPTY: Json = {}


def mapping(value: object, *path: str) -> Json:
    """The object at `path`; an empty one if it is absent or something else."""
    for name in path:
        if not isinstance(value, dict):
            return EMPTY
        value = value.get(name)
    return value if isinstance(value, dict) else EMPTY


def items(value: object, *path: str) -> list[Json]:
    """The objects of the list at `path`; what is no object is left out."""
    found = mapping(value, *path[:-1]).get(path[-1]) if path else value
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def numbered(value: object, *path: str) -> list[tuple[int, Json]]:
    """The objects of the list at `path`, each with its own index in it."""
    found = mapping(value, *path[:-1]).get(path[-1]) if path else value
    every = enumerate(found) if isinstance(found, list) else ()
    return [(index, item) for index, item in every if isinstance(item, dict)]


def texts(value: object, *path: str) -> list[str]:
    """The strings of the list at `path`, each at its index; what is no string is ""."""
    found = mapping(value, *path[:-1]).get(path[-1]) if path else value
    return [text(item) for item in found] if isinstance(found, list) else []


def text(value: object, *path: str) -> str:
    """The string at `path`, numbers as written; "" if it is absent or something else."""
    for name in path:
        if not isinstance(value, dict):
            return ""
        value = value.get(name)
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def integer(value: object, *path: str) -> int | None:
    if path:
        value = mapping(value, *path[:-1]).get(path[-1])
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def truth(value: object, *path: str) -> bool:
    return mapping(value, *path[:-1]).get(path[-1]) is True


def pairs(value: object, *path: str) -> Iterator[tuple[str, str]]:
    """Names and texts of an object such as labels or ConfigMap data."""
    for name, entry in mapping(value, *path).items():
        if isinstance(entry, str):
            yield str(name), entry
