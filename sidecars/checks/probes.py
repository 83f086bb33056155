"""Probes that ask another container than their own."""

from collections.abc import Iterator

from sidecars.checks.findings import check, lasting
from sidecars.messages import gettext_noop as _
from sidecars.topology import Check, Container, Pod, Probe

# Istio sends the app's probes through its own agent, on purpose.
REWRITTEN = "/app-health/"


def find_misplaced(pod: Pod) -> Iterator[Check]:
    for container in lasting(pod):
        for probe in container.probes:
            if probe.port is None:
                yield check(
                    "probe-elsewhere", "error", (container.name,),
                    _("The %(kind)s probe of %(container)s asks port %(port)s, a name it does not declare."),
                    _("Name a port of the same container, or give the number: the probe can only fail."),
                    kind=probe.kind, port=probe.port_name,
                )  # fmt: skip
            elif other := _owner(pod, container, probe):
                yield check(
                    "probe-elsewhere", "warning", (container.name, other),
                    _("The %(kind)s probe of %(container)s asks port %(port)s, which belongs to %(other)s."),
                    _("If %(other)s fails, %(container)s is blamed: move the probe to %(other)s."),
                    kind=probe.kind, port=probe.port, other=other,
                )  # fmt: skip


def _owner(pod: Pod, container: Container, probe: Probe) -> str:
    """The other container that declares the port; "" if its own does, or nobody."""
    if probe.path.startswith(REWRITTEN):
        return ""
    owners = [
        c.name for c in lasting(pod) if any((p.number, p.protocol) == (probe.port, "TCP") for p in c.ports)
    ]
    return "" if container.name in owners else next(iter(owners), "")
