"""Container names against the workload's: the same, a part of it, or named after it."""

import re
from collections.abc import Iterator, Sequence

from sidecars.topology import Container

LONGEST = 253
SEPARATORS = re.compile(r"[-_./]+")
# "shop-with-proxy" is about the shop.
ADDITION = re.compile(r"-(?:with|and|plus)-.*$")

HELPING = frozenset({"sidecar", "sidecars", "proxied", "reverse", "behind", "with", "ambassador", "adapter"})

SHOWING = frozenset({"demo", "example", "sample", "tutorial", "quickstart"})


def words(name: str) -> tuple[str, ...]:
    """my-release-grafana -> my, release, grafana"""
    return tuple([word for word in SEPARATORS.split(name[:LONGEST].lower()) if word])


def is_same(container: Container, name: str) -> bool:
    """Hyphens do not count: kubedns is kube-dns."""
    return "".join(words(container.name)) == "".join(words(name)) != ""


def ends(container: Container, name: str) -> bool:
    """grafana of my-release-grafana."""
    own, whole = words(container.name), words(ADDITION.sub("", name[:LONGEST]))
    return bool(own) and whole[-len(own) :] == own


def begins(container: Container, name: str) -> bool:
    """config-watcher of config-watcher-controller; one word alone would say too little."""
    own = words(container.name)
    return len(own) > 1 and words(name)[: len(own)] == own


def is_part(container: Container, name: str) -> bool:
    """nfs of csi-nfs-node: the words of the container, side by side in the workload's name."""
    own, whole = words(container.name), words(name)
    return bool(own) and any(whole[at : at + len(own)] == own for at in range(len(whole)))


def is_about_helpers(name: str) -> bool:
    """nginx-sidecar-demo and shop-behind-nginx are not about nginx."""
    return not HELPING.isdisjoint(words(name))


def is_of_user(name: str) -> bool:
    """mysql-app is who uses MySQL."""
    return words(name)[-1:] in (("app",), ("api",), ("client",), ("web",), ("worker",), ("consumer",))


def is_shown(name: str) -> bool:
    """vault-agent-demo shows the agent beside an app."""
    return not SHOWING.isdisjoint(words(name)[-2:])


def is_named_after(container: Container, name: str) -> bool:
    """redis-server of redis."""
    own, whole = words(container.name), words(name)
    return bool(whole) and (own[: len(whole)] == whole or own[-len(whole) :] == whole)


def is_stem(container: Container, others: Sequence[Container]) -> bool:
    """agent beside trace-agent and process-agent, worker beside worker-log-groomer: of one image."""
    own = words(container.name)
    return any(
        other.image == container.image and own != named and own in (named[: len(own)], named[-len(own) :])
        for other in others
        if (named := words(other.name))
    )


def image_words(image: str) -> Iterator[tuple[str, ...]]:
    """The last part of the image's path: docker.io/grafana/grafana:11 -> (grafana,)"""
    path = image[:512].split("@", 1)[0].rsplit("/", 1)[-1].split(":", 1)[0]
    if found := words(path):
        yield found


def is_image(container: Container, name: str) -> bool:
    """The image's name is the workload's."""
    return any(own == words(name) for own in image_words(container.image))


def has_image_of(container: Container, name: str) -> bool:
    """The image's name stands in the workload's, word for word."""
    whole = words(name)
    return any(
        whole[at : at + len(own)] == own
        for own in image_words(container.image)
        for at in range(len(whole) - len(own) + 1)
    )
