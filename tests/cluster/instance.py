"""The one instance of the cluster: is it healthy, start it, stop it. Call with the turn taken."""

import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import components, leftovers
from .addons import DNS_SERVICE
from .api import ask
from .binaries import KUBERNETES, OF_THE_CLUSTER
from .certificates import NODE, ensure_certificates
from .failures import Broken, Missing
from .host import SYSTEM_PATH
from .images import list_images
from .places import PACKAGE, Places
from .processes import Processes
from .progress import Say
from .waiting import wait_for

# Whatever decides how an instance behaves; a healthy one made from the same is reused.
RECIPES = ("addons.py", "certificates.py", "components.py")
START_LIMIT_S = 90
SOCKET_PATH_LIMIT = 100


def identify_build() -> str:
    digest = hashlib.sha256()
    for build in OF_THE_CLUSTER:
        digest.update(build.key.encode())
    for image in list_images():
        digest.update(image.key().encode())
    for recipe in RECIPES:
        digest.update((PACKAGE / recipe).read_bytes())
    return digest.hexdigest()[:12]


def check_cache(places: Places) -> None:
    if len(str(places.containerd_socket)) > SOCKET_PATH_LIMIT:
        raise Missing("a place", f"the path of the cache is too long for a socket: {places.cache}")


class Instance:
    def __init__(self, places: Places, say: Say) -> None:
        self._places = places
        self._say = say
        self.processes = Processes(places.processes, places.logs)

    def find_fault(self) -> str:
        """Why the instance cannot be reused, in words; empty when it is healthy."""
        if not self._places.ready.exists():
            return "its start was cut short" if self.processes.names() else "it is not running"
        if self._places.ready.read_text() != identify_build():
            return "it was made by another version of the test bed"
        dead = [name for name in components.build_commands(self._places) if not self.processes.find(name)]
        if dead:
            return f"{', '.join(dead)} died"
        if ask(self._places, "/readyz")[0] != 200:
            return "the API server is not ready"
        return "" if self._is_node_ready() else "its node is not ready"

    def start(self, archives: Sequence[Path]) -> None:
        """From an empty folder to a Ready node; nothing of an earlier start is used but the certificates."""
        self.stop()
        self._check_ports()
        leftovers.remove_run(self._places)
        places = self._places
        for folder in (places.logs, places.processes):
            folder.mkdir(parents=True)
        ensure_certificates(places)
        components.write_configs(places)
        leftovers.add_bridge()
        _link(places.kubectl, KUBERNETES.folder(places) / "kubectl")
        self._say("Starting etcd, the API server and containerd")
        for name in ("containerd", "etcd", "apiserver"):
            self.start_process(name)
        self.import_images(archives)
        self.wait_api(START_LIMIT_S)
        self._say("Starting the controllers, the scheduler, the kubelet, kube-proxy and CoreDNS")
        for name in ("controllers", "scheduler", "kubelet", "proxy", "coredns"):
            self.start_process(name)
        self.kubectl("apply", "-f", "-", text=DNS_SERVICE)
        self._wait("the node to become Ready", self._is_node_ready, START_LIMIT_S, "kubelet")
        places.ready.write_text(identify_build())

    def stop(self) -> None:
        """All at once and without grace: nothing of this instance is used again."""
        if self._places.run.exists():
            self._say("Ending the programs and containers of the test cluster")
        self._places.ready.unlink(missing_ok=True)
        self.processes.stop()
        leftovers.end_containers(self._places)
        leftovers.unmount_all(self._places)

    def purge(self) -> None:
        """Also what the kernel and the disk still hold. Built programs stay."""
        self.stop()
        self._say("Removing its network, images and folder")
        leftovers.remove_run(self._places)
        leftovers.remove_network(self._places, KUBERNETES.folder(self._places) / "kube-proxy")
        leftovers.remove_cgroups()
        for folder in (self._places.state, self._places.images):
            shutil.rmtree(folder, ignore_errors=True)

    def start_process(self, name: str) -> None:
        command = components.build_commands(self._places)[name]
        environment = {"PATH": SYSTEM_PATH, "HOME": str(self._places.run)}
        self.processes.start(name, command, self._places.run, environment)

    def wait_api(self, limit_s: float) -> None:
        self._wait("the API server", lambda: ask(self._places, "/readyz")[0] == 200, limit_s, "apiserver")

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        result = subprocess.run(
            [self._places.kubectl, f"--kubeconfig={self._places.kubeconfig}", *arguments],
            input=text or "",
            capture_output=True,
            text=True,
        )
        if result.returncode != 0:
            raise Broken(f"kubectl {' '.join(arguments)}: {result.stderr.strip()}")
        return result.stdout

    def _is_node_ready(self) -> bool:
        status, body = ask(self._places, f"/api/v1/nodes/{NODE}")
        return status == 200 and b'"type":"Ready","status":"True"' in body

    def _wait(self, what: str, condition: Callable[[], bool], limit_s: float, name: str) -> None:
        start = time.monotonic()

        def holds_or_died() -> bool:
            return condition() or (time.monotonic() - start > 1 and not self.processes.find(name))

        wait_for(holds_or_died, limit_s)
        if not condition():
            raise Broken(f"Waited in vain for {what}. Last lines of {name}:\n{self.processes.tail(name)}")

    def import_images(self, archives: Sequence[Path]) -> None:
        control = ["ctr", "--address", str(self._places.containerd_socket), "--namespace", "k8s.io"]

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*control, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True
            )

        self._wait("containerd", lambda: run("version").returncode == 0, 30, "containerd")
        self._say("Importing the images")
        snapshotter = ("--snapshotter", components.find_snapshotter(self._places))
        with ThreadPoolExecutor(3) as pool:
            for result in pool.map(
                lambda archive: run("images", "import", *snapshotter, str(archive)), archives
            ):
                if result.returncode != 0:
                    raise Broken(f"An image was not imported: {result.stderr.strip()}")

    def _check_ports(self) -> None:
        for (address, port), program in components.PORTS.items():
            with socket.socket() as probe:
                # As the programs do: an ended connection in TIME_WAIT is no occupant.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((address, port))
                except OSError:
                    raise Missing(
                        f"port {port}", f"another program listens on {address}:{port}, which {program} needs"
                    ) from None


def _link(link: Path, target: Path) -> None:
    part = link.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    os.replace(part, link)
