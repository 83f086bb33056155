"""The log hooks of the demo server, for tests of log followers."""

import ssl
import time
import urllib.request

from tests.demo_fixture import DemoCluster


def pod_of(cluster: DemoCluster) -> str:
    path = "/api/v1/namespaces/shop/pods?labelSelector=app%3Dcms"
    return str(cluster._read(request(cluster, path))["items"][0]["metadata"]["name"])


def request(cluster: DemoCluster, path: str) -> urllib.request.Request:
    import json

    token = json.loads(cluster.kubeconfig.read_text())["users"][0]["user"]["token"]
    return urllib.request.Request(cluster.server + path, headers={"Authorization": f"Bearer {token}"})


def read_log(cluster: DemoCluster, pod: str, query: str = "") -> str:
    path = f"/api/v1/namespaces/shop/pods/{pod}/log?container=php{query}"
    tls = ssl.create_default_context(cafile=str(cluster.state / "server.crt"))
    with urllib.request.urlopen(request(cluster, path), context=tls, timeout=10) as answer:
        return str(answer.read().decode())


def change(cluster: DemoCluster, pod: str, **body: object) -> None:
    cluster.hook("log", namespace="shop", pod=pod, container="php", **body)


def test_scripted_lines_keep_their_time(own_demo_cluster: DemoCluster) -> None:
    pod = pod_of(own_demo_cluster)
    now_ns = time.time_ns()

    change(own_demo_cluster, pod, lines=[{"text": "same", "time_ns": now_ns}], repeat=3)

    text = read_log(own_demo_cluster, pod, "&timestamps=true&tailLines=3")
    assert text.count(f"{now_ns % 10**9:09d}Z same\n") == 3


def test_a_rotated_file_is_all_that_can_be_read(own_demo_cluster: DemoCluster) -> None:
    pod = pod_of(own_demo_cluster)

    change(own_demo_cluster, pod, rotate=True)
    change(own_demo_cluster, pod, lines=[{"text": "after"}])

    assert read_log(own_demo_cluster, pod).startswith("after\n")


def test_an_exit_leaves_the_old_lines_to_previous(own_demo_cluster: DemoCluster) -> None:
    pod = pod_of(own_demo_cluster)
    change(own_demo_cluster, pod, rotate=True, lines=[])
    change(own_demo_cluster, pod, lines=[{"text": "last words"}], exit=1)

    deadline = time.monotonic() + 10
    while "last words" in read_log(own_demo_cluster, pod):
        assert time.monotonic() < deadline

    assert read_log(own_demo_cluster, pod, "&previous=true").endswith("last words\n")
