"""`kubectl sidecars inspect POD` reads a live pod as the viewer of the kubeconfig, and changes nothing."""

import json
from pathlib import Path
from typing import Any

from tests.demo_fixture import DemoCluster
from tests.inspect.running import inspect


def shown(demo: DemoCluster, *arguments: str, kubeconfig: Path | None = None) -> Any:
    done = inspect(*arguments, "-o", "json", KUBECONFIG=str(kubeconfig or demo.kubeconfig))
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)["pods"][0]


def test_a_workload_is_read_with_its_service_and_configmap(demo_cluster: DemoCluster) -> None:
    pod = shown(demo_cluster, "deploy/web", "-n", "shop")

    assert (pod["namespace"], pod["name"], pod["kind"]) == ("shop", "web", "Deployment")
    assert [(e["from"], e["to"]) for e in pod["edges"]] == [("nginx", "main-app")]
    assert pod["services"][0]["name"] == "web" and pod["unreadable"] == []


def test_a_pod_is_read_by_its_name(demo_cluster: DemoCluster) -> None:
    demo_cluster.forget_requests()

    pod = shown(demo_cluster, "postgres-0", "-n", "data")

    assert (pod["name"], pod["kind"]) == ("postgres-0", "Pod")
    assert {request["method"] for request in demo_cluster.requests()} == {"GET"}


def test_what_the_viewer_may_not_read_is_said(demo_cluster: DemoCluster, tmp_path: Path) -> None:
    rule = {"verbs": ["get"], "groups": ["apps"], "resources": ["deployments"], "namespaces": ["shop"]}
    token = demo_cluster.user("narrow", [rule])
    kubeconfig = demo_cluster.kubeconfig_of(token, tmp_path / "config")

    pod = shown(demo_cluster, "deploy/web", "-n", "shop", kubeconfig=kubeconfig)

    assert sorted(pod["unreadable"]) == ["configmaps", "services"]


def test_a_pod_that_is_not_there_and_a_right_that_is_missing_end_with_two(
    demo_cluster: DemoCluster, tmp_path: Path
) -> None:
    kubeconfig = demo_cluster.kubeconfig_of(demo_cluster.user("nobody", []), tmp_path / "config")

    gone = inspect("gone", "-n", "shop", KUBECONFIG=str(demo_cluster.kubeconfig))
    refused = inspect("gone", "-n", "shop", KUBECONFIG=str(kubeconfig))

    assert (gone.returncode, refused.returncode) == (2, 2)
    assert b"is not there" in gone.stderr and b"Not permitted" in refused.stderr


def test_a_pod_without_its_kind_is_told_how_a_workload_is_named(demo_cluster: DemoCluster) -> None:
    done = inspect("web", "-n", "shop", KUBECONFIG=str(demo_cluster.kubeconfig))

    assert (done.returncode, b"deploy/web" in done.stderr) == (2, True)


def test_without_a_kubeconfig_it_says_what_to_give(tmp_path: Path) -> None:
    done = inspect("web", KUBECONFIG=str(tmp_path / "none"))

    assert done.returncode == 2
    assert b"--kubeconfig FILE" in done.stderr and b"-f FILE" in done.stderr
