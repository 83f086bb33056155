"""What known products do on localhost, as data beside this file, a source per entry.

`behaviour.toml`: words of names, servers, clients, meshes, tools, variables, conventions.
`ports.toml`: servers and clients of further products, by family. `clients.toml`: whom further clients call.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from sidecars.knowledge.data import load
from sidecars.knowledge.matching import LONGEST, fits, signs, signs_of

Raw = Mapping[str, object]
FILES = ("behaviour.toml", "ports.toml", "clients.toml")


@dataclass(frozen=True, slots=True)
class Server:
    """What a product listens on unless told otherwise. `folder`: it makes its sockets in there."""

    images: tuple[str, ...]
    programs: frozenset[str]
    tcp: tuple[int, ...]
    udp: tuple[int, ...]
    sockets: tuple[str, ...]
    folder: str
    folder_from: tuple[str, ...]  # flags or variables that name the folder
    users: tuple[str, ...]  # images that look for sockets in the folder; "*" is everybody who mounts it
    unless: tuple[str, ...]  # flags or variables that say the port themselves
    doors_from: tuple[str, ...]  # variables that elsewhere name another's socket, and here its own
    either: bool  # one of its TCP ports, by the image: of those, a declared one is meant


@dataclass(frozen=True, slots=True)
class Client:
    """Whom a product calls unless told otherwise, and what tells it otherwise."""

    images: tuple[str, ...]
    programs: frozenset[str]
    tcp: tuple[int, ...]
    udp: tuple[int, ...]
    sockets: tuple[str, ...]
    told_by: frozenset[str]
    protocol: str  # of every address that it is told: udp for programs that ask by DNS
    port_from: tuple[str, ...]  # flags, variables or annotations that hold the port which it calls
    port_after: tuple[str, ...]  # words that stand before that port in the command line
    always: bool  # its usual port beside those that it is told
    unseen: bool  # only where its configuration is not in sight


@dataclass(frozen=True, slots=True)
class Mesh:
    """A proxy that takes what comes in for the app's ports and hands it on."""

    images: tuple[str, ...]
    names: frozenset[str]
    ports_from: tuple[str, ...]  # where its own configuration lists the app's ports
    off: tuple[str, ...]  # NAME=VALUE of an annotation that turns interception off


@dataclass(frozen=True, slots=True)
class Convention:
    """What a client of a product makes of its variables, `when` they are so, unless others are set."""

    host: str  # a variable; "" if nothing but localhost is meant
    port: str
    numbers: tuple[int, ...]
    protocol: str
    when: str  # NAME or NAME=VALUE
    unless: tuple[str, ...]
    needs: str  # the variable without which it says nothing
    images: tuple[str, ...]  # of whom it holds; of everybody if there are none


@cache
def conventions() -> tuple[Convention, ...]:
    return tuple(
        Convention(
            needs=str(entry.get("when", "")).partition("=")[0]
            or str(entry.get("host", "") or entry.get("port", "")),
            host=str(entry.get("host", "")),
            port=str(entry.get("port", "")),
            numbers=numbers_of(entry, "udp") or numbers_of(entry, "tcp"),
            protocol="udp" if "udp" in entry else "tcp",
            when=str(entry.get("when", "")),
            unless=words_of(entry, "unless"),
            images=words_of(entry, "images"),
        )
        for entry in entries("convention")
    )


@cache
def conventions_by_need() -> Mapping[str, tuple[Convention, ...]]:
    found: dict[str, tuple[Convention, ...]] = {}
    for one in conventions():
        found[one.needs] = (*found.get(one.needs, ()), one)
    return found


@cache
def _raw(name: str = "behaviour.toml") -> Raw:
    """Read once from the package; it changes only with a release."""
    return load(name)


def entries(kind: str) -> list[Raw]:
    found = [_raw(name).get(kind, []) for name in FILES]
    return [entry for part in found if isinstance(part, list) for entry in part]


def words_of(entry: Raw, field: str) -> tuple[str, ...]:
    found = entry.get(field, [])
    return tuple(str(word) for word in found) if isinstance(found, list) else ()


def numbers_of(entry: Raw, field: str) -> tuple[int, ...]:
    return tuple(int(word) for word in words_of(entry, field))


@cache
def servers() -> tuple[Server, ...]:
    return tuple(
        Server(
            images=words_of(entry, "images"),
            programs=frozenset(words_of(entry, "programs")),
            tcp=numbers_of(entry, "tcp"),
            udp=numbers_of(entry, "udp"),
            sockets=words_of(entry, "sockets"),
            folder=str(entry.get("folder", "")),
            folder_from=words_of(entry, "folder_from"),
            users=words_of(entry, "users"),
            unless=words_of(entry, "unless"),
            doors_from=words_of(entry, "doors_from"),
            either=entry.get("either") is True,
        )
        for entry in entries("server")
    )


@cache
def clients() -> tuple[Client, ...]:
    return tuple(
        Client(
            images=words_of(entry, "images"),
            programs=frozenset(words_of(entry, "programs")),
            tcp=numbers_of(entry, "tcp"),
            udp=numbers_of(entry, "udp"),
            sockets=words_of(entry, "sockets"),
            told_by=frozenset(squeeze(word) for word in words_of(entry, "told_by")),
            protocol=str(entry.get("protocol", "")),
            port_from=words_of(entry, "port_from"),
            port_after=words_of(entry, "port_after"),
            always=entry.get("always") is True,
            unseen=entry.get("unseen") is True,
        )
        for entry in entries("client")
    )


@cache
def meshes() -> tuple[Mesh, ...]:
    return tuple(
        Mesh(
            images=words_of(entry, "images"),
            names=frozenset(words_of(entry, "names")),
            ports_from=words_of(entry, "ports_from"),
            off=words_of(entry, "off"),
        )
        for entry in entries("mesh")
    )


@cache
def _variables() -> tuple[tuple[tuple[str, ...], tuple[int, ...], str], ...]:
    found = [
        (
            tuple(name.split()),
            numbers_of(entry, "udp") or numbers_of(entry, "tcp"),
            "udp" if "udp" in entry else "tcp",
        )
        for entry in entries("variable")
        for name in words_of(entry, "names")
    ]
    return tuple(sorted(found, key=lambda one: -len(one[0])))


@cache
def datagram_ports() -> frozenset[int]:
    """Numbers of protocols that go by UDP wherever nothing says otherwise."""
    return frozenset(number for entry in entries("datagram") for number in numbers_of(entry, "ports"))


@lru_cache(maxsize=4096)
def usual_port(words: tuple[str, ...]) -> tuple[tuple[int, ...], str] | None:
    """(ports, protocol) of what a name's words speak of, the longest match first: redis -> 6379, tcp."""
    for wanted, ports, protocol in _variables():
        for start in range(len(words) - len(wanted) + 1):
            if words[start : start + len(wanted)] == wanted:
                return ports, protocol
    return None


def name_words(kind: str) -> frozenset[str]:
    """Words of names of variables, flags and images, by what they say."""
    found = _raw()["words"]
    return frozenset(words_of(found, kind)) if isinstance(found, dict) else frozenset()


SQUEEZED = re.compile(r"[^a-z0-9]+")


def squeeze(name: str) -> str:
    return _squeeze(name[:200])


@lru_cache(maxsize=1024)  # pods have most names in common
def _squeeze(name: str) -> str:
    return SQUEEZED.sub("", name.lower())


# Words that make another program of a product's name: a redis exporter is no Redis.
OTHER = name_words("other")


def matches(image: str, patterns: tuple[str, ...]) -> bool:
    return fits(image, patterns, OTHER)


@dataclass(frozen=True, slots=True)
class _Entries:
    """Of one table, by their places in it, which keep its order."""

    servers: frozenset[int]
    clients: frozenset[int]
    meshes: frozenset[int]


@lru_cache(maxsize=1024)
def _matching(image: str) -> _Entries:
    """Whoever has hundreds of pods has few images."""
    return _Entries(_found(servers, image), _found(clients, image), _found(meshes, image))


def _found(table: Callable[[], tuple[Server | Client | Mesh, ...]], image: str) -> frozenset[int]:
    every, by_sign = table(), _by_sign(table)
    likely = {at for sign in signs(image) for at in by_sign.get(sign, ())}
    return frozenset(at for at in likely if matches(image, every[at].images))


@cache
def _by_sign(table: Callable[[], tuple[Server | Client | Mesh, ...]]) -> Mapping[str, tuple[int, ...]]:
    """Entries by what an image must have in its name, of hundreds that it does not."""
    found: dict[str, tuple[int, ...]] = {}
    for at, one in enumerate(table()):
        for sign in signs_of(one.images):
            found[sign] = (*found.get(sign, ()), at)
    return found


@cache
def _by_program(table: Callable[[], tuple[Server | Client, ...]]) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for at, one in enumerate(table()):
        for program in one.programs:
            found[program] = (*found.get(program, ()), at)
    return found


def find_servers(image: str, started: frozenset[str]) -> list[Server]:
    """Those of the image or of a program that is started, in the order of the file."""
    every = servers()
    return [every[at] for at in sorted(_matching(image[:LONGEST]).servers | _started(servers, started))]


def find_clients(image: str, started: frozenset[str]) -> list[Client]:
    every = clients()
    return [every[at] for at in sorted(_matching(image[:LONGEST]).clients | _started(clients, started))]


def find_mesh(image: str, name: str) -> Mesh | None:
    """By the image or by the container's name."""
    known = _matching(image[:LONGEST]).meshes
    return next((mesh for at, mesh in enumerate(meshes()) if at in known or name in mesh.names), None)


def _started(table: Callable[[], tuple[Server | Client, ...]], started: frozenset[str]) -> frozenset[int]:
    places = _by_program(table)
    return frozenset(at for program in started & places.keys() for at in places[program])
