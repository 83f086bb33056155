"""Calls over unix sockets. The table names the server's end by its path; a caller's end has none,
and nothing says which two belong together."""

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
    sockets = {
        s.inode: s for sample in matcher.samples for s in sample.readout.sockets if s.protocol == "unix"
    }
    callers = _callers(matcher, sockets)
    found: list[Call] = []
    for listener in listeners:
        if listener.protocol != "unix" or listener.container is None:
            continue
        count = sum(s.path == listener.path and not s.is_listening for s in sockets.values())
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


def _callers(matcher: Matcher, sockets: Mapping[int, Socket]) -> frozenset[str]:
    """Who has a connected end without a name that is no half of a pair of its own."""
    unnamed = {inode for inode, s in sockets.items() if s.state == "established" and not s.path and inode}
    owners = {inode: matcher.owner(sockets[inode])[0] for inode in unnamed}
    found = set()
    for inode, owner in owners.items():
        # socketpair() makes both ends at once: their numbers follow each other.
        is_pair = owner is not None and owner in (owners.get(inode - 1), owners.get(inode + 1))
        if owner is not None and not is_pair:
            found.add(owner)
    return frozenset(found)
