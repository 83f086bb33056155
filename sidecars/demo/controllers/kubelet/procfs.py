"""What a shell that reads /proc in a container prints: its processes, and the sockets of its pod.

The lines are those of the real files; the titles between them are those of the script that the
dashboard runs, which is the only one that asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..programs.http import Call, Listener
from .container import Container, Part
from .pod import PodRun

REMEMBERED_S = 60.0  # TIME_WAIT
LISTEN, OPEN, TIME_WAIT = "0A", "01", "06"
# By a part of the image's name: what its USER line says. Root otherwise.
USERS = {"nginx-unprivileged": 101, "envoyproxy/envoy": 101, "oauth2-proxy": 65532, "redis_exporter": 59000,
         "cloud-sql-proxy": 65532, "opentelemetry-collector": 10001, "library/redis": 999,
         "library/postgres": 999, "istio/proxyv2": 1337, "node-exporter": 65534}  # fmt: skip
WITHOUT_SHELL = ("oauth2-proxy", "redis_exporter", "cloud-sql-proxy", "opentelemetry-collector")
NGINX_WORKER = 101
_HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
_UNIX_HEAD = "Num       RefCount Protocol Flags    Type St Inode Path"


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    name: str
    uid: int
    inodes: tuple[int, ...] = ()
    group: str = "0::/"


def has_shell(container: Container) -> bool:
    return not any(part in container.spec["image"] for part in WITHOUT_SHELL)


def user_of(run: PodRun, container: Container) -> int:
    own = container.spec.get("securityContext") or {}
    pods = run.pod["spec"].get("securityContext") or {}
    wanted = own.get("runAsUser", pods.get("runAsUser"))
    if wanted is not None:
        return int(wanted)
    return next((uid for part, uid in USERS.items() if part in container.spec["image"]), 0)


def print_sockets(run: PodRun, container: Container) -> str:
    lines = ["@ begin /bin/ls"]
    reader = user_of(run, container)
    for process in _processes(run, container):
        lines += [f"@ process {process.pid}", f"Name: {process.name}"]
        lines += [
            f"{key}: {process.uid}\t{process.uid}\t{process.uid}\t{process.uid}" for key in ("Uid", "Gid")
        ]
        lines += [f"Group: {process.group}", "Open:"]
        if process.uid == reader:
            lines += [f"Socket: socket:[{inode}]" for inode in process.inodes]
        else:
            lines.append("Hidden:")
    lines += ["@ table tcp", _HEAD, *_tcp(run)]
    for name in ("tcp6", "udp", "udp6"):
        lines += [f"@ table {name}", _HEAD]
    return "\n".join([*lines, "@ table unix", _UNIX_HEAD, "@ end", ""])


def _processes(run: PodRun, container: Container) -> Iterator[Process]:
    """The container's own; for an ephemeral one also those of the container it was made for."""
    if container.part is Part.EPHEMERAL:
        yield Process(1000, "sleep", user_of(run, container))
        target = run.find(str(container.spec.get("targetContainerName", "")))
        if target is not None and target.is_running and target.instance is not None:
            identifier = target.instance.id.rpartition("/")[2]
            yield from _own(run, target, f"0::/../cri-containerd-{identifier}.scope")
        return
    yield from _own(run, container, "0::/")


def _own(run: PodRun, container: Container, group: str) -> Iterator[Process]:
    box, network = container.box, run.network
    listening = tuple(one.inode for one in network.listeners if one.owner is box)
    calling = tuple(call.inodes[0] for call in network.calls if call.owner is box and call.ended_s is None)
    served = {one.port for one in network.listeners if one.owner is box}
    serving = tuple(call.inodes[1] for call in network.calls if call.port in served and call.ended_s is None)
    uid, name = user_of(run, container), container.name[:15]
    if uid == 0 and "nginx" in container.spec["image"]:
        # The master listens as root, its worker serves and calls as another user.
        yield Process(1, "nginx", 0, listening, group)
        yield Process(29, "nginx", NGINX_WORKER, (*listening, *calling, *serving), group)
    else:
        yield Process(1, name, uid, (*listening, *calling, *serving), group)


def _tcp(run: PodRun) -> Iterator[str]:
    network, now = run.network, run.clock.now()
    by_port = {one.port: one for one in network.listeners}
    for one in network.listeners:
        yield _line((one.host, one.port), ("0.0.0.0", 0), LISTEN, _user(run, one), one.inode)
    for call in network.calls:
        listener = by_port.get(call.port)
        here, there = ("127.0.0.1", call.from_port), ("127.0.0.1", call.port)
        if listener is None:
            continue
        if call.ended_s is None:
            yield _line(here, there, OPEN, _user(run, call), call.inodes[0])
            yield _line(there, here, OPEN, _user(run, listener), call.inodes[1])
        elif now - call.ended_s < REMEMBERED_S:
            yield _line(there, here, TIME_WAIT, 0, 0)


def _user(run: PodRun, one: Listener | Call) -> int:
    owner = next((each for each in run.containers if each.box is one.owner), None)
    if owner is None:
        return 0
    uid = user_of(run, owner)
    is_worker = uid == 0 and "nginx" in owner.spec["image"] and isinstance(one, Call)
    return NGINX_WORKER if is_worker else uid


def _line(local: tuple[str, int], remote: tuple[str, int], state: str, uid: int, inode: int) -> str:
    rest = f"00000000:00000000 00:00000000 00000000 {uid:5d}        0 {inode} 1 0000000000000000 100 0 0 10 0"
    return f"   0: {_end(*local)} {_end(*remote)} {state} {rest}"


def _end(address: str, port: int) -> str:
    """As a little-endian computer prints it."""
    numbers = [int(part) for part in address.split(".")]
    return "".join(f"{number:02X}" for number in reversed(numbers)) + f":{port:04X}"
