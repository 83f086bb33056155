"""What is known about products, as data: `images.toml` beside this file, a source per entry."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Product:
    """`weight` 2: only ever a helper (a log shipper). 1: a helper beside an app (a proxy)."""

    id: str
    kind: str
    icon: str
    weight: int
    images: frozenset[str]  # last parts of image paths, without tag
    names: frozenset[str]  # container names that an injector uses
    ports: frozenset[int]  # TCP ports that it opens on localhost unless told otherwise
    annotations: tuple[str, ...]  # on the pod, they prove an injection


@cache
def products() -> tuple[Product, ...]:
    """Read once from the package; it changes only with a release."""
    raw = tomllib.loads(files(__name__).joinpath("images.toml").read_text(encoding="utf-8"))
    return tuple(_read(entry, raw["kind"][entry["kind"]]) for entry in raw["product"])


def _read(entry: Mapping[str, object], kind: Mapping[str, object]) -> Product:
    return Product(
        id=str(entry["id"]),
        kind=str(entry["kind"]),
        icon=str(kind["icon"]),
        weight=2 if kind["always_helper"] else 1,
        images=_words(entry, "images"),
        names=_words(entry, "names"),
        ports=frozenset(int(port) for port in _words(entry, "ports")),
        annotations=tuple(sorted(_words(entry, "annotations"))),
    )


def _words(entry: Mapping[str, object], field: str) -> frozenset[str]:
    found = entry.get(field, [])
    return frozenset(str(word) for word in found) if isinstance(found, list) else frozenset()


@cache
def _by_word() -> tuple[dict[str, Product], dict[str, Product]]:
    images = {image: product for product in products() for image in product.images}
    names = {name: product for product in products() for name in product.names}
    return images, names


def repository(image: str) -> str:
    """docker.io/library/nginx:1.30@sha256:… -> nginx"""
    return image.split("@", 1)[0].rsplit("/", 1)[-1].split(":", 1)[0].lower()


def recognise(image: str, name: str) -> Product | None:
    """By image first; by name only for names that an injector reserves."""
    images, names = _by_word()
    return images.get(repository(image)) or names.get(name)
