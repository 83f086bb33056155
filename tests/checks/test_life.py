"""Jobs that never end, who starts before whom, limits, images, and containers that share nothing."""

import pytest

from sidecars import checks as rules
from sidecars import manifests
from tests.checks.found import JOB, checks, severity, shell
from tests.topology.pods import config_map, container, empty_dir, limits, pod

CALL = [{"name": "DB_URL", "value": "postgres://localhost:5432/x"}]


def native(name: str, **fields: object) -> dict[str, object]:
    return container(name, restartPolicy="Always", **fields)


@pytest.mark.parametrize(
    "helper", [container("fluent-bit", "fluent/fluent-bit:3"), shell("logs", "tail -n+1 -F /logs/a.log"),
               shell("ping", "while true; do date; sleep 5; done")]
)  # fmt: skip
def test_a_helper_that_runs_for_ever_in_a_job_is_an_error(helper: dict[str, object]) -> None:
    assert severity("job-never-ends", container("nightly"), helper, owner=JOB) == "error"
    assert severity("job-never-ends", container("nightly"), helper) == ""


def test_an_unknown_helper_in_a_job_may_end() -> None:
    assert severity("job-never-ends", container("nightly"), container("other"), owner=JOB) == "warning"


@pytest.mark.parametrize("image", ["curlimages/curl:8", "docker:27-cli", "minio/mc:1"])
def test_a_tool_in_a_job_may_end(image: str) -> None:
    assert severity("job-never-ends", container("nightly"), container("b", image), owner=JOB) == "warning"


def test_a_loop_that_is_left_ends_with_the_app() -> None:
    helper = shell("b", "while true; do [ -f /done/done ] && exit 0; sleep 1; done")

    assert severity("job-never-ends", container("nightly"), helper, owner=JOB) == "warning"


def test_a_job_that_ends_its_helpers_itself_is_well() -> None:
    app = shell("nightly", "work; curl -X POST localhost:15020/quitquitquit")
    proxy = container("envoy", "envoyproxy/envoy:v1.31")

    assert severity("job-never-ends", app, proxy, owner=JOB) == ""
    assert (
        severity("job-never-ends", container("nightly"), proxy, owner=JOB, shareProcessNamespace=True) == ""
    )
    assert severity("job-never-ends", container("nightly"), inits=(native("envoy"),), owner=JOB) == ""


def test_an_init_container_whose_command_calls_what_starts_later_is_an_error() -> None:
    init = shell("migrate", "migrate --url=http://localhost:8080")
    later = container("proxy", ports=[8080])

    assert severity("early-call", later, inits=(init,)) == "error"
    assert severity("early-call", container("a"), inits=(init, native("p", ports=[8080]))) == "error"
    assert severity("early-call", container("a"), inits=(native("p", ports=[8080]), init)) == ""


def test_an_init_container_that_only_has_the_variable_is_warned_of() -> None:
    assert (
        severity("early-call", container("db", ports=[5432]), inits=(container("i", env=CALL),)) == "warning"
    )


def test_a_native_sidecar_that_is_called_needs_a_startup_probe() -> None:
    probe = {"startupProbe": {"tcpSocket": {"port": 5432}}}

    assert severity("no-startup-probe", container("a", env=CALL), inits=(native("p", ports=[5432]),))
    assert not severity(
        "no-startup-probe", container("a", env=CALL), inits=(native("p", ports=[5432], **probe),)
    )
    assert not severity("no-startup-probe", container("a"), inits=(native("p", ports=[5432]),))


def test_an_old_cluster_does_not_know_native_sidecars() -> None:
    read = manifests.read_pod(pod(container("a"), inits=(native("p"),)))

    assert [c.id for c in rules.find(read, server=(1, 27)) if c.severity == "error"] == ["native-unsupported"]
    assert not [c for c in rules.find(read, server=(1, 29)) if c.severity == "error"]


def test_a_limit_of_the_whole_pod_is_one_for_each_container() -> None:
    helper = container("nginx")

    assert severity("no-memory-limit", container("a"), helper) == "warning"
    assert severity("no-memory-limit", container("a"), helper, resources=limits("1", "1Gi")) == ""


def test_sidecars_without_a_memory_limit_are_one_finding() -> None:
    helpers = [container(name, "fluent/fluent-bit:3") for name in ("one", "two")]

    read = manifests.read_pod(pod(container("a"), *helpers))

    found = [check for check in read.checks if check.id == "no-memory-limit"]
    assert [check.containers for check in found] == [("one", "two")]


def test_a_folder_is_bounded_by_a_size_or_by_the_limits_of_its_writers() -> None:
    bounded = {"resources": {"limits": {"ephemeral-storage": "1Gi"}}}
    volumes = (empty_dir("v"),)

    assert severity("no-size-limit", container("a", mounts=[("v", "/v")]), volumes=volumes) == "warning"
    assert severity("no-size-limit", container("a", mounts=[("v", "/v")], **bounded), volumes=volumes) == ""
    assert severity("no-size-limit", container("a", mounts=[("v", "/v", "ro")]), volumes=volumes) == ""


@pytest.mark.parametrize("image", ["auto", "ko://example.com/app", "$IMAGE", "web@sha256:0", "r:5000/web:1"])
def test_a_placeholder_or_a_version_is_no_latest_image(image: str) -> None:
    assert severity("latest-image", container("web", image)) == ""


def test_an_empty_volume_over_the_program_is_an_error_unless_it_is_filled() -> None:
    app = container("a", command=["/app/server"], mounts=[("v", "/app")])
    volumes = (empty_dir("v"),)

    assert severity("shadowed-program", app, volumes=volumes) == "error"
    assert (
        severity("shadowed-program", app, inits=(container("i", mounts=[("v", "/x")]),), volumes=volumes)
        == ""
    )
    assert severity("shadowed-program", app, volumes=({"name": "v", "hostPath": {"path": "/a"}},)) == ""


def test_a_configmap_over_a_folder_of_the_image_is_warned_of_unless_it_holds_the_files() -> None:
    web = container("web", "nginx:1.30", mounts=[("c", "/etc/nginx/")])
    volumes = (config_map("c"),)
    whole = {"c": {"data": {"nginx.conf": "", "mime.types": ""}}}
    lacking = {"c": {"data": {"nginx.conf": ""}}}

    assert severity("shadowed-content", web, volumes=volumes, configmaps=lacking) == "warning"
    assert severity("shadowed-content", web, volumes=volumes, configmaps=whole) == ""
    assert severity("shadowed-content", web, volumes=volumes) == ""


def test_a_mount_over_a_system_folder_is_warned_of_and_a_sub_path_is_not() -> None:
    one = {"name": "v", "mountPath": "/usr/bin"}
    volumes = (empty_dir("v"),)

    assert severity("shadowed-content", container("a") | {"volumeMounts": [one]}, volumes=volumes)
    single = container("a") | {"volumeMounts": [one | {"subPath": "x"}]}
    assert not severity("shadowed-content", single, volumes=volumes)


def test_containers_that_share_nothing_are_told_of_the_gateway() -> None:
    found = checks(container("web", ports=[80]), container("api", ports=[8080]))["nothing-shared"]

    assert found.containers == ("web", "api") and "gateway" in found.cure


@pytest.mark.parametrize(
    "fields",
    [
        {"shareProcessNamespace": True},
        {"hostNetwork": True},
        {"volumes": (config_map("unread"),)},
    ],
)
def test_where_something_may_be_unseen_nothing_is_said_of_sharing(fields: dict[str, object]) -> None:
    assert severity("nothing-shared", container("web"), container("api"), **fields) == ""


@pytest.mark.parametrize(
    "helper", ["own/nginx:1", "redis:7", "istio-proxy", "log-shipper", "db-exporter", "own/app-tailer:1"]
)
def test_a_helper_works_unasked(helper: str) -> None:
    name = helper if "/" not in helper and ":" not in helper else "b"

    assert severity("nothing-shared", container("web"), container(name, helper)) == ""


def test_a_web_server_without_any_file_helps_nobody() -> None:
    for image in ("nginx:1.30", "docker.io/library/httpd"):
        assert severity("nothing-shared", container("web"), container("blog", image)) == "warning"
    mounted = container("blog", "nginx:1.30", mounts=[("pages", "/usr/share/nginx/html")])
    assert severity("nothing-shared", container("web"), mounted, volumes=(empty_dir("pages"),)) == ""


def test_who_is_probed_in_place_of_another_has_to_do_with_it() -> None:
    probed = container("web", livenessProbe={"httpGet": {"port": 8080}})

    assert severity("nothing-shared", probed, container("api", ports=[8080])) == ""
