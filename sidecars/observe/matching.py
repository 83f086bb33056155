"""Whose socket is whose.

Surest is an open file of a process. What no process shows is matched by its user id against the
processes that hide their files, then by elimination; else its owner stays unknown.

A container may print whatever it likes. About others it is not believed: what is told of a container
must stand in that container's own tables, which are those of the whole pod, where they could be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sidecars.observe.observation import Basis
from sidecars.observe.readout import Process, Readout
from sidecars.observe.tables import Socket

Owner = tuple[str | None, Basis]
Row = tuple[str, str, int, tuple[str, int], tuple[str, int], str]
NOBODY: Owner = (None, Basis.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Runner:
    """A container that runs. `uid` is what its manifest fixes; None: whatever its image says.

    A container that may not become another user has processes of this uid only.
    """

    name: str
    container_id: str = ""  # without "containerd://"
    uid: int | None = None
    helps: str = ""  # of our own ephemeral container: the one it looks into


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of the script in one container."""

    container: str
    readout: Readout
    turn: int = 0  # samples of one turn are of about the same moment


@dataclass(frozen=True, slots=True)
class Surroundings:
    runners: tuple[Runner, ...]
    host_network: bool = False
    shares_processes: bool = False
    pod_ips: tuple[str, ...] = ()


@dataclass(slots=True)
class Matcher:
    """Owners of sockets by inode, from all samples together."""

    around: Surroundings
    samples: Sequence[Sample]
    files: dict[int, str | None] = field(default_factory=dict)  # None: two say that they have it
    hidden: dict[str, set[tuple[int, int]]] = field(default_factory=dict)  # users (uid, gid) who hide
    seen: dict[str, set[int]] = field(default_factory=dict)  # container -> uids of its processes
    appearances: dict[int, int] = field(default_factory=dict)  # inode -> turns in which it was there
    told: dict[str, set[Row]] = field(default_factory=dict)  # container -> its own whole tables
    hiding: dict[int, set[str]] = field(default_factory=dict)  # uid -> containers it hides in

    def __post_init__(self) -> None:
        moments: dict[int, set[int]] = {}
        open_: dict[tuple[str, int], bool] = {}
        users: dict[tuple[str, int], tuple[int, int]] = {}
        turns: dict[tuple[str, int], set[int]] = {}
        read_in: dict[str, set[int]] = {}
        for sample in self.samples:
            for process in sample.readout.processes:
                name = self._container_of(sample, process)
                if name is None:
                    continue
                for inode in process.inodes:
                    self.files[inode] = name if self.files.get(inode, name) == name else None
                self.seen.setdefault(name, set()).add(process.uid)
                # What one reader may not look into, another may.
                key = (name, process.pid)
                open_[key] = open_.get(key, False) or process.is_open
                users[key] = (process.uid, process.gid)
                turns.setdefault(key, set()).add(sample.turn)
                read_in.setdefault(name, set()).add(sample.turn)
            for socket in sample.readout.sockets:
                moments.setdefault(socket.inode, set()).add(sample.turn)
            if sample.readout.is_whole:
                rows = self.told.setdefault(self._reads(sample.container), set())
                rows.update(map(_row, sample.readout.sockets))
        for (name, pid), is_open in open_.items():
            # One reader meets the shell of another, which is gone in the next turn.
            is_lasting = len(turns[name, pid]) > 1 or len(read_in[name]) == 1
            if is_lasting and not is_open:
                self.hidden.setdefault(name, set()).add(users[name, pid])
                self.hiding.setdefault(users[name, pid][0], set()).add(name)
        self.appearances = {inode: len(times) for inode, times in moments.items()}

    def owner(self, socket: Socket) -> Owner:
        name, basis = self._owner(socket)
        return (name, basis) if name is not None and self.confirms(name, socket) else NOBODY

    def confirms(self, name: str, socket: Socket) -> bool:
        """Its own tables show it, unless they could not be read whole."""
        return name not in self.told or _row(socket) in self.told[name]

    def is_agreed(self, socket: Socket) -> bool:
        """Every container that was read whole shows it."""
        row = _row(socket)
        return all(row in rows for rows in self.told.values())

    def _owner(self, socket: Socket) -> Owner:
        if socket.inode in self.files:
            return self.files[socket.inode], Basis.FILES
        if not socket.inode or self.around.host_network:
            return NOBODY  # on the node's network it may be anybody's of the whole node
        by_uid = self.hiding.get(socket.uid, ()) if socket.uid >= 0 else ()
        if by_uid:
            return (next(iter(by_uid)), Basis.UID) if len(by_uid) == 1 else NOBODY
        return self._eliminate(socket)

    def unread(self) -> list[Runner]:
        return [r for r in self.around.runners if r.name not in self.seen and not r.helps]

    def _eliminate(self, socket: Socket) -> Owner:
        # What came and went between the files and the tables of one sample may be a reader's own.
        is_lasting = self.appearances.get(socket.inode, 0) > 1 or socket.is_listening
        is_foreign = socket.uid >= 0 and all(socket.uid not in uids for uids in self.seen.values())
        if not (is_lasting or is_foreign) or not self.is_agreed(socket):
            return NOBODY
        fitting = {r.name for r in self.unread() if r.uid is None or socket.uid in (r.uid, -1)}
        if socket.uid < 0:  # of unix sockets no user is known: any hidden process may have it
            fitting |= self.hidden.keys()
        return (fitting.pop(), Basis.ELIMINATION) if len(fitting) == 1 else NOBODY

    def _reads(self, container: str) -> str:
        """Whom a reader speaks for: a helper for the container that it was made for."""
        return next((r.helps for r in self.around.runners if r.name == container and r.helps), container)

    def _container_of(self, sample: Sample, process: Process) -> str | None:
        """By the id in its cgroup, where it sees others' processes; else it is the container's own."""
        reader = next((r for r in self.around.runners if r.name == sample.container), None)
        sees_others = self.around.shares_processes or (reader is not None and bool(reader.helps))
        for runner in self.around.runners:
            if not runner.container_id or runner.container_id not in process.group:
                continue
            if runner.helps and (sees_others or runner.helps == sample.container):
                return None  # our own: a helper shares its processes with the one that it looks into
            if sees_others:
                return runner.name
        if reader is not None and reader.helps:
            # Beside its own processes it sees those of the container it was made for. With a
            # cgroup namespace its own group is "/".
            is_own = process.group.endswith(":/") or not process.group
            return None if is_own else reader.helps
        if self.around.shares_processes:
            return None if not process.group.endswith(":/") else sample.container
        return sample.container


def _row(socket: Socket) -> Row:
    # A call's state changes between two looks; of a unix socket it is what says who called.
    state = socket.state if socket.protocol == "unix" else ""
    return (socket.protocol, state, socket.inode, socket.local, socket.remote, socket.path)
