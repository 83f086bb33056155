"""What the script prints, as a real node printed it, in small."""

from collections.abc import Sequence

from sidecars.observe.matching import Matcher, Runner, Sample, Surroundings
from sidecars.observe.observation import Observation
from sidecars.observe.reading import observe
from sidecars.observe.readout import read_output
from sidecars.topology import Container, Edge, Mount, Pod, Port, Role, State

LISTEN, ESTABLISHED, TIME_WAIT = "0A", "01", "06"


def end(address: str, port: int) -> str:
    """`127.0.0.1` as the kernel prints it on a little-endian computer."""
    words = [int(word) for word in address.split(".")]
    return "".join(f"{word:02X}" for word in reversed(words)) + f":{port:04X}"


def tcp(local: str, remote: str, state: str, uid: int, inode: int) -> str:
    """`local` and `remote` as address:port."""
    ends = [end(a, int(p)) for a, _colon, p in (x.partition(":") for x in (local, remote))]
    zeros = "00000000:00000000 00:00000000 00000000"
    return f"   0: {ends[0]} {ends[1]} {state} {zeros} {uid:5d}        0 {inode} 1 00000000 100 0 0 10 0"


def listen(port: int, inode: int, *, uid: int = 0, address: str = "0.0.0.0") -> str:
    return tcp(f"{address}:{port}", "0.0.0.0:0", LISTEN, uid, inode)


def pair(client: int, server: int, *, inodes: tuple[int, int], uids: tuple[int, int] = (0, 0)) -> list[str]:
    """Both ends of one open call over localhost."""
    there, back = f"127.0.0.1:{client}", f"127.0.0.1:{server}"
    return [
        tcp(there, back, ESTABLISHED, uids[0], inodes[0]),
        tcp(back, there, ESTABLISHED, uids[1], inodes[1]),
    ]


def process(
    pid: int, *inodes: int, uid: int = 0, hidden: bool = False, group: str = "0::/", name: str = "app"
) -> str:
    files = "Open:\nHidden:\n" if hidden else "Open:\n" + "".join(f"Socket: socket:[{i}]\n" for i in inodes)
    users = "".join(f"{key}:" + f"\t{uid}" * 4 + "\n" for key in ("Uid", "Gid")).replace(":\t", ": ")
    return f"@ process {pid}\nName: {name}\n{users}Group: {group}\n{files}"


def printed(
    processes: Sequence[str], lines: Sequence[str] = (), *, udp: Sequence[str] = (), unix: Sequence[str] = ()
) -> str:
    tables = {"tcp": lines, "tcp6": (), "udp": udp, "udp6": (), "unix": unix}
    head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    text = "@ begin ls\n" + "".join(processes)
    for name, rows in tables.items():
        text += f"@ table {name}\n{head}" + "".join(f"{row}\n" for row in rows)
    return text + "@ end\n"


def sample(container: str, text: str, turn: int = 0) -> Sample:
    return Sample(container, read_output(text), turn)


def matcher(
    *samples: Sample, runners: Sequence[str | Runner] = ("app", "nginx"), **around: object
) -> Matcher:
    made = tuple(r if isinstance(r, Runner) else Runner(r) for r in runners)
    return Matcher(Surroundings(made, **around), samples)  # type: ignore[arg-type]


def container(name: str, *ports: int, mounts: Sequence[str] = ()) -> Container:
    return Container(
        name=name,
        image="docker.io/library/node:22",
        role=Role.MAIN,
        role_reason="",
        state=State.RUNNING,
        ready=True,
        ports=tuple(Port(number) for number in ports),
        mounts=tuple(Mount(volume, f"/{name}/{volume}", False) for volume in mounts),
    )


def pod(*containers: Container, edges: tuple[Edge, ...] = ()) -> Pod:
    return Pod("web", "shop", uid="u-1", containers=containers, edges=edges)


def observed(made: Pod, *samples: Sample, **around: object) -> Observation:
    runners = tuple(Runner(c.name) for c in made.containers)
    return observe(made, Surroundings(runners, **around), samples, {}, 100.0)  # type: ignore[arg-type]
