"""What a source says about one address: a call to it, or listening on it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from sidecars.configured import Configured
from sidecars.edges.addresses import PASSIVE, WEB_SCHEMES, Address
from sidecars.edges.names import ASIDE, OWN, Meaning, is_upstream, judge, words
from sidecars.knowledge.behaviour import name_words, usual_port
from sidecars.topology import Confidence, Evidence

# In the name of a variable or flag, or before an address in a file: the program opens the port.
LISTENING = re.compile(
    r"(?i)(listen|bind|(^|[._-])(serve|own|self)([._-]|$)|(^|\.)server_addr([._-]|$)"
    r"|(?<![a-z])(local|source|src)[._-]?(addr(ess)?|ip|port|socket)(?![a-z]))"
)
OWN_PORTS = name_words("own_ports")
CALLED_PORTS = name_words("called_ports")
ANYBODY = "*"
SERVERS = (("server",), ("servers",))


class Proof(IntEnum):
    """How sure it is that a container listens on a port; a surer one silences the others."""

    MENTIONED = 1  # the number stands in its configuration, for whatever reason
    PROBED = 2  # a probe of the container asks there
    REPLACED = 3  # the product's usual port, but another command runs
    PRODUCT = 4  # the product's usual port
    LIKELY = 5  # an address of its own in an unclear flag
    FILED = 6  # a file says so, which may be mounted for another container
    SAID = 7  # declared, or told to listen there
    HERE = 8  # told to listen at this very address: 127.0.0.1, not only the pod's


@dataclass(frozen=True, slots=True)
class Finding:
    """`needs_listener`: told only where exactly one other container listens at the address."""

    container: str
    address: Address
    evidence: Evidence
    is_listener: bool = False
    kind: str = "declared"
    confidence: Confidence = Confidence.HIGH
    proof: Proof = Proof.SAID  # of a listener
    is_unclear: bool = False  # a call if another listens there, else the container's own port
    is_quiet: bool = False  # never told as a call to an unknown listener
    needs_listener: bool = False
    is_folder: bool = False  # of a unix listener: the folder in which it makes its sockets
    is_default: bool = False  # a product's own habit, which an address that it is told replaces
    one_of: str = ""  # of several ports that one variable may mean
    is_early: bool = False  # to what starts only after the init container that calls
    is_for_app: bool = False  # to the app beside it, whoever that is
    users: tuple[str, ...] = ()  # images that look for sockets in that folder; "*" is whoever mounts it
    called: tuple[str, ...] = ()  # words of the name of the variable or flag that says so
    about: frozenset[str] = frozenset()  # words that name whose port it is; "*" is any other container's
    named: str = ""  # the container that the name of the variable, flag or setting tells of


def read_name(
    container: str, name: str, address: Address, evidence: Evidence, *, is_quiet: bool = False
) -> Iterator[Finding]:
    """What an address in the value of this variable or flag is; nothing if it is only told to others."""
    meaning = judge(name)
    if meaning is Meaning.UNCLEAR and address.scheme in WEB_SCHEMES and words(name)[1:][-1:] in SERVERS:
        # NEXTCLOUD_SERVER=http://localhost: what opens a port itself is told no URL.
        meaning = meaning if OWN.issuperset(words(name)) else Meaning.CALLS
    if meaning is Meaning.LISTENS or address.scheme == PASSIVE:
        is_said = address.scheme == PASSIVE or LISTENING.search(name)
        yield Finding(container, address, evidence, is_listener=True, called=() if is_said else words(name))
    elif meaning is Meaning.CALLS:
        is_quiet = is_quiet or "podIP" in address.shown
        yield Finding(container, address, evidence, is_quiet=is_quiet, called=words(name))
    elif meaning is Meaning.UNCLEAR and (address.is_explicit or not address.is_web):
        sure = Confidence.MEDIUM
        said = words(name)
        yield Finding(
            container, address, evidence, confidence=sure, is_unclear=True, is_quiet=True, called=said
        )


def read_port(
    container: str, name: str, address: Address, evidence: Evidence, proof: Proof
) -> Iterator[Finding]:
    """A bare number in a *_PORT: the program's own port, or that of the container which the name tells of."""
    said = frozenset(words(name)) - {"port", "ports", "number"}
    # ENGINE_PORT of the container waf-engine is its own; APP_PORT of app-proxy is not.
    is_own = not said.isdisjoint(words(container)[-1:])
    if said & CALLED_PORTS and proof is not Proof.LIKELY and not is_own:
        yield Finding(
            container,
            address,
            evidence,
            confidence=Confidence.MEDIUM,
            needs_listener=True,
            is_quiet=True,
            about=said | {ANYBODY},
        )
        return
    if proof is Proof.MENTIONED and said & frozenset(words(container)):
        proof = Proof.LIKELY  # MLSERVER_GRPC_PORT of the container mlserver
    if not said or said & (OWN_PORTS | ASIDE):
        yield Finding(container, address, evidence, is_listener=True, proof=proof)
        return
    if judge(name) is Meaning.CALLS and proof is not Proof.LIKELY:
        proof = Proof.MENTIONED
    about = said | {ANYBODY} if proof is Proof.SAID or said & CALLED_PORTS else said
    usual = usual_port(words(name))
    if usual and usual[1] == "udp" and address.port in usual[0]:
        address = replace(address, protocol="udp")
    yield Finding(
        container,
        address,
        evidence,
        confidence=Confidence.MEDIUM,
        proof=proof,
        is_unclear=True,
        is_quiet=True,
        about=about,
    )


def aliases(configured: Configured, name: str) -> frozenset[str]:
    """Names of this host; an upstream at 0.0.0.0 is one too, which anywhere else is what a listener says."""
    if is_upstream(name):
        return configured.aliases | {"0.0.0.0"}  # noqa: S104  read, not bound
    return configured.aliases


def judge_name(name: str) -> tuple[bool, Confidence]:
    """(opens the port, how sure a call is) by a variable's or flag's name."""
    meaning = judge(name)
    return meaning is Meaning.LISTENS, Confidence.HIGH if meaning is Meaning.CALLS else Confidence.MEDIUM
