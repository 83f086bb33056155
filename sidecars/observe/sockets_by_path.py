"""Calls over unix sockets. The table names the server's end by its path; a caller's end has none,
and nothing says which two belong together."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sidecars.observe.matching import Matcher
from sidecars.observe.observation import Basis, Call, Listener
from sidecars.observe.tables import Socket


def find_unix_calls(
    matcher: Matcher, listeners: Sequence[Listener], neighbours: Mapping[str, frozenset[str]]
) -> tuple[Call, ...]:
    """`neighbours`: container -> those that share a volume with it, so can reach its socket's file.

    A path in no shared volume is left out: nobody else in the pod can open it; an abstract one
    (`@name`) anybody in the pod's network can.
    """
    sockets = list(
        dict.fromkeys(s for each in matcher.samples for s in each.readout.sockets if s.protocol == "unix")
    )
    callers = _callers(matcher, sockets)
    ends = _ends(matcher, sockets, listeners)
    found: list[Call] = []
    for listener in listeners:
        if listener.protocol != "unix" or listener.container is None:
            continue
        count = ends[listener.container, listener.path]
        reach = (
            callers
            if listener.path.startswith("@")
            else callers & neighbours.get(listener.container, frozenset())
        )
        reach = reach - {listener.container}
        if not count or not reach:
            continue
        source = next(iter(reach)) if len(reach) == 1 else None
        basis = Basis.ELIMINATION if source else Basis.UNKNOWN
        found.append(
            Call(
                source,
                listener.container,
                None,
                "unix",
                listener.path,
                count=count,
                source_basis=basis,
                target_basis=listener.basis,
                example=listener.path,
            )  # fmt: skip
        )
    return tuple(found)


def _ends(
    matcher: Matcher, sockets: Sequence[Socket], listeners: Sequence[Listener]
) -> Counter[tuple[str, str]]:
    """(server, path) -> its ends of calls. One that the server does not show itself is none."""
    servers: dict[str, set[str]] = {}
    for each in listeners:
        if each.protocol == "unix" and each.container is not None:
            servers.setdefault(each.path, set()).add(each.container)
    found: dict[tuple[str, str], set[int]] = {}
    for socket in sockets:
        for container in servers.get(socket.path, ()) if not socket.is_listening else ():
            if matcher.confirms(container, socket):
                found.setdefault((container, socket.path), set()).add(socket.inode)
    return Counter({key: len(inodes) for key, inodes in found.items()})


def _callers(matcher: Matcher, sockets: Sequence[Socket]) -> frozenset[str]:
    """Who has a connected end without a name that is no half of a pair of its own."""
    owners: dict[int, str] = {}
    for each in sockets:
        if each.state == "established" and not each.path and each.inode:
            owner = matcher.owner(each)[0]
            if owner is not None:
                owners[each.inode] = owner
    # socketpair() makes both ends at once: their numbers follow each other.
    pairs = {
        inode for inode, owner in owners.items() if owner in (owners.get(inode - 1), owners.get(inode + 1))
    }
    return frozenset(owner for inode, owner in owners.items() if inode not in pairs)
