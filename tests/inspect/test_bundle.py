"""Any kind that carries a pod template is found, with what belongs to it in the same files."""

import json
import re

import pytest
import yaml

from tests.inspect.running import WEB, inspect, pods

SPEC = {"containers": [{"name": "app", "image": "app:1", "ports": [{"containerPort": 80}]}]}
TEMPLATE = {"metadata": {"labels": {"app": "x"}}, "spec": SPEC}
BODIES = {
    ("v1", "Pod"): {"spec": SPEC},
    ("v1", "PodTemplate"): {"template": TEMPLATE},
    ("v1", "ReplicationController"): {"spec": {"template": TEMPLATE}},
    ("apps/v1", "ReplicaSet"): {"spec": {"template": TEMPLATE}},
    ("apps/v1", "Deployment"): {"spec": {"template": TEMPLATE}},
    ("apps/v1", "StatefulSet"): {"spec": {"template": TEMPLATE}},
    ("apps/v1", "DaemonSet"): {"spec": {"template": TEMPLATE}},
    ("batch/v1", "Job"): {"spec": {"template": TEMPLATE}},
    ("batch/v1", "CronJob"): {"spec": {"jobTemplate": {"spec": {"template": TEMPLATE}}}},
    ("argoproj.io/v1alpha1", "Rollout"): {"spec": {"template": TEMPLATE}},
    ("apps.kruise.io/v1alpha1", "CloneSet"): {"spec": {"template": TEMPLATE}},
    ("serving.knative.dev/v1", "Service"): {"spec": {"template": TEMPLATE}},
    ("kubeflow.org/v1", "PyTorchJob"): {"spec": {"pytorchReplicaSpecs": {"Master": {"template": TEMPLATE}}}},
    ("jobset.x-k8s.io/v1alpha2", "JobSet"): {
        "spec": {"replicatedJobs": [{"name": "a", "template": {"spec": {"template": TEMPLATE}}}]}
    },
    ("keda.sh/v1alpha1", "ScaledJob"): {"spec": {"jobTargetRef": {"template": TEMPLATE}}},
}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "x"},
    "spec": {"selector": {"app": "x"}, "ports": [{"port": 80}]},
}


def manifest(api_version: str, kind: str, name: str = "x", **metadata: str) -> dict[str, object]:
    head = {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, **metadata}}
    return head | BODIES[api_version, kind]


def stream(*bodies: object) -> str:
    return yaml.safe_dump_all(bodies)


@pytest.mark.parametrize(("api_version", "kind"), sorted(BODIES))
def test_a_pod_is_found_in_every_kind(api_version: str, kind: str) -> None:
    found = pods(stdin=stream(manifest(api_version, kind)))

    shown = [(p["namespace"], p["name"], p["kind"], p["containers"][0]["role"]) for p in found]
    assert shown == [("default", "x", kind, "main")]


@pytest.mark.parametrize(("api_version", "kind"), sorted(BODIES))
def test_evidence_names_the_field_where_it_stands_in_the_file(api_version: str, kind: str) -> None:
    asks = {"name": "asks", "image": "asks:1", "env": [{"name": "APP_URL", "value": "http://localhost:80"}]}
    body = json.loads(
        json.dumps(manifest(api_version, kind)).replace(
            '"containers": [', f'"containers": [{json.dumps(asks)}, '
        )
    )

    ((edge,),) = ([*pod["edges"]] for pod in pods(stdin=stream(body)))

    field = edge["evidence"][0]["field"]
    found = body
    for key in re.findall(r"[^.\[\]]+", field):
        found = found[int(key) if key.isdigit() else key]
    assert found == "http://localhost:80", field


def test_a_list_gives_its_items() -> None:
    inner = {"kind": "DeploymentList", "apiVersion": "apps/v1", "items": [BODIES["apps/v1", "Deployment"]]}
    inner["items"] = [{"metadata": {"name": "inner"}, **BODIES["apps/v1", "Deployment"]}]
    body = {"kind": "List", "apiVersion": "v1", "items": [manifest("v1", "Pod"), inner, SERVICE]}

    assert [(p["name"], p["kind"]) for p in pods(stdin=json.dumps(body))] == [
        ("x", "Pod"),
        ("inner", "Deployment"),
    ]


def test_a_schema_of_a_custom_resource_is_no_pod() -> None:
    schema = {"properties": {"spec": {"containers": [{"type": "array"}]}}}
    body = {
        "kind": "CustomResourceDefinition",
        "apiVersion": "apiextensions.k8s.io/v1",
        "metadata": {"name": "x"},
        "spec": {"schema": schema, "template": {"spec": {"containers": "array"}}},
    }

    assert pods(stdin=stream(body)) == []


def test_a_service_is_joined_by_namespace_and_one_without_belongs_to_any() -> None:
    def joined(**metadata: str) -> int:
        service = SERVICE | {"metadata": {"name": "x", **metadata}}
        return len(
            pods(stdin=stream(manifest("apps/v1", "Deployment", namespace="shop"), service))[0]["services"]
        )

    assert (joined(namespace="shop"), joined(), joined(namespace="other")) == (1, 1, 0)


def test_the_configmap_of_the_same_namespace_wins_over_one_without() -> None:
    lost = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "nginx"}, "data": {}}
    found = pods(
        stdin=WEB.replace("{name: nginx}\ndata", "{name: nginx, namespace: a}\ndata")
        + "---\n"
        + stream(lost)
        + "---\n"
        + stream(manifest("v1", "Pod"))
    )

    assert found[0]["edges"] == []  # the Deployment names no namespace, nor does the empty ConfigMap


def test_a_configmap_that_no_file_holds_is_named() -> None:
    text = WEB[: WEB.rindex("---")]

    assert pods(stdin=text)[0]["missing"] == ["ConfigMap nginx"]
    assert b"ConfigMap nginx is not among the files" in inspect("-f", "-", stdin=text).stdout


def test_a_secret_is_never_read() -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "nginx"},
        "stringData": {"site.conf": "proxy_pass http://127.0.0.1:9999;", "password": "hunter2"},
    }
    spec = {
        "containers": [{"name": "a", "image": "nginx:1", "volumeMounts": [{"name": "s", "mountPath": "/s"}]}],
        "volumes": [{"name": "s", "secret": {"secretName": "nginx"}}],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}

    done = inspect("-f", "-", "-o", "json", stdin=stream(pod, secret))

    assert b"9999" not in done.stdout + done.stderr and b"hunter2" not in done.stdout + done.stderr


def test_a_generated_name_and_a_nameless_knative_container_have_one() -> None:
    job = manifest("batch/v1", "Job") | {"metadata": {"generateName": "once-"}}
    body = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "k"},
        "spec": {"template": {"spec": {"containers": [{"image": "app:1"}]}}},
    }

    found = pods(stdin=stream(job, body))

    assert [(p["name"], p["containers"][0]["name"]) for p in found] == [
        ("once-", "app"),
        ("k", "user-container"),
    ]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"kind": "Pod", "apiVersion": "v1", "metadata": {}, "spec": SPEC}, b"metadata.name"),
        (
            {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "x"}, "spec": {}},
            b"no containers",
        ),
        (manifest("v1", "Pod", "{{ .Release.Name }}"), b"helm template"),
    ],
)
def test_an_object_that_cannot_be_used_is_told(body: dict[str, object], word: bytes) -> None:
    done = inspect("-f", "-", "--check", stdin=stream(body))

    assert done.returncode == 2 and word in done.stderr
