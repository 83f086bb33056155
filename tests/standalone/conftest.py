"""The beds and dashboards of the tests of changes; a namespace with an app for a gateway."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from tests.attach.samples import open_place
from tests.operations.conftest import demo_bed, demo_desk, journey
from tests.standalone.samples import Stand

__all__ = ["demo_bed", "demo_desk", "journey"]


@pytest_asyncio.fixture
async def stand(demo_cluster: Any) -> AsyncIterator[Stand]:
    async with open_place(demo_cluster.kubeconfig, f"t-{secrets.token_hex(4)}") as opened:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": opened.namespace}}
        await opened.cluster.create("namespaces", "", body, field_manager="test")
        found = Stand(opened.cluster, opened.namespace)
        await found.open_shop()
        yield found
