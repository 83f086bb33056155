"""Which container is what, and why."""

from typing import Any

import pytest

from sidecars import manifests, roles
from sidecars.roles import reasons
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


def workload(
    name: str,
    *containers: dict[str, Any],
    kind: str = "Deployment",
    disks: tuple[str, ...] = (),
    **metadata: Any,
) -> Pod:
    claims = [{"name": disk, "persistentVolumeClaim": {"claimName": disk}} for disk in disks]
    template = {"metadata": metadata, "spec": {"containers": list(containers), "volumes": claims}}
    body = {"kind": kind, "metadata": {"name": name}, "spec": {"template": template}}
    return manifests.read_template(body)


def mains_of(read: Pod) -> list[str]:
    return [c.name for c in read.containers if c.role is Role.MAIN]


@pytest.mark.parametrize(
    ("name", "main", "other"),
    [
        ("web-frontend", ("frontend", "shop/fe:1"), ("cache", "redis:7")),
        ("my-release-grafana", ("grafana", "grafana/grafana:11"), ("dashboards", "kiwigrid/k8s-sidecar:1")),
        ("csi-nfs-node", ("nfs", "nfsplugin:4"), ("registrar", "sig-storage/csi-node-driver-registrar:2")),
        ("kube-dns", ("kubedns", "k8s-dns-kube-dns:1"), ("other", "own/other:1")),
        ("redis", ("redis-server", "own/store:1"), ("keeper", "own/keeper:1")),
        ("datadog-agent", ("agent", "datadog/agent:7"), ("trace-agent", "datadog/agent:7")),
        ("node-exporter", ("node-exporter", "prom/node-exporter:1"), ("rbac", "kube-rbac-proxy:1")),
        ("config-watcher-controller", ("config-watcher", "own/jq:1"), ("api-proxy", "own/proxy:1")),
        ("nginx-sidecar-demo", ("shop", "own/shop:1"), ("nginx", "nginx:1")),
        ("frontend-nginx", ("react-app", "own/ui:1"), ("nginx", "nginx:1")),
        ("web-nginx", ("nginx", "nginx:1"), ("other", "own/other:1")),
        ("shop-ambassador", ("main", "own/shop:1"), ("ambassador", "own/a:1")),
        ("shop-with-sidecar", ("shop", "own/shop:1"), ("sidecar", "own/sidecar:1")),
        ("shop-cloudsql-proxy", ("shop", "own/shop:1"), ("cloudsql-proxy", "own/proxy:1")),
    ],
)
def test_a_name_that_shares_words_with_the_workloads_is_the_main_ones(
    name: str, main: tuple[str, str], other: tuple[str, str]
) -> None:
    for pair in ((main, other), (other, main)):
        assert mains_of(workload(name, *(container(*one) for one in pair))) == [main[0]]


@pytest.mark.parametrize(
    ("image", "helper"),
    [
        ("own/thing:1", "shop-logger"), ("own/thing:1", "log-shipper"), ("own/thing:1", "metrics"),
        ("own/thing:1", "auth-proxy"), ("own/thing:1", "git-sync-2"), ("own/shop-exporter:1", "b"),
        ("own/thing:1", "health-check"), ("own/thing:1", "kube-rbac-proxy-main"), ("busybox:1", "b"),
        ("rancher/mirrored-grafana-k8s-sidecar:1", "b"), ("registry:5000/linkerd/proxy:2", "b"),
    ],
)  # fmt: skip
def test_helpers_are_told_by_their_names_and_images(image: str, helper: str) -> None:
    read = workload("w", container(helper, image), container("x", "own/x:1"))

    assert mains_of(read) == ["x"]


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ({"tekton.dev/taskRun": "t"}, ["step-build", "step-push"]),
        ({"strimzi.io/cluster": "k"}, ["topic-operator", "user-operator"]),
        ({"workflows.argoproj.io/workflow": "w"}, ["main"]),
        ({"postgres-operator.crunchydata.com/cluster": "h"}, ["database"]),
        ({"kubedb.com/role": "primary"}, ["mariadb"]),
        ({}, ["kserve-container"]),
    ],
)
def test_what_a_product_calls_its_work_is_main(labels: dict[str, str], names: list[str]) -> None:
    read = workload("w", container("first", "own/first:1"), *(container(n) for n in names), labels=labels)

    assert mains_of(read) == names
    assert read.containers[1].role_reason == roles.STEP


def test_the_name_of_a_step_says_nothing_without_its_products_label() -> None:
    assert mains_of(workload("w", container("first"), container("step-build"))) == ["first"]


def test_two_applications_that_share_nothing_are_both_main() -> None:
    read = workload("site", container("docs", ports=[80]), container("blog", ports=[81]))

    assert [(c.role, c.role_reason) for c in read.containers] == [(Role.MAIN, roles.SEVERAL)] * 2


def test_of_two_applications_with_a_folder_that_both_write_the_first_is_main() -> None:
    mounts = [("data", "/data")]

    one, other = (container(n, ports=[p], mounts=mounts) for n, p in (("docs", 80), ("blog", 81)))

    assert mains_of(workload("site", one, other)) == ["docs"]


def test_a_web_server_that_only_shows_what_another_writes_is_main() -> None:
    writer = container("fortune", "own/fortune:1", mounts=[("html", "/out")])
    server = container("web", "nginx:1", ports=[80], mounts=[("html", "/usr/share/nginx/html", "ro")])
    configured = {**server, "env": [{"name": "UPSTREAM", "value": "http://localhost:9000"}]}

    assert mains_of(workload("x", writer, server)) == ["web"]
    assert mains_of(workload("x", writer, configured)) == ["fortune"]
    assert mains_of(workload("x", writer, {**server, "image": "own/nginx:1"})) == ["fortune"]
    assert mains_of(workload("x", {**writer, "name": "app"}, server)) == ["app"]


def test_a_port_for_metrics_makes_no_second_application() -> None:
    read = workload("site", container("x", ports=[(9, "metrics")]), container("y", ports=[80]))

    assert mains_of(read) == ["y"]


def test_the_viewers_choice_decides_where_several_would_be_main() -> None:
    manifest = pod(container("docs", ports=[80]), container("blog", ports=[81]))

    assert mains_of(manifests.read_pod(manifest)) == ["docs", "blog"]
    assert mains_of(manifests.read_pod(manifest, chosen_main="blog")) == ["blog"]


@pytest.mark.parametrize(
    ("name", "labels", "owner"),
    [
        ("shop-7d9c8b6f5-x2k4q", {}, None),
        ("shop-0", {}, None),
        ("x", {"rollouts-pod-template-hash": "7d9c"}, {"kind": "ReplicaSet", "name": "shop-7d9c"}),
        ("x", {}, {"kind": "Job", "name": "shop-29123456"}),
        ("x", {}, {"kind": "StatefulSet", "name": "shop"}),
    ],
)
def test_the_workloads_name_is_found_behind_what_controllers_append(
    name: str, labels: dict[str, str], owner: dict[str, Any] | None
) -> None:
    body = {"metadata": {"name": name, "labels": labels}, "spec": {}}
    body["metadata"] |= {"ownerReferences": [owner | {"controller": True}]} if owner else {}
    body["spec"] = {"containers": [container("first"), container("shop")]}

    assert main_of(manifests.read_pod(body)) == ("shop", roles.NAMED)


def test_the_older_annotation_decides_where_the_newer_is_missing() -> None:
    annotations = {"kubectl.kubernetes.io/default-logs-container": "b"}

    read = manifests.read_pod(pod(container("web"), container("b"), annotations=annotations))

    assert main_of(read) == ("b", roles.ANNOTATED)
    assert dict(read.containers[1].role_parameters) == {"annotation": next(iter(annotations))}


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


def test_a_helper_known_by_its_reserved_name_is_not_said_to_have_a_known_image() -> None:
    read = workload(
        "w", container("istio-proxy", "own/build:1"), container("b", "fluent/fluent-bit:3"), container("w")
    )

    assert [c.role_reason for c in read.containers[:2]] == [roles.KNOWN_NAME, roles.KNOWN]


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


@pytest.mark.parametrize(
    "names",
    [("agent", "trace-agent", "process-agent"), ("worker-log-groomer", "worker"), ("probe-x", "x")],
)
def test_of_one_image_the_container_after_which_the_others_are_named_is_main(names: tuple[str, ...]) -> None:
    read = manifests.read_pod(
        pod(*(container(name, "gcr.io/datadoghq/agent:7") for name in names), name="dd")
    )

    assert main_of(read)[0] == min(names, key=len)


def test_a_call_between_two_applications_makes_neither_a_helper() -> None:
    first = container("lnd", "acme/lnd:1", ports=[80], args=["--node=http://localhost:81"])
    read = workload("lightning", first, container("node", "acme/node:1", ports=[81]))

    assert [c.role for c in read.containers] == [Role.MAIN, Role.MAIN]


def test_the_image_that_the_workload_is_named_after_is_main() -> None:
    read = workload("nginx", container("helper", "acme/h:1"), container("gateway-x", "nginx:1"))

    assert main_of(read)[0] == "gateway-x"


def test_a_product_at_the_end_of_a_name_makes_a_proxy() -> None:
    read = workload(
        "desk", container("desk-nginx", "acme/desk:1", ports=[80]), container("desk-rails", "acme/desk:1")
    )

    assert main_of(read)[0] == "desk-rails"


@pytest.mark.parametrize(
    ("name", "helper", "image"),
    [
        ("ziti-tunnel-sidecar-demo", "ziti-tunnel", "openziti/ziti-tunnel:1"),
        ("vault-agent-demo", "vault-agent", "hashicorp/vault:1"),
        ("log-shipper-example", "log-shipper", "acme/x:1"),
        ("git-sync-sidecar", "git-sync", "registry.k8s.io/git-sync/git-sync:v4"),
        ("cloud-sql-proxy-sample", "cloud-sql-proxy", "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2"),
    ],
)
def test_a_demonstration_of_a_helper_has_the_other_as_its_app(name: str, helper: str, image: str) -> None:
    read = workload(name, container(helper, image), container("testclient", "acme/t:1"))

    assert main_of(read)[0] == "testclient"


def test_a_demonstration_of_an_application_is_of_that_application() -> None:
    read = workload("shop-demo", container("other", "acme/o:1"), container("shop", "acme/s:1"))

    assert main_of(read)[0] == "shop"


@pytest.mark.parametrize("label", ["hugo", "jekyll", "site"])
def test_the_server_of_a_folder_is_main_though_a_label_names_its_generator(label: str) -> None:
    generator = container(label, "acme/generator:1", mounts=[("html", "/dest")])
    server = container("nginx", "nginx:1.27", ports=[80], mounts=[("html", "/usr/share/nginx/html", "ro")])
    sync = container("git-sync", "registry.k8s.io/git-sync/git-sync:v4", mounts=[("src", "/git")])

    read = manifests.read_pod(
        {
            "metadata": {"name": "blog", "labels": {"app": label}},
            "spec": {"containers": [sync, generator, server]},
        }
    )

    assert main_of(read) == ("nginx", reasons.PUBLISHES)


def test_a_workload_with_the_generators_name_is_the_generators() -> None:
    generator = container("web", "acme/generator:1", mounts=[("html", "/dest")])
    server = container("nginx", "nginx:1.27", ports=[80], mounts=[("html", "/usr/share/nginx/html", "ro")])

    assert main_of(workload("web", generator, server)) == ("web", roles.NAMED)


def test_the_programs_of_a_control_plane_are_all_main() -> None:
    names = ("kube-scheduler", "kube-apiserver", "kine", "kube-controller-manager")
    read = workload("tenant-00", *(container(name, f"registry.k8s.io/{name}:v1") for name in names))

    assert [c.name for c in read.containers if c.role is Role.MAIN] == [n for n in names if n != "kine"]


@pytest.mark.parametrize(
    ("second", "mains"), [("survival", ["lobby", "survival"]), ("lobby/saves", ["lobby"]), ("", ["lobby"])]
)
def test_two_folders_of_one_volume_are_not_shared(second: str, mains: list[str]) -> None:
    one, two = container("lobby", ports=[1111]), container("survival", ports=[2222])
    one["volumeMounts"] = [{"name": "data", "mountPath": "/data", "subPath": "lobby"}]
    two["volumeMounts"] = [{"name": "data", "mountPath": "/data", "subPath": second}]

    assert mains_of(workload("network", one, two)) == mains


def test_what_shows_a_store_is_a_helper_of_it() -> None:
    store, shows = container("db", "mongo:7", ports=[27017]), container("ui", "mongo-express:1", ports=[8081])

    assert mains_of(workload("w", shows, store)) == ["db"]


@pytest.mark.parametrize(
    ("name", "mount", "mains"),
    [
        ("pg-coordinator", None, ["postgres"]),
        ("postgres-tuner", None, ["postgres"]),
        ("pruning", ("data", "/pruned"), ["postgres"]),
        ("postgres-api", None, ["postgres-api"]),
        ("shop", ("other", "/files"), ["shop"]),
    ],
)
def test_who_works_on_a_stores_data_or_is_named_after_it_is_a_helper(
    name: str, mount: tuple[str, str] | None, mains: list[str]
) -> None:
    store = container("postgres", "postgres:16", ports=[5432], mounts=[("data", "/var/lib/postgresql/data")])
    other = container(name, "acme/x:1", mounts=[mount] if mount else [])

    assert mains_of(workload("w", other, store, kind="StatefulSet", disks=("data", "other"))) == mains


@pytest.mark.parametrize(("kind", "mains"), [("StatefulSet", ["redis"]), ("Deployment", ["spider"])])
def test_of_a_stateful_set_the_store_with_the_disk_is_main(kind: str, mains: list[str]) -> None:
    store = container("redis", "redis:7", ports=[6379], mounts=[("data", "/data")])

    assert (
        mains_of(workload("w", container("spider", "acme/s:1"), store, kind=kind, disks=("data",))) == mains
    )


@pytest.mark.parametrize(("ports", "mains"), [([8080], ["renderer"]), ([(9100, "metrics")], ["redis"])])
def test_a_word_that_applications_bear_too_tells_no_helper_that_has_a_port(
    ports: object, mains: list[str]
) -> None:
    store = container("redis", "redis:7", ports=[6379])

    assert mains_of(workload("w", container("renderer", "acme/r:1", ports=ports), store)) == mains


@pytest.mark.parametrize("name", ["mysql-app", "shop-mysql-client"])
def test_a_workload_that_uses_a_store_is_not_the_stores(name: str) -> None:
    assert mains_of(workload(name, container("mysql", "mysql:8"), container("x", "acme/x:1"))) == ["x"]


def test_php_beside_a_web_server_is_main_though_it_fills_the_folder_that_is_shown() -> None:
    server = container("nginx", "nginx:1.27", ports=[80], mounts=[("html", "/usr/share/nginx/html", "ro")])
    php = container("x", "acme/shop-fpm:8", mounts=[("html", "/var/www")])

    assert mains_of(workload("w", server, php)) == ["x"]


def test_whom_a_proxy_leads_to_is_an_application_though_its_name_is_a_helpers() -> None:
    proxy = container(
        "web", "nginx:1", ports=[80], env=[{"name": "UPSTREAM", "value": "http://localhost:9000"}]
    )
    app = container("pdf-renderer", "acme/pdf:1", ports=[9000])
    alone = container("pdf-renderer", "acme/pdf:1")

    assert mains_of(workload("w", proxy, app)) == ["pdf-renderer"]
    assert mains_of(workload("w", proxy, alone)) == ["pdf-renderer"]


@pytest.mark.parametrize(
    ("block", "mains"),
    [("root /site;", ["nginx"]), ("location / { proxy_pass http://127.0.0.1:3000; }", ["pages"])],
)
def test_a_configured_server_that_shows_what_another_writes_is_main_if_it_forwards_to_nobody(
    block: str, mains: list[str]
) -> None:
    server = container(
        "nginx", "acme/nginx:1", ports=[8080], mounts=[("site", "/site", "ro"), ("conf", "/etc/nginx/conf.d")]
    )
    spec = {
        "containers": [container("pages", "acme/pages:1", mounts=[("site", "/out")]), server],
        "volumes": [{"name": "conf", "configMap": {"name": "c"}}, {"name": "site", "emptyDir": {}}],
    }
    configmap = {"data": {"default.conf": "server { listen 8080; " + block + " }"}}

    pod = {"metadata": {"name": "docs"}, "spec": spec}

    assert mains_of(manifests.read_pod(pod, configmaps={"c": configmap})) == mains


def test_a_web_server_that_forwards_to_nobody_is_main_beside_stores() -> None:
    store = container("db", "mysql:8", ports=[3306])
    shows = container("admin", "phpmyadmin:5", ports=[8080])

    assert mains_of(workload("w", store, container("web", "httpd:2.4", ports=[80]), shows)) == ["web"]
    assert mains_of(workload("w", store, container("web", "acme/nginx-proxy:1", ports=[80]))) == ["db"]
