"""Who listens where, from the sockets of all samples."""

from collections.abc import Iterable

from sidecars.observe.matching import NOBODY, Matcher, Owner
from sidecars.observe.observation import Basis, Listener
from sidecars.observe.tables import Socket

# The kernel's default for sockets that nobody bound to a port: a client's UDP socket, no server's.
CHOSEN_BY_KERNEL = range(32768, 61000)
LISTENERS_MOST = 500
_SURENESS = list(Basis)


def find_listeners(matcher: Matcher, declared: frozenset[int] = frozenset()) -> tuple[Listener, ...]:
    """Sorted by protocol, port and path. On the node's network only what the pod's processes hold."""
    found: dict[tuple[str, str, int, str], tuple[Owner, Socket]] = {}
    for socket in _listening(matcher, declared):
        owner = matcher.owner(socket)
        if matcher.around.host_network and owner[0] is None:
            continue
        key = (socket.protocol, *socket.local, socket.path)
        known, _socket = found.get(key, (NOBODY, socket))
        # Several workers may listen on one port with a socket each: the surest owner speaks.
        if key not in found or _SURENESS.index(owner[1]) < _SURENESS.index(known[1]):
            found[key] = owner, socket
    listeners = [_listener(socket, owner) for owner, socket in found.values()]
    listeners.sort(key=lambda each: (each.protocol, each.port or 0, each.path, each.address))
    return tuple(listeners[:LISTENERS_MOST])


def _listening(matcher: Matcher, declared: frozenset[int]) -> Iterable[Socket]:
    for sample in matcher.samples:
        for socket in sample.readout.sockets:
            is_client = (
                socket.protocol == "udp"
                and socket.local[1] in CHOSEN_BY_KERNEL
                and socket.local[1] not in declared
            )
            if socket.is_listening and not is_client and (socket.protocol != "unix" or socket.path):
                yield socket


def _listener(socket: Socket, owner: Owner) -> Listener:
    is_unix = socket.protocol == "unix"
    return Listener(
        container=owner[0],
        protocol=socket.protocol,
        address="" if is_unix else socket.local[0],
        port=None if is_unix else socket.local[1],
        path=socket.path,
        uid=socket.uid,
        basis=owner[1],
    )
