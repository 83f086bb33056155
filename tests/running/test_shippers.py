"""Fluent Bit, Fluentd and Logstash: no registry offers the programs, so they are attached without running.

The workload has no pods: the template changes, and the API server's admission judges a pod of it. What
the ConfigMap in the cluster says is compared with what the proven configuration means.
"""

import dataclasses
import json
from typing import Any

import pytest

from tests.presets import proven
from tests.running.bed import Grounds
from tests.running.conftest import Start
from tests.running.steps import attach, undo
from tests.running.table import Row
from tests.running.test_collectors import LOGGING

pytestmark = pytest.mark.cluster
WITHOUT_PODS = dataclasses.replace(LOGGING, replicas=0)


@pytest.mark.parametrize("preset", sorted(proven.FILES))
async def test_a_log_shipper_is_attached_with_the_proven_configuration(
    start: Start, row: Row, preset: str
) -> None:
    async with start(WITHOUT_PODS) as (journey, grounds):
        grounds.keep_secret("sink", token="a-token-of-the-sink")
        before = await grounds.template()

        change = await attach(journey, row, preset, **proven.JSON_LINES)

        text = await stored_file(grounds, preset)
        assert proven.parse(preset, text) == proven.meaning(preset, proven.JSON_LINES)
        row.data.append("CONFIGURATION PROVEN, PROGRAM NOT RUN: the stored file means the proven one")
        admit(grounds, await grounds.template())
        row.data.append("a pod of the template is admitted (dry run)")
        await undo(journey, grounds, row, change, before)


async def stored_file(grounds: Grounds, preset: str) -> str:
    """Of the ConfigMap that the template mounts."""
    volumes = (await grounds.template())["spec"]["volumes"]
    names = [volume["configMap"]["name"] for volume in volumes if "configMap" in volume]
    name = next(name for name in names if preset in name)
    found = await grounds.cluster.get("configmaps", grounds.namespace, name)
    return str(found["data"][proven.FILES[preset]])


def admit(grounds: Grounds, template: dict[str, Any]) -> None:
    """Raises what admission says against a pod of this template."""
    metadata = {"name": "would-be", "labels": template["metadata"]["labels"]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
    grounds.kubectl("create", "--dry-run=server", "-n", grounds.namespace, "-f", "-", input=json.dumps(pod))
