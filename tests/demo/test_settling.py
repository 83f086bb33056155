"""What never settles: refused pods, and objects that change each time they are looked at."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from sidecars.demo.controllers.world import ROUNDS
from sidecars.demo.store import Store
from tests.demo.life import living, scene_store, until

POD = {"containers": [{"name": "a", "image": "busybox", "securityContext": {"privileged": True}}]}
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
HOLDER = """
import sys, time
from pathlib import Path
from tests.demo_fixture import DemoCluster
print(DemoCluster(Path(sys.argv[1]), "--speed", "20").process.pid, flush=True)
time.sleep(60)
"""


def refused(kind: str, **spec: Any) -> dict[str, Any]:
    labels = {"app": "refused"}
    template = {"metadata": {"labels": labels}, "spec": POD}
    body: dict[str, Any] = {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "refused"}}
    body["metadata"]["namespace"] = "strict"
    return body | {"spec": {"selector": {"matchLabels": labels}, "template": template} | spec}


def strict_store() -> Store:
    store = scene_store()
    metadata = {"name": "strict", "labels": RESTRICTED}
    store.create("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}, "test")
    return store


async def test_refused_pods_are_tried_ever_later() -> None:
    store = strict_store()
    async with living(store) as cluster:
        store.create("daemonsets", refused("DaemonSet"), "test")
        store.create("deployments", refused("Deployment", replicas=3), "test")
        await until(lambda: len(_refusals(store)) >= 4)
        end = cluster.world.clock.now() + 3  # 150 s of the cluster's life
        await until(lambda: cluster.world.clock.now() > end)

    assert len(_refusals(store)) < 30


def _refusals(store: Store) -> list[Any]:
    return [event for event in store.list("events", "strict") if event["reason"] == "FailedCreate"]


async def test_an_object_that_never_settles_stops_no_other() -> None:
    store, looks = scene_store(), []
    async with living(store) as cluster:

        def restless(namespace: str, name: str) -> None:
            looks.append(name)
            cluster.world.mark("restless", namespace, name)

        cluster.world.reconcilers["restless"] = restless
        cluster.world.mark("restless", "shop", "it")
        cluster.world.settle()

    assert len(looks) <= ROUNDS


def test_it_ends_when_a_test_run_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "state")]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert holder.stdout
    pid = int(holder.stdout.readline())
    holder.send_signal(signal.SIGKILL)
    holder.communicate()

    assert _ends(pid, 10.0)


def _ends(pid: int, limit_s: float) -> bool:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        os.sched_yield()
    return False


async def test_a_program_that_runs_for_long_keeps_no_past_timers() -> None:
    store = scene_store()
    async with living(store) as cluster:
        runs = [run for pod in store.list("pods") if (run := cluster.kubelet.run_of(pod))]
        end = cluster.world.clock.now() + 2
        await until(lambda: cluster.world.clock.now() > end)
        kept = [len(container.timers) for run in runs for container in run.containers]

    assert max(kept) < 10


async def test_what_only_the_node_agent_knows_is_written_too() -> None:
    store = scene_store()
    store.create(
        "namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "strict"}}, "test"
    )
    async with living(store):
        store.create("deployments", refused("Deployment", replicas=1), "test")
        [pod] = await until(lambda: store.list("pods", "strict"))
        await until(lambda: store.list("pods", "strict")[0]["status"].get("phase") == "Running")

    assert pod["metadata"]["name"].startswith("refused-")
