"""What a cluster leaves behind when its programs end: found by our own paths and names, and removed."""

import shutil
import subprocess
from pathlib import Path

from .certificates import NODE_ADDRESS
from .components import BRIDGE, CNI_NETWORK
from .host import SYSTEM_PATH
from .places import Places
from .processes import Process, kill, list_processes, read_process


def _command(process: Process) -> list[str]:
    try:
        return Path(f"/proc/{process.pid}/cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return []


def find_shims(places: Places) -> list[Process]:
    """containerd's shims outlive it; each names the socket of its containerd, a path of ours alone."""
    socket = str(places.containerd_socket)
    return [
        process
        for process in list_processes()
        if (command := _command(process))[:1]
        and Path(command[0]).name.startswith("containerd-shim")
        and socket in command
    ]


def find_orphans(places: Places) -> list[Process]:
    """First processes of containers whose shim is gone: their cgroup names the container."""
    found = []
    for record in (places.run / "containerd-run").glob("io.containerd.runtime.v2.task/*/*/init.pid"):
        try:
            process = read_process(int(record.read_text()))
            if process and record.parent.name in Path(f"/proc/{process.pid}/cgroup").read_text():
                found.append(process)
        except (OSError, ValueError):
            continue
    return found


def find_descendants(roots: list[Process]) -> list[Process]:
    parents = list_processes()
    known = {process.pid for process in roots}
    found: list[Process] = []
    while more := [
        process for process, parent in parents.items() if parent in known and process.pid not in known
    ]:
        found += more
        known |= {process.pid for process in more}
    return found


def end_containers(places: Places) -> None:
    shims = find_shims(places)
    kill([*find_descendants(shims), *find_orphans(places), *shims])
    for record in (places.run / "containerd-run").glob("io.containerd.runtime.v2.task/*/*/address"):
        Path(record.read_text().removeprefix("unix://")).unlink(missing_ok=True)


def unmount_all(places: Places) -> None:
    """Deepest first. Lazily: a mount still busy must not keep the folder."""
    prefix = f"{places.run}/"
    rows = [line.split(" ") for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    # The kernel writes a space in a path as \040.
    points = [row[4].encode().decode("unicode_escape") for row in rows]
    for point in sorted((point for point in points if point.startswith(prefix)), reverse=True):
        _run("umount", "-l", point)


def remove_run(places: Places) -> None:
    """Renamed first: a removal cut short leaves a folder that nobody takes for an instance."""
    unmount_all(places)
    trash = places.state / "trash"
    shutil.rmtree(trash, ignore_errors=True)
    if places.run.exists():
        places.run.rename(trash)
        shutil.rmtree(trash, ignore_errors=True)


def add_bridge() -> None:
    """Before the first pod: the kubelet and CoreDNS listen on its address."""
    if not Path(f"/sys/class/net/{BRIDGE}").exists():
        _run("ip", "link", "add", BRIDGE, "type", "bridge", check=True)
    _run("ip", "addr", "replace", f"{NODE_ADDRESS}/24", "dev", BRIDGE, check=True)
    _run("ip", "link", "set", BRIDGE, "up", check=True)


def remove_network(places: Places, proxy: Path) -> None:
    _run("ip", "link", "del", BRIDGE)
    if proxy.exists():
        _run(str(proxy), "--cleanup")
    results = Path("/var/lib/cni/results")
    for result in results.glob(f"{CNI_NETWORK}-*-eth0"):
        container = result.name.removeprefix(f"{CNI_NETWORK}-").removesuffix("-eth0")
        (results / f"cni-loopback-{container}-lo").unlink(missing_ok=True)
        result.unlink(missing_ok=True)
    # The kubelet links each container's log there; ours lead nowhere by now.
    for link in Path("/var/log/containers").glob("*.log"):
        if link.is_symlink() and str(link.readlink()).startswith(f"{places.run}/"):
            link.unlink(missing_ok=True)


def remove_cgroups() -> None:
    """The kubelet's, unless another kubelet of this computer has processes there."""
    roots = [*Path("/sys/fs/cgroup").glob("kubepods"), *Path("/sys/fs/cgroup").glob("*/kubepods")]
    folders = [folder for root in roots for folder in (root, *root.rglob("*")) if folder.is_dir()]
    if any((folder / "cgroup.procs").read_text().strip() for folder in folders):
        return
    for folder in sorted(folders, reverse=True):
        try:
            folder.rmdir()
        except OSError:
            pass  # the kernel has not let go of it yet; an empty group does no harm


def _run(*command: str, check: bool = False) -> None:
    subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": SYSTEM_PATH},
        check=check,
    )
