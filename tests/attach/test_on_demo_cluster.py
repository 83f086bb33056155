"""The journeys on the demo API server."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from sidecars.attach.steps import Step
from tests.attach.journeys import Journeys
from tests.attach.samples import Place, open_place, shown


@pytest_asyncio.fixture
async def place(demo_cluster: Any) -> AsyncIterator[Place]:
    async with open_place(demo_cluster.kubeconfig, f"t-{secrets.token_hex(4)}") as opened:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": opened.namespace}}
        await opened.cluster.create("namespaces", "", body, field_manager="test")
        yield opened


class TestOnDemoCluster(Journeys):
    async def test_a_restricted_namespace_takes_the_sidecar(self, place: Place) -> None:
        label = {"op": "add", "path": "/metadata/labels/pod-security.kubernetes.io~1enforce"}
        patch = [label | {"value": "restricted"}]
        await place.cluster.json_patch("namespaces", "", place.namespace, patch, field_manager="test")
        await place.deploy()

        attached = await place.attach()

        assert attached.step is Step.DONE, shown(attached)
