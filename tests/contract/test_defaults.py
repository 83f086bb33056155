"""What the server fills in, against what a real 1.34.4 was seen to fill in.

`golden.json` holds the real server's answers; CONTRACT_RECORD=1 writes them anew. The real
server is held to the same file, so that it cannot grow old unnoticed.
"""

import json
import os
from pathlib import Path

import pytest
import yaml

from tests.contract.api import Api, Obj

GOLDEN = Path(__file__).with_name("golden.json")
MANIFESTS = yaml.safe_load(Path(__file__).with_name("manifests.yaml").read_text())
PLURALS = {
    "Pod": "pods", "Service": "services", "Deployment": "deployments",
    "StatefulSet": "statefulsets", "DaemonSet": "daemonsets", "ReplicaSet": "replicasets",
    "Job": "jobs", "CronJob": "cronjobs", "ConfigMap": "configmaps", "Secret": "secrets",
    "LimitRange": "limitranges", "PodDisruptionBudget": "poddisruptionbudgets",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers", "EndpointSlice": "endpointslices",
    "ServiceAccount": "serviceaccounts", "ResourceQuota": "resourcequotas",
    "ControllerRevision": "controllerrevisions",
}  # fmt: skip


def _settled(obj: Obj) -> Obj:
    """Without what differs from one creation to the next."""
    metadata = obj["metadata"]
    text = json.dumps(obj)
    for field in ("uid", "creationTimestamp"):
        text = text.replace(metadata[field], f"<{field}>")
    for volume in obj.get("spec", {}).get("volumes", []):
        if volume["name"].startswith("kube-api-access-"):
            text = text.replace(volume["name"], "kube-api-access-<random>")
    for address in obj.get("spec", {}).get("clusterIPs", []):
        text = text.replace(f'"{address}"', '"<address>"')
    settled: Obj = json.loads(text)
    settled["metadata"].pop("namespace")
    for entry in settled["metadata"].get("managedFields", []):
        entry["time"] = "<time>"
    return settled


@pytest.mark.parametrize("case", MANIFESTS)
async def test_an_object_is_filled_in_as_the_real_server_does(api: Api, case: str) -> None:
    body = MANIFESTS[case]
    path = api.path(PLURALS[body["kind"]])

    reply = await api.ask("POST", path, body, dryRun="All", fieldManager="golden")

    assert reply.status == 201, reply.text
    found = _settled(reply.body)
    golden = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    if os.environ.get("CONTRACT_RECORD") and api.server.name == "real":
        GOLDEN.write_text(json.dumps(golden | {case: found}, indent=1, sort_keys=True) + "\n")
    else:
        assert found == golden[case]
