"""Ports, hosts and sockets that only the name beside them explains."""

import pytest

from sidecars.topology import Confidence
from tests.topology.calls import edges_of, told, udp, with_env
from tests.topology.pods import container

VLLM = container("vllm", "acme/server:1", ports=[8200])


@pytest.mark.parametrize(
    "flags", [["--vllm-port=8200"], ["--component-port", "8200"], ["--upstream-port=8200"]]
)
def test_a_port_flag_with_a_name_of_its_own_leads_to_who_opens_that_port(flags: list[str]) -> None:
    assert told(container("proxy", args=flags), VLLM) == {"proxy > vllm 8200"}


@pytest.mark.parametrize("flag", ["--http-port", "--metrics-port", "--grpc_port", "--port"])
def test_a_port_flag_of_the_programs_own_doors_is_no_call(flag: str) -> None:
    assert told(container("proxy", args=[f"{flag}=8200"]), container("vllm", ports=[8200])) == set()


def test_a_port_flag_that_nobody_answers_is_the_programs_own() -> None:
    assert told(
        with_env("app", API_URL="http://localhost:7000"), container("x", args=["--zmq-port=7000"])
    ) == {"app > x 7000"}


def test_the_port_of_a_remote_host_in_flags_is_no_call() -> None:
    assert told(container("app", args=["--vllm-host=gpu.example", "--vllm-port=8200"]), VLLM) == set()


def test_a_variable_leads_to_the_container_that_its_name_tells_of() -> None:
    assert told(with_env("envoy", XRAY_DAEMON_PORT="2000"), udp("xray-daemon", 2000)) == {
        "envoy > xray-daemon 2000/udp"
    }
    assert told(with_env("envoy", OTHER_PORT="2000"), udp("xray-daemon", 2000)) == set()


@pytest.mark.parametrize(
    "flags",
    [["--redis-host", "localhost", "--redis-port", "6380"], ["--redis-host=127.0.0.1", "--redis-port=6380"]],
)
def test_a_host_and_a_port_in_two_flags_are_one_address(flags: list[str]) -> None:
    assert told(container("app", args=flags), container("cache", ports=[6380])) == {"app > cache 6380"}


def test_a_pair_of_variables_may_have_more_words_before_the_port() -> None:
    values = {"QBITTORRENT_HOST": "localhost", "QBITTORRENT_WEBUI_PORT": "8080"}

    assert told(with_env("sync", **values), container("torrent", ports=[8080])) == {"sync > torrent 8080"}


def test_of_two_longer_ports_none_is_the_hosts() -> None:
    values = {"CACHE_HOST": "localhost", "CACHE_A_PORT": "1111", "CACHE_B_PORT": "2222"}

    assert told(with_env("app", **values), container("c", ports=[1111, 2222])) == set()


def test_a_local_address_in_flags_is_the_programs_own() -> None:
    server = container("dns", args=["--local-address=127.0.0.1", "--local-port=5300"])

    assert told(server, with_env("app", API_URL="http://localhost:5300")) == {"app > dns 5300"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASPNETCORE_URLS", "http://127.0.0.1:5000"),
        ("Kestrel__Endpoints__Http__Url", "http://localhost:5000"),
        ("AIRFLOW__WEBSERVER__BASE_URL", "http://localhost:5000"),
        ("SITE_ABSOLUTE_URI", "http://localhost:5000"),
    ],
)
def test_an_address_that_the_program_serves_itself_is_no_call(name: str, value: str) -> None:
    assert told(with_env("api", **{name: value}), container("other")) == set()


def test_a_protocol_beside_an_endpoint_says_how_it_is_reached() -> None:
    app = with_env("app", KC_LOG_SYSLOG_ENDPOINT="localhost:5140", KC_LOG_SYSLOG_PROTOCOL="udp")

    assert told(app, udp("logs", 5140)) == {"app > logs 5140/udp"}
    assert told(app, container("other")) == {"app > ? 5140/udp"}


def test_statsd_goes_by_udp_to_any_port() -> None:
    app = container("app", command=["gunicorn", "x", "--statsd-host=localhost:9125"])

    assert told(app, container("exporter", "prom/statsd-exporter:v0.26")) == {"app > exporter 9125/udp"}


def test_a_call_that_bears_a_containers_name_leads_to_it_if_its_ports_are_unknown() -> None:
    app = with_env("server", MACHINE_LEARNING_URL="http://127.0.0.1:3999")

    (edge,) = edges_of(app, container("machine-learning", "acme/ml:1"), container("other", "acme/x:1"))

    assert (edge.target, edge.kind, edge.confidence) == ("machine-learning", "inferred", Confidence.LOW)


def test_the_url_of_a_helper_leads_to_the_app_that_says_nothing_of_its_ports() -> None:
    tunnel = container(
        "tunnel", "cloudflare/cloudflared:1", args=["tunnel", "--url", "http://localhost:3000"]
    )

    assert told(container("web", "acme/web:1"), tunnel) == {"tunnel > web 3000"}


def test_an_exporter_to_every_address_goes_to_this_host() -> None:
    app = with_env("app", OTEL_EXPORTER_OTLP_ENDPOINT="http://0.0.0.0:4318")

    assert told(app, container("collector", ports=[4318])) == {"app > collector 4318"}


def test_a_client_without_a_host_goes_to_localhost_if_another_listens_there() -> None:
    watcher = container("watcher", command=["sh", "-c", "while true; do redis-cli info; sleep 9; done"])

    assert told(watcher, container("cache", ports=[6379])) == {"watcher > cache 6379"}
    assert told(watcher, container("other")) == set()


def test_a_client_program_of_a_servers_image_is_no_server() -> None:
    client = container("client", "redis:7", command=["redis-cli"], args=["-h", "db.example", "monitor"])

    assert told(with_env("app", REDIS_URL="redis://localhost:6379"), client) == {"app > ? 6379"}


def test_a_probes_socket_is_its_own_containers() -> None:
    probe = {"exec": {"command": ["buildctl", "--addr", "unix:///run/a/d.sock", "debug"]}}
    server = container(
        "d", mounts=[("s", "/run/a")], args=["--addr", "unix:///run/a/d.sock"], readinessProbe=probe
    )
    client = container("c", mounts=[("s", "/run/b")], command=["buildctl", "--addr=unix:///run/b/d.sock"])

    assert told(client, server, volumes=({"name": "s", "emptyDir": {}},)) == {"c > d /run/b/d.sock"}


def test_a_passive_socket_is_opened_by_who_names_it() -> None:
    db = container("db", mounts=[("s", "/run/ovn")], args=["--remote=punix:/run/ovn/nb.sock"])
    north = container("north", mounts=[("s", "/run/ovn")], args=["--nb-db=unix:/run/ovn/nb.sock"])

    assert told(db, north, volumes=({"name": "s", "emptyDir": {}},)) == {"north > db /run/ovn/nb.sock"}


def test_a_pooler_goes_to_the_server_on_the_port_that_both_have_by_default() -> None:
    pooler = with_env("pooler", "edoburu/pgbouncer:1.22", DB_HOST="127.0.0.1", DB_PORT="5432")

    assert told(pooler, container("db", "postgres:16")) == {"pooler > db 5432"}


def test_of_two_unclear_names_an_address_is_the_servers_and_a_server_is_called() -> None:
    client = with_env("web", GRPC_SERVER="127.0.0.1:50051")
    server = container("store", command=["/server", "-grpc-addr=127.0.0.1:50051"])

    assert told(client, server) == {"web > store 50051"}
    assert told(server, client) == {"web > store 50051"}


def test_a_call_that_nobody_answers_goes_to_the_ambassador_of_whose_ports_nothing_is_known() -> None:
    app = with_env("main", LOG_URL="http://localhost:9009")

    assert told(app, container("ambassador", "acme/log-ambassador")) == {"main > ambassador 9009"}
    assert told(app, container("ambassador", "acme/log-ambassador", ports=[80])) == {"main > ? 9009"}
    assert told(app, container("oidc-proxy", "acme/guard")) == {"main > ? 9009"}
    assert told(app, container("worker", "acme/worker")) == {"main > ? 9009"}


@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "JOBS_BROKER_URL", "JOBS_REDIS_URL", "JOBS_URL"])
def test_the_address_of_a_store_is_not_that_of_the_program_whose_setting_it_is(name: str) -> None:
    value = {name: "redis://localhost:6379/0"}
    jobs = {**with_env("jobs", "acme/web:1", **value), "command": ["celery", "worker"]}

    assert told(with_env("web", "acme/web:1", **value), jobs) == {"web > ? 6379", "jobs > ? 6379"}
    assert told(jobs, container("cache", "redis:7")) == {"jobs > cache 6379"}


def test_a_host_beside_a_port_of_a_kind_is_a_call_to_who_declares_that_port() -> None:
    flags = ["--host", "127.0.0.1", "--rpc-port", "18081", "--zmq-port", "18083"]

    assert told(container("pool", args=flags), container("node", ports=[18081])) == {"pool > node 18081"}
    assert told(container("pool", args=flags), container("node")) == set()


def test_a_statsd_that_takes_metrics_is_sent_to_by_udp() -> None:
    values = {"AIRFLOW__METRICS__STATSD_HOST": "localhost", "AIRFLOW__METRICS__STATSD_PORT": "9125"}
    exporter = container("statsd", "prom/statsd-exporter:1")

    assert told(with_env("app", **values), exporter) == {"app > statsd 9125/udp"}


def test_a_page_that_a_guard_redirects_to_is_no_call() -> None:
    flags = ["--upstream-url=http://127.0.0.1:7070", "--redirection-url=http://localhost:8080"]

    assert told(container("guard", args=flags), container("app", ports=[7070])) == {"guard > app 7070"}
