"""What containers use, by the metrics API, and the words where nobody measured."""

import re

from sidecars.topology import Usage
from sidecars.usage import read_usage
from tests.dashboard_process import Client
from tests.demo_fixture import DemoCluster
from tests.pods.viewing import IMAGE, Place, is_running

POD = "/c/demo/pods/{}/{}/?sel=c-{}"
METRICS = "^/apis/metrics.k8s.io/v1beta1/namespaces/"


def fact(page: str, label: str) -> str:
    found = re.search(rf"<dt>{label}</dt><dd[^>]*>([^<]*)</dd>", page)
    return found[1] if found else ""


def test_quantities_are_read_in_any_unit_and_what_is_missing_stays_unknown() -> None:
    containers = [
        {"name": "a", "usage": {"cpu": "12345678n", "memory": "2Mi"}},
        {"name": "b", "usage": {"cpu": "1", "memory": "1024"}},
        {"name": "c", "usage": {"cpu": "3m"}},
        {"name": "d", "usage": {}},
        {"name": "e"},
    ]

    assert read_usage({"containers": [*containers, None, "x"]}) == {
        "a": Usage(12, 2 << 20),
        "b": Usage(1000, 1024),
        "c": Usage(3, None),
    }
    assert read_usage({"containers": None}) == {}


async def test_a_native_sidecar_shows_what_it_uses(demo_viewer: Client, place: Place) -> None:
    limits = {"cpu": "100m", "memory": "64Mi"}
    proxy = {
        "name": "proxy",
        "image": IMAGE,
        "command": ["sleep", "3600"],
        "restartPolicy": "Always",
        "resources": {"limits": limits, "requests": limits},
    }
    await place.pod("one", initContainers=[proxy])
    await place.until("one", is_running)

    page = (await demo_viewer.get(POD.format(place.namespace, "one", "proxy"))).text

    cpu, memory = fact(page, "CPU in use"), fact(page, "Memory in use")
    assert 0 < int(cpu.removesuffix("m")) < 100
    assert 0 < int(memory.removesuffix("Mi")) <= 64
    assert f"{memory.removesuffix('Mi')}/64Mi" in page, "the picture says the same"


async def test_a_cluster_without_metrics_says_so_and_shows_the_pod(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    await place.pod("one")
    await place.until("one", is_running)
    demo_cluster.fault("status", path=METRICS + place.namespace, status=503, times=20)

    page = await demo_viewer.get(POD.format(place.namespace, "one", "app"))

    assert page.status == 200
    assert fact(page.text, "Usage") == "The cluster has no metrics of it."
    assert "no metrics" in page.text and not fact(page.text, "CPU in use")


async def test_metrics_that_do_not_answer_hold_no_page(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    await place.pod("one")
    await place.until("one", is_running)
    demo_cluster.fault("delay", path=METRICS + place.namespace, seconds=30, times=1)

    page = await demo_viewer.get(POD.format(place.namespace, "one", "app"))

    assert page.status == 200 and fact(page.text, "Usage") == "The cluster has no metrics of it."


async def test_who_may_not_read_metrics_is_told_which_right_is_missing(
    demo_viewer: Client, place: Place, demo_cluster: DemoCluster
) -> None:
    await place.pod("one")
    await place.until("one", is_running)
    demo_cluster.fault("status", path=METRICS + place.namespace, status=403, times=1)

    page = await demo_viewer.get(POD.format(place.namespace, "one", "app"))

    assert page.status == 200 and fact(page.text, "Usage") == "Not permitted: get pods.metrics.k8s.io"
