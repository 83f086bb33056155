"""The journeys on the real one-node Kubernetes."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sidecars.attach.steps import Step
from tests.attach.journeys import Journeys
from tests.attach.samples import Place, app, blocks, open_place, shown

pytestmark = pytest.mark.cluster


@pytest_asyncio.fixture
async def place(real_cluster: Any, namespace: str) -> AsyncIterator[Place]:
    async with open_place(real_cluster.kubeconfig, namespace) as opened:
        yield opened


class TestOnRealCluster(Journeys):
    async def test_a_restricted_namespace_takes_the_sidecar(self, place: Place, real_cluster: Any) -> None:
        enforce = "pod-security.kubernetes.io/enforce=restricted"
        real_cluster.kubectl("label", "namespace", place.namespace, enforce)
        await place.deploy()

        attached = await place.attach()

        assert attached.step is Step.DONE, shown(attached)

    async def test_a_quota_that_is_used_up_blocks_before_anything_is_written(
        self, place: Place, real_cluster: Any
    ) -> None:
        await place.deploy()
        limits = "--hard=limits.memory=32Mi"
        real_cluster.kubectl("create", "quota", "tight", limits, "-n", place.namespace)

        preview = await place.preview()

        assert "quota" in str(blocks(preview))

    async def test_kubectl_applied_under_our_name_loses_nothing(
        self, place: Place, real_cluster: Any, tmp_path: Path
    ) -> None:
        manifest = tmp_path / "app.json"
        manifest.write_text(json.dumps(app("api", place.namespace)))
        real_cluster.kubectl("apply", "-f", str(manifest))
        before = (await place.until_ready())["spec"]["template"]
        attached = await place.attach()
        manager = f"--field-manager={attached.plan.field_manager}"
        real_cluster.kubectl("apply", "--server-side", manager, "-f", str(manifest))

        undone = await place.undo(attached)

        assert undone.step is Step.DONE, shown(undone)
        assert (await place.get())["spec"]["template"] == before
