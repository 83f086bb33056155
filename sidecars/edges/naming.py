"""Whose address it is, by the name beside it: `bitcoind.rpchost` is the container bitcoind's."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sidecars.configured import Configured
from sidecars.edges.addresses import is_of_product
from sidecars.edges.findings import Finding, Proof
from sidecars.edges.names import ASIDE, CALLING, URLS, words
from sidecars.knowledge import repository
from sidecars.knowledge.behaviour import name_words
from sidecars.knowledge.tools import is_client
from sidecars.topology import Confidence

# Words that half of all names have: they tell of nobody.
COMMON = name_words("common")
# What a container is called for what it does to others: its own flags say that of others.
DOING = name_words("doing")
PLACES = frozenset(
    {"host", "hosts", "hostname", "port", "addr", "address", "ip", "bind", "socket", "sock", "path", "file"}
)
# A program of the product, behind its name.
ENDS = name_words("ends")
LONGEST_NAME = 4  # words
MOST_WORDS = 24


@dataclass(frozen=True, slots=True)
class _Match:
    container: str
    name: str  # squeezed
    rest: tuple[str, ...]  # the other words


Names = Mapping[str, frozenset[str]]  # squeezed name -> containers that bear it


def tell_whose(findings: Sequence[Finding], names: Names) -> list[Finding]:
    """Calls whose name tells of one other container, or of the caller itself, know it."""
    return [_told(finding, names) for finding in findings]


def find_bearers(name: str, names: Names) -> frozenset[str]:
    """The containers that the longest part of a name tells of: mysql.sock is of the container mysqld."""
    found = list(_matches(words(name)[:MOST_WORDS], names))
    longest = max((len(match.name) for match in found), default=0)
    return frozenset(match.container for match in found if len(match.name) == longest)


def _told(finding: Finding, known: Names) -> Finding:
    if finding.is_listener and finding.proof is Proof.SAID and finding.called:
        return _of_another(finding, known)
    called = (*finding.called[:MOST_WORDS], finding.address.scheme)
    if finding.is_listener or finding.about or finding.needs_listener or not any(called):
        return finding
    found = list(_matches(called, known))
    longest = max((len(match.name) for match in found), default=0)
    best = [match for match in found if len(match.name) == longest]
    names = {match.container for match in best}
    if finding.container in names:
        if is_of_product(finding.address.scheme):
            return finding  # ORDERS_URL=postgres://… of the container orders
        is_own = any(match.container == finding.container and _is_own(match) for match in best)
        return replace(finding, is_unclear=True, is_quiet=True) if is_own else finding
    if len(names) == 1:
        return replace(finding, named=names.pop(), is_unclear=False)
    return finding


def _of_another(finding: Finding, known: Names) -> Finding:
    """--openvpn.management_address is no door of the exporter's own."""
    bearers = find_bearers(" ".join(finding.called), known)
    if len(bearers) != 1 or finding.container in bearers:
        return finding
    (named,) = bearers
    return replace(finding, is_listener=False, named=named, confidence=Confidence.MEDIUM)


def _is_own(match: _Match) -> bool:
    """WEBHOOK_HOST of the container webhook; its WEBHOOK_URL may well be another's."""
    if match.name not in DOING:
        return True
    return not (set(match.rest) & (CALLING | URLS)) and set(match.rest) <= PLACES


def _matches(called: tuple[str, ...], known: Names) -> Iterator[_Match]:
    for start in range(len(called)):
        for end in range(start + 1, min(start + LONGEST_NAME, len(called)) + 1):
            name = "".join(called[start:end])
            for container in known.get(name, ()):
                yield _Match(container, name, called[:start] + called[end:])


def read_names(configured: Sequence[Configured]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in configured:
        for name in _names(one):
            found.setdefault(name, set()).add(one.container)
    return {name: frozenset(containers) for name, containers in found.items()}


def _names(one: Configured) -> frozenset[str]:
    program = one.arguments[0].value if one.has_command and one.arguments else ""
    program = posixpath.basename(program[:200])
    # A client of a server's image does not serve.
    following = {argument.value for argument in one.arguments[1:3]}
    image = "" if is_client(program, following) else repository(one.image[:512])
    return frozenset(_spelled((one.container, image, program)))


@lru_cache(maxsize=1024)
def _spelled(own: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(spelling for name in own for spelling in _spellings(words(name)))


def _spellings(parts: tuple[str, ...]) -> Iterator[str]:
    """redis-server, redis-master and redisd are redis."""
    for shorter in _shorter(parts[:LONGEST_NAME]):
        name = "".join(shorter)
        if len(name) > 2 and name not in COMMON | ASIDE:
            yield name
            if name.endswith("d") and len(name) > 4:
                yield name[:-1]
            if name[-1].isdigit() and len(name) > 4:
                yield name.rstrip("0123456789")
    if len(parts) == 1:
        # --lookupd-address is of nsqlookupd
        yield from (parts[0][at:] for at in range(1, min(len(parts[0]) - 5, 12)))


def _shorter(parts: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    yield parts
    while len(parts) > 1 and (parts[-1] in ENDS or parts[-1].isdigit()):
        parts = parts[:-1]
        yield parts
