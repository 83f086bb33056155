"""Which container is what, and why."""

from sidecars import manifests, roles
from sidecars.topology import Pod, Role
from tests.topology.pods import container, pod, sample, service, status


def role_of(read: Pod, name: str) -> Role:
    return next(c.role for c in read.containers if c.name == name)


def main_of(read: Pod) -> tuple[str, str]:
    return next((c.name, c.role_reason) for c in read.containers if c.role is Role.MAIN)


def test_the_app_behind_nginx_is_the_main_container() -> None:
    read = manifests.read_pod(sample())

    assert main_of(read) == ("main-app", roles.LAST_UNKNOWN)
    assert role_of(read, "nginx") is Role.SIDECAR


def test_only_restart_policy_always_makes_a_native_sidecar() -> None:
    inits = (
        container("proxy", restartPolicy="Always"),
        container("migrate"),
        container("once", restartPolicy="OnFailure"),
    )

    read = manifests.read_pod(pod(container("app"), inits=inits))

    assert [c.role for c in read.containers[:3]] == [Role.NATIVE_SIDECAR, Role.INIT, Role.INIT]
    assert [c.start_order for c in read.containers] == [1, 2, 3, None]


def test_restart_policy_always_on_a_regular_container_makes_no_native_sidecar() -> None:
    read = manifests.read_pod(pod(container("app", restartPolicy="Always")))

    assert role_of(read, "app") is Role.MAIN


def test_an_ephemeral_container_is_for_debugging() -> None:
    read = manifests.read_pod(pod(container("app"), ephemeral=(container("debugger"),)))

    assert role_of(read, "debugger") is Role.EPHEMERAL
    assert read.containers[-1].origin == "debug"


def test_the_annotation_decides_over_everything_else() -> None:
    annotations = {roles.ANNOTATION: "nginx"}

    read = manifests.read_pod(pod(container("web"), container("nginx"), annotations=annotations))

    assert main_of(read) == ("nginx", roles.ANNOTATED)


def test_an_annotation_that_names_nobody_is_passed_over() -> None:
    annotations = {roles.ANNOTATION: "gone"}

    read = manifests.read_pod(pod(container("web"), container("other"), annotations=annotations))

    assert main_of(read) == ("web", roles.NAMED)


def test_the_container_with_the_workloads_name_is_main() -> None:
    read = manifests.read_pod(pod(container("helper"), container("web")))

    assert main_of(read) == ("web", roles.NAMED)


def test_the_viewers_choice_decides_over_the_annotation() -> None:
    manifest = pod(container("web"), container("b"), annotations={roles.ANNOTATION: "web"})

    assert main_of(manifests.read_pod(manifest, chosen_main="b")) == ("b", roles.CHOSEN)


def test_a_web_server_beside_a_log_shipper_is_the_main_container() -> None:
    read = manifests.read_pod(pod(container("n", "nginx:1"), container("l", "fluent/fluent-bit:3")))

    assert main_of(read)[0] == "n"


def test_the_container_that_a_service_leads_to_is_main() -> None:
    manifest = pod(container("a", ports=[7]), container("b", ports=[(8080, "http")]))

    read = manifests.read_pod(manifest, services=[service()])

    assert main_of(read) == ("b", roles.SERVED)


def test_without_any_hint_the_first_container_is_main() -> None:
    read = manifests.read_pod(pod(container("x"), container("y")))

    assert main_of(read) == ("x", roles.FIRST)


def test_an_attached_container_is_told_by_the_annotation() -> None:
    annotations = {"attach.sidecar-dash.io/1a2b3c4d": "nginx-proxy@1.0.0+sha256.0123456789ab"}

    read = manifests.read_pod(pod(container("web"), container("nginx-proxy"), annotations=annotations))

    assert [c.origin for c in read.containers] == ["template", "attached"]


def test_a_container_that_the_template_lacks_was_injected() -> None:
    manifest = pod(container("web"), container("istio-proxy"))

    read = manifests.read_pod(manifest, template_names=frozenset({"web"}))

    assert [c.origin for c in read.containers] == ["template", "injected"]


def test_a_mesh_proxy_with_its_marker_counts_as_injected() -> None:
    annotations = {"sidecar.istio.io/status": "{}"}
    manifest = pod(container("web"), container("istio-proxy"), annotations=annotations)

    assert [c.origin for c in manifests.read_pod(manifest).containers] == ["template", "injected"]


def test_every_role_states_a_reason() -> None:
    inits = (container("i"), container("n", restartPolicy="Always"))
    manifest = pod(container("a"), container("b"), inits=inits, ephemeral=(container("e"),))

    for read in manifests.read_pod(manifest).containers:
        assert read.role_reason % dict(read.role_parameters)


def test_a_template_reads_as_a_pod_in_which_nothing_runs() -> None:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": sample()["spec"]}
    workload = {
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"template": template},
    }

    read = manifests.read_template(workload, services=[service()])

    assert (read.name, read.is_template, main_of(read)[0]) == ("web", True, "main-app")
    assert read.services[0].ports[0].container == "nginx"


def test_a_cron_jobs_template_lies_deeper() -> None:
    spec = {"jobTemplate": {"spec": {"template": {"spec": {"containers": [container("tick")]}}}}}

    read = manifests.read_template({"kind": "CronJob", "metadata": {"name": "tick"}, "spec": spec})

    assert [c.name for c in read.containers] == ["tick"]


def test_broken_json_never_raises() -> None:
    for spec in (None, [], {"containers": None}, {"containers": [None, 3, {"name": None, "ports": {}}]}):
        manifests.read_pod({"metadata": None, "spec": spec, "status": "x"}, services=[{}], configmaps={})


STATUSES = (
    status("a"),
    status(
        "b",
        "waiting",
        reason="CrashLoopBackOff",
        lastState={"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
    ),
    status("c", "waiting", reason="ContainerCreating"),
    status("d", "terminated", reason="Completed", restarts=2),
)


def test_states_come_from_the_statuses() -> None:
    read = manifests.read_pod(pod(*(container(n) for n in "abcd"), statuses=STATUSES)).containers

    assert [c.state for c in read] == ["running", "failed", "pending", "completed"]
    assert (read[1].exit_code, read[1].last_reason, read[3].restarts) == (137, "OOMKilled", 2)
