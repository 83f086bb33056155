"""The page of a workload: the topology of its template, for every kind that has one."""

import json
from collections.abc import Iterator

import pytest

from tests.dashboard_process import Client, Dashboard, dashboards
from tests.demo_fixture import DemoCluster
from tests.pods.viewing import Place

WEB = "/c/demo/workloads/deployments/shop/web/"


async def test_the_template_of_a_deployment_is_drawn(demo_viewer: Client) -> None:
    page = await demo_viewer.get(WEB)

    assert page.status == 200
    assert 'id="c-main-app"' in page.text and 'id="w-nginx.main-app.8080"' in page.text
    assert "POD TEMPLATE" in page.text and "POD SANDBOX" not in page.text
    assert "Topology of the pod template of web" in page.text
    assert "2/2 ready" in page.text and "?ns=shop&amp;q=-l%20app%3Dweb" in page.text
    assert "/attach/?to=deployments/shop/web" in page.text


async def test_a_template_claims_no_state(demo_viewer: Client) -> None:
    page = await demo_viewer.get(f"{WEB}?view=table&sel=c-nginx")

    assert "Running" not in page.text and "restarts" not in page.text
    assert "kubectl -n shop exec" not in page.text and "/logs/?src=pods/" not in page.text


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("statefulsets/data/postgres", " ready</span>"),
        ("daemonsets/platform/node-exporter", " ready</span>"),
        ("jobs/jobs/reindex", " completed</span>"),
    ],
)
async def test_other_kinds_have_a_page_too(demo_viewer: Client, path: str, count: str) -> None:
    page = await demo_viewer.get(f"/c/demo/workloads/{path}/")

    assert page.status == 200 and 'class="topo' in page.text and count in page.text


async def test_a_cron_jobs_template_lies_deeper(demo_viewer: Client, place: Place) -> None:
    container = {"name": "export", "image": "docker.io/library/busybox:1.36"}
    pod = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    body = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "nightly"},
        "spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": pod}}},
    }
    address = f"{place.cluster.server}/apis/batch/v1/namespaces/{place.namespace}/cronjobs"
    async with place.http.post(address, json=body) as answer:
        assert answer.status == 201, await answer.text()

    page = await demo_viewer.get(f"/c/demo/workloads/cronjobs/{place.namespace}/nightly/")

    assert page.status == 200 and 'id="c-export"' in page.text


async def test_a_pod_leads_to_its_workload_and_a_replica_set_to_its_deployment(
    demo_viewer: Client, place: Place
) -> None:
    listed = await place.ask("GET", "namespaces/shop/pods?labelSelector=app%3Dweb")
    pod = listed["items"][0]["metadata"]

    page = await demo_viewer.get(f"/c/demo/pods/shop/{pod['name']}/")
    above = await demo_viewer.get(f"/c/demo/workloads/replicasets/shop/{pod['ownerReferences'][0]['name']}/")

    assert f'href="{WEB}"' in page.text and f'href="{WEB}"' in above.text


async def test_the_picture_of_a_template_is_a_file_with_its_name(demo_viewer: Client) -> None:
    answer = await demo_viewer.get(f"{WEB}diagram.svg?theme=dark")

    assert answer.header("content-type") == "image/svg+xml"
    assert answer.header("content-disposition") == 'attachment; filename="web.svg"'
    assert "Deployment shop/web · demo · " in answer.text and "#0d1016" in answer.text


@pytest.mark.parametrize("path", ["deployments/shop/gone", "secrets/shop/web", "pods/shop/web", "x/shop/web"])
async def test_what_is_no_workload_is_no_page(
    demo_viewer: Client, demo_cluster: DemoCluster, path: str
) -> None:
    demo_cluster.forget_requests()

    page = await demo_viewer.get(f"/c/demo/workloads/{path}/")

    assert page.status == 404
    assert not [r for r in demo_cluster.requests() if "/secrets" in r["path"]]


@pytest.fixture(scope="module")
def narrow(demo_cluster: DemoCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """The dashboard of someone who may read pods and no workloads, Services or ConfigMaps."""
    folder = tmp_path_factory.mktemp("narrow")
    rule = {"verbs": ["get", "list", "watch"], "groups": [""], "resources": ["pods"], "namespaces": ["*"]}
    token = demo_cluster.user("narrow", [rule])
    with dashboards(folder) as start:
        yield start(demo_cluster.kubeconfig_of(token, folder / "config"))


async def test_a_workload_that_may_not_be_read_is_said_so(narrow: Dashboard, place: Place) -> None:
    client = Client(narrow)
    await client.sign_in(narrow.code)
    context = json.loads(narrow.kubeconfig.read_text())["current-context"] if narrow.kubeconfig else ""

    page = await client.get(f"/c/{context}/workloads/deployments/shop/web/")

    assert page.status == 403 and "get deployments" in page.text
    await client.close()
