"""Questions to a name server in the pod: dnsConfig makes 127.0.0.1 the resolver of every container."""

from collections.abc import Iterator

from sidecars.configured import Configured
from sidecars.edges.addresses import Address
from sidecars.edges.findings import Finding
from sidecars.topology import Confidence, Evidence

PORT = 53


def find(configured: Configured) -> Iterator[Finding]:
    """Told only where one other container answers; its own names it may ask elsewhere."""
    if not configured.resolver:
        return
    shown = f"127.0.0.1:{PORT}"
    yield Finding(
        configured.container,
        Address(PORT, shown, 0, "udp", scheme="dns+udp"),
        Evidence("dnsConfig", configured.resolver, shown),
        kind="inferred",
        confidence=Confidence.MEDIUM,
        needs_listener=True,
        is_quiet=True,
    )
