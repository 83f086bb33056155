"""`/proc/net/tcp`, `udp` and `unix` as sockets. Pure text in, values out; broken lines are left out.

Source: Documentation/networking/proc_net_tcp.rst, net/unix/af_unix.c. Addresses are read as
little-endian words, as amd64, arm64, ppc64le and riscv64 write them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

SOCKETS_MOST = 20_000

TCP_STATES = {
    "01": "established", "02": "syn-sent", "03": "syn-received", "04": "fin-wait-1", "05": "fin-wait-2",
    "06": "time-wait", "07": "close", "08": "close-wait", "09": "last-ack", "0A": "listen", "0B": "closing",
}  # fmt: skip
ACCEPTS = 0x10000  # __SO_ACCEPTON
UNIX_CONNECTED = "03"


@dataclass(frozen=True, slots=True)
class Socket:
    """`inode` 0: the kernel keeps it for nobody, as after a close. `path` of unix sockets only."""

    protocol: str  # tcp | udp | unix
    state: str  # of TCP_STATES; unix: listen | established | close
    inode: int
    uid: int = -1  # unix sockets have no uid column
    local: tuple[str, int] = ("", 0)
    remote: tuple[str, int] = ("", 0)
    path: str = ""

    @property
    def is_listening(self) -> bool:
        if self.protocol == "udp":
            return self.local[1] != 0 and self.remote[1] == 0
        return self.state == "listen"

    @property
    def ends(self) -> tuple[tuple[str, int], tuple[str, int]]:
        return self.local, self.remote


def is_loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def is_any(address: str) -> bool:
    return address in ("0.0.0.0", "::")  # noqa: S104  compared, not bound


def read_table(name: str, lines: Iterable[str]) -> Iterator[Socket]:
    """`name` as in /proc/net: tcp, tcp6, udp, udp6, unix."""
    read = _unix if name == "unix" else _inet
    for line in lines:
        found = read(name.removesuffix("6"), line)
        if found is not None:
            yield found


def _inet(protocol: str, line: str) -> Socket | None:
    """`0: 0100007F:0BB8 00000000:0000 0A 0:0 0:0 0 1000 0 3289303 …`; a header has no such number."""
    words = line.split()
    try:
        return Socket(
            protocol=protocol,
            state=TCP_STATES.get(words[3], "unknown"),
            inode=int(words[9]),
            uid=int(words[7]),
            local=_end(words[1]),
            remote=_end(words[2]),
        )
    except (IndexError, ValueError):
        return None


def _end(text: str) -> tuple[str, int]:
    packed, _colon, port = text.partition(":")
    words = [bytes.fromhex(packed[i : i + 8])[::-1] for i in range(0, len(packed), 8)]
    number = int(port, 16)
    if len(packed) == 8:
        return str(IPv4Address(words[0])), number
    address = IPv6Address(b"".join(words))
    # A server on :: hears IPv4 calls under such an address; the caller's socket has the plain one.
    return str(address.ipv4_mapped or address), number


def _unix(_protocol: str, line: str) -> Socket | None:
    """`0000: RefCount Protocol Flags Type St Inode Path`; a path may hold spaces or be missing."""
    words = line.split(None, 7)
    try:
        flags, state, inode = int(words[3], 16), words[5], int(words[6])
    except (IndexError, ValueError):
        return None
    is_listening = bool(flags & ACCEPTS)
    connected = "established" if state == UNIX_CONNECTED else "close"
    path = words[7] if len(words) > 7 else ""
    return Socket("unix", "listen" if is_listening else connected, inode, path=path[:512])
