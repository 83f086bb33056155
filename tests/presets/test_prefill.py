"""The app's port is found, with its source."""

import pytest

from sidecars import manifests
from sidecars.presets import prefill
from tests.presets.samples import preset


def workload(container: dict, volumes: list | None = None) -> dict:
    spec = {"containers": [{"name": "app", "image": "app:1", **container}], "volumes": volumes or []}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template},
    }


def service(target: object) -> dict:
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": target}]}
    return {"metadata": {"name": "web", "namespace": "shop"}, "spec": spec}


CASES = [
    ({"ports": [{"containerPort": 9090}]}, [service(9090)], 9090, "Service web targetPort"),
    (
        {"ports": [{"containerPort": 9}, {"containerPort": 3000, "name": "http"}]},
        [],
        3000,
        "containerPort of app",
    ),
    ({"readinessProbe": {"httpGet": {"port": 5000}}}, [], 5000, "readinessProbe of app"),
    ({"livenessProbe": {"tcpSocket": {"port": 5001}}}, [], 5001, "livenessProbe of app"),
    ({"env": [{"name": "PORT", "value": "4000"}]}, [], 4000, "environment variable PORT of app"),
]


@pytest.mark.parametrize(("container", "services", "port", "source"), CASES)
def test_the_surest_source_gives_the_port(container: dict, services: list, port: int, source: str) -> None:
    app = workload(container)
    pod = manifests.read_template(app, services=services)

    found = prefill.find(preset(), pod, app)["upstream_port"]

    assert (found.value, str(found.source)) == (port, source)


@pytest.mark.parametrize("value", ["tcp://10.0.0.1:80", "secret", "８０", "", "123456"])
def test_an_environment_value_that_is_no_port_number_is_not_used(value: str) -> None:
    app = workload({"env": [{"name": "PORT", "value": value}]})

    assert "upstream_port" not in prefill.find(preset(), manifests.read_template(app), app)


def test_a_shared_folder_is_offered_for_static_files() -> None:
    mounts = {"volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    app = workload(mounts, [{"name": "data", "emptyDir": {}}])

    found = prefill.find(preset(), manifests.read_template(app), app)["static_dir"]

    assert found.value == "/data/"
