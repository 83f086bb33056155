"""The journeys on the demo API server."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest_asyncio

from sidecars.attach.steps import Step
from tests.attach.journeys import Journeys
from tests.attach.samples import Place, open_place, shown
from tests.attach.upgrade_journeys import UpgradeJourneys


@pytest_asyncio.fixture
async def place(demo_cluster: Any) -> AsyncIterator[Place]:
    async with open_place(demo_cluster.kubeconfig, f"t-{secrets.token_hex(4)}") as opened:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": opened.namespace}}
        await opened.cluster.create("namespaces", "", body, field_manager="test")
        yield opened


VIEW = [
    {"verbs": ["get", "list", "watch"], "groups": ["", "apps"], "resources": ["pods", "deployments"]},
]
CHANGE = [
    {"verbs": ["patch"], "groups": ["apps"], "resources": ["deployments"]},
    {"verbs": ["create"], "groups": [""], "resources": ["configmaps"]},
]


@asynccontextmanager
async def as_user(
    demo_cluster: Any, folder: Path, place: Place, rules: list[dict[str, Any]]
) -> AsyncIterator[Place]:
    token = demo_cluster.user(f"user-{place.namespace}-{len(rules)}", rules)
    kubeconfig = demo_cluster.kubeconfig_of(token, folder / "kubeconfig")
    async with open_place(kubeconfig, place.namespace) as opened:
        yield opened


class TestUpgradesOnDemoCluster(UpgradeJourneys):
    """The same on both clusters."""


class TestOnDemoCluster(Journeys):
    async def test_a_restricted_namespace_takes_the_sidecar(self, place: Place) -> None:
        label = {"op": "add", "path": "/metadata/labels/pod-security.kubernetes.io~1enforce"}
        patch = [label | {"value": "restricted"}]
        await place.cluster.json_patch("namespaces", "", place.namespace, patch, field_manager="test")
        await place.deploy()

        attached = await place.attach()

        assert attached.step is Step.DONE, shown(attached)

    async def test_without_the_right_to_patch_the_attach_is_blocked_naming_it(
        self, place: Place, demo_cluster: Any, tmp_path: Path
    ) -> None:
        await place.deploy()

        async with as_user(demo_cluster, tmp_path, place, VIEW) as weak:
            preview = await weak.preview()

        assert {"patch", "create"} == {
            row.sentence.parameters["verb"] for row in preview.rows if row.id == "rights"
        }
        assert preview.is_blocked

    async def test_a_check_that_is_not_permitted_reads_not_checked(
        self, place: Place, demo_cluster: Any, tmp_path: Path
    ) -> None:
        await place.deploy()

        async with as_user(demo_cluster, tmp_path, place, VIEW + CHANGE) as weak:
            preview = await weak.preview()
            done = await weak.drive(preview.operation)

        verdicts = {check.id: check.verdict for check in done.checks}
        assert done.step is Step.DONE, shown(done)
        assert (verdicts["pods"], verdicts["http"], verdicts["log"]) == ("passed", *["not-checked"] * 2)
        assert {row.id for row in preview.rows if row.verdict == "warn"} >= {"pod", "native", "quota"}

    async def test_a_cluster_that_is_away_for_a_moment_is_waited_for(
        self, place: Place, demo_cluster: Any
    ) -> None:
        await place.deploy()
        preview = await place.preview()
        demo_cluster.fault("status", status=503, times=4, path=f"/namespaces/{place.namespace}/")

        done = await place.drive(preview.operation)

        assert done.step is Step.DONE, shown(done)
