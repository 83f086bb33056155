"""The pod's own name server, as dnsConfig makes one of a container."""

import pytest

from tests.topology.calls import edges_of, told, udp
from tests.topology.pods import Json, container

HERE: Json = {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["127.0.0.1", "8.8.8.8"]}}
APP = container("app", "acme/a:1")


def test_every_other_container_asks_the_name_server_of_the_pod() -> None:
    helper = container("helper", "acme/h:1")

    assert told(APP, helper, udp("dns", 53), **HERE) == {"app > dns 53/udp", "helper > dns 53/udp"}


@pytest.mark.parametrize("image", ["coredns/coredns:1.11", "openziti/ziti-tunnel:1.1.3", "acme/dnsmasq:2"])
def test_a_product_that_answers_names_is_asked(image: str) -> None:
    assert told(APP, container("side", image), **HERE) == {"app > side 53/udp"}


def test_the_evidence_is_the_entry_of_the_list() -> None:
    (edge,) = edges_of(APP, udp("dns", 53), dnsPolicy="None", dnsConfig={"nameservers": ["10.0.0.10", "::1"]})

    assert edge.evidence[0].field == "spec.dnsConfig.nameservers[1]"
    assert (edge.kind, edge.confidence.value) == ("inferred", "medium")


def test_nobody_is_asked_where_nobody_answers() -> None:
    assert told(APP, container("b", "acme/b:1"), **HERE) == set()


@pytest.mark.parametrize(
    "fields",
    [
        {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.0.0.10"]}},
        {"dnsConfig": {"nameservers": ["127.0.0.1"]}},
        {"dnsPolicy": "Default", "dnsConfig": {"nameservers": ["127.0.0.1"]}},
        {"dnsPolicy": "None", "dnsConfig": {"nameservers": "127.0.0.1"}},
        {"dnsPolicy": "None", "dnsConfig": None},
    ],
)
def test_other_resolvers_make_no_call(fields: Json) -> None:
    assert told(APP, udp("dns", 53), **fields) == set()
