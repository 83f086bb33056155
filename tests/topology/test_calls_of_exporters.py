"""Whom an exporter asks where nothing says it: the product that it is named after, beside it."""

import pytest

from tests.topology.calls import told, with_env
from tests.topology.pods import Json, container, empty_dir

SECRET = [{"name": "CONNECTION", "valueFrom": {"secretKeyRef": {"name": "s", "key": "dsn"}}}]
STORE = container("acmedb", "acme/acmedb:1", ports=[7000])


def exporter(image: str = "acme/acmedb-exporter:1", name: str = "metrics", **fields: object) -> Json:
    return {**container(name, image), **fields}


@pytest.mark.parametrize(
    "asking",
    [
        exporter(env=SECRET),
        exporter("acme/prometheus-acmedb-exporter:1"),
        exporter("acme/tools:1", name="acmedb-exporter"),
        exporter("acme/tools:1", command=["/bin/acmedb_exporter"]),
        exporter("acme/tools:1", livenessProbe={"exec": {"command": ["acmedb_exporter", "health"]}}),
    ],
    ids=["image", "prefix", "name", "command", "probe"],
)
def test_an_exporter_asks_the_one_door_of_the_container_that_it_is_named_after(asking: Json) -> None:
    found = told(asking, STORE, container("other", ports=[9999]))

    assert found == {f"{asking['name']} > acmedb 7000"}


def test_a_door_that_is_there_to_be_watched_is_not_the_one_that_is_asked() -> None:
    store = container("acmedb", ports=[7000, (7001, "http-metrics")])

    assert told(exporter(), store) == {"metrics > acmedb 7000"}


@pytest.mark.parametrize(
    "asking",
    [
        exporter(args=["--target=acmedb.example.org:7000"]),
        exporter(env=[{"name": "URL", "value": "http://acmedb.example.org"}]),
        exporter(env=[{"name": "ACMEDB_HOST", "value": "elsewhere"}]),
    ],
)
def test_an_exporter_that_is_told_whom_it_asks_asks_nobody_else(asking: Json) -> None:
    assert told(asking, STORE) == set()


def test_an_exporter_that_shares_a_folder_with_the_product_may_read_files_there() -> None:
    asking = container("metrics", "acme/acmedb-exporter:1", mounts=[("data", "/logs")])
    store = container("acmedb", ports=[7000], mounts=[("data", "/logs")])

    assert told(asking, store, volumes=(empty_dir("data"),)) == set()


@pytest.mark.parametrize("product", ["statsd", "graphite", "blackbox", "process", "json", "postfix"])
def test_an_exporter_that_others_send_to_asks_nobody(product: str) -> None:
    assert told(exporter(f"acme/{product}-exporter:1"), container(product, ports=[7000])) == set()


def test_of_two_containers_of_the_product_none_is_chosen() -> None:
    other = container("acmedb-replica", "acme/acmedb:1", ports=[7100])

    assert told(exporter(), STORE, other) == set()


def test_a_pooler_with_a_port_of_its_own_does_not_open_the_usual_one() -> None:
    pooler = container("pgbouncer", "acme/pgbouncer:1", ports=[6543])

    assert told(container("m", "x/pgbouncer-exporter:1"), pooler) == {"m > pgbouncer 6543"}


def test_a_repository_of_many_images_tells_the_product_in_the_tag() -> None:
    pooler = container("a", "apache/airflow:airflow-pgbouncer-2024.01.19-1.21.0", ports=[6543])
    metrics = container("b", "apache/airflow:airflow-pgbouncer-exporter-2024.06.18-0.17.0")

    assert told(pooler, metrics) == {"b > a 6543"}
    assert told(pooler, container("b", "apache/airflow:2.9.1-python3.11")) == set()


KIBANA = container("kibana", "docker.elastic.co/kibana/kibana:8.15.2", ports=[5601])


def test_a_metricbeat_whose_configuration_is_out_of_sight_watches_what_runs_beside_it() -> None:
    assert told(container("beat", "docker.elastic.co/beats/metricbeat:8"), KIBANA) == {"beat > kibana 5601"}


def test_a_metricbeat_obeys_the_configuration_that_is_in_sight() -> None:
    volumes = ({"name": "c", "configMap": {"name": "c"}},)
    data = {"c": {"data": {"metricbeat.yml": "metricbeat.modules:\n- module: system\n"}}}
    beat = container("beat", "docker.elastic.co/beats/metricbeat:8", mounts=[("c", "/c")])

    assert told(beat, KIBANA, volumes=volumes, configmaps=data) == set()


AGENT = {**container("jaeger-agent"), "ports": [{"containerPort": 6831, "protocol": "UDP"}]}


def test_a_tracing_configuration_without_an_address_means_the_agent_of_the_pod() -> None:
    tracing = '--tracing.config="config":\n  "service_name": "x"\n"type": "JAEGER"\n'

    assert told(container("thanos", args=["rule", tracing]), AGENT) == {"thanos > jaeger-agent 6831/udp"}
    assert told(container("thanos", args=["rule", tracing]), container("other")) == set()


def test_a_manager_of_a_database_goes_to_the_member_beside_it() -> None:
    mongo = container("mongo", "mongo:4.0", ports=[27017])

    assert told(mongo, with_env("s", "cvallance/mongo-k8s-sidecar")) == {"s > mongo 27017"}


def test_a_push_of_metrics_goes_to_the_exporter_that_takes_them() -> None:
    exporter_ = container("metrics", "discourse/prometheus_exporter:2")

    assert told(with_env("rails", PROMETHEUS_EXPORTER_HOST="localhost"), exporter_) == {
        "rails > metrics 9394"
    }
