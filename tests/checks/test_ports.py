"""Ports: clashes, Services that lead nowhere, calls that nobody hears, probes of others."""

import pytest

from tests.checks.found import checks, severity
from tests.topology.pods import container, service


def test_one_port_in_two_containers_is_an_error_that_names_both() -> None:
    found = checks(container("a", ports=[80]), container("b", ports=[80]))["port-clash"]

    assert (found.severity, found.containers) == ("error", ("a", "b"))


def test_one_port_of_the_node_asked_for_twice_is_an_error() -> None:
    one = container("a") | {"ports": [{"containerPort": 80, "hostPort": 8080}]}
    two = container("b") | {"ports": [{"containerPort": 81, "hostPort": 8080}]}
    udp = container("b") | {"ports": [{"containerPort": 81, "hostPort": 8080, "protocol": "UDP"}]}

    assert severity("host-port-clash", one, two) == "error"
    assert severity("host-port-clash", one, udp) == ""


def test_a_service_that_asks_for_an_unknown_name_is_an_error() -> None:
    assert (
        severity("service-port", container("a", ports=[80]), services=[service("s", (80, "web"))]) == "error"
    )


def test_a_digit_of_another_script_is_a_name() -> None:
    assert (
        severity("service-port", container("web", ports=[80]), services=[service("s", (80, "²"))]) == "error"
    )


def test_a_service_to_another_number_is_warned_of_only_where_ports_are_declared() -> None:
    services = [service("s", (80, 9999))]

    assert severity("service-port", container("a", ports=[80]), services=services) == "warning"
    assert severity("service-port", container("a"), services=services) == ""
    assert severity("service-port", container("a", ports=[9999]), services=services) == ""
    assert severity("service-port", container("a", ports=[80]), container("b"), services=services) == ""


def test_a_call_that_nobody_can_hear_is_warned_of() -> None:
    caller = container("a", ports=[80], env=[{"name": "API_URL", "value": "http://localhost:9999"}])

    assert severity("unknown-listener", caller, container("b", ports=[8080])) == "warning"
    assert severity("unknown-listener", caller, container("b", ports=[9999])) == ""


def test_where_a_container_declares_no_port_the_call_may_be_heard() -> None:
    caller = container("a", ports=[80], env=[{"name": "API_URL", "value": "http://localhost:9999"}])

    assert severity("unknown-listener", caller, container("b")) == ""
    assert severity("unknown-listener", caller, container("b", ports=[8080]), hostNetwork=True) == ""


@pytest.mark.parametrize("image", ["fluent/fluent-bit:3", "envoyproxy/envoy:v1", "redis:7"])
def test_a_known_helper_may_hear_on_ports_that_it_does_not_declare(image: str) -> None:
    caller = container("a", ports=[80], env=[{"name": "API_URL", "value": "http://localhost:9999"}])

    assert severity("unknown-listener", caller, container("b", image, ports=[8080])) == ""


def test_a_proxy_that_calls_where_the_app_does_not_listen_is_warned_of() -> None:
    proxy = container("a", "nginx:1", ports=[80], env=[{"name": "API_URL", "value": "http://localhost:9999"}])

    assert severity("unknown-listener", proxy, container("b", ports=[8080])) == "warning"


def test_the_probe_that_a_checker_answers_is_meant_so() -> None:
    probed = container("plugin", livenessProbe={"httpGet": {"port": 9808}})
    checker = container("liveness-probe", "sig-storage/livenessprobe:v2", ports=[9808])

    assert severity("probe-elsewhere", probed, checker) == ""


@pytest.mark.parametrize("way", ["httpGet", "tcpSocket", "grpc"])
def test_a_probe_of_another_containers_port_is_warned_of(way: str) -> None:
    probed = container("a", ports=[80], livenessProbe={way: {"port": 8080}})

    found = checks(probed, container("b", ports=[8080]))["probe-elsewhere"]

    assert (found.severity, found.containers) == ("warning", ("a", "b"))


def test_a_probe_of_a_name_that_the_container_lacks_is_an_error() -> None:
    probed = container("a", ports=[(80, "http")], readinessProbe={"httpGet": {"port": "web"}})

    assert severity("probe-elsewhere", probed, container("b", ports=[(81, "web")])) == "error"


@pytest.mark.parametrize(
    "probe",
    [
        {"httpGet": {"port": "http"}},
        {"httpGet": {"port": 80}},
        {"httpGet": {"port": 9000}},
        {"httpGet": {"port": 8080, "host": "example.com"}},
        {"httpGet": {"port": 8080, "path": "/app-health/a/livez"}},
        {"httpGet": {"port": 8080, "path": "/healthcheck/a"}},
        {"exec": {"command": ["curl", "localhost:8080"]}},
    ],
)
def test_a_probe_of_its_own_port_of_an_unknown_one_or_of_another_host_is_well(
    probe: dict[str, object],
) -> None:
    probed = container("a", ports=[(80, "http")], livenessProbe=probe)

    assert severity("probe-elsewhere", probed, container("b", ports=[8080])) == ""


def test_a_port_name_of_a_template_tool_is_no_name() -> None:
    probed = container("a", ports=[(80, "http")], readinessProbe={"httpGet": {"port": "${PORT:-80}"}})

    assert severity("probe-elsewhere", probed) == ""


def test_an_auth_proxy_asks_a_port_that_the_app_need_not_declare() -> None:
    arguments = ["--upstream=http://127.0.0.1:8080/"]
    proxy = container("p", "brancz/kube-rbac-proxy:v1", ports=[8443], args=arguments)

    assert severity("unknown-listener", proxy, container("manager", ports=[9443])) == ""
