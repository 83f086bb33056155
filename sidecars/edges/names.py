"""What the name of a variable or a flag says about the address in its value."""

import re
from enum import Enum
from functools import lru_cache

from sidecars.knowledge.behaviour import datagram_ports, name_words, usual_port


class Meaning(Enum):
    LISTENS = "the program opens the port itself"
    CALLS = "the program goes there"
    UNCLEAR = "a call if somebody else listens there, else the program's own port"
    SAYS = "told to others: a browser's URL, an allowed origin, an advertised address"


LISTENING = name_words("listening")
# Told to browsers and peers, or compared with, but never connected to by the program itself.
SAYING = name_words("saying")
CALLING = name_words("calling")
# Words of a URL that is usually the program's own.
OWN = name_words("own")
ASIDE = name_words("aside")
OWN_PORTS = name_words("own_ports")
UPSTREAM = frozenset({"upstream", "upstreams", "target", "targets", "backend", "backends"})
EXPORTED = frozenset({"exporter", "otlp"})
BASES = frozenset({"base", "root", "home", "baseurl"})
URLS = frozenset({"url", "urls", "uri", "uris"})
DATAGRAMS = name_words("datagrams")  # by UDP at any port
STREAMS = frozenset({"exporter", "web", "http", "https", "tcp", "tls", "api", "metrics", "admin", "grpc"})
TRANSPORTS = frozenset({"http", "https", "tcp", "tls", "grpc"})
ENDPOINTS = frozenset({"endpoint", "endpoints"})
OWN_ENDPOINTS = name_words("own_ports") | {"csi", "driver", "plugin", "registration", *ENDPOINTS}
LONGEST = 200  # characters of a name that are looked at, and kept: pods have most names in common
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
BREAK = re.compile(r"[^a-z0-9]+")


def words(name: str) -> tuple[str, ...]:
    """--esUri, ES_URI and es.uri are the same words."""
    return _words(name[:LONGEST])


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    return tuple(word for word in BREAK.split(CAMEL.sub("_", name).lower()) if word)


def is_upstream(name: str) -> bool:
    """Where the program goes for sure, even to 0.0.0.0: OTEL_EXPORTER_OTLP_ENDPOINT, --upstream."""
    said = frozenset(words(name))
    return bool(said & UPSTREAM) or said >= EXPORTED


def is_datagram(name: str, port: int | None, scheme: str) -> bool:
    """A name of a UDP protocol (statsd, syslog), or a number of one; a scheme may say otherwise."""
    if scheme and scheme not in DATAGRAMS:
        return False
    if port in datagram_ports():
        return True
    said = words(name)
    if DATAGRAMS.intersection(said) and not _is_stream(said):
        return True
    usual = usual_port(said)
    return usual is not None and usual[1] == "udp" and port in usual[0]


def _is_stream(said: tuple[str, ...]) -> bool:
    """statsd-exporter and STATSD_WEB_ADDR, but not METRICS_STATSD_HOST."""
    last = max(at for at, word in enumerate(said) if word in DATAGRAMS)
    return not STREAMS.isdisjoint(said[last:]) or not TRANSPORTS.isdisjoint(said)


def judge(name: str) -> Meaning:
    return _judge(name[:LONGEST])


@lru_cache(maxsize=4096)
def _judge(name: str) -> Meaning:
    said = words(name)
    known = frozenset(said)
    if known & SAYING or {"no", "proxy"} <= known or {"tls", "server", "name"} <= known:
        return Meaning.SAYS
    if known & LISTENING and not (known & LISTENING == {"bind"} and known & URLS):
        return Meaning.LISTENS  # BIND is a name server too: --bind.stats-url
    if {"csi", "address"} <= known:
        return Meaning.CALLS
    if known & URLS and "site" in known:
        return Meaning.SAYS
    if known & URLS and known & BASES and not known & CALLING:
        return Meaning.UNCLEAR  # AIRFLOW__WEBSERVER__BASE_URL
    if known & URLS:
        return Meaning.UNCLEAR if known <= OWN else Meaning.CALLS
    # --metrics-addr, --http-endpoint: doors of the program itself.
    if known & (ASIDE | {"http", "https"}) and known & {"addr", "address", "bind"} and not known & CALLING:
        # --lookupd-http-address speaks of something that may be another's.
        return Meaning.LISTENS if known <= ASIDE | OWN | OWN_PORTS else Meaning.UNCLEAR
    if {"http", "endpoint"} == known:
        return Meaning.LISTENS
    if name.isupper() and ENDPOINTS.intersection(said[-1:]) and not known <= OWN | ASIDE | OWN_ENDPOINTS:
        return Meaning.CALLS  # SEARCH_ENDPOINT
    if known & ASIDE and not known & (CALLING - {"prometheus", "proxy", "agent"}):
        return Meaning.UNCLEAR
    return Meaning.CALLS if known & CALLING else Meaning.UNCLEAR
