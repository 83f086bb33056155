"""A run ended anywhere with kill -9 leaves nothing that breaks the next one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.bed import prepare
from tests.cluster.binaries import COREDNS, ensure_built
from tests.cluster.images import ensure_images
from tests.cluster.leftovers import find_shims
from tests.cluster.places import PACKAGE, Places
from tests.cluster.progress import make_say
from tests.cluster.real_cluster import RealCluster
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.cluster
ROOT = PACKAGE.parents[1]
PRELUDE = """
import sys
from pathlib import Path
from tests.cluster import bed, binaries, images, instance, places, progress
here = places.Places(Path(sys.argv[1]))
say = progress.make_say(lambda line: (sys.stdout.write(line), sys.stdout.flush()))
"""


def run_until(line: str, cache: Path, code: str) -> None:
    """Runs the code in a process of its own and kills it as soon as it says the line."""
    command = [sys.executable, "-c", PRELUDE + code, str(cache)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = any(line in spoken for spoken in process.stdout)
        process.send_signal(signal.SIGKILL)
    assert said, f"never said: {line}"


@pytest.mark.parametrize(
    "line", ["Ending the programs", "Starting etcd", "Importing the images", "Starting the controllers"]
)
def test_a_killed_start_is_replaced_by_the_next(real_cluster: RealCluster, line: str) -> None:
    archives = prepare(real_cluster.places, real_cluster.say)

    with real_cluster.owned() as instance:
        run_until(
            line, real_cluster.places.cache, f"instance.Instance(here, say).start({list(map(str, archives))})"
        )
        # Killed at its first words, it may not have ended anything yet.
        assert instance.find_fault() or line == "Ending the programs"
        instance.start(archives)

    assert not instance.find_fault()


@pytest.mark.parametrize("name", ["apiserver", "etcd", "containerd", "kubelet"])
def test_a_cluster_with_a_dead_program_is_replaced_whole(
    real_cluster: RealCluster, namespace: str, name: str
) -> None:
    real_cluster.kubectl("apply", "-n", namespace, "-f", str(PACKAGE / "manifests" / "web.yaml"))
    real_cluster.kubectl("rollout", "status", "deployment/web", "-n", namespace, "--timeout=60s")
    archives = prepare(real_cluster.places, real_cluster.say)
    with real_cluster.owned() as instance:
        process = instance.processes.find(name)
        assert process
        try:
            os.kill(process.pid, signal.SIGKILL)
            assert wait_for(lambda: not instance.processes.find(name), 10)
            assert instance.find_fault() == f"{name} died"

            instance.stop()
            assert not find_shims(real_cluster.places)
            assert str(real_cluster.places.run) not in Path("/proc/self/mountinfo").read_text()
        finally:  # the tests behind this one need a cluster, whatever happened here
            instance.start(archives)

    assert not instance.find_fault()
    real_cluster.kubectl("create", "namespace", namespace)  # what the fixture deletes


def test_a_killed_build_is_made_anew(real_cluster: RealCluster, tmp_path: Path) -> None:
    places = Places(tmp_path)
    run_until("Building coredns", tmp_path, "binaries.ensure_built(binaries.COREDNS, here, say)")

    folder = ensure_built(COREDNS, places, make_say())

    assert os.access(folder / "coredns", os.X_OK)
    assert not list(places.builds.glob(".part-*"))


def test_a_killed_packing_of_images_is_made_anew(real_cluster: RealCluster, tmp_path: Path) -> None:
    run_until("Packing the image docker.io/library/python", tmp_path, "images.ensure_images(here, say)")

    archives = ensure_images(Places(tmp_path), make_say())

    assert all(archive.stat().st_size > 100_000 for archive in archives)
    assert set(Places(tmp_path).images.iterdir()) == set(archives)
