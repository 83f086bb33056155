"""Calls in commands and arguments: --upstream=http://127.0.0.1:8080/, DSN strings."""

import re
from collections.abc import Iterator

from sidecars.configured import Argument, Configured
from sidecars.edges.addresses import Address, find_addresses, find_sockets
from sidecars.edges.findings import LISTENING, Finding, judge_name
from sidecars.topology import Confidence, Evidence

FLAG = re.compile(r"^--?(?P<name>[A-Za-z][A-Za-z0-9_.-]*)(?:=|$)")
WORD_BEFORE = re.compile(r"(?:^|[\s;])-{0,2}(?P<name>[A-Za-z][A-Za-z0-9_.-]*)[=\s:]+\S*$")


def find(configured: Configured) -> Iterator[Finding]:
    before = ""
    for argument in configured.arguments:
        flag = FLAG.match(argument.value)
        for address in (*find_addresses(argument.value), *find_sockets(argument.value)):
            name = flag["name"] if flag else _name_before(argument.value, address, before)
            yield _finding(configured.container, argument, address, name)
        before = flag["name"] if flag and "=" not in argument.value else ""


def _name_before(value: str, address: Address, flag_before: str) -> str:
    """The word that an address belongs to inside a shell line, else the flag before it."""
    found = WORD_BEFORE.search(value[max(0, address.start - 120) : address.start])
    return found["name"] if found else flag_before


def _finding(container: str, argument: Argument, address: Address, name: str) -> Finding:
    is_listener, confidence = judge_name(name)
    # A whole shell line may mention addresses for many reasons.
    if " " in argument.value.strip() and not LISTENING.search(name):
        confidence = Confidence.MEDIUM
    evidence = Evidence(argument.source, argument.field, address.shown)
    return Finding(container, address, evidence, is_listener, confidence=confidence)
