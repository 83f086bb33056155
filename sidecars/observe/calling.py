"""Who calls whom over localhost, from the sockets of all samples.

A call has both its ends in the pod's network. Which end is the caller's follows from who listens.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sidecars.observe.listening import CHOSEN_BY_KERNEL
from sidecars.observe.matching import NOBODY, Matcher, Owner
from sidecars.observe.observation import Basis, Call, Listener
from sidecars.observe.tables import Socket, is_any, is_loopback

CLOSED = frozenset({"time-wait", "fin-wait-1", "fin-wait-2", "last-ack", "closing", "close"})
CALLS_MOST = 500
End = tuple[str, int]
_SURENESS = list(Basis)


@dataclass(frozen=True, slots=True)
class _Connection:
    """Two ends, the caller's first, and who has them."""

    protocol: str
    caller: End
    server: End


@dataclass(slots=True)
class _Seen:
    is_open: bool = False
    is_agreed: bool = False
    source: Owner = NOBODY
    target: Owner = NOBODY


def find_calls(matcher: Matcher, listeners: Sequence[Listener]) -> tuple[Call, ...]:
    """TCP and UDP. One for each caller, target and port; those of a container to itself left out."""
    found: dict[tuple[str | None, str | None, int, str], Call] = {}
    for connection, ends in _connections(matcher, _Directory(listeners)).items():
        source, target = ends.source, ends.target
        if matcher.around.host_network and (source[0] is None or target[0] is None):
            continue
        if source[0] is not None and source[0] == target[0]:
            continue
        call = _call(connection, ends)
        key = (call.source, call.target, connection.server[1], connection.protocol)
        found[key] = _joined(found[key], call) if key in found else call
    calls = sorted(found.values(), key=lambda c: (c.source or "~", c.port or 0, c.target or "~"))
    return tuple(calls[:CALLS_MOST])


class _Directory:
    """Listeners by port: a node has many thousand sockets."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._by_port: dict[tuple[str, int | None], list[Listener]] = {}
        for each in listeners:
            self._by_port.setdefault((each.protocol, each.port), []).append(each)

    def find(self, protocol: str, end: End) -> Listener | None:
        there = self._by_port.get((protocol, end[1]), ())
        exact = [each for each in there if each.address == end[0]]
        # The kernel lets no two programs listen on one port, one on all addresses and one on one of
        # them: who of two containers says so then, nobody can tell.
        family = [each for each in there if is_any(each.address) and (":" in each.address) == (":" in end[0])]
        rest = [each for each in there if is_any(each.address)]
        for group in ([*exact, *family], rest):
            owners = {each.container for each in group} - {None}
            if len(owners) > 1:
                return replace(group[0], container=None, basis=Basis.UNKNOWN)
            if group:
                return next((each for each in group if each.container is not None), group[0])
        return None


def _connections(matcher: Matcher, directory: _Directory) -> dict[_Connection, _Seen]:
    found: dict[_Connection, _Seen] = {}
    mirrored = {(s.protocol, *s.ends) for s in _sockets(matcher)}
    for socket in _sockets(matcher):
        has_mirror = (socket.protocol, socket.remote, socket.local) in mirrored
        if not has_mirror and not _is_inside(socket, matcher):
            continue
        is_callers = _is_callers(socket, directory)
        caller, server = socket.ends if is_callers else socket.ends[::-1]
        seen = found.setdefault(_Connection(socket.protocol, caller, server), _Seen())
        seen.is_open |= socket.state not in CLOSED
        seen.is_agreed = seen.is_agreed or matcher.is_agreed(socket)
        owner = matcher.owner(socket)
        if is_callers:
            seen.source = min(seen.source, owner, key=_sureness)
        else:
            seen.target = min(seen.target, owner, key=_sureness)
    for connection, seen in found.items():
        listener = directory.find(connection.protocol, connection.server)
        if listener is not None and listener.container is not None:
            # Its own end of the call is surer than that it listens there.
            seen.target = min(seen.target, (listener.container, listener.basis), key=_sureness)
    return found


def _sockets(matcher: Matcher) -> Iterator[Socket]:
    for sample in matcher.samples:
        for socket in sample.readout.sockets:
            if socket.protocol != "unix" and socket.remote[1] and socket.local[1]:
                yield socket


def _is_inside(socket: Socket, matcher: Matcher) -> bool:
    """Its other end, of which no socket is left or was ever made, lies in the pod too."""
    if is_loopback(socket.remote[0]):
        return True
    # A caller from elsewhere has another address: only from ours to ours stays inside.
    return socket.remote[0] == socket.local[0] and socket.local[0] in matcher.around.pod_ips


def _is_callers(socket: Socket, directory: _Directory) -> bool:
    serves = directory.find(socket.protocol, socket.local) is not None
    calls = directory.find(socket.protocol, socket.remote) is not None
    if serves != calls:
        return calls
    # Nobody listens any more, or both do: the caller's port was chosen by the kernel.
    return socket.remote[1] not in CHOSEN_BY_KERNEL or socket.local[1] > socket.remote[1]


def _sureness(owner: Owner) -> int:
    return _SURENESS.index(owner[1])


def _call(connection: _Connection, seen: _Seen) -> Call:
    return Call(
        source=seen.source[0],
        target=seen.target[0],
        port=connection.server[1],
        protocol=connection.protocol,
        state="established" if seen.is_open else "recently-closed",
        source_basis=seen.source[1],
        target_basis=seen.target[1],
        example=f"{_text(connection.caller)} → {_text(connection.server)}",
        is_agreed=seen.is_agreed,
    )


def _text(end: End) -> str:
    return f"[{end[0]}]:{end[1]}" if ":" in end[0] else f"{end[0]}:{end[1]}"


def _joined(known: Call, more: Call) -> Call:
    best, other = (known, more) if known.state == "established" else (more, known)
    return replace(
        best,
        count=known.count + more.count,
        is_agreed=known.is_agreed or more.is_agreed,
        source_basis=min(best.source_basis, other.source_basis, key=_SURENESS.index),
        target_basis=min(best.target_basis, other.target_basis, key=_SURENESS.index),
    )


def with_known_callers(calls: Iterable[Call], runners: Sequence[str]) -> tuple[Call, ...]:
    """A closed call's socket belongs to nobody: its caller is who else was seen to call that port,
    or, in a pod of two, the other one. Labelled as elimination."""
    calls = tuple(calls)
    found: list[Call] = []
    for call in calls:
        if call.source is not None or call.target is None:
            found.append(call)
            continue
        same = [
            c
            for c in calls
            if c.source and (c.target, c.port, c.protocol) == (call.target, call.port, call.protocol)
        ]
        others = [name for name in runners if name != call.target]
        if same:
            continue  # told already, by a connection that is still open
        if len(others) == 1 and call.is_agreed:
            call = replace(call, source=others[0], source_basis=Basis.ELIMINATION)
        found.append(call)
    return tuple(found)
