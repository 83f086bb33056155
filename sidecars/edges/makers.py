"""Who makes a socket that several containers name alike: --socket-path here, --node-socket there."""

import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence

from sidecars.configured import Configured
from sidecars.edges.addresses import FORWARDED
from sidecars.edges.findings import Finding
from sidecars.edges.names import ASIDE, words
from sidecars.edges.naming import Names, find_bearers
from sidecars.knowledge import recognise, repository

Place = tuple[str, str]  # a volume or the node, and the path in it

# Words of a flag that tell of nobody in particular: the program's own socket.
PLAIN = frozenset({
    "socket", "sockets", "sock", "path", "file", "unix", "uds", "ipc", "addr", "address", "endpoint", "name",
    "dir", "server", "grpc", "http", "domain", "api", "control",
})  # fmt: skip
HELPING = 2  # the rank from which on a product is a proxy or a helper


def find_makers(
    uses: Sequence[tuple[Finding, Place]], by_name: Mapping[str, Configured], names: Names
) -> Iterator[tuple[Finding, Place]]:
    """An unclear address (--endpoint=unix:…) is its container's own, if all others clearly call it."""
    by_place: dict[Place, list[Finding]] = {}
    for finding, place in uses:
        by_place.setdefault(place, []).append(finding)
    for place, here in by_place.items():
        callers = {f.container for f in here if not f.is_unclear}
        # Who cannot write there has not made it.
        callers |= {f.container for f in here if not shares(by_name[f.container], place)}
        unclear = {f.container: f for f in here if f.container not in callers}
        if not unclear and (same := _same_setting(here, place, by_name)):
            yield same, place
            continue
        if len(unclear) > 1:
            # A checker beside a driver has the same flag.
            unclear = {name: f for name, f in unclear.items() if not ASIDE & set(words(name))}
            callers = callers or {f.container for f in here} - unclear.keys()
        if len(unclear) > 1:
            chosen = _likeliest(unclear, place, by_name, names)
            callers |= unclear.keys() - {chosen}
            unclear = {chosen: unclear[chosen]}
        if len(unclear) == 1 and callers:
            (finding,) = unclear.values()
            yield finding, place


def _same_setting(here: Sequence[Finding], place: Place, by_name: Mapping[str, Configured]) -> Finding | None:
    """FCGI_URL of a web server whose file forwards there, and of the program that it forwards to."""
    sure = {f.container for f in here if f.evidence.line is not None or f.address.scheme == FORWARDED}
    settings = {f.called for f in here if f.container in sure and f.called}
    rest = {f.container: f for f in here if f.container not in sure}
    if len(rest) != 1:
        return None
    (finding,) = rest.values()
    is_maker = finding.called in settings and shares(by_name[finding.container], place)
    return finding if is_maker else None


def _likeliest(
    unclear: Mapping[str, Finding], place: Place, by_name: Mapping[str, Configured], names: Names
) -> str:
    """The one whose name the socket bears, or whose flag tells of no other; else the first of the pod."""
    base = posixpath.basename(place[1]).rpartition(".")[0]
    bearers = find_bearers(base, names)
    order = list(by_name)
    return max(
        unclear,
        key=lambda name: (_weigh(unclear[name], by_name[name], words(base), bearers), -order.index(name)),
    )


def _weigh(finding: Finding, one: Configured, base: Sequence[str], bearers: Collection[str]) -> int:
    own = frozenset((*words(one.container), *words(repository(one.image[:512]))))
    weight = 16 if one.container in bearers else 0
    weight += 8 if base and own.issuperset(base) else 0
    weight += 4 if PLAIN.union(own).issuperset(finding.called) else 0
    weight += 2 if _is_checked(finding.address.path, one) else 0
    weight += 1 if one.field.startswith("spec.initContainers") else 0  # it starts first
    product = recognise(one.image, one.container)
    return weight - (3 if product and product.rank >= HELPING else 0)


def is_own_setting(finding: Finding, one: Configured) -> bool:
    """SIGSCI_RPC_ADDRESS of the container sigsci-agent: named after itself, and after nobody else."""
    own = frozenset((*words(one.container), *words(repository(one.image[:512]))))
    said = frozenset(finding.called)
    return not own.isdisjoint(said) and said <= PLAIN | own | {"rpc"}


def _is_checked(path: str, one: Configured) -> bool:
    """test -S /run/x.sock, in a probe of its own."""
    return any(path in word.value for program in one.programs if program.is_check for word in program.words)


def shares(one: Configured, place: Place) -> bool:
    """It mounts the folder of the socket, and may write there: a maker has to."""
    folder = posixpath.dirname(place[1]).rstrip("/") + "/"
    return any(
        m.place == place[0] and not m.is_read_only and folder.startswith(m.inner.rstrip("/") + "/")
        for m in one.mounts
    )
