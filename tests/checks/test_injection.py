"""Sidecars that were asked for and are not there."""

from typing import Any

import pytest

from sidecars import manifests
from sidecars.knowledge.injectors import injectors
from sidecars.topology import Check

Obj = dict[str, Any]


def found(
    metadata: Obj, *containers: str, namespace: Obj | None = None, uid: str = "u1", **spec: Any
) -> dict[str, Check]:
    pod = {
        "metadata": {"name": "web", "namespace": "shop", "uid": uid, **metadata},
        "spec": {"containers": [{"name": n, "image": f"{n}:1"} for n in ("web", *containers)], **spec},
    }
    own = None if namespace is None else {"metadata": {"name": "shop", **namespace}}
    read = manifests.read_pod(pod, namespace_object=own)
    return {check.id: check for check in read.checks if check.id.startswith("sidecar-")}


ASKS = [
    ({"labels": {"sidecar.istio.io/inject": "true"}}, "istio-proxy"),
    ({"annotations": {"linkerd.io/inject": "enabled"}}, "linkerd-proxy"),
    ({"annotations": {"dapr.io/enabled": "true"}}, "daprd"),
    ({"annotations": {"sidecar.opentelemetry.io/inject": "collector"}}, "otc-container"),
    ({"annotations": {"vault.hashicorp.com/agent-inject": "true"}}, "vault-agent"),
]


@pytest.mark.parametrize(("metadata", "container"), ASKS)
def test_a_sidecar_that_the_pod_asks_for_is_missed_until_it_is_there(metadata: Obj, container: str) -> None:
    missing = found(metadata)["sidecar-absent"]

    (marks,) = metadata.values()
    ((name, value),) = marks.items()
    assert missing.severity == "warning"
    assert dict(missing.parameters)["marker"] == f"{name}={value}"
    assert not found(metadata, container)


def test_a_native_sidecar_or_an_init_container_counts() -> None:
    metadata = {"annotations": {"vault.hashicorp.com/agent-inject": "true"}}

    assert not found(metadata, initContainers=[{"name": "vault-agent-init", "image": "vault:1"}])


def test_the_namespace_may_ask_and_may_be_unreadable() -> None:
    istio = {"labels": {"istio-injection": "enabled"}}

    assert (
        dict(found({}, namespace=istio)["sidecar-absent"].parameters)["marker"] == "istio-injection=enabled"
    )
    assert not found({}, namespace={"labels": {"istio-injection": "disabled"}})
    assert not found({})


def test_a_pod_that_refuses_what_its_namespace_injects_is_well() -> None:
    refuses = {"labels": {"sidecar.istio.io/inject": "false"}}

    checks = found(refuses, namespace={"labels": {"istio-injection": "enabled"}})

    assert [(c.id, c.severity) for c in checks.values()] == [("sidecar-refused", "ok")]
    assert not found(refuses)


def test_a_pod_on_the_nodes_network_is_told_that_the_mesh_leaves_it_out() -> None:
    asks = {"labels": {"sidecar.istio.io/inject": "true"}}

    told = found(asks, hostNetwork=True)["sidecar-absent"]

    assert "node's network" in told.message
    assert (
        "node's network"
        not in found({"annotations": {"dapr.io/enabled": "true"}}, hostNetwork=True)["sidecar-absent"].message
    )


def test_a_manifest_that_is_in_no_cluster_has_met_no_injector() -> None:
    assert not found({"labels": {"sidecar.istio.io/inject": "true"}}, uid="")


def test_every_injector_asks_by_its_own_markers_and_names_what_it_adds() -> None:
    for one in injectors():
        assert one.containers and one.pod
        assert all(marker.name and marker.value for marker in (*one.pod, *one.namespace, *one.refused))
