"""Listeners and calls of whole pods."""

from dataclasses import replace

import pytest

from sidecars.observe.observation import Basis, Observation
from tests.observe.samples import (
    TIME_WAIT,
    container,
    listen,
    observed,
    pair,
    pod,
    printed,
    process,
    sample,
    tcp,
)

WEB = pod(container("app", 3000), container("nginx", 80))


def calls(found: Observation) -> list[tuple[str | None, str | None, int | None, str]]:
    return [(call.source, call.target, call.port, call.state) for call in found.calls]


def node_and_nginx(*more: str) -> Observation:
    """nginx's master is root and readable; its worker, 101, holds the call and hides."""
    lines = [listen(3000, 10, uid=1000, address="127.0.0.1"), listen(80, 20), *more]
    lines += pair(41294, 3000, inodes=(21, 11), uids=(101, 1000))
    app = printed([process(1, 10, 11, uid=1000)], lines)
    nginx = printed([process(1, 20), process(7, uid=101, hidden=True)], lines)
    return observed(WEB, sample("app", app), sample("nginx", nginx))


def test_the_call_of_a_worker_that_hides_is_seen_and_labelled() -> None:
    found = node_and_nginx()

    assert calls(found) == [("nginx", "app", 3000, "established")]
    assert found.calls[0].source_basis is Basis.UID


def test_a_container_whose_worker_hides_is_read_partly() -> None:
    states = {each.name: each.state for each in node_and_nginx().containers}

    assert states == {"app": "read", "nginx": "partly"}


def test_loopback_and_all_addresses_are_told_apart() -> None:
    found = {each.port: each.reach for each in node_and_nginx().listeners}

    assert found == {3000: "loopback", 80: "all"}


def test_a_call_by_the_pods_own_address_is_a_call_inside() -> None:
    lines = [listen(3000, 10), tcp("10.1.0.5:40000", "10.1.0.5:3000", "01", 0, 21)]
    app, nginx = printed([process(1, 10)], lines), printed([process(1, 21)], lines)

    found = observed(WEB, sample("app", app), sample("nginx", nginx), pod_ips=("10.1.0.5",))

    assert calls(found) == [("nginx", "app", 3000, "established")]


def test_a_caller_from_outside_is_no_call_inside() -> None:
    lines = [listen(3000, 10), tcp("10.1.0.5:3000", "10.1.0.1:40000", "01", 0, 11)]

    found = observed(WEB, sample("app", printed([process(1, 10, 11)], lines)), pod_ips=("10.1.0.5",))

    assert found.calls == ()


def test_a_containers_call_to_itself_is_none() -> None:
    lines = [listen(3000, 10), *pair(40000, 3000, inodes=(11, 12))]

    found = observed(WEB, sample("app", printed([process(1, 10, 11, 12)], lines)))

    assert found.calls == ()


@pytest.mark.parametrize(
    "ends", [("127.0.0.1:40000", "127.0.0.1:3000"), ("127.0.0.1:3000", "127.0.0.1:40000")]
)
def test_a_closed_call_is_known_by_its_port_whoever_closed_it(ends: tuple[str, str]) -> None:
    lines = [listen(3000, 10), tcp(*ends, TIME_WAIT, 0, 0)]
    both = [sample("app", printed([process(1, 10)], lines)), sample("nginx", printed([process(1)], lines))]

    found = observed(WEB, *both)

    assert calls(found) == [("nginx", "app", 3000, "recently-closed")]
    assert found.calls[0].source_basis is Basis.ELIMINATION


def test_of_three_containers_the_caller_of_a_closed_call_stays_unknown() -> None:
    three = pod(container("app", 3000), container("nginx"), container("cache"))
    lines = [listen(3000, 10), tcp("127.0.0.1:40000", "127.0.0.1:3000", TIME_WAIT, 0, 0)]
    parts = (("app", 10), ("nginx", 20), ("cache", 30))

    found = observed(three, *(sample(name, printed([process(1, inode)], lines)) for name, inode in parts))

    assert calls(found) == [(None, "app", 3000, "recently-closed")]


def test_a_call_that_was_open_in_the_first_sample_keeps_its_caller() -> None:
    listener = listen(3000, 10)
    open_ = [listener, *pair(40000, 3000, inodes=(21, 11))]
    closed = [listener, tcp("127.0.0.1:40000", "127.0.0.1:3000", TIME_WAIT, 0, 0)]
    three = pod(container("app", 3000), container("nginx"), container("cache"))

    found = observed(
        three,
        sample("nginx", printed([process(1, 21)], open_), 0),
        sample("app", printed([process(1, 10)], closed), 1),
    )

    assert [(c.source, c.target) for c in found.calls] == [("nginx", "app")]


def test_a_udp_caller_to_a_port_that_nobody_opens_calls_nobody() -> None:
    udp = [tcp("127.0.0.1:41544", "127.0.0.1:8125", "01", 0, 21)]

    found = observed(WEB, sample("app", printed([process(1, 21)], udp=udp)))

    assert [(c.source, c.target, c.port, c.protocol) for c in found.calls] == [("app", None, 8125, "udp")]


def test_a_udp_clients_own_port_is_no_listener() -> None:
    udp = [tcp("0.0.0.0:41544", "0.0.0.0:0", "07", 0, 21), tcp("0.0.0.0:8125", "0.0.0.0:0", "07", 0, 22)]

    found = observed(WEB, sample("app", printed([process(1, 21, 22)], udp=udp)))

    assert [each.port for each in found.listeners] == [8125]


SOCKET = "0: 00000002 00000000 00010000 0001 01 {inode} /run/app.sock"
ACCEPTED = "0: 00000003 00000000 00000000 0001 03 {inode} /run/app.sock"
UNNAMED = "0: 00000003 00000000 00000000 0001 03 {inode}"


def test_the_other_end_of_a_unix_socket_is_who_shares_the_folder() -> None:
    shared = pod(container("app", mounts=["s"]), container("web", mounts=["s"]), container("log"))
    unix = [
        SOCKET.format(inode=10),
        ACCEPTED.format(inode=11),
        UNNAMED.format(inode=21),
        UNNAMED.format(inode=31),
    ]
    parts = [process(1, 10, 11)], [process(1, 21)], [process(1, 31)]

    found = observed(
        shared, *(sample(n, printed(p, unix=unix)) for n, p in zip(("app", "web", "log"), parts, strict=True))
    )

    assert [(c.source, c.target, c.path) for c in found.calls] == [("web", "app", "/run/app.sock")]


def test_a_pair_of_sockets_inside_one_container_is_no_caller() -> None:
    shared = pod(container("app", mounts=["s"]), container("web", mounts=["s"]))
    unix = [
        SOCKET.format(inode=10),
        ACCEPTED.format(inode=11),
        UNNAMED.format(inode=21),
        UNNAMED.format(inode=22),
    ]

    found = observed(
        shared,
        sample("app", printed([process(1, 10, 11)], unix=unix)),
        sample("web", printed([process(1, 21, 22)], unix=unix)),
    )

    assert found.calls == ()


def test_on_the_nodes_network_other_programs_listeners_are_left_out() -> None:
    lines = [listen(3000, 10), listen(10250, 99)]

    found = observed(WEB, sample("app", printed([process(1, 10)], lines)), host_network=True)

    assert [each.port for each in found.listeners] == [3000]


def lied(*rows: str, unix: tuple[str, ...] = (), inodes: tuple[int, ...] = (900,)) -> Observation:
    """The bank shows what is there; evil shows more."""
    bank = printed([process(1, 500, 501)], [listen(8080, 500)], unix=BANKS)
    evil = printed([process(1, *inodes)], [listen(8080, 500), *rows], unix=[*BANKS, *unix])
    containers = container("bank", 8080, mounts=("run",)), container("evil", 9999, mounts=("run",))
    return observed(pod(*containers), sample("bank", bank), sample("evil", evil))


BANKS = ("0000: 00000002 00000000 00000000 0001 01 501",)


def test_a_container_cannot_make_another_call_it() -> None:
    listening = listen(9999, 900)
    open_ = tcp("127.0.0.1:40000", "127.0.0.1:9999", "01", 0, 500)
    closed = tcp("127.0.0.1:40001", "127.0.0.1:9999", TIME_WAIT, 0, 0)

    assert [call[:2] for call in calls(lied(listening, open_))] == [(None, "evil")]
    assert [call[:2] for call in calls(lied(listening, closed))] == [(None, "evil")]


def test_a_container_cannot_take_the_calls_of_another() -> None:
    rows = pair(40000, 8080, inodes=(21, 501))
    bank = printed([process(1, 500, 501)], [listen(8080, 500), *rows])
    app = printed([process(1, 21)], [listen(8080, 500), *rows])
    nearer = listen(8080, 900, address="127.0.0.1")
    evil = printed([process(1, 900)], [listen(8080, 500), nearer, *rows])
    made = pod(container("app"), container("bank", 8080), container("evil"))

    found = observed(made, sample("app", app), sample("bank", bank), sample("evil", evil))

    assert calls(found) == [("app", "bank", 8080, "established")]


def test_a_container_cannot_make_another_call_its_unix_socket() -> None:
    listening = "0000: 00000002 00000000 00010000 0001 01 900 /run/evil.sock"
    ends = "0000: 00000002 00000000 00000000 0001 03 901 /run/evil.sock"
    forged = "0000: 00000002 00000000 00000000 0001 03 501"

    assert calls(lied(unix=(listening, ends, forged), inodes=(900, 901))) == []


def test_a_container_cannot_tell_of_calls_to_the_unix_socket_of_another() -> None:
    own = "0000: 00000002 00000000 00010000 0001 01 502 /run/bank.sock"
    caller = "0000: 00000002 00000000 00000000 0001 03 700"
    rows = [own, caller]
    forged = "0000: 00000002 00000000 00000000 0001 03 999 /run/bank.sock"
    bank, app = printed([process(1, 502)], unix=rows), printed([process(1, 700)], unix=rows)
    evil = printed([process(1)], unix=[*rows, forged])
    made = pod(*(container(name, mounts=("run",)) for name in ("app", "bank", "evil")))

    found = observed(made, sample("app", app), sample("bank", bank), sample("evil", evil))

    assert calls(found) == []


def test_it_knows_who_was_ready_then() -> None:
    starting = replace(container("nginx", 80), ready=False)

    found = observed(pod(container("app", 3000), starting), sample("app", printed([process(1)])))

    assert found.settled == (("app", 0),)
