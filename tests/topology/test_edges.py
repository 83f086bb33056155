"""Calls over localhost: from where to where, and how we know."""

import pytest

from sidecars import manifests
from sidecars.topology import Confidence, Edge
from tests.topology.pods import CONFIGMAPS, Json, config_map, container, empty_dir, pod, sample


def edges_of(
    *containers: Json, configmaps: dict[str, Json] | None = None, **fields: object
) -> tuple[Edge, ...]:
    return manifests.read_pod(pod(*containers, **fields), configmaps=configmaps or {}).edges  # type: ignore[arg-type]


def with_env(**values: str) -> Json:
    return container("caller", env=[{"name": name, "value": value} for name, value in values.items()])


TARGET = container("target", ports=[8080])


def test_nginx_calls_the_app_that_its_configmap_names() -> None:
    read = manifests.read_pod(sample(), configmaps=CONFIGMAPS)

    (edge,) = read.edges
    assert (edge.source, edge.target, edge.port, edge.kind) == ("nginx", "main-app", 8080, "declared")
    (evidence,) = edge.evidence
    assert (evidence.source, evidence.field, evidence.line, evidence.text) == (
        "ConfigMap nginx-config",
        "data[default.conf]",
        4,
        "127.0.0.1:8080",
    )


@pytest.mark.parametrize(
    "value",
    [
        "http://localhost:8080/path?x=1",
        "http://127.0.0.1:8080",
        "localhost:8080",
        "[::1]:8080",
        "http://[::1]:8080/",
        "postgres://user:pa%20ss@localhost:8080/db",
        "user:pass@tcp(127.0.0.1:8080)/db",
        "one.example:1,localhost:8080",
    ],
)
def test_an_address_in_the_environment_is_a_call(value: str) -> None:
    (edge,) = edges_of(with_env(BACKEND_URL=value), TARGET)

    assert (edge.target, edge.port, edge.evidence[0].field) == (
        "target",
        8080,
        "spec.containers[0].env[0].value",
    )


def test_evidence_shows_the_host_and_port_and_never_the_credentials() -> None:
    (edge,) = edges_of(with_env(DB_URL="postgres://admin:hunter2@localhost:8080/db?password=x"), TARGET)

    assert edge.evidence[0].text == "localhost:8080"


@pytest.mark.parametrize(
    "value",
    [
        "http://example.com:8080",
        "http://mylocalhost:8080",
        "http://localhost.example.com:8080",
        "127.0.0.10:8080",
        "10.127.0.0.1:8080",
        "localhost",
        "localhost:99999",
        "localhost:0",
        "x-localhost:8080",
    ],
)
def test_what_is_no_localhost_address_is_no_call(value: str) -> None:
    assert edges_of(with_env(BACKEND_URL=value), TARGET) == ()


def test_a_host_and_a_port_variable_make_one_call() -> None:
    (edge,) = edges_of(with_env(DB_HOST="127.0.0.1", DB_PORT="8080"), TARGET)

    assert (edge.target, edge.evidence[0].source) == ("target", "caller: env DB_HOST + DB_PORT")


def test_a_reference_to_another_variable_is_followed() -> None:
    (edge,) = edges_of(with_env(PORT="8080", BACKEND_URL="http://localhost:$(PORT)"), TARGET)

    assert edge.port == 8080


def test_a_flag_with_an_upstream_is_a_call() -> None:
    (edge,) = edges_of(container("caller", args=["--upstream=http://127.0.0.1:8080/"]), TARGET)

    assert (edge.target, edge.evidence[0].field) == ("target", "spec.containers[0].args[0]")


def test_a_flag_and_its_value_may_be_two_arguments() -> None:
    (edge,) = edges_of(container("caller", args=["--target", "localhost:8080"]), TARGET)

    assert edge.confidence is Confidence.HIGH


@pytest.mark.parametrize(
    "argument", ["--listen=127.0.0.1:9000", "--web.listen-address=localhost:9000", "--bind=127.0.0.1:9000"]
)
def test_an_address_to_listen_on_is_no_call_but_tells_who_listens(argument: str) -> None:
    (edge,) = edges_of(container("server", args=[argument]), with_env(API_URL="http://localhost:9000"))

    assert (edge.source, edge.target) == ("caller", "server")


def test_a_containers_own_port_is_no_call() -> None:
    own = container("a", ports=[8080], env=[{"name": "SELF_URL", "value": "http://localhost:8080"}])

    assert edges_of(own, container("b")) == ()


def test_probes_of_the_kubelet_are_no_calls() -> None:
    probe = {"httpGet": {"port": 8080}}

    assert edges_of(container("a", livenessProbe=probe), TARGET) == ()


CURL = {"exec": {"command": ["curl", "http://localhost:8080/healthz"]}}


def test_a_command_probe_that_asks_another_container_is_its_call() -> None:
    (edge,) = edges_of(container("a", livenessProbe=CURL), TARGET)

    assert (edge.source, edge.target, edge.confidence) == ("a", "target", Confidence.MEDIUM)
    assert edge.evidence[0].field == "spec.containers[0].livenessProbe.exec.command[1]"


def test_a_command_probe_of_an_own_or_unknown_port_is_no_call() -> None:
    assert edges_of(container("a", livenessProbe=CURL, ports=[8080]), container("b")) == ()
    assert edges_of(container("a", livenessProbe=CURL), container("b")) == ()


def test_a_port_that_nobody_declares_leads_to_an_unknown_listener() -> None:
    (edge,) = edges_of(with_env(API_URL="http://localhost:7777"), TARGET)

    assert edge.target is None


def test_udp_and_tcp_on_one_number_are_two_listeners() -> None:
    statsd = container("statsd")
    statsd["ports"] = [{"containerPort": 8125, "protocol": "UDP"}]

    (edge,) = edges_of(with_env(STATSD_URL="udp://localhost:8125"), statsd)

    assert (edge.target, edge.protocol) == ("statsd", "udp")


def test_a_unix_socket_in_a_shared_volume_joins_its_two_users() -> None:
    caller = container(
        "php", env=[{"name": "FPM", "value": "unix:/run/php/fpm.sock"}], mounts=[("run", "/run/php")]
    )
    other = container("fpm", mounts=[("run", "/sockets")])

    (edge,) = edges_of(caller, other, volumes=(empty_dir("run"),))

    assert (edge.source, edge.target, edge.port, edge.path, edge.kind) == (
        "php",
        "fpm",
        None,
        "/run/php/fpm.sock",
        "inferred",
    )


def test_a_pooler_from_the_image_of_the_database_does_not_make_its_sockets() -> None:
    image, run = "timescale/timescaledb-ha:pg16", [("run", "/var/run/postgresql")]
    database = container("db", image, mounts=run, command=["sh", "-c", "exec patroni /etc/p.yaml"])
    pooler = container("pooler", image, mounts=run, command=["/pooler.sh"])
    dsn = [{"name": "DATA_SOURCE_NAME", "value": "host=/var/run/postgresql user=x"}]
    exporter = container("exporter", "prometheuscommunity/postgres-exporter:v1", mounts=run, env=dsn)

    found = edges_of(database, pooler, exporter, volumes=(empty_dir("run"),))

    assert {(edge.source, edge.target) for edge in found} >= {("exporter", "db")}
    assert {edge.target for edge in found} == {"db"}


@pytest.mark.parametrize(
    ("folder", "target"), [("/var/lib/kubelet/plugins/x.example", "driver"), ("/run/shared", None)]
)
def test_a_driver_s_own_folder_of_the_kubelet_is_the_driver_s(folder: str, target: str | None) -> None:
    driver = container("driver", mounts=[("plugin", "/csi")])
    probe = container("probe", mounts=[("plugin", "/csi")], args=["--csi-address=/csi/csi.sock"])
    volume = {"name": "plugin", "hostPath": {"path": folder}}

    found = edges_of(driver, probe, volumes=(volume,))

    assert [edge.target for edge in found] == ([target] if target else [])


def config_edges(name: str, text: str, *, ports: tuple[int, ...] = (8080,)) -> tuple[Edge, ...]:
    caller = container("proxy", mounts=[("conf", "/conf")], ports=[80])
    volumes = (config_map("conf"),)
    return edges_of(
        caller, container("target", ports=ports), volumes=volumes, configmaps={"conf": {"data": {name: text}}}
    )


def test_an_nginx_upstream_counts_and_its_comments_do_not() -> None:
    text = "upstream app {\n  # server 127.0.0.1:9999;\n  server 127.0.0.1:8080 weight=2;\n}\nserver {}\n"

    (edge,) = config_edges("nginx.conf", text)

    assert (edge.port, edge.evidence[0].line) == (8080, 3)


def test_nginx_in_one_line_counts() -> None:
    (edge,) = config_edges(
        "default.conf", "server { listen 80; location / { proxy_pass http://127.0.0.1:8080; } }"
    )

    assert edge.kind == "declared"


ENVOY = """
static_resources:
  listeners:
  - address: {socket_address: {address: 127.0.0.1, port_value: 9901}}
  clusters:
  - load_assignment:
      endpoints:
      - lb_endpoints:
        - endpoint:
            address:
              socket_address:
                address: 127.0.0.1
                port_value: 8080
"""


def test_an_envoy_cluster_is_a_call_and_its_listener_is_not() -> None:
    (edge,) = config_edges("envoy.yaml", ENVOY)

    assert (edge.port, edge.evidence[0].line) == (8080, 12)


def test_an_address_in_an_unknown_format_is_inferred() -> None:
    (edge,) = config_edges("app.toml", 'backend = "localhost:8080"\nlisten = "localhost:9000"\n')

    assert (edge.kind, edge.port, edge.confidence) == ("inferred", 8080, Confidence.MEDIUM)


def test_a_mount_of_another_key_shows_no_call() -> None:
    mount = {"name": "conf", "mountPath": "/etc/other", "subPath": "other.conf"}
    caller = {**container("proxy"), "volumeMounts": [mount]}
    data = {
        "conf": {"data": {"default.conf": "server { proxy_pass http://127.0.0.1:8080; }", "other.conf": ""}}
    }

    assert edges_of(caller, TARGET, volumes=(config_map("conf"),), configmaps=data) == ()


def test_several_pieces_of_evidence_make_one_edge() -> None:
    (edge,) = edges_of(with_env(A_URL="http://localhost:8080", B_URL="http://127.0.0.1:8080"), TARGET)

    assert [evidence.text for evidence in edge.evidence] == ["localhost:8080", "127.0.0.1:8080"]


def test_a_yaml_bomb_is_walked_once() -> None:
    levels = "\n".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 30))

    assert config_edges("bomb.yaml", f"l0: &l0 {{socket_address: 1}}\n{levels}\n") == ()


COLLECTOR = """\
receivers:
  otlp:
    protocols: {grpc: {endpoint: 127.0.0.1:4317}, http: {endpoint: "0.0.0.0:4318"}}
exporters:
  otlphttp:
    endpoint: http://localhost:8080
service:
  pipelines: {}
"""


def test_a_collectors_receivers_listen_and_its_exporters_call() -> None:
    (edge,) = config_edges("config.yaml", COLLECTOR)

    assert (edge.source, edge.port, edge.evidence[0].line) == ("proxy", 8080, 6)


def test_a_receiver_in_a_configmap_tells_who_listens() -> None:
    collector = container("otel", mounts=[("conf", "/conf")])
    data = {"conf": {"data": {"config.yaml": COLLECTOR}}}

    edges = edges_of(
        collector, with_env(OTLP_URL="http://localhost:4318"), volumes=(config_map("conf"),), configmaps=data
    )

    assert ("caller", "otel", "declared") in {(e.source, e.target, e.kind) for e in edges}


def test_a_product_that_is_known_to_open_a_port_is_inferred() -> None:
    proxy = container("sql", "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2")

    (edge,) = edges_of(with_env(DB_HOST="127.0.0.1", DB_PORT="5432"), proxy)

    assert (edge.target, edge.kind, edge.confidence) == ("sql", "inferred", Confidence.MEDIUM)


@pytest.mark.parametrize("flag", ["--password=8080", "--retries=8080", "--memory-limit=8080"])
def test_a_number_that_is_an_amount_or_a_secret_is_no_port(flag: str) -> None:
    other = {**container("other"), "args": [flag]}
    caller = {**container("caller"), "env": [{"name": "UPSTREAM_URL", "value": "http://localhost:8080"}]}

    (edge,) = manifests.read_pod(pod(other, caller)).edges

    assert edge.target is None


def test_what_stands_behind_a_socket_s_name_does_not_leave() -> None:
    server = {**container("server", mounts=[("run", "/run")]), "args": ["--socket=/run/x.sock"]}
    caller = container("caller", mounts=[("run", "/run")])
    caller["env"] = [{"name": "UPSTREAM", "value": "unix:/run/x.sock@hunter2"}]

    read = manifests.read_pod(pod(server, caller, volumes=(empty_dir("run"),)))

    assert "hunter2" not in str(read.edges)


def test_a_command_of_one_text_keeps_its_flags_to_itself() -> None:
    app = {**container("app"), "command": ["/bin/app --token=hunter2"]}

    assert manifests.read_pod(pod(app)).containers[0].program == "/bin/app"
