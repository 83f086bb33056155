"""What annotations of the pod say about injected sidecars, and mesh proxies that hand on what comes in."""

import re
from collections.abc import Iterator, Mapping, Sequence

from sidecars.configured import Configured
from sidecars.edges.addresses import Address
from sidecars.edges.findings import Finding
from sidecars.edges.limits import some
from sidecars.knowledge.behaviour import Mesh, find_mesh
from sidecars.topology import Confidence, Container, Evidence, Role, Service

UPSTREAM = re.compile(r":(\d{1,5})(?=[:,\s]|$)")
NUMBER = re.compile(r"\d{1,5}")
MOST = 50


def find_listeners(configured: Sequence[Configured], annotations: Mapping[str, str]) -> Iterator[Finding]:
    """Ports that an injector makes a sidecar open: upstreams of Consul, the cache of a Vault agent."""
    for one in configured:
        if one.container in ("consul-dataplane", "consul-connect-envoy-sidecar", "envoy-sidecar"):
            name = "consul.hashicorp.com/connect-service-upstreams"
            for port in UPSTREAM.findall(annotations.get(name, "")[:4000]):
                yield from _listens(one, name, port)
        if one.container == "vault-agent" and _is_on(annotations, "agent-cache-enable"):
            name = "vault.hashicorp.com/agent-cache-listener-port"
            yield from _listens(one, name, annotations.get(name, "8200"))


def _is_on(annotations: Mapping[str, str], name: str) -> bool:
    return annotations.get(f"vault.hashicorp.com/{name}", "").lower() == "true"


def _listens(one: Configured, annotation: str, port: str) -> Iterator[Finding]:
    if NUMBER.fullmatch(port) and 0 < int(port) < 65536:
        evidence = Evidence(
            f"annotation {annotation}", f"metadata.annotations[{annotation}]", f"localhost:{int(port)}"
        )
        yield Finding(
            one.container, Address(int(port), f"localhost:{int(port)}", 0), evidence, is_listener=True
        )


def find_forwarding(
    configured: Sequence[Configured],
    containers: Sequence[Container],
    annotations: Mapping[str, str],
    services: Sequence[Service],
) -> Iterator[Finding]:
    """A mesh proxy calls the app's ports: those that its configuration lists, else a Service's, else all."""
    apps = [
        c for c in containers if c.role not in (Role.INIT, Role.EPHEMERAL) and not find_mesh(c.image, c.name)
    ]
    inits = {c.name for c in containers if c.role is Role.INIT}
    for one in configured:
        mesh = find_mesh(one.image, one.container)
        if mesh is None or one.container in inits or _is_off(mesh, one, annotations):
            continue
        listed = list(_listed(one, mesh, annotations))
        yield from listed or some(_forwards(one, number) for number in _usual_ports(apps, services))


def _is_off(mesh: Mesh, one: Configured, annotations: Mapping[str, str]) -> bool:
    """Told by an annotation or a variable of its own, an empty one too."""
    own = {variable.name: variable.value for variable in one.variables}
    told = (off.partition("=") for off in mesh.off)
    return any(value.lower() in _values(name, annotations, own) for name, _equals, value in told)


def _values(name: str, *places: Mapping[str, str]) -> list[str]:
    return [place[name].strip().lower() for place in places if name in place]


def _listed(one: Configured, mesh: Mesh, annotations: Mapping[str, str]) -> Iterator[Finding]:
    for name in mesh.ports_from:
        field = f"metadata.annotations[{name}]"
        places = [(v.value, v.source, v.field) for v in one.variables if v.name == name]
        places += [(annotations[name], f"annotation {name}", field)] if name in annotations else []
        for value, source, where in places:
            for number in dict.fromkeys(NUMBER.findall(value[:2000])[:MOST]):
                if 0 < int(number) < 65536:
                    yield _forwards(one, int(number), Evidence(source, where, f"localhost:{int(number)}"))


def _usual_ports(apps: Sequence[Container], services: Sequence[Service]) -> list[int]:
    declared = [p.number for app in apps for p in app.ports if p.protocol == "TCP"]
    names = {app.name for app in apps}
    served = [
        p.container_port for s in services for p in s.ports if p.container in names and p.container_port
    ]
    return list(dict.fromkeys(served or declared))


def _forwards(one: Configured, number: int, evidence: Evidence | None = None) -> Finding:
    shown = f"localhost:{number}"
    return Finding(
        one.container,
        Address(number, shown, 0),
        evidence or Evidence(f"{one.container}: image", f"{one.field}.image", shown),
        kind="inferred",
        confidence=Confidence.MEDIUM,
        needs_listener=True,
        is_for_app=evidence is not None,
    )
