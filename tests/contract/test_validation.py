"""Bodies that are refused, and in which words."""

import pytest

from tests.contract.api import JSON, MERGE, STRATEGIC, Api, Obj, unique
from tests.contract.manifests import SAFE, configmap, container, deployment, pod

STRICT = {"fieldValidation": "Strict"}
CANNOT = 'Pod in version "v1" cannot be handled as a Pod: '


async def test_strict_names_every_unknown_field(api: Api) -> None:
    body = pod("x", container(foo=1, env=[{"name": "A", "bar": 2}]), zap=True)

    reply = await api.ask("POST", api.path("pods"), body, **STRICT)

    assert reply.status == 400
    assert reply.message.startswith(CANNOT + "strict decoding error: ")
    named = reply.message.partition("strict decoding error: ")[2].split(", ")
    assert sorted(named) == [
        'unknown field "spec.containers[0].env[0].bar"',
        'unknown field "spec.containers[0].foo"',
        'unknown field "spec.zap"',
    ]


async def test_strict_names_duplicates(api: Api) -> None:
    body = b'{"kind":"Pod","kind":"Pod","metadata":{"name":"p","name":"q"},"spec":{"x":1}}'

    reply = await api.ask("POST", api.path("pods"), body, **STRICT)

    assert reply.message == CANNOT + (
        'strict decoding error: duplicate field "kind", duplicate field "metadata.name", '
        'unknown field "spec.x"'
    )


@pytest.mark.parametrize("mode", [{}, {"fieldValidation": "Warn"}], ids=["default", "warn"])
async def test_warn_drops_an_unknown_field_with_a_warning(api: Api, mode: Obj) -> None:
    reply = await api.ask("POST", api.path("pods"), pod(unique(), zap=1), dryRun="All", **mode)

    assert reply.status == 201
    assert reply.warnings == ('299 - "unknown field \\"spec.zap\\""',)
    assert "zap" not in reply.body["spec"]


async def test_ignore_drops_an_unknown_field_silently(api: Api) -> None:
    body = pod(unique(), zap=1)

    reply = await api.ask("POST", api.path("pods"), body, dryRun="All", fieldValidation="Ignore")

    assert reply.status == 201
    assert reply.warnings == ()


async def test_strict_merge_patches_name_unknown_fields(api: Api) -> None:
    made = await api.create("deployments", deployment(unique()))

    reply = await api.patch("deployments", made["metadata"]["name"], {"spec": {"foo": 1}}, **STRICT)

    assert reply.status == 422
    assert 'strict decoding error: unknown field "spec.foo"' in reply.message
    assert reply.body["details"]["causes"][0]["field"] == "patch"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"fieldValidation": "Foo"}, 'fieldValidation: Unsupported value: "Foo": supported values: '
         '"", "Ignore", "Strict", "Warn"'),
        ({"dryRun": "Foo"}, 'dryRun: Unsupported value: ["Foo"]: supported values: "All"'),
    ],
    ids=["validation", "dry-run"],
)  # fmt: skip
async def test_a_wrong_option_is_invalid(api: Api, query: Obj, said: str) -> None:
    reply = await api.ask("POST", api.path("pods"), pod("x"), **query)

    assert reply.status == 422
    assert reply.message == f'CreateOptions.meta.k8s.io "" is invalid: {said}'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{bad", "couldn't get version/kind; json parse error: invalid character 'b' looking for "
         "beginning of object key string ({bad)"),
        (b"", "couldn't get version/kind; json parse error: unexpected end of JSON input"),
    ],
    ids=["bad", "empty"],
)  # fmt: skip
async def test_a_body_that_is_no_json_is_named(api: Api, body: bytes, said: str) -> None:
    reply = await api.ask("POST", api.path("pods"), body)

    assert reply.status == 400
    assert reply.message.startswith(f"the object provided is unrecognized (must be of type Pod): {said}")


async def test_yaml_is_read_too(api: Api) -> None:
    name = unique()
    body = f"metadata: {{name: {name}}}\ndata: {{a: b}}".encode()

    reply = await api.ask("POST", api.path("configmaps"), body, content_type="application/yaml")

    assert reply.status == 201
    assert reply.body["data"] == {"a": "b"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (configmap("x"), 'ConfigMap in version "v1" cannot be handled as a Pod: converting '
         "(v1.ConfigMap) to (core.Pod): unknown conversion"),
        (pod("x") | {"apiVersion": "v2"}, 'Pod in version "v2" cannot be handled as a Pod: no kind '
         '"Pod" is registered for version "v2" in scheme "pkg/runtime/scheme.go:110"'),
        (pod("x", container(ports=[{"containerPort": "80"}])),
         CANNOT + "json: cannot unmarshal string into Go struct field "
         "ContainerPort.spec.containers.ports.containerPort of type int32"),
        (pod("x", container(), terminationGracePeriodSeconds="9"),
         CANNOT + "json: cannot unmarshal string into Go struct field "
         "PodSpec.spec.terminationGracePeriodSeconds of type int64"),
        (pod("x", container(tty="yes")),
         CANNOT + "json: cannot unmarshal string into Go struct field "
         "Container.spec.containers.tty of type bool"),
    ],
    ids=["kind", "version", "int32", "int64", "bool"],
)  # fmt: skip
async def test_a_body_of_the_wrong_type_is_refused(api: Api, body: Obj, said: str) -> None:
    reply = await api.ask("POST", api.path("pods"), body)

    assert reply.status == 400
    assert reply.message == said


LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
PODS: dict[str, tuple[Obj, list[tuple[str, str]]]] = {
    "no-containers": ({"containers": []}, [("spec.containers", "Required value")]),
    "no-image": ({"containers": [{"name": "a"}]}, [("spec.containers[0].image", "Required value")]),
    "twice": (
        {"containers": [container("a"), container("a")]},
        [("spec.containers[1].name", 'Duplicate value: "a"')],
    ),
    "twice-over-kinds": (
        {"containers": [container("a")], "initContainers": [container("a")]},
        [("spec.initContainers[0].name", 'Duplicate value: "a"')],
    ),
    "name": (
        {"containers": [container("A_")]},
        [("spec.containers[0].name", f'Invalid value: "A_": {LABEL}')],
    ),
    "mount": (
        {"containers": [container(volumeMounts=[{"name": "zz", "mountPath": "/x"}])]},
        [("spec.containers[0].volumeMounts[0].name", 'Not found: "zz"')],
    ),
    "mount-path": (
        {
            "containers": [
                container(volumeMounts=[{"name": "v", "mountPath": "/x"}] * 2),
            ],
            "volumes": [{"name": "v", "emptyDir": {}}],
        },
        [("spec.containers[0].volumeMounts[1].mountPath", 'Invalid value: "/x": must be unique')],
    ),
    "volume": (
        {"containers": [container()], "volumes": [{"name": "a", "emptyDir": {}}] * 2},
        [("spec.volumes[1].name", 'Duplicate value: "a"')],
    ),
    "port-range": (
        {"containers": [container(ports=[{"containerPort": 70000}])]},
        [("spec.containers[0].ports[0].containerPort",
          "Invalid value: 70000: must be between 1 and 65535, inclusive")],
    ),
    "port-name": (
        {"containers": [container(ports=[{"containerPort": 1, "name": "a-very-long-port-name"}])]},
        [("spec.containers[0].ports[0].name",
          'Invalid value: "a-very-long-port-name": must be no more than 15 characters')],
    ),
    "protocol": (
        {"containers": [container(ports=[{"containerPort": 1, "protocol": "X"}])]},
        [("spec.containers[0].ports[0].protocol",
          'Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"')],
    ),
    "pull-policy": (
        {"containers": [container(imagePullPolicy="No")]},
        [("spec.containers[0].imagePullPolicy",
          'Unsupported value: "No": supported values: "Always", "IfNotPresent", "Never"')],
    ),
    "restart-policy": (
        {"containers": [container()], "restartPolicy": "Zip"},
        [("spec.restartPolicy",
          'Unsupported value: "Zip": supported values: "Always", "OnFailure", "Never"')],
    ),
    "init-probe": (
        {"containers": [container()],
         "initContainers": [container("i", readinessProbe={"tcpSocket": {"port": 1}})]},
        [("spec.initContainers[0].readinessProbe",
          "Forbidden: may not be set for init containers without restartPolicy=Always")],
    ),
    "request-over-limit": (
        {"containers": [
            container(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "1"}})]},
        [("spec.containers[0].resources.requests",
          'Invalid value: "2": must be less than or equal to cpu limit of 1')],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PODS)
async def test_a_pod_that_breaks_a_rule_is_invalid(api: Api, case: str) -> None:
    spec, causes = PODS[case]
    body = pod("x") | {"spec": spec}

    reply = await api.ask("POST", api.path("pods"), body, dryRun="All")

    assert reply.status == 422
    assert reply.body["reason"] == "Invalid"
    found = [(cause["field"], cause["message"]) for cause in reply.body["details"]["causes"]]
    assert found == causes
    field, message = causes[0]
    assert reply.message == f'Pod "x" is invalid: {field}: {message}'


async def test_several_causes_are_listed_in_brackets(api: Api) -> None:
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}}

    reply = await api.ask("POST", api.path("deployments"), body)

    assert reply.message == (
        'Deployment.apps "x" is invalid: [spec.selector: Required value, '
        "spec.template.metadata.labels: Invalid value: null: `selector` does not match template "
        "`labels`, spec.template.spec.containers: Required value]"
    )
    assert reply.body["details"]["group"] == "apps"


async def test_a_selector_must_match_its_template(api: Api) -> None:
    body = deployment("x", restartPolicy="Never")
    body["spec"]["selector"] = {"matchLabels": {"app": "other"}}

    reply = await api.ask("POST", api.path("deployments"), body)

    assert reply.message == (
        'Deployment.apps "x" is invalid: [spec.template.metadata.labels: Invalid value: '
        '{"app":"x"}: `selector` does not match template `labels`, '
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"]'
    )


async def test_a_selector_never_changes(api: Api) -> None:
    made = await api.create("deployments", deployment(unique()))
    name = made["metadata"]["name"]

    body = {"spec": {"selector": {"matchLabels": {"q": "1"}}}}
    reply = await api.patch("deployments", name, body)

    assert reply.status == 422
    assert "spec.selector: Invalid value: " in reply.message
    assert "field is immutable" in reply.message


@pytest.mark.parametrize(
    ("change", "field"),
    [({"data": {"a": "c"}}, "data"), ({"immutable": False}, "immutable")],
    ids=["data", "flag"],
)
async def test_an_immutable_configmap_stays(api: Api, change: Obj, field: str) -> None:
    made = await api.create("configmaps", configmap(unique(), data={"a": "b"}, immutable=True))
    name = made["metadata"]["name"]

    reply = await api.patch("configmaps", name, change)

    assert reply.message == (
        f'ConfigMap "{name}" is invalid: {field}: Forbidden: field is immutable when `immutable` is set'
    )


async def test_a_configmap_key_has_a_form(api: Api) -> None:
    reply = await api.ask("POST", api.path("configmaps"), configmap("x", data={"b a": "x"}))

    assert reply.status == 422
    assert reply.message.startswith(
        'ConfigMap "x" is invalid: data[b a]: Invalid value: "b a": a valid config key must consist'
    )


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({}, "metadata.name: Required value: name or generateName is required"),
        ({"name": "UP"}, 'metadata.name: Invalid value: "UP": a lowercase RFC 1123 subdomain must'),
        ({"name": "x", "labels": {"a b": "c"}}, 'metadata.labels: Invalid value: "a b": name part'),
        ({"name": "x", "labels": {"a": "-"}}, 'metadata.labels: Invalid value: "-": a valid label'),
    ],
    ids=["no-name", "name", "label-key", "label-value"],
)
async def test_metadata_has_a_form(api: Api, metadata: Obj, said: str) -> None:
    reply = await api.ask("POST", api.path("configmaps"), {"metadata": metadata})

    name = metadata.get("name", "")
    assert reply.status == 422
    assert reply.message.startswith(f'ConfigMap "{name}" is invalid: {said}')


async def test_a_running_pods_spec_is_closed(api: Api) -> None:
    made = await api.create("pods", pod(unique()))
    name = made["metadata"]["name"]
    change = [{"op": "replace", "path": "/spec/containers/0/command", "value": ["x"]}]

    reply = await api.patch("pods", name, change, JSON)

    assert reply.status == 422
    assert reply.message.startswith(
        f'Pod "{name}" is invalid: spec: Forbidden: pod updates may not change fields other than '
    )


async def test_a_pod_takes_no_further_container(api: Api) -> None:
    made = await api.create("pods", pod(unique()))
    name = made["metadata"]["name"]
    change = [{"op": "add", "path": "/spec/containers/-", "value": container("more")}]

    reply = await api.patch("pods", name, change, JSON)

    assert "spec.containers: Forbidden: pod updates may not add or remove containers" in reply.message


async def test_a_pods_image_may_change(api: Api) -> None:
    made = await api.create("pods", pod(unique()))
    change = [{"op": "replace", "path": "/spec/containers/0/image", "value": "other"}]

    reply = await api.patch("pods", made["metadata"]["name"], change, JSON)

    assert reply.status == 200
    assert reply.body["metadata"]["generation"] == 2


async def test_a_jobs_template_never_changes(api: Api) -> None:
    name = unique()
    template = {"spec": pod(name, restartPolicy="Never")["spec"]}
    await api.create("jobs", {"metadata": {"name": name}, "spec": {"template": template}})

    body = {"spec": {"template": {"metadata": {"labels": {"x": "y"}}}}}
    reply = await api.patch("jobs", name, body)

    assert reply.status == 422
    assert reply.message.startswith(f'Job.batch "{name}" is invalid: spec.template: Invalid value: ')
    assert reply.message.endswith("field is immutable")


async def test_a_statefulset_changes_only_some_fields(api: Api) -> None:
    name = unique()
    body = deployment(name) | {"kind": "StatefulSet"}
    body["spec"]["serviceName"] = "one"
    await api.create("statefulsets", body)

    reply = await api.patch("statefulsets", name, {"spec": {"serviceName": "two"}})

    assert reply.status == 422
    assert "spec: Forbidden: updates to statefulset spec for fields other than" in reply.message


async def test_a_service_needs_names_for_several_ports(api: Api) -> None:
    body = {"metadata": {"name": "x"}, "spec": {"ports": [{"port": 80}, {"port": 0}]}}

    reply = await api.ask("POST", api.path("services"), body)

    fields = [cause["field"] for cause in reply.body["details"]["causes"]]
    assert fields == ["spec.ports[0].name", "spec.ports[1].name", "spec.ports[1].port",
                      "spec.ports[1].targetPort"]  # fmt: skip


async def test_an_ephemeral_container_is_added_and_stays(api: Api) -> None:
    made = await api.create("pods", pod(unique()))
    name = made["metadata"]["name"]
    body = {"spec": {"ephemeralContainers": [{"name": "look", "image": "busybox"}]}}

    reply = await api.patch("pods", f"{name}/ephemeralcontainers", body, STRATEGIC)
    gone = {"spec": {"ephemeralContainers": None}}
    refused = await api.patch("pods", f"{name}/ephemeralcontainers", gone, MERGE)

    added = reply.body["spec"]["ephemeralContainers"][0]
    assert added["terminationMessagePolicy"] == "File"
    assert "resources" in added
    assert 'existing ephemeral containers "look" may not be removed' in refused.message


@pytest.mark.parametrize(
    "more", [{"ports": [{"containerPort": 1}]}, {"livenessProbe": {"tcpSocket": {"port": 1}}}],
    ids=["ports", "probe"],
)  # fmt: skip
async def test_an_ephemeral_container_has_no_ports_or_probes(api: Api, more: Obj) -> None:
    made = await api.create("pods", pod(unique()))
    name = made["metadata"]["name"]
    body = {"spec": {"ephemeralContainers": [{"name": "look", "image": "busybox"} | more]}}

    reply = await api.patch("pods", f"{name}/ephemeralcontainers", body, STRATEGIC)

    field = f"spec.ephemeralContainers[0].{next(iter(more))}"
    assert reply.message == (
        f'Pod "{name}" is invalid: {field}: Forbidden: cannot be set for an Ephemeral Container'
    )


async def test_a_safe_pod_passes(api: Api) -> None:
    reply = await api.ask(
        "POST", api.path("pods"), pod("x", container(securityContext=SAFE)), dryRun="All", **STRICT
    )

    assert reply.status == 201
    assert reply.warnings == ()
