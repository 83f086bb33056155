"""What was seen in one picture with what is written, and where they disagree."""

from dataclasses import replace

from sidecars.observe.joining import join
from sidecars.observe.observation import Call, Listener, Observation
from sidecars.topology import Confidence, Edge, Evidence, Pod, Service, ServicePort
from tests.observe.samples import container, pod

WRITTEN = Evidence("ConfigMap nginx", "data[default.conf]", "127.0.0.1:3000", 1)
EDGE = Edge("nginx", "app", 3000, kind="declared", evidence=(WRITTEN,))
APP, NGINX = container("app", 3000), container("nginx", 80)


def observation(*calls: Call, listeners: tuple[Listener, ...] = ()) -> Observation:
    settled = (("app", 0), ("nginx", 0))
    return Observation(100.0, "u-1", listeners=listeners, calls=calls, settled=settled)


def ids(found: Pod) -> list[tuple[str, tuple[str, ...]]]:
    return [(check.id, check.containers) for check in found.checks]


BOTH = (Listener("app", "tcp", "127.0.0.1", 3000), Listener("nginx", "tcp", "0.0.0.0", 80))


def test_a_written_call_that_was_seen_is_observed_and_keeps_its_evidence() -> None:
    (edge,) = join(pod(APP, NGINX, edges=(EDGE,)), observation(Call("nginx", "app", 3000))).edges

    assert (edge.kind, edge.confidence, edge.evidence[1]) == ("observed", Confidence.HIGH, WRITTEN)


def test_a_call_that_is_written_nowhere_is_added() -> None:
    found = join(pod(APP, NGINX, edges=(EDGE,)), observation(Call("app", "nginx", 80)))

    assert [(e.source, e.target, e.kind) for e in found.edges] == [
        ("nginx", "app", "declared"),
        ("app", "nginx", "observed"),
    ]


def test_a_call_to_nobody_gets_the_listener_that_was_seen() -> None:
    found = join(
        pod(APP, NGINX, edges=(replace(EDGE, target=None),)), observation(Call("nginx", "app", 3000))
    )

    assert [e.target for e in found.edges] == ["app"]


def test_a_closed_call_of_an_unknown_caller_confirms_the_one_edge_that_leads_there() -> None:
    found = join(
        pod(APP, NGINX, edges=(EDGE,)), observation(Call(None, "app", 3000, state="recently-closed"))
    )

    assert [(e.source, e.kind) for e in found.edges] == [("nginx", "observed")]


def test_a_guessed_direction_of_a_unix_socket_gives_way() -> None:
    guess = Edge("app", "nginx", None, "unix", "/run/x.sock", kind="inferred")
    seen = Call("nginx", "app", None, "unix", "/run/x.sock")

    found = join(pod(APP, NGINX, edges=(guess,)), observation(seen))

    assert [(e.source, e.target) for e in found.edges] == [("nginx", "app")]


def test_another_pods_observation_changes_nothing() -> None:
    here = pod(APP, NGINX, edges=(EDGE,))

    assert join(here, replace(observation(), uid="u-2")) is here


def test_a_declared_port_that_nobody_opens_is_an_error() -> None:
    found = join(pod(APP, NGINX), observation(listeners=BOTH[:1]))

    assert ids(found) == [("port-declared-closed", ("nginx",))]


def test_what_was_not_ready_when_it_was_looked_at_had_its_port_not_open_yet() -> None:
    early = replace(observation(listeners=BOTH[:1]), settled=(("app", 0),))

    assert ids(join(pod(APP, NGINX), early)) == []


def test_a_container_that_was_started_again_since_is_another_one() -> None:
    found = join(pod(APP, replace(NGINX, restarts=1)), observation(listeners=BOTH[:1]))

    assert ids(found) == []


def test_an_open_port_that_nobody_declares_is_a_finding() -> None:
    metrics = Listener("app", "tcp", "::", 9090)

    found = join(pod(APP, NGINX), observation(listeners=(*BOTH, metrics)))

    assert ids(found) == [("port-undeclared", ("app",))]


def test_a_port_of_a_service_that_listens_on_loopback_only_is_an_error() -> None:
    port = ServicePort(80, "3000", container="app", container_port=3000)
    service = Service("web", "ClusterIP", "10.0.0.1", (port,))

    found = join(replace(pod(APP, NGINX), services=(service,)), observation(listeners=BOTH))

    assert ids(found) == [("port-loopback-only", ("app",))]


def test_a_port_that_another_container_opens_is_a_finding_on_both() -> None:
    swapped = (BOTH[1], replace(BOTH[0], container="nginx"))

    found = join(pod(APP, NGINX), observation(listeners=swapped))

    assert ids(found) == [("port-declared-elsewhere", ("app", "nginx"))]


def test_a_container_that_is_not_ready_is_not_blamed() -> None:
    starting = replace(NGINX, ready=False)

    assert join(pod(APP, starting), observation(listeners=BOTH[:1])).checks == ()
