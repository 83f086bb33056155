"""Calls that variables speak of, and variables that speak of something else."""

import pytest

from sidecars.topology import Confidence
from tests.topology.calls import edges_of, told, udp, with_env
from tests.topology.pods import container

DB = container("db", ports=[5432])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPRING_DATASOURCE_URL", "jdbc:postgresql://localhost:5432/x"),
        ("DB_URL", "jdbc:sqlserver://localhost:5432;databaseName=x"),
        ("DATABASE_DSN", "host=localhost user=u password=p port=5432 sslmode=disable"),
        ("DATABASE_DSN", "port=5432 host=localhost user=u"),
        ("DATABASE_DSN", "postgresql://u@:5432/x?host=127.0.0.1&sslmode=disable"),
        ("ConnectionStrings__Main", "Server=127.0.0.1,5432;Database=x;User Id=sa"),
        ("BROKERS", "one.example:9092,localhost:5432"),
        ("MONGO_URL", "mongodb://u:p@one.example:1,localhost:5432/x"),
        ("GRPC_TARGET", "dns:///localhost:5432"),
        ("CONTENT_FORWARD", "smtp-amavis:[127.0.0.1]:5432"),
        ("PROXY_TARGET", "socks5://localhost:5432"),
        ("DATABASE_URL", "postgres://u:p@localhost/x"),
        ("UPSTREAM", "http://0.0.0.0:5432"),
        ("BASH_TARGET", "/dev/tcp/localhost/5432"),
        ("NODE_MULTIADDRESS_TARGET", "/ip4/127.0.0.1/tcp/5432"),
    ],
)
def test_every_usual_spelling_of_an_address_is_a_call(name: str, value: str) -> None:
    assert told(with_env("app", **{name: value}), DB) == {"app > db 5432"}


@pytest.mark.parametrize(
    ("value", "image", "port"),
    [
        ("postgresql+psycopg2://u:p@localhost/x", "postgres:16", 5432),
        ("mysql+pymysql://u:p@127.0.0.1/x?charset=utf8mb4", "mysql:8", 3306),
        ("mariadb+mariadbconnector://u:p@127.0.0.1/x", "mariadb:11", 3306),
        ("mssql+pyodbc://sa:p@localhost/x", "mcr.microsoft.com/mssql/server:2022-latest", 1433),
        ("postgis://u:p@localhost/gis", "postgis/postgis:16-3.4", 5432),
        ("ecto://u:p@localhost/x", "postgres:16", 5432),
        ("bolt://localhost", "neo4j:5", 7687),
    ],
)
def test_a_scheme_that_names_its_driver_has_the_usual_port(value: str, image: str, port: int) -> None:
    assert told(with_env("app", DATABASE_URL=value), container("store", image)) == {f"app > store {port}"}


def test_a_scheme_whose_port_is_told_elsewhere_has_none() -> None:
    pod = [with_env("app", MONGO_URL="mongodb+srv://localhost/x"), container("store", "mongo:7")]

    assert told(*pod) == set()


@pytest.mark.parametrize("name", ["SQL_HOST", "DATASOURCES_DEFAULT_HOST", "RDS_HOSTNAME", "JDBC_HOST"])
def test_a_host_of_a_database_has_the_port_of_the_one_in_the_pod(name: str) -> None:
    env = with_env("app", **{name: "localhost"})

    assert told(env, container("store", "mariadb:11")) == {"app > store 3306"}


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("DB_HOST", "DB_PORT"),
        ("DB_HOSTNAME", "DB_PORT_NUMBER"),
        ("DB_SERVICE_HOST", "DB_SERVICE_PORT"),
        ("PGHOST", "PGPORT"),
        ("database__connection__host", "database__connection__port"),
        ("spring.redis.host", "spring.redis.port"),
        ("DB_ADDR", "DB_PORT"),
    ],
)
def test_every_usual_pair_of_host_and_port_is_a_call(host: str, port: str) -> None:
    assert told(with_env("app", **{host: "127.0.0.1", port: "5432"}), DB) == {"app > db 5432"}


@pytest.mark.parametrize("name", ["REDIS_HOST", "SPRING_DATA_REDIS_HOST", "CACHE_REDIS_HOST", "redisHost"])
def test_a_host_without_a_port_means_the_usual_port_of_what_its_name_speaks_of(name: str) -> None:
    (edge,) = edges_of(with_env("app", **{name: "localhost"}), container("cache", "redis:7"))

    assert (edge.target, edge.port, edge.kind, edge.confidence) == (
        "cache", 6379, "inferred", Confidence.MEDIUM,
    )  # fmt: skip


def test_a_host_without_a_port_is_no_call_where_nobody_is_known_to_listen() -> None:
    assert told(with_env("app", REDIS_HOST="localhost"), container("other")) == set()


def test_a_database_host_means_the_one_database_that_listens() -> None:
    app = with_env("app", DB_HOST="127.0.0.1")

    assert told(app, container("m", "mariadb:11")) == {"app > m 3306"}
    assert told(app, container("m", "mariadb:11"), container("p", "postgres:16")) == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "http://localhost:5432"),
        ("NEXT_PUBLIC_API_URL", "http://localhost:5432"),
        ("REDIRECT_URL", "http://localhost:5432/oauth2/callback"),
        ("CORS_ORIGIN", "http://localhost:5432"),
        ("ISSUER_URL", "http://localhost:5432"),
        ("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://localhost:5432"),
        ("ALLOWED_HOSTS", "localhost:5432,127.0.0.1"),
        ("NO_PROXY", "localhost:5432,127.0.0.1"),
        ("no_proxy", "localhost,127.0.0.1:5432"),
        ("LISTEN_ADDR", "127.0.0.1:5432"),
        ("METRICS_ADDR", "127.0.0.1:5432"),
        ("BIND", "127.0.0.1:5432"),
        ("APP_URL", "http://localhost"),
        ("TUNNEL", "5432:localhost:5432"),
        ("IMAGE", "localhost:5432x"),
        ("DATABASE_URL", "postgres://db.example:5432/x"),
    ],
)
def test_what_is_told_to_others_or_opened_here_is_no_call(name: str, value: str) -> None:
    assert told(with_env("app", **{name: value}), DB) == set()


def test_an_address_that_may_be_its_own_is_a_call_only_where_another_listens() -> None:
    app = with_env("app", URL="http://localhost:5432")

    assert told(app, DB) == {"app > db 5432"}
    assert told(app, container("other")) == set()


def test_a_call_that_names_no_listener_of_the_pod_leads_to_nobody() -> None:
    assert told(with_env("app", REDIS_URL="redis://localhost:6379"), DB) == {"app > ? 6379"}


@pytest.mark.parametrize(
    ("values", "number"),
    [
        ({"STATSD_HOST": "localhost"}, 8125),
        ({"STATSD_ADDR": "127.0.0.1:8125"}, 8125),
        ({"DD_AGENT_HOST": "localhost", "DD_DOGSTATSD_PORT": "8125"}, 8125),
        ({"JAEGER_AGENT_HOST": "localhost", "JAEGER_AGENT_PORT": "6831"}, 6831),
        ({"AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000"}, 2000),
        ({"SYSLOG_HOST": "localhost", "SYSLOG_PORT": "514"}, 514),
        ({"METRICS_TARGET": "localhost:9999"}, 9999),
    ],
)
def test_a_udp_port_is_told_by_the_name_or_by_who_listens(values: dict[str, str], number: int) -> None:
    found = told(with_env("app", **values), udp("agent", number))

    assert found == {f"app > agent {number}/udp"}


def test_a_protocol_alone_means_the_exporters_usual_endpoint_if_a_collector_is_there() -> None:
    app = with_env("app", OTEL_EXPORTER_OTLP_PROTOCOL="grpc")

    assert told(app, container("c", "otel/opentelemetry-collector:0.90")) == {"app > c 4317"}
    assert told(app, container("c")) == set()


def test_the_pods_own_address_is_localhost_and_the_nodes_is_not() -> None:
    def field(name: str, path: str) -> dict[str, object]:
        return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}

    pod_ip = {"name": "API_URL", "value": "http://$(POD_IP):5432"}
    app = container("app", env=[field("POD_IP", "status.podIP"), pod_ip])
    node = container("app", env=[field("DB_HOST", "status.hostIP"), {"name": "DB_PORT", "value": "5432"}])

    assert told(app, DB) == {"app > db 5432"}
    assert told(node, DB) == set()


def test_a_host_alias_of_localhost_is_localhost() -> None:
    app = with_env("app", API_URL="http://db.local:5432")

    assert told(app, DB, hostAliases=[{"ip": "127.0.0.1", "hostnames": ["db.local"]}]) == {"app > db 5432"}
    assert told(app, DB, hostAliases=[{"ip": "10.0.0.1", "hostnames": ["db.local"]}]) == set()


def test_a_hostile_alias_is_no_pattern() -> None:
    aliases = [{"ip": "127.0.0.1", "hostnames": [".*", "(", "a" * 400, 7, None]}]

    assert told(with_env("app", API_URL="http://x.example:5432"), DB, hostAliases=aliases) == set()


def test_evidence_of_a_connection_string_holds_no_password() -> None:
    dsn = "host=localhost user=admin password=hunter2 port=5432"

    (edge,) = edges_of(with_env("app", DATABASE_DSN=dsn), DB)

    assert [evidence.text for evidence in edge.evidence] == ["localhost:5432"]


def test_evidence_of_a_convention_holds_no_other_value() -> None:
    env = [{"name": "", "value": "hunter2"}, {"name": "DAPR_HTTP_PORT", "value": "3500"}]

    (edge,) = edges_of(container("app", env=env), container("daprd", "daprio/daprd:1"))

    assert [evidence.text for evidence in edge.evidence] == ["localhost:3500"]


@pytest.mark.parametrize("value", ["\u00b2", "\u0663\u0664", "99999999999", "-1", "8080 "])
def test_a_strange_number_is_a_port_or_nothing(value: str) -> None:
    app = with_env("app", LISTEN_PORT=value, DB_HOST="localhost", DB_PORT=value, PORT=value)

    assert told(app, DB) <= {"app > ? 8080"}


def test_a_bare_local_host_means_the_usual_port_of_what_its_name_speaks_of() -> None:
    gateway = container("gateway", "zabbix/zabbix-java-gateway:7.0")

    assert told(with_env("server", ZBX_JAVAGATEWAY="localhost"), gateway) == {"server > gateway 10052"}
    assert told(with_env("server", ZBX_SERVER_NAME="localhost"), gateway) == set()


def test_a_name_decides_between_two_that_may_listen_on_the_port() -> None:
    proxy, agent = container("traefik", "traefik:v3"), container("crowdsec", "crowdsecurity/crowdsec:v1")

    assert told(with_env("bouncer", CROWDSEC_AGENT_HOST="localhost:8080"), proxy, agent) == {
        "bouncer > crowdsec 8080"
    }


@pytest.mark.parametrize(
    ("value", "port"),
    [("mqtt://localhost", 1883), ("amqp://127.0.0.1/x", 5672), ("redis://localhost/0", 6379)],
)
def test_a_scheme_that_no_browser_has_tells_a_client_under_any_name(value: str, port: int) -> None:
    assert told(with_env("app", SHOP_BUS=value), container("bus", ports=[port])) == {f"app > bus {port}"}
    assert told(with_env("app", SHOP_BUS=value), container("b")) == set()
    assert told(with_env("app", PUBLIC_BUS=value), container("bus", ports=[port])) == set()
