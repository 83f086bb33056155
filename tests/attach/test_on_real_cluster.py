"""The journeys on the real one-node Kubernetes."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sidecars.attach import run
from sidecars.attach.steps import Step
from tests.attach.journeys import MISSING, Journeys
from tests.attach.samples import MemoryJournal, Place, app, blocks, open_place, shown
from tests.attach.upgrade_journeys import UpgradeJourneys, next_version
from tests.presets.samples import sharing

pytestmark = pytest.mark.cluster


@pytest_asyncio.fixture
async def place(real_cluster: Any, namespace: str) -> AsyncIterator[Place]:
    async with open_place(real_cluster.kubeconfig, namespace) as opened:
        yield opened


class TestUpgradesOnRealCluster(UpgradeJourneys):
    async def test_the_same_by_kubectl_gives_the_same_template(
        self, place: Place, real_cluster: Any, tmp_path: Path
    ) -> None:
        await place.deploy(replicas=0)
        folder = {"static_prefix": "/s/", "static_dir": "/srv/pub/"}
        shared = await place.preview(of=sharing(), new_volume=True, **folder)
        attached = await place.drive(shared.operation)
        preview = await place.preview_upgrade(attached, listen="8082")
        commands = preview.kubectl.replace("kubectl ", f"{real_cluster.places.state}/kubectl ")

        config = {"KUBECONFIG": str(real_cluster.kubeconfig)}
        shell = await asyncio.create_subprocess_exec("/bin/sh", "-ec", commands, env=config)
        await shell.wait()

        assert (await place.get())["spec"]["template"] == preview.merged["spec"]["template"]

    async def test_a_rollback_to_the_former_settings_is_told_and_not_forced(
        self, place: Place, real_cluster: Any
    ) -> None:
        before = await place.deploy()
        changed = await place.upgrade(await place.attach(), next_version(), listen="8082")
        real_cluster.kubectl("rollout", "undo", "deployment/api", "-n", place.namespace)
        await place.until_ready()

        preview = await place.preview_upgrade(changed, next_version(), listen="8083")
        undone = await place.undo(changed)

        assert "nginx-proxy@9.0.0" in str([str(r.sentence) for r in preview.rows if r.id == "version"])
        assert preview.is_blocked and preview.conflicts, blocks(preview)
        assert undone.step is Step.DONE, shown(undone)
        assert (await place.get())["spec"]["template"] == before["spec"]["template"]


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

    async def test_the_owners_own_kubectl_apply_in_between_keeps_both_sides_fields(
        self, place: Place, real_cluster: Any, tmp_path: Path
    ) -> None:
        manifest = tmp_path / "app.json"
        manifest.write_text(json.dumps(app("api", place.namespace, replicas=0)))
        real_cluster.kubectl("apply", "-f", str(manifest))
        before = (await place.get())["spec"]["template"]
        attached = await place.attach()
        manifest.write_text(json.dumps(app("api", place.namespace, replicas=0, minReadySeconds=1)))
        real_cluster.kubectl("apply", "-f", str(manifest))
        between = (await place.get())["spec"]["template"]["spec"]

        undone = await place.undo(attached)

        after = (await place.get())["spec"]
        assert between["initContainers"][0]["name"] == "nginx-proxy"
        assert undone.step is Step.DONE, shown(undone)
        assert (after["template"], after["minReadySeconds"]) == (before, 1)

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

    async def test_a_sidecar_that_cannot_start_is_named_until_the_deadline(self, place: Place) -> None:
        await place.deploy(progressDeadlineSeconds=6)
        preview = await place.preview(image=MISSING)

        steps = run.drive(place.cluster, preview.operation, MemoryJournal())
        seen = [progress async for progress in steps]

        events = {event.reason for p in seen if p.rollout for event in p.rollout.events}
        assert seen[-1].operation.failed_step is Step.ROLLOUT, seen[-1].sentence
        assert "Failed" in events

    async def test_the_same_by_kubectl_gives_the_same_template(
        self, place: Place, real_cluster: Any, tmp_path: Path
    ) -> None:
        await place.deploy(replicas=0)
        preview = await place.preview()
        commands = preview.kubectl.replace("kubectl ", f"{real_cluster.places.state}/kubectl ")

        config = {"KUBECONFIG": str(real_cluster.kubeconfig)}
        shell = await asyncio.create_subprocess_exec("/bin/sh", "-ec", commands, env=config)
        await shell.wait()

        assert (await place.get())["spec"]["template"] == preview.merged["spec"]["template"]
