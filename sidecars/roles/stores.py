"""Ranks as the others in the pod make them: of helpers of a store, and of whom a proxy leads to."""

import re
from collections.abc import Sequence

from sidecars.roles.evidence import serves
from sidecars.roles.names import words
from sidecars.roles.ranks import (
    APPLICATION,
    OPEN_WORDS,
    PROXY,
    STORE,
    TOOL,
    Ranks,
    helping_word,
    is_called_app,
    is_told_by_word,
    rank,
)
from sidecars.roles.surroundings import Surroundings
from sidecars.topology import Container

USUAL = re.compile(
    r"^(?:server|web|webserver|website|webapp|api|backend|frontend|service|manager|controller|operator|driver|plugin"
    r"|worker|program)$"
)
DATA = re.compile(r"/(?:\w{0,20}data|var/lib|var/pv|bitnami|db)(?:/|$)")  # where stores keep what they store


def rank_all(containers: Sequence[Container], around: Surroundings) -> Ranks:
    ranks = {container.name: rank(container) for container in containers}
    worded = [container for container in containers if is_told_by_word(container)]
    if worded:
        ranks |= dict.fromkeys(_apps(worded, ranks, around), APPLICATION)
    stores = [container for container in containers if ranks[container.name] == STORE]
    if not stores:
        return ranks
    others = [c for c in containers if ranks[c.name] == APPLICATION and not _is_app(c)]
    return ranks | {c.name: TOOL for c in others if any(_serves_store(c, s, around) for s in stores)}


def _apps(worded: Sequence[Container], ranks: Ranks, around: Surroundings) -> set[str]:
    """Whom a proxy leads to, the pdf-generator of a shop, is an application whatever its name."""
    others = [ranks[name] for name in ranks.keys() - {c.name for c in worded}]
    called = {edge.target for edge in around.edges if ranks.get(edge.source) == PROXY}
    # What the proxy leads to has not told its port: the only one there is.
    is_left = None in called and len(worded) == 1 and APPLICATION not in others
    return {
        c.name for c in worded if c.name in called or is_left or (helping_word(c) in OPEN_WORDS and serves(c))
    }


def _is_app(container: Container) -> bool:
    """redis-api is an application, redis-tuner is none."""
    return is_called_app(container) or any(USUAL.match(word) for word in words(container.name)[-1:])


def _serves_store(container: Container, store: Container, around: Surroundings) -> bool:
    own, named = words(container.name), words(store.name)
    if named and own[: len(named)] == named and len(own) > len(named):
        return True
    if serves(container) or not (data := _data(store, around)):
        return False
    if not data.isdisjoint((mount.volume, mount.sub_path) for mount in container.mounts):
        return True
    # Of a StatefulSet the app is who has the disk.
    return around.is_stateful and around.disks.isdisjoint(mount.volume for mount in container.mounts)


def _data(store: Container, around: Surroundings) -> set[tuple[str, str]]:
    """The folders of its data, with volume and subPath, that outlast the pod."""
    return {
        (mount.volume, mount.sub_path)
        for mount in store.mounts
        if mount.volume in around.disks and DATA.search(mount.path)
    }
