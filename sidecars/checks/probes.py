"""Probes that ask another container than their own."""

import re
from collections.abc import Iterator

from sidecars.checks.findings import check, lasting
from sidecars.knowledge import recognise
from sidecars.messages import gettext_noop as _
from sidecars.topology import Check, Container, Pod, Probe

# Istio sends the app's probes through its own agent, on purpose.
REWRITTEN = "/app-health/"
PORT_NAME = re.compile(r"[a-z0-9-]{1,15}")


def find_misplaced(pod: Pod) -> Iterator[Check]:
    owners, askers = _owners(pod), _askers(pod)
    for container in lasting(pod):
        for probe in container.probes:
            if probe.port is None and not PORT_NAME.fullmatch(probe.port_name):
                continue  # a placeholder of a template
            if probe.port is None:
                yield check(
                    "probe-elsewhere", "error", (container.name,),
                    _("The %(kind)s probe of %(container)s asks port %(port)s, a name it does not declare."),
                    _("Name a port of the same container, or give the number: the probe can only fail."),
                    kind=probe.kind, port=probe.port_name,
                )  # fmt: skip
            elif other := _other(owners, askers, container, probe):
                yield check(
                    "probe-elsewhere", "warning", (container.name, other),
                    _("The %(kind)s probe of %(container)s asks port %(port)s, which belongs to %(other)s."),
                    _("If %(other)s fails, %(container)s is blamed: move the probe to %(other)s."),
                    kind=probe.kind, port=probe.port, other=other,
                )  # fmt: skip


def _owners(pod: Pod) -> dict[int, list[str]]:
    """TCP port -> the containers that declare it."""
    found: dict[int, list[str]] = {}
    for container in lasting(pod):
        for port in container.ports:
            if port.protocol == "TCP":
                found.setdefault(port.number, []).append(container.name)
    return found


def _askers(pod: Pod) -> frozenset[str]:
    """Helpers made to be probed in place of others: CSI's livenessprobe, kube-dns' sidecar."""
    products = {c.name: recognise(c.image, c.name) for c in lasting(pod)}
    return frozenset(name for name, product in products.items() if product and product.kind == "probe")


def _other(owners: dict[int, list[str]], askers: frozenset[str], container: Container, probe: Probe) -> str:
    """The other container that declares the port; "" if its own does, nobody, or it is so on purpose."""
    names = owners.get(probe.port or 0, [])
    # A path that names the container (kube-dns' /healthcheck/dnsmasq) asks a checker that stands beside it.
    meant = probe.path.startswith(REWRITTEN) or container.name in probe.path.split("/")
    if meant or not names or container.name in names or names[0] in askers:
        return ""
    return names[0]
