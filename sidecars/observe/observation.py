"""What was observed in a pod, at one time: its listeners, its calls, and what could not be read."""

from dataclasses import dataclass
from enum import StrEnum

from sidecars.messages import Sentence
from sidecars.observe.tables import is_any, is_loopback


class Basis(StrEnum):
    """How a socket's container is known, surest first."""

    FILES = "files"  # one of its processes has it open
    UID = "uid"  # a process whose files are hidden runs as its user, and no other container's does
    ELIMINATION = "elimination"  # every other container was read and does not have it
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ContainerRead:
    """`state`: read | partly (some processes hide their files) | not-read."""

    name: str
    state: str
    reason: Sentence | None = None
    failure: str = ""  # of not-read: no-shell | forbidden | refused | not-running | time | other
    hidden: tuple[tuple[int, int], ...] = ()  # users (uid, gid) whose processes hide their files
    helper: str = ""  # the ephemeral container through which it was read


@dataclass(frozen=True, slots=True)
class Listener:
    """`container` None: nobody that could be read has it."""

    container: str | None
    protocol: str  # tcp | udp | unix
    address: str = ""
    port: int | None = None
    path: str = ""
    uid: int = -1
    basis: Basis = Basis.FILES

    @property
    def reach(self) -> str:
        """all | loopback | address | unix: from where it can be called."""
        if self.protocol == "unix":
            return "unix"
        if is_any(self.address):
            return "all"
        return "loopback" if is_loopback(self.address) else "address"

    @property
    def place(self) -> str:
        if self.protocol == "unix":
            return self.path
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class Call:
    """`source` or `target` None: not known. `state`: established | recently-closed."""

    source: str | None
    target: str | None
    port: int | None
    protocol: str = "tcp"
    path: str = ""
    state: str = "established"
    count: int = 1
    source_basis: Basis = Basis.FILES
    target_basis: Basis = Basis.FILES
    example: str = ""  # "127.0.0.1:41294 → 127.0.0.1:3000"
    is_agreed: bool = True  # all containers that were read whole show it


@dataclass(frozen=True, slots=True)
class Observation:
    time_s: float  # epoch, of the last sample
    uid: str = ""  # the pod's
    containers: tuple[ContainerRead, ...] = ()
    listeners: tuple[Listener, ...] = ()
    calls: tuple[Call, ...] = ()
    host_network: bool = False
    has_tables: bool = True  # False: no container could be read at all
    settled: tuple[tuple[str, int], ...] = ()  # (name, restarts) of those that were ready all the while

    @property
    def unread(self) -> tuple[ContainerRead, ...]:
        return tuple(each for each in self.containers if each.state != "read")
