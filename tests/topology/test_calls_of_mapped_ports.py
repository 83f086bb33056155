"""Addresses that a container opens itself, though their names speak of others; doors by TCP and by UDP."""

import pytest

from tests.topology.calls import edges_of, told, udp, with_env
from tests.topology.pods import Json, config_map, container, empty_dir


def on_a_socket(*containers: Json) -> set[str]:
    return told(*containers, volumes=(empty_dir("run"),))


@pytest.mark.parametrize("scheme", ["http", "https", "grpc", "redis", "postgresql+psycopg2", "ws"])
def test_a_url_goes_by_tcp_though_the_other_declares_the_port_by_udp(scheme: str) -> None:
    app = container("app", "acme/a:1", args=[f"--peer={scheme}://127.0.0.1:9153"])

    assert "app > b 9153/udp" not in told(app, udp("b", 9153))


def test_the_watched_door_of_a_name_server_is_tcp() -> None:
    corefile = ".:5353 {\n  errors\n  prometheus 127.0.0.1:9153\n  forward . /etc/resolv.conf\n}\n"
    dns = container("dns", "coredns/coredns:1.11", mounts=[("conf", "/etc/coredns")])
    proxy = container("proxy", "acme/p:1", args=["--upstream=http://127.0.0.1:9153/"])

    data = {"conf": {"data": {"Corefile": corefile}}}

    assert told(dns, proxy, configmaps=data, volumes=(config_map("conf"),)) == {"proxy > dns 9153"}


def test_an_address_without_a_scheme_still_meets_a_udp_door() -> None:
    assert told(container("app", args=["--peer=127.0.0.1:9153"]), udp("b", 9153)) == {"app > b 9153/udp"}


MAPPINGS = [
    "--bootstrap-server-mapping=kafka-0:9092,127.0.0.1:32400",
    "--bootstrap-server-mapping=127.0.0.1:32400,kafka-0:9092",
    "--external-server-mapping=10.0.0.7:9092,127.0.0.1:32400",
    "--port-mapping=db.example:5432=localhost:32400",
    "--map=[fd00::1]:443,127.0.0.1:32400",
]


@pytest.mark.parametrize("flag", MAPPINGS)
def test_of_a_mapping_the_local_side_is_the_programs_own(flag: str) -> None:
    proxy = container("relay", "acme/r:1", args=[flag])

    assert told(proxy, container("b", "acme/b:1")) == set()
    assert told(proxy, with_env("app", BROKERS="127.0.0.1:32400")) == {"app > relay 32400"}


@pytest.mark.parametrize(
    "flag", ["--dial-address-mapping=kafka:9092,127.0.0.1:7000", "--upstream-mapping=127.0.0.1:7000"]
)
def test_a_mapping_to_where_it_dials_or_of_one_address_is_a_call(flag: str) -> None:
    assert told(container("relay", "acme/r:1", args=[flag]), container("b", ports=[7000])) == {
        "relay > b 7000"
    }


@pytest.mark.parametrize(
    "name",
    [
        "ASPNETCORE_URLS",
        "DOTNET_URLS",
        "DOTNETMONITOR_Urls",
        "DOTNETMONITOR_Metrics__Endpoints",
        "Http__Bindings",
    ],
)
def test_what_a_host_of_dotnet_opens_is_no_call(name: str) -> None:
    one = with_env("one", "acme/o:1", **{name: "http://localhost:5999"})

    assert told(one, container("b", "acme/b:1")) == set()
    assert told(one, with_env("b", "acme/b:1", PEER_URL="http://localhost:5999")) == {"b > one 5999"}


def test_a_diagnostic_port_leads_to_who_listens_at_its_endpoint() -> None:
    mounts = [("run", "/diag")]
    app = with_env("app", "acme/a:1", mounts=mounts, DOTNET_DiagnosticPorts="/diag/m.sock")
    monitor = with_env(
        "monitor", "acme/m:1", mounts=mounts, DOTNETMONITOR_DiagnosticPort__EndpointName="/diag/m.sock"
    )

    assert on_a_socket(monitor, app) == on_a_socket(app, monitor) == {"app > monitor /diag/m.sock"}


@pytest.mark.parametrize("word", ["BROKER", "QUEUE", "DB", "AGENT"])
def test_who_has_the_uri_calls_who_has_the_bare_port(word: str) -> None:
    hub = with_env("hub", "acme/hub:1", **{f"HUB_WORKERS_{word}_PORT": "5679"})
    workers = with_env("workers", "acme/workers:1", **{f"HUB_WORKERS_{word}_URI": "http://localhost:5679"})

    assert told(hub, workers) == told(workers, hub) == {"workers > hub 5679"}


def test_a_bare_port_stays_a_call_where_its_server_stands_beside() -> None:
    app, redis = with_env("app", "acme/a:1", APP_REDIS_PORT="6379"), container("redis", "redis:7")
    exporter = container("exporter", "acme/e:1", args=["--redis-url=redis://localhost:6379"])

    assert {edge.target for edge in edges_of(app, redis, exporter)} == {"redis"}


SOCKETS = [
    ("--postfix.showq_path=/var/spool/postfix/public/showq", "/var/spool/postfix", "public/showq"),
    ("--bird.path=/run/bird/bird.ctl", "/run/bird", "bird.ctl"),
    ("--sasl=/run/saslauthd/mux", "/run/saslauthd", "mux"),
    ("--asterisk=/run/asterisk/asterisk.ctl", "/run/asterisk", "asterisk.ctl"),
    ("--kea=/run/kea/kea4-ctrl-socket", "/run/kea", "kea4-ctrl-socket"),
    ("--clamd=/run/clamav/clamd.ctl", "/run/clamav", "clamd.ctl"),
]


@pytest.mark.parametrize(("flag", "folder", "name"), SOCKETS, ids=[case[2] for case in SOCKETS])
def test_a_products_usual_socket_is_one_without_the_word(flag: str, folder: str, name: str) -> None:
    server = container("server", "acme/s:1", mounts=[("run", folder)])
    exporter = container("exporter", "acme/e:1", args=[flag], mounts=[("run", folder)])

    assert on_a_socket(server, exporter) == {f"exporter > server {folder}/{name}"}


def test_postfix_makes_its_queue_socket() -> None:
    mounts = [("run", "/var/spool/postfix")]
    server, other = container("mail", "boky/postfix:v4", mounts=mounts), container("c", mounts=mounts)
    exporter = container("m", "acme/e:1", args=["--q=/var/spool/postfix/public/showq"], mounts=mounts)

    assert on_a_socket(exporter, other, server) == {"m > mail /var/spool/postfix/public/showq"}


def test_a_plain_path_in_a_flag_is_no_socket() -> None:
    mounts = [("run", "/data")]
    app = container("app", "acme/a:1", args=["--out=/data/public/list"], mounts=mounts)

    assert on_a_socket(app, container("b", "acme/b:1", mounts=mounts)) == set()


def test_of_two_with_one_setting_who_forwards_to_the_socket_is_the_caller() -> None:
    mounts = [("run", "/run/shared")]
    web = with_env("web", "acme/w:1", mounts=mounts, FCGI_URL="unix:/run/shared/fpm.sock|fcgi://localhost")
    app = with_env("app", "acme/a:1", mounts=mounts, FCGI_URL="unix:///run/shared/fpm.sock")

    assert on_a_socket(web, app) == on_a_socket(app, web) == {"web > app /run/shared/fpm.sock"}


def test_a_pools_listen_setting_makes_the_socket_that_the_web_server_names() -> None:
    mounts = [("run", "/run/shared")]
    web = with_env("web", "acme/w:1", mounts=mounts, FCGI_URL="unix:/run/shared/fpm.sock|fcgi://localhost")
    app = with_env("app", "acme/a:1", mounts=mounts, PHP_FPM_LISTEN="/run/shared/fpm.sock")
    log = container("log", "acme/l:1", mounts=mounts)

    assert "web > app /run/shared/fpm.sock" in on_a_socket(log, web, app)
