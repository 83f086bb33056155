"""What containers do for each other, by ports, calls and folders."""

import re
from collections.abc import Iterator, Sequence

from sidecars.knowledge import is_official, recognise
from sidecars.roles.names import image_words, words
from sidecars.roles.ranks import APPLICATION, PROXY, TOOL, Ranks, is_called_app
from sidecars.roles.surroundings import Surroundings
from sidecars.topology import Container, Edge, Mount
from sidecars.volumes import BY_TYPE

WATCHED = re.compile(
    r"(?:^|-)(?:metrics?|prom|prometheus|admin|health|healthz|probe|debug|stats|status)(?:-|$)"
)
BEHIND = frozenset({"php", "fpm", "phpfpm", "uwsgi", "wsgi", "gunicorn", "puma", "unicorn"})
DEEPEST = 20  # of a subPath
TOKENS = "/var/run/secrets/"  # where Kubernetes mounts a service account's token


def serves(container: Container) -> bool:
    """Whether it declares a port that is not there to be watched only."""
    return any(port.protocol == "TCP" and not WATCHED.search(port.name) for port in container.ports)


def stand_apart(candidates: Sequence[Container], ranks: Ranks, edges: Sequence[Edge]) -> bool:
    """Applications side by side: each with ports of its own, and no folder between any two.

    A call makes no application another's helper; of a proxy or a store it may.
    """
    if not all(serves(container) and ranks[container.name] < TOOL for container in candidates):
        return False
    called = {container.name for container in candidates}
    are_apps = all(ranks[name] == APPLICATION for name in called)
    if not are_apps and any(edge.source in called and edge.target in called for edge in edges):
        return False
    return not _share(candidates)


def serves_beside_stores(container: Container, ranks: Ranks, edges: Sequence[Edge]) -> bool:
    """A web server that forwards to nobody, with stores and helpers only: Apache with its own modules."""
    if ranks[container.name] != PROXY or APPLICATION in ranks.values():
        return False
    return _is_plain_server(container) and not any(edge.source == container.name for edge in edges)


def publishes(container: Container, regular: Sequence[Container], ranks: Ranks, around: Surroundings) -> bool:
    """A web server that forwards to nobody and shows the folder that the others fill.

    Only its own image without a configuration, or with one that was read, is sure not to forward.
    """
    is_read = container.name in around.read_servers and ranks[container.name] == PROXY and serves(container)
    if not (is_read or _is_plain_server(container)):
        return False
    if any(edge.source == container.name for edge in around.edges):
        return False
    shown = {mount.volume for mount in _own_mounts(container)}
    others = [c for c in regular if c is not container and ranks[c.name] <= TOOL]
    filling = {c.name for c in others if not serves(c) and not shown.isdisjoint(_written(c))}
    filling.difference_update(c.name for c in others if is_called_app(c) or _is_behind(c))
    return bool(filling) and all(c.name in filling or ranks[c.name] == TOOL for c in others)


def _is_behind(container: Container) -> bool:
    """PHP and its like run behind a web server, told or not."""
    images = image_words(container.image)
    return not BEHIND.isdisjoint(words(container.name)) or any(not BEHIND.isdisjoint(own) for own in images)


def _own_mounts(container: Container) -> list[Mount]:
    return [mount for mount in container.mounts if not mount.path.startswith(TOKENS)]


def _is_plain_server(container: Container) -> bool:
    product = recognise(container.image, container.name)
    if not product or product.rank != PROXY or not is_official(container.image) or not serves(container):
        return False
    return not any(mount.reason == BY_TYPE for mount in _own_mounts(container))


def _written(container: Container) -> set[str]:
    return {mount.volume for mount in container.mounts if not mount.read_only}


def _share(containers: Sequence[Container]) -> bool:
    """A folder that several of them write; two folders of one volume are none."""
    folders = [
        (container.name, mount.volume, "/".join(mount.sub_path.split("/")[:DEEPEST]).strip("/"))
        for container in containers
        for mount in container.mounts
        if not mount.read_only
    ]
    owners: dict[tuple[str, str], set[str]] = {}
    for name, volume, inner in folders:
        owners.setdefault((volume, inner), set()).add(name)
    return any(
        owners.get((volume, outer), set()) - {name}
        for name, volume, inner in folders
        for outer in _around(inner)
    )


def _around(folder: str) -> Iterator[str]:
    """a/b, a and the volume itself."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""
