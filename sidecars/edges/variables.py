"""Calls in the environment: URLs, HOST and PORT pairs, *_ADDR."""

from collections.abc import Iterator

from sidecars.configured import Configured, Variable
from sidecars.edges.addresses import Address, find_addresses, find_sockets
from sidecars.edges.findings import Finding, judge_name
from sidecars.topology import Evidence

LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
HOST_ENDINGS = ("_HOST", "_HOSTNAME", "_ADDRESS", "_ADDR", "_SERVER")


def find(configured: Configured) -> Iterator[Finding]:
    for variable in configured.variables:
        is_listener, confidence = judge_name(variable.name)
        for address in (*find_addresses(variable.value), *find_sockets(variable.value)):
            evidence = Evidence(variable.source, variable.field, address.shown)
            yield Finding(configured.container, address, evidence, is_listener, confidence=confidence)
    yield from _find_pairs(configured)


def _find_pairs(configured: Configured) -> Iterator[Finding]:
    """UPSTREAM_HOST=localhost with UPSTREAM_PORT=8080."""
    by_name = {variable.name: variable for variable in configured.variables}
    for name, host in by_name.items():
        ending = next((end for end in HOST_ENDINGS if name.upper().endswith(end)), "")
        port = by_name.get(name[: len(name) - len(ending)] + "_PORT") if ending else None
        if port and host.value.strip().lower() in LOCAL and not judge_name(name)[0]:
            yield from _pair(configured.container, host, port)


def _pair(container: str, host: Variable, port: Variable) -> Iterator[Finding]:
    value = port.value.strip()
    if value.isascii() and value.isdigit() and 0 < int(value[:6]) < 65536:
        shown = f"{host.value.strip()}:{value}"
        source = f"{container}: env {host.name} + {port.name}"
        yield Finding(container, Address(int(value), shown, 0), Evidence(source, host.field, shown))
