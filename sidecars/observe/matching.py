"""Whose socket is whose.

Surest is an open file of a process. What no process shows is matched by its user id against the
processes that hide their files, then by elimination; else its owner stays unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sidecars.observe.observation import Basis
from sidecars.observe.readout import Process, Readout
from sidecars.observe.tables import Socket

Owner = tuple[str | None, Basis]
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
    files: dict[int, str] = field(default_factory=dict)
    hidden: dict[str, set[tuple[int, int]]] = field(default_factory=dict)  # users (uid, gid) who hide
    seen: dict[str, set[int]] = field(default_factory=dict)  # container -> uids of its processes
    appearances: dict[int, int] = field(default_factory=dict)  # inode -> turns in which it was there

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
                self.files |= dict.fromkeys(process.inodes, name)
                self.seen.setdefault(name, set()).add(process.uid)
                # What one reader may not look into, another may.
                key = (name, process.pid)
                open_[key] = open_.get(key, False) or process.is_open
                users[key] = (process.uid, process.gid)
                turns.setdefault(key, set()).add(sample.turn)
                read_in.setdefault(name, set()).add(sample.turn)
            for socket in sample.readout.sockets:
                moments.setdefault(socket.inode, set()).add(sample.turn)
        for (name, pid), is_open in open_.items():
            # One reader meets the shell of another, which is gone in the next turn.
            is_lasting = len(turns[name, pid]) > 1 or len(read_in[name]) == 1
            if is_lasting and not is_open:
                self.hidden.setdefault(name, set()).add(users[name, pid])
        self.appearances = {inode: len(times) for inode, times in moments.items()}

    def owner(self, socket: Socket) -> Owner:
        if socket.inode in self.files:
            return self.files[socket.inode], Basis.FILES
        if not socket.inode or self.around.host_network:
            return NOBODY  # on the node's network it may be anybody's of the whole node
        by_uid = [name for name, users in self.hidden.items() if socket.uid in {uid for uid, _gid in users}]
        if socket.uid >= 0 and len(by_uid) == 1:
            return by_uid[0], Basis.UID
        if by_uid:
            return NOBODY
        return self._eliminate(socket)

    def unread(self) -> list[Runner]:
        return [r for r in self.around.runners if r.name not in self.seen and not r.helps]

    def _eliminate(self, socket: Socket) -> Owner:
        # What came and went between the files and the tables of one sample may be a reader's own.
        is_lasting = self.appearances.get(socket.inode, 0) > 1 or socket.is_listening
        is_foreign = socket.uid >= 0 and all(socket.uid not in uids for uids in self.seen.values())
        if not (is_lasting or is_foreign):
            return NOBODY
        fitting = {r.name for r in self.unread() if r.uid is None or socket.uid in (r.uid, -1)}
        if socket.uid < 0:  # of unix sockets no user is known: any hidden process may have it
            fitting |= self.hidden.keys()
        return (fitting.pop(), Basis.ELIMINATION) if len(fitting) == 1 else NOBODY

    def _container_of(self, sample: Sample, process: Process) -> str | None:
        """By the id in its cgroup; without one it is the container's own, unless it sees others'."""
        for runner in self.around.runners:
            if runner.container_id and runner.container_id in process.group:
                return None if runner.helps else runner.name
        reader = next((r for r in self.around.runners if r.name == sample.container), None)
        if reader is not None and reader.helps:
            # Beside its own processes it sees those of the container it was made for. With a
            # cgroup namespace its own group is "/".
            is_own = process.group.endswith(":/") or not process.group
            return None if is_own else reader.helps
        if self.around.shares_processes:
            return None if not process.group.endswith(":/") else sample.container
        return sample.container
