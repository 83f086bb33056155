"""What is known about products, as data: `images.toml` beside this file, a source per entry."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from sidecars.knowledge.data import load
from sidecars.knowledge.matching import plain

LONGEST = 512  # characters of an image that are looked at
# What mirrors put before an image's name, and builders behind it.
MIRRORED = ("mirrored-", "hardened-", "ose-", "origin-", "library-")
VARIANT = re.compile(
    r"(?:[-_](?:amd64|arm64|arm|ppc64le|s390x|x86_64|linux|alpine|debian|ubuntu|slim|scratch|distroless|fips"
    r"|ubi\d?|rhel\d{1,2}|oss|ce|ee|unprivileged|rootless))$"
)


@dataclass(frozen=True, slots=True)
class Product:
    """`weight` 2: only ever a helper (a log shipper). 1: a helper beside an app (a proxy). 0: an app.

    `rank` orders them finer: 0 application, 1 store, 2 proxy, 3 tool, 4 helper, 5 helper of helpers.
    """

    id: str
    kind: str
    icon: str
    weight: int
    images: frozenset[str]  # last parts of image paths, without tag; see `recognise`
    names: frozenset[str]  # container names that an injector uses
    ports: frozenset[int]  # TCP ports that it opens on localhost unless told otherwise
    annotations: tuple[str, ...]  # on the pod, they prove an injection
    rank: int = 4


@cache
def products() -> tuple[Product, ...]:
    """Read once from the package; it changes only with a release."""
    raw = load("images.toml")
    return tuple(_read(entry, raw["kind"][entry["kind"]]) for entry in raw["product"])


def _read(entry: Mapping[str, object], kind: Mapping[str, object]) -> Product:
    rank = int(str(entry.get("rank", kind["rank"])))
    return Product(
        id=str(entry["id"]),
        kind=str(entry["kind"]),
        icon=str(kind["icon"]),
        weight=0 if rank == 0 else 1 if rank < 4 else 2,
        images=_words(entry, "images"),
        names=_words(entry, "names"),
        ports=frozenset(int(port) for port in _words(entry, "ports")),
        annotations=tuple(sorted(_words(entry, "annotations"))),
        rank=rank,
    )


def _words(entry: Mapping[str, object], field: str) -> frozenset[str]:
    found = entry.get(field, [])
    return frozenset(str(word) for word in found) if isinstance(found, list) else frozenset()


@dataclass(frozen=True, slots=True)
class _Index:
    exact: Mapping[str, Product]
    patterns: tuple[tuple[re.Pattern[str], Product], ...]  # in the order of the file
    names: Mapping[str, Product]


@cache
def _index() -> _Index:
    exact: dict[str, Product] = {}
    names: dict[str, Product] = {}
    patterns: list[tuple[re.Pattern[str], Product]] = []
    for product in products():
        names |= dict.fromkeys(product.names, product)
        for image in sorted(product.images):
            if "*" in image:
                patterns.append((_pattern(image), product))
            else:
                exact[image] = product
    return _Index(exact, tuple(patterns), names)


def _pattern(image: str) -> re.Pattern[str]:
    """`*` stays inside one part: "*-exporter" says nothing about a tag."""
    return re.compile("[^/:]*".join(re.escape(part) for part in image.split("*")))


def repository(image: str) -> str:
    """docker.io/library/nginx:1.30@sha256:… -> nginx"""
    return plain(image.split("@", 1)[0].rsplit("/", 1)[-1].lower()).split(":", 1)[0]


def is_official(image: str) -> bool:
    """Docker's own image of the product, which holds no more than that."""
    return "/" not in image.removeprefix("docker.io/").removeprefix("library/")


def recognise(image: str, name: str) -> Product | None:
    """By image first; by name only for names that an injector reserves.

    An entry of `images` is the last part of a path ("envoy"), the last two ("linkerd/proxy"), or
    either with a tag ("docker:*dind*"); `*` stands for anything. Never by a part of a word.
    """
    return _recognise(image[:LONGEST].lower(), name[:LONGEST])


@lru_cache(maxsize=2048)
def _recognise(image: str, name: str) -> Product | None:
    index = _index()
    for spelling in _spellings(image):
        if found := index.exact.get(spelling):
            return found
        for pattern, product in index.patterns:
            if pattern.fullmatch(spelling):
                return product
    return index.names.get(name)


def _spellings(image: str) -> Iterator[str]:
    """The surest first: with its tag, with its folder, its own name, then without what mirrors add."""
    path, _at, _digest = image.partition("@")
    folder, _slash, last = path.rpartition("/")
    own, _colon, tag = plain(last).partition(":")
    parent = folder.rpartition("/")[2]
    if not own:
        return
    if tag:
        yield f"{parent}/{own}:{tag}" if parent else f"{own}:{tag}"
        yield f"{own}:{tag}"
    if parent:
        yield f"{parent}/{own}"
    yield own
    yield from _plainer(own)


def _plainer(own: str) -> Iterator[str]:
    """rancher/mirrored-grafana-grafana -> grafana; addon-resizer-amd64 -> addon-resizer"""
    plain = own
    while stripped := VARIANT.sub("", plain):
        if stripped == plain:
            break
        plain = stripped
        yield plain
    for prefix in MIRRORED:
        if plain.startswith(prefix):
            rest = plain.removeprefix(prefix)
            yield rest
            for _ in range(3):
                rest = rest.partition("-")[2]
                if rest:
                    yield rest
            return
