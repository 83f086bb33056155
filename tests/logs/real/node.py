"""The node's kubelet with small log files, for as long as a test needs rotations."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.cluster.components import write_kubelet_config
from tests.cluster.real_cluster import OTHERS_LIMIT_S, RealCluster
from tests.cluster.waiting import wait_for

READY_S = 60.0


@asynccontextmanager
async def small_log_files(cluster: RealCluster, size: str) -> AsyncIterator[None]:
    """Rotated as soon as they are larger, looked at every 3 s, which is the kubelet's least."""
    await asyncio.to_thread(_restart_kubelet, cluster, size)
    try:
        yield
    finally:
        await asyncio.to_thread(_restart_kubelet, cluster, "")


def _restart_kubelet(cluster: RealCluster, size: str) -> None:
    """Log streams end with it, so other sessions' tests are waited for; containers run on."""
    places, instance = cluster.places, cluster.instance
    cluster.use.silence(OTHERS_LIMIT_S)
    try:
        instance.processes.stop(["kubelet"])
        write_kubelet_config(places)
        if size:
            path = places.run / "kubelet.yaml"
            text = path.read_text().replace("containerLogMaxSize: 10Mi", f"containerLogMaxSize: {size}")
            assert size in text
            path.write_text(f"{text}containerLogMonitorInterval: 3s\n")
        instance.start_process("kubelet")
        assert wait_for(lambda: _answers(cluster), READY_S), instance.processes.tail("kubelet")
    finally:
        cluster.use.begin_test()


def _answers(cluster: RealCluster) -> bool:
    """The kubelet itself, through the API server: the Node's condition outlives it."""
    try:
        return cluster.kubectl("get", "--raw", "/api/v1/nodes/node1/proxy/healthz") == "ok"
    except Exception:  # noqa: BLE001  whatever kubectl says while nothing listens
        time.sleep(0.1)
        return False
