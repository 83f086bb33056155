"""What products are known to do: the ports that they open, and whom they call unless told otherwise."""

import tomllib
from importlib.resources import files

import pytest

from sidecars.knowledge.behaviour import matches
from sidecars.topology import Confidence
from tests.topology.calls import edges_of, told, with_env
from tests.topology.pods import container, empty_dir

RAW = tomllib.loads(files("sidecars.knowledge").joinpath("behaviour.toml").read_text(encoding="utf-8"))
ENTRIES = [entry for kind, entries in RAW.items() if kind != "words" for entry in entries]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(sorted(entry.items()))[:60])
def test_every_entry_names_its_source_and_possible_ports(entry: dict[str, object]) -> None:
    ports = [*entry.get("tcp", []), *entry.get("udp", [])]

    assert str(entry["source"]).startswith(("https://", "http://"))
    assert all(isinstance(port, int) and 0 < port < 65536 for port in ports)


@pytest.mark.parametrize(
    ("image", "pattern"),
    [
        ("docker.io/bitnami/postgresql:16.3", "postgresql"),
        ("registry.redhat.io/logging/kibana6-rhel8:v6", "kibana"),
        ("php:8.3-fpm-alpine", ":fpm"),
        ("docker:26-dind", "docker:dind"),
        ("cr.l5d.io/linkerd/proxy:stable", "linkerd/proxy"),
        ("localhost:5000/redis@sha256:ab", "redis"),
        ("example/shop-redis:1", "redis"),
    ],
)
def test_an_image_is_known_by_words_or_by_the_end_of_its_path(image: str, pattern: str) -> None:
    assert matches(image, (pattern,))


@pytest.mark.parametrize(
    ("image", "pattern"),
    [
        ("oliver006/redis_exporter", "redis"),
        ("hipages/php-fpm_exporter:2", ":fpm"),
        ("example/postgres-backup", "postgres"),
        ("docker:26-cli", "docker:dind"),
        ("example/predis", "redis"),
        ("zabbix/zabbix-server-mysql:6", "mysql"),
        ("grafana/grafana-image-renderer:3", "grafana"),
        ("", "redis"),
    ],
)
def test_another_program_with_the_products_name_is_another(image: str, pattern: str) -> None:
    assert not matches(image, (pattern,))


@pytest.mark.parametrize(
    ("exporter", "server", "port"),
    [
        ("oliver006/redis_exporter:v1", "redis:7", 6379),
        ("prom/memcached-exporter", "memcached:1", 11211),
        ("kbudde/rabbitmq-exporter", "rabbitmq:3", 15672),
        ("quay.io/prometheuscommunity/elasticsearch-exporter:v1", "elasticsearch:8", 9200),
        ("nginx/nginx-prometheus-exporter:1", "nginxinc/nginx-unprivileged:1", 8080),
        ("quay.io/thanos/thanos:v0.35", "prom/prometheus:v2", 9090),
    ],
)
def test_an_exporter_asks_the_server_beside_it(exporter: str, server: str, port: int) -> None:
    (edge,) = edges_of(container("x", exporter), container("s", server))

    assert (edge.source, edge.target, edge.port, edge.kind) == ("x", "s", port, "inferred")
    assert edge.evidence[0].field == "spec.containers[0].image"


def test_an_exporter_that_is_told_another_server_does_not_ask_the_one_beside_it() -> None:
    exporter = with_env("x", "oliver006/redis_exporter:v1", REDIS_ADDR="redis://redis.example:6379")

    assert told(exporter, container("s", "redis:7")) == set()


def test_an_exporter_whose_server_a_secret_names_probably_asks_the_one_beside_it() -> None:
    secret = {"name": "REDIS_ADDR", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    exporter = container("x", "oliver006/redis_exporter:v1", env=[secret])

    (edge,) = edges_of(exporter, container("s", "redis:7"))

    assert edge.confidence is Confidence.LOW


def test_an_exporter_asks_nobody_where_two_could_be_meant() -> None:
    redis = [container(name, "redis:7") for name in ("a", "b")]

    assert told(container("x", "oliver006/redis_exporter:v1"), *redis) == set()


def test_a_server_on_another_port_is_not_asked_on_its_usual_one() -> None:
    server = container("s", "redis:7", args=["--port", "6380"])

    assert told(container("x", "oliver006/redis_exporter:v1"), server) == set()


def test_docker_beside_a_build_listens_with_and_without_certificates() -> None:
    plain = with_env("d", "docker:26-dind", DOCKER_TLS_CERTDIR="")

    assert told(with_env("a", DOCKER_HOST="tcp://localhost:2375"), plain) == {"a > d 2375"}
    assert (
        told(with_env("a", DOCKER_HOST="tcp://localhost:2376"), container("d", "docker:26-dind"))
        == {"a > d 2376"} | set()
    )


def test_an_image_with_another_command_yields_to_one_that_runs_as_it_is() -> None:
    caller = with_env("web", UPSTREAM="127.0.0.1:9000")
    cron = container("cron", "nextcloud:29-fpm", command=["/cron.sh"])

    assert told(caller, cron, container("app", "nextcloud:29-fpm")) == {"web > app 9000"}


def test_a_mesh_proxy_hands_on_to_the_ports_of_the_app() -> None:
    proxy = container("istio-proxy", "istio/proxyv2:1.22", ports=[15090])

    assert told(proxy, container("app", ports=[9080])) == {"istio-proxy > app 9080"}


NOT_INTERCEPTING = [
    ({"sidecar.istio.io/interceptionMode": "NONE"}, {}),
    ({"inject.istio.io/templates": "grpc-agent"}, {}),
    ({"traffic.sidecar.istio.io/includeInboundPorts": ""}, {}),
    ({}, {"ISTIO_META_INTERCEPTION_MODE": "NONE"}),
    ({}, {"ISTIO_META_GENERATOR": "grpc"}),
]


@pytest.mark.parametrize(("annotations", "env"), NOT_INTERCEPTING)
def test_a_mesh_proxy_that_does_not_intercept_hands_on_nothing(
    annotations: dict[str, str], env: dict[str, str]
) -> None:
    proxy = with_env("istio-proxy", "istio/proxyv2:1.22", **env)

    assert told(proxy, container("app", ports=[9080]), annotations=annotations) == set()


def test_a_mesh_proxy_of_all_ports_hands_on_what_the_app_declares() -> None:
    proxy = container("istio-proxy", "istio/proxyv2:1.22")
    every = {"traffic.sidecar.istio.io/includeInboundPorts": "*"}

    assert told(proxy, container("app", ports=[9080]), annotations=every) == {"istio-proxy > app 9080"}


def test_an_annotation_tells_what_an_injected_sidecar_opens() -> None:
    annotations = {"consul.hashicorp.com/connect-service-upstreams": "backend:9091, other:9092:dc2"}
    app = with_env("app", BACKEND_URL="http://localhost:9091")

    found = told(app, container("consul-dataplane"), annotations=annotations)

    assert found == {"app > consul-dataplane 9091"}


def test_daprs_sidecar_and_its_app_call_each_other() -> None:
    sidecar = container("daprd", "daprio/daprd:1.12", args=["/daprd", "--app-port", "5000"])

    found = told(with_env("app", DAPR_HTTP_PORT="3500"), sidecar)

    assert found == {"app > daprd 3500", "daprd > app 5000"}


def test_a_helper_calls_the_app_even_if_nothing_tells_where_that_listens() -> None:
    helper = container(
        "oauth2-proxy", "quay.io/oauth2-proxy/oauth2-proxy:v7", args=["--upstream=http://localhost:8000"]
    )

    (edge,) = edges_of(helper, container("app"))

    assert (edge.target, edge.kind, edge.confidence) == ("app", "inferred", Confidence.LOW)
    assert told(helper, container("app", ports=[9999])) == {"oauth2-proxy > ? 8000"}


VOLUME = (empty_dir("run"),)


def test_a_socket_is_one_file_under_whatever_path_it_is_mounted() -> None:
    maker = container("app", args=["--bind", "unix:/app/run/app.sock"], mounts=[("run", "/app/run")])
    caller = with_env("web", UPSTREAM="unix:/sockets/app.sock", mounts=[("run", "/sockets")])

    assert told(maker, caller, volumes=VOLUME) == {"web > app /sockets/app.sock"}


@pytest.mark.parametrize(
    "command",
    [
        ["gunicorn", "-b", "unix:/app/run/app.sock"],
        ["uwsgi", "--socket", "/app/run/app.sock"],
        ["bundle", "exec", "puma", "-b", "unix:///app/run/app.sock"],
        ["uvicorn", "--uds", "/app/run/app.sock", "app:app"],
        ["sh", "-c", "exec memcached -s /app/run/app.sock"],
    ],
)
def test_a_server_makes_the_socket_that_its_flag_names(command: list[str]) -> None:
    maker = container("app", command=command, mounts=[("run", "/app/run")])
    other = container("web", mounts=[("run", "/data")])
    caller = with_env("web", SOCKET="unix:/sockets/app.sock", mounts=[("run", "/sockets")])

    assert told(maker, other, volumes=VOLUME) == set()
    assert told(maker, caller, volumes=VOLUME) == {"web > app /sockets/app.sock"}


def test_a_socket_in_an_unclear_variable_may_be_its_own() -> None:
    app = with_env("app", SOCKET_FILE="/run/app.sock", mounts=[("run", "/run")])

    assert told(app, container("b", mounts=[("run", "/run")]), volumes=VOLUME) == set()


def test_a_checker_with_the_flag_of_the_driver_calls_it() -> None:
    flag = ["--endpoint=unix:///csi/csi.sock"]
    driver = container("driver", args=flag, mounts=[("run", "/csi")])
    checker = container("liveness", args=flag, mounts=[("run", "/csi")])

    assert told(driver, checker, volumes=VOLUME) == {"liveness > driver /csi/csi.sock"}


def test_two_folders_of_one_volume_hold_two_sockets() -> None:
    def mounted(path: str, sub_path: str) -> list[dict[str, str]]:
        return [{"name": "run", "mountPath": path, "subPath": sub_path}]

    maker = {**container("app", args=["--bind", "unix:/run/app.sock"]), "volumeMounts": mounted("/run", "a")}
    caller = {**with_env("web", UPSTREAM="unix:/run/app.sock"), "volumeMounts": mounted("/run", "b")}

    assert told(maker, caller, volumes=VOLUME) == set()


def test_the_driver_makes_the_socket_that_its_helpers_are_told() -> None:
    driver = with_env("driver", CSI_ENDPOINT="unix:///csi/csi.sock", mounts=[("run", "/csi")])
    helpers = [
        container(name, args=["--csi-address=/var/csi/csi.sock"], mounts=[("run", "/var/csi")])
        for name in ("attacher", "resizer")
    ]

    found = told(*helpers, driver, volumes=VOLUME)

    assert found == {"attacher > driver /var/csi/csi.sock", "resizer > driver /var/csi/csi.sock"}


def test_a_folder_of_the_node_inside_another_is_the_same_place() -> None:
    host = (
        {"name": "all", "hostPath": {"path": "/plugins"}},
        {"name": "one", "hostPath": {"path": "/plugins/x"}},
    )
    driver = container("driver", args=["--endpoint=unix:///p/x/csi.sock"], mounts=[("all", "/p")])
    helper = container("attacher", args=["--csi-address=/csi/csi.sock"], mounts=[("one", "/csi")])

    assert told(driver, helper, volumes=host) == {"attacher > driver /csi/csi.sock"}


def test_the_nodes_docker_socket_is_no_call_inside_the_pod() -> None:
    host = ({"name": "run", "hostPath": {"path": "/var/run/docker.sock"}},)
    mounts = [("run", "/var/run/docker.sock")]
    app = with_env("app", DOCKER_HOST="unix:///var/run/docker.sock", mounts=mounts)

    assert told(app, container("other", mounts=mounts), volumes=host) == set()


def test_a_database_proxys_folder_of_sockets_is_called_by_whoever_mounts_it() -> None:
    proxy = container(
        "proxy",
        "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2",
        args=["--unix-socket=/cloudsql", "p:r:i"],
        mounts=[("run", "/cloudsql")],
    )
    names = with_env("app", INSTANCE="/sql/p:r:i", mounts=[("run", "/sql")])
    dsn = with_env("app", DSN="u:hunter2@unix(/sql/p:r:i)/x?tls=1", mounts=[("run", "/sql")])
    silent = container("app", mounts=[("run", "/sql")])

    assert told(proxy, names, volumes=VOLUME) == {"app > proxy /sql/p:r:i"}
    assert told(proxy, dsn, volumes=VOLUME) == {"app > proxy /sql/p:r:i"}
    assert told(proxy, silent, volumes=VOLUME) == {"app > proxy /sql"}


def test_hostile_sockets_are_bounded() -> None:
    value = " ".join(f"unix:/run/{number}.sock" for number in range(600))
    app = with_env("app", A_TARGET=value, B_TARGET=value, mounts=[("run", "/run")])

    assert len(told(app, container("b", mounts=[("run", "/x")]), volumes=VOLUME)) <= 500


def test_odoo_goes_to_its_database_by_variables_that_are_others_own() -> None:
    odoo = with_env("odoo", "odoo:17", HOST="127.0.0.1", PORT="5432")
    app = with_env("app", HOST="127.0.0.1", PORT="5432")
    db = container("db", "postgres:16")

    assert told(odoo, db) == {"odoo > db 5432"}
    assert told(app, db) == set()


def test_of_a_poolers_two_usual_ports_the_declared_one_is_meant() -> None:
    envoy = with_env("envoy", "envoyproxy/envoy:v1", PG_UPSTREAM="localhost:5432")
    pooler = container("pgbouncer", "pgbouncer/pgbouncer:1", ports=[6432])
    database = {**container("patroni", "ongres/patroni:v3"), "command": ["sh", "/start-patroni.sh"]}

    assert told(envoy, pooler, database) == {"envoy > patroni 5432"}


def test_an_agent_is_told_its_servers_ports_and_has_a_tool_beside_it() -> None:
    agent = with_env(
        "agent", "seldonio/seldon-agent:2", SELDON_SERVER_HTTP_PORT="9000", SELDON_SERVER_GRPC_PORT="9500"
    )
    server = container("mlserver", "seldonio/mlserver:1", ports=[9000, 9500])

    assert told(agent, container("rclone", "seldonio/seldon-rclone:2"), server) == {
        "agent > mlserver 9000",
        "agent > mlserver 9500",
        "agent > rclone 5572",
    }


def test_daemons_of_a_system_are_looked_for_in_their_folder() -> None:
    run = [("run", "/run/dbus")]
    bus = {**container("bus", "ceph:18", mounts=run), "command": ["dbus-daemon", "--system", "--nofork"]}
    server = container("ganesha", "ceph:18", mounts=run)

    assert told(server, bus, volumes=(empty_dir("run"),)) == {"ganesha > bus /run/dbus"}


HELPERS = [
    "csi-attacher", "csi-provisioner", "csi-resizer", "csi-snapshotter", "livenessprobe",
    "csi-node-driver-registrar",
]  # fmt: skip


@pytest.mark.parametrize("helper", HELPERS)
def test_a_helper_of_a_storage_driver_looks_for_the_usual_socket(helper: str) -> None:
    mounts = [("socket", "/run/csi")]
    asks = container("helper", f"registry.k8s.io/sig-storage/{helper}:v5", mounts=mounts)
    driver = with_env("driver", "acme/driver:2", mounts=mounts, CSI_ENDPOINT="unix:///run/csi/socket")
    other = with_env("driver", "acme/driver:2", mounts=mounts, CSI_ENDPOINT="unix:///run/csi/other/x")
    volumes = (empty_dir("socket"),)

    assert told(asks, driver, volumes=volumes) == {"helper > driver /run/csi/socket"}
    assert told(asks, other, volumes=volumes) == set()
    elsewhere = {**asks, "args": ["--csi-address=/csi/csi.sock"]}
    assert told(elsewhere, driver, volumes=volumes) == set()


def test_a_client_of_a_product_looks_where_that_makes_its_socket() -> None:
    mounts = [("run", "/run/bird")]
    asks = container("metrics", "czerwonk/bird_exporter:1", mounts=mounts)
    bird = container("router", "acme/router:1", mounts=mounts, command=["bird", "-f"])

    assert told(asks, bird, volumes=(empty_dir("run"),)) == {"metrics > router /run/bird/bird.ctl"}
    assert told(asks, container("b", "acme/b:1", mounts=mounts), volumes=(empty_dir("run"),)) == set()


def test_a_server_of_the_same_program_as_its_client_is_no_client() -> None:
    serves = container("models", "ollama/ollama:0.3", command=["ollama", "serve"])
    pulls = container("puller", "ollama/ollama:0.3", command=["ollama", "pull", "llama3"])

    assert told(serves, pulls) == {"puller > models 11434"}
    assert told(pulls, container("b", "acme/b:1")) == set()


def test_the_net_sdk_of_dapr_goes_by_grpc() -> None:
    daprd = container("daprd", "daprio/daprd:1", args=["--dapr-grpc-port", "50001"], ports=[3500, 50001])
    both = {"DAPR_HTTP_PORT": "3500", "DAPR_GRPC_PORT": "50001"}

    assert "app > daprd 50001" in told(with_env("app", ASPNETCORE_URLS="http://+:80", **both), daprd)
    assert told(with_env("app", **both), daprd) == {"app > daprd 3500"}


@pytest.mark.parametrize("word", ["/data/redis-server", "--dir=/var/lib/redis-server", "/etc/redis-server"])
def test_a_folder_with_the_name_of_a_program_is_not_the_program(word: str) -> None:
    client = with_env("app", "acme/app:1", REDIS_URL="redis://localhost:6379")

    assert told(client, container("tool", "acme/tool:1", args=["sync", word])) == {"app > ? 6379"}
