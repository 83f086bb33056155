"""Who may attach but not ask the pods sees "not checked" with the missing right, never "passed"."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.real_cluster import RealCluster
from tests.dashboard_process import dashboards
from tests.operations.journey import signed_in
from tests.running.bed import App, Grounds, make_grounds
from tests.running.table import verdicts

pytestmark = pytest.mark.cluster
KINDS = ["pods", "services", "configmaps", "events", "deployments", "replicasets"]
VERBS = ["get", "list", "watch", "create", "patch", "delete"]


def limited_kubeconfig(grounds: Grounds, real_cluster: RealCluster, folder: Path) -> Path:
    """A service account with what attaching needs, and without pods/proxy, pods/exec and pods/log."""
    metadata = {"name": "limited", "namespace": grounds.namespace}
    rules = [{"apiGroups": ["", "apps"], "resources": KINDS, "verbs": VERBS}]
    api, group = "rbac.authorization.k8s.io/v1", "rbac.authorization.k8s.io"
    subject = {"kind": "ServiceAccount", **metadata}
    binding = {"roleRef": {"apiGroup": group, "kind": "Role", "name": "limited"}, "subjects": [subject]}
    items: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
        {"apiVersion": api, "kind": "Role", "metadata": metadata, "rules": rules},
        {"apiVersion": api, "kind": "RoleBinding", "metadata": metadata, **binding},
    ]
    body = {"apiVersion": "v1", "kind": "List", "items": items}
    grounds.kubectl("create", "-f", "-", input=json.dumps(body))
    token = grounds.kubectl("create", "token", "limited", "-n", grounds.namespace).strip()
    config = yaml.safe_load(Path(real_cluster.kubeconfig).read_text())
    for user in config["users"]:
        user["user"] = {"token": token}
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.mark.parametrize(
    ("preset", "missing"),
    [("nginx-proxy", ["pods/proxy"]), ("csv-converter", ["pods/log", "pods/exec"])],
)
async def test_a_check_without_the_right_for_it_is_not_checked(
    real_cluster: RealCluster, tmp_path: Path, preset: str, missing: list[str]
) -> None:
    app = App(volumes={"/data": {"emptyDir": {}}})
    name, kubectl = f"run-{secrets.token_hex(3)}", real_cluster.kubectl
    async with make_grounds(real_cluster.kubeconfig, name, app, kubectl=kubectl) as grounds:
        kubeconfig = limited_kubeconfig(grounds, real_cluster, tmp_path)
        with dashboards(tmp_path) as start_desk:
            async with signed_in(start_desk(kubeconfig), grounds) as journey:
                change = await journey.attach(preset)
                found = verdicts((await journey.client.get(change)).text)

    unchecked = [words for verdict, words in found if verdict == "not checked"]
    for right in missing:
        assert any("not permitted to" in words and right in words for words in unchecked), found
    assert len(unchecked) == 2 and {v for v, _words in found} == {"passed", "not checked"}, found
