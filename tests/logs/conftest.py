"""The dashboard on the demo cluster."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.dashboard_process import Client, dashboards
from tests.demo_fixture import DemoCluster
from tests.pods.viewing import demo_dashboard, demo_viewer, place

__all__ = ["demo_dashboard", "demo_viewer", "place"]
Lesser = Callable[..., Awaitable[Client]]


@pytest.fixture
async def lesser_viewer(demo_cluster: DemoCluster, tmp_path: Path) -> AsyncIterator[Lesser]:
    """Makes one who may read but these resources of one namespace: `await lesser_viewer("shop", "pods")`."""
    clients: list[Client] = []
    with dashboards(tmp_path) as start:

        async def make(namespace: str, *resources: str) -> Client:
            verbs = ["get", "list", "watch"]
            rules = [{"verbs": verbs, "resources": list(resources), "namespaces": [namespace]}]
            token = demo_cluster.user(f"lesser-{secrets.token_hex(3)}", rules)
            dashboard = start(demo_cluster.kubeconfig_of(token, tmp_path / "config"))
            clients.append(Client(dashboard))
            await clients[-1].sign_in(dashboard.code)
            return clients[-1]

        yield make
        for client in clients:
            await client.close()
