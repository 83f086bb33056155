"""The test bed is what it says: a real node, reused, replaced, and with faults on demand."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.api import ask
from tests.cluster.places import PACKAGE
from tests.cluster.real_cluster import RealCluster
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.cluster
MANIFESTS = PACKAGE / "manifests"


def apply(cluster: RealCluster, namespace: str, name: str) -> None:
    cluster.kubectl("apply", "-n", namespace, "-f", str(MANIFESTS / name))


def roll_out(cluster: RealCluster, namespace: str, name: str) -> str:
    """Applies a sample and returns the name of its pod, once Ready."""
    apply(cluster, namespace, f"{name}.yaml")
    cluster.kubectl("rollout", "status", f"deployment/{name}", "-n", namespace, "--timeout=60s")
    return cluster.kubectl("get", "pods", "-n", namespace, "-l", f"app={name}", "-o", "name").strip()


@pytest.fixture
def web(real_cluster: RealCluster, namespace: str) -> str:
    return roll_out(real_cluster, namespace, "web")


def find_process(cluster: RealCluster, name: str) -> int:
    found = cluster.instance.processes.find(name)
    return found.pid if found else 0


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.cluster", *arguments],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_get_through_pods_proxy_is_answered_by_the_app_behind_nginx(
    real_cluster: RealCluster, namespace: str, web: str
) -> None:
    pod = web.removeprefix("pod/")

    answer = real_cluster.kubectl("get", "--raw", f"/api/v1/namespaces/{namespace}/pods/{pod}:80/proxy/hi")

    assert answer == "hello from main-app: /hi\n"
    assert "GET /hi" in real_cluster.kubectl("logs", web, "-n", namespace, "-c", "nginx")
    assert "GET /hi" in real_cluster.kubectl("logs", web, "-n", namespace, "-c", "main-app")


def test_a_command_runs_in_a_container(real_cluster: RealCluster, namespace: str, web: str) -> None:
    shown = real_cluster.kubectl(
        "exec", web, "-n", namespace, "-c", "nginx", "--", "cat", "/data/requests.log"
    )

    assert "GET /healthz" in shown


def test_a_service_answers_under_its_name_in_a_pod(
    real_cluster: RealCluster, namespace: str, web: str
) -> None:
    url = f"http://web.{namespace}.svc.cluster.local/named"
    fetch = f"fetch('{url}').then(a => a.text()).catch(e => e.cause).then(console.log)"

    def answers() -> bool:
        shown = real_cluster.kubectl(
            "exec", web, "-n", namespace, "-c", "main-app", "--", "node", "-e", fetch
        )
        return "hello from main-app: /named" in shown

    # kube-proxy hears of it some time after the pod is Ready, later still if the API server was away.
    assert wait_for(answers, 60)


def test_the_app_alone_runs_in_a_restricted_namespace(real_cluster: RealCluster, namespace: str) -> None:
    real_cluster.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")

    pod = roll_out(real_cluster, namespace, "api")

    assert "listening on 8080" in real_cluster.kubectl("logs", pod, "-n", namespace)


def test_a_native_sidecar_runs_beside_the_main_container(real_cluster: RealCluster, namespace: str) -> None:
    apply(real_cluster, namespace, "native-sidecar.yaml")
    real_cluster.kubectl(
        "wait", "--for=condition=Ready", "pod/with-collector", "-n", namespace, "--timeout=60s"
    )

    pod = json.loads(real_cluster.kubectl("get", "pod", "with-collector", "-n", namespace, "-o", "json"))

    assert "running" in pod["status"]["initContainerStatuses"][0]["state"]
    assert wait_for(
        lambda: "hello" in real_cluster.kubectl("logs", "with-collector", "-n", namespace, "-c", "collector"),
        10,
    )


def test_an_image_that_is_not_there_fails_without_leaving_this_computer(
    real_cluster: RealCluster, namespace: str
) -> None:
    image = "registry.example/missing:1"
    real_cluster.kubectl("run", "broken", f"--image={image}", "-n", namespace)

    assert wait_for(lambda: "ErrImagePull" in real_cluster.kubectl("get", "pods", "-n", namespace), 30)
    events = real_cluster.kubectl("get", "events", "-n", namespace, "-o", "jsonpath={.items[*].message}")

    assert "127.0.0.1:1: connect: connection refused" in events


def test_a_simulated_pod_becomes_ready_though_nothing_runs(real_cluster: RealCluster, namespace: str) -> None:
    real_cluster.fill(20, namespaces=2, prefix=namespace)

    assert wait_for(
        lambda: real_cluster.kubectl("get", "pods", "-n", f"{namespace}-1").count("2/2") == 10, 60
    )
    real_cluster.kubectl("delete", "namespace", f"{namespace}-0", f"{namespace}-1", "--wait=false")


def test_envoy_can_be_added_as_an_image(real_cluster: RealCluster, namespace: str) -> None:
    image = real_cluster.add_envoy()

    pod = ("pod/envoy", "-n", namespace)
    real_cluster.kubectl(
        "run", "envoy", f"--image={image}", "--restart=Never", "-n", namespace, "--", "envoy", "--version"
    )
    real_cluster.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", *pod, "--timeout=60s")

    assert "version:" in real_cluster.kubectl("logs", *pod)


@pytest.mark.parametrize(("add", "command"), [("add_collector", ""), ("add_haproxy", "haproxy")])
def test_an_image_of_a_preset_can_be_added(
    real_cluster: RealCluster, namespace: str, add: str, command: str
) -> None:
    image = getattr(real_cluster, add)()

    pod = ("pod/extra", "-n", namespace)
    flag = [command, "-v"] if command else ["--version"]
    real_cluster.kubectl("run", "extra", f"--image={image}", "--restart=Never", "-n", namespace, "--", *flag)
    real_cluster.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", *pod, "--timeout=60s")

    assert "version" in real_cluster.kubectl("logs", *pod)


def test_a_second_start_reuses_the_healthy_cluster(real_cluster: RealCluster) -> None:
    before = find_process(real_cluster, "apiserver")

    result = run_command("status")

    assert result.returncode == 0, result.stdout
    assert "healthy" in result.stdout
    assert find_process(real_cluster, "apiserver") == before


def test_a_cluster_in_use_is_not_stopped(real_cluster: RealCluster) -> None:
    result = run_command("down")

    assert result.returncode == 1
    assert "in use by process" in result.stderr
    assert str(os.getpid()) in result.stderr


def test_the_api_server_can_be_stopped_and_started_alone(real_cluster: RealCluster, namespace: str) -> None:
    before = find_process(real_cluster, "apiserver"), find_process(real_cluster, "etcd")
    real_cluster.stop_apiserver()
    assert ask(real_cluster.places, "/readyz")[0] == 0

    real_cluster.start_apiserver()
    real_cluster.wait_ready()

    after = find_process(real_cluster, "apiserver"), find_process(real_cluster, "etcd")
    assert after[0] != before[0] and after[1] == before[1]
    assert namespace in real_cluster.kubectl("get", "namespaces")
