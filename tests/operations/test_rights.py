"""What may not be read is said to be so, and is never shown as absent."""

from pathlib import Path
from typing import Any

import pytest

from tests.dashboard_process import Starter
from tests.demo_fixture import DemoCluster
from tests.operations.bed import Bed
from tests.operations.journey import signed_in

CHANGE: list[dict[str, Any]] = [
    {"verbs": ["get", "list", "patch"], "groups": ["apps"], "resources": ["deployments"]},
    {"verbs": ["get", "create"], "groups": [""], "resources": ["configmaps"]},
]
PODS: dict[str, Any] = {"verbs": ["get", "list"], "groups": [""], "resources": ["pods"]}


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (CHANGE, "Not permitted: list pods in "),
        ([*CHANGE, PODS], "Not permitted: list replicasets."),
    ],
    ids=["pods", "replicasets"],
)
async def test_a_change_says_what_of_its_rollout_may_not_be_read(
    demo_bed: Bed,
    demo_cluster: DemoCluster,
    dashboard_process: Starter,
    tmp_path: Path,
    rules: list[dict[str, Any]],
    said: str,
) -> None:
    token = demo_cluster.user(f"weak-{demo_bed.namespace}", rules)
    desk = dashboard_process(demo_cluster.kubeconfig_of(token, tmp_path / "weak"))
    async with signed_in(desk, demo_bed) as own:
        page = await own.client.get(await own.attach())

    assert said in page.text
    assert "There were none." not in page.text and ">old<" not in page.text
