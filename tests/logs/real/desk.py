"""A dashboard on the real cluster with a breakable connection on both its sides, and its viewers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecars.cluster import contexts
from tests.cluster.real_cluster import RealCluster
from tests.dashboard_process import Client, Dashboard, dashboards
from tests.faults.proxy import FaultProxy, proxied
from tests.logs.real.watching import Watching
from tests.operations.waiting import until


@dataclass(frozen=True)
class Desk:
    """`upstream` stands before the API server, `front` before the dashboard."""

    dashboard: Dashboard
    context: str
    upstream: FaultProxy
    front: FaultProxy
    clients: list[Client]

    async def sign_in(self) -> Client:
        """One more sign-in session; each takes the newest printed link."""
        client, code = Client(self.dashboard), self.dashboard.code
        self.clients.append(client)
        answer = await client.sign_in(code)
        assert answer.status == 303, answer.text

        async def is_printed() -> bool:
            return self.dashboard.code != code

        await until(is_printed)
        return client

    def watch(self, client: Client, query: str, *, is_breakable: bool = False, **more: Any) -> Watching:
        address = f"http://127.0.0.1:{self.front.listen_port}" if is_breakable else client.base_url
        return Watching(client, address, query, self.context, **more)

    @property
    def memory_mb(self) -> float:
        """Resident memory of the dashboard's process."""
        status = Path(f"/proc/{self.dashboard.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024


@asynccontextmanager
async def open_desk(
    cluster: RealCluster, folder: Path, *, is_direct: bool = False, **environment: str
) -> AsyncIterator[Desk]:
    """`is_direct`: nothing between dashboard and API server, where only speed counts."""
    async with AsyncExitStack() as stack:
        kubeconfig = Path(cluster.kubeconfig)
        upstream, broken = await stack.enter_async_context(proxied(kubeconfig, folder))
        kubeconfig = kubeconfig if is_direct else broken
        start = stack.enter_context(dashboards(folder))
        dashboard = start(kubeconfig, environment=environment)
        front = FaultProxy("127.0.0.1", dashboard.port)
        await front.start()
        desk = Desk(dashboard, contexts([kubeconfig])[0].slug, upstream, front, [])
        try:
            yield desk
        finally:
            for client in desk.clients:
                await client.close()
            await front.stop()
