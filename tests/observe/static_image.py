"""An image of one static binary: no shell, no `ls`, no library. Packed by the test bed's builder."""

import os
import subprocess
import tempfile
from pathlib import Path

from tests.cluster.failures import Missing
from tests.cluster.golang import find_go
from tests.cluster.layers import Layer, Start, write_image
from tests.cluster.locks import take_turn
from tests.cluster.real_cluster import RealCluster

NAME = "registry.example/static:1"
SOURCE = Path(__file__).parent / "static" / "main.go"
USER = 65532


def add_static(cluster: RealCluster) -> str:
    """Its name. The container takes two arguments: the port it serves, and the address it calls."""
    with take_turn(cluster.places, cluster.say), tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "static.tar"
        layer = Layer()
        layer.add(_build(cluster, Path(folder)), "/server")
        write_image(archive, [NAME], layer, Start(entrypoint=("/server",), user=str(USER)))
        cluster.instance.import_images([archive])
    return NAME


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
