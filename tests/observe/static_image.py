"""Images of one static binary: no shell, no `ls`, no library. Packed by the test bed's builder."""

import os
import subprocess
import tempfile
from pathlib import Path

from tests.cluster.failures import Missing
from tests.cluster.golang import find_go
from tests.cluster.layers import Layer, Start, write_image
from tests.cluster.locks import take_turn
from tests.cluster.real_cluster import RealCluster

STATIC = "registry.example/static:1"  # with a list of users, as distroless images have it
SCRATCH = "registry.example/scratch:1"  # nothing but the program: its user is of the group 0
SOURCE = Path(__file__).parent / "static" / "main.go"
USER = 65532


def add_static(cluster: RealCluster) -> None:
    """The containers take two arguments: the port they serve, and the address they call."""
    with take_turn(cluster.places, cluster.say), tempfile.TemporaryDirectory() as folder:
        program = _build(cluster, Path(folder))
        archives = []
        for name, has_users in ((STATIC, True), (SCRATCH, False)):
            layer = Layer()
            layer.add(program, "/server")
            if has_users:
                layer.add_text("etc/passwd", f"nonroot:x:{USER}:{USER}::/:/sbin/nologin\n")
            archives.append(Path(folder) / f"{has_users}.tar")
            write_image(archives[-1], [name], layer, Start(entrypoint=("/server",), user=str(USER)))
        cluster.instance.import_images(archives)


def _build(cluster: RealCluster, folder: Path) -> Path:
    go = find_go(cluster.places, cluster.say)
    program = folder / "server"
    command = [str(go), "build", "-trimpath", "-ldflags", "-s -w", "-o", str(program), str(SOURCE)]
    environment = os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GO111MODULE": "off"}
    built = subprocess.run(command, env=environment, capture_output=True, text=True)
    if built.returncode:
        raise Missing("a static program", built.stderr[-300:])
    program.chmod(0o755)
    return program
