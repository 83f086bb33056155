"""What the inspector says about ports, calls, flows of files and Services."""

from collections.abc import Iterator, Sequence

from sidecars.diagram import names
from sidecars.diagram.streams import flows_of, fold
from sidecars.excerpts import port_yaml
from sidecars.facts import Fact, Facts, Link
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.topology import Container, Edge, Flow, Pod, Port, Service

KINDS = {
    "declared": _("declared: the address is written in this pod's configuration"),
    "inferred": _("inferred: likely, but not written"),
    "observed": _("observed on the network"),
}


def describe_ports(pod: Pod) -> Iterator[Facts]:
    """Declared ports, those that only a call speaks of, and the fold of each container."""
    for container in pod.containers:
        declared = {names.port_id(container.name, p.number, p.protocol): p for p in container.ports}
        for id_, port in declared.items():
            facts = _declared(pod, container, port)
            yield _port(pod, id_, container, str(port.number), facts, port_yaml(port))
        spoken = {names.target_id(e): e for e in pod.edges if e.target == container.name}
        for target, edge in spoken.items():
            if target and target not in declared:
                note = Fact(_("Declared"), sentence=Sentence(_("No: only a call speaks of it.")))
                facts = [Fact(_("Container"), container.name), note]
                yield _port(pod, target, container, edge.path or str(edge.port), facts)
        listed = [Fact(_("Port"), f"{p.number}/{p.protocol} {p.name}".strip()) for p in container.ports]
        yield _port(pod, names.more_ports_id(container.name), container, "", listed)


def _declared(pod: Pod, container: Container, port: Port) -> list[Fact]:
    facts = [Fact(_("Declared by"), container.name), Fact(_("Port"), f"{port.number}/{port.protocol}")]
    facts += [Fact(_("Name"), port.name)] if port.name else []
    facts += [Fact(_("Port of the node"), str(port.host_port))] if port.host_port else []
    here = (container.name, port.number, port.protocol)
    for service in pod.services:
        for entry in service.ports:
            if (entry.container, entry.container_port, entry.protocol) == here:
                facts.append(Fact(_("Service"), f"{service.name}:{entry.port}"))
    return facts


def _port(
    pod: Pod, id_: str, container: Container, name: str, facts: Sequence[Fact], excerpt: str = ""
) -> Facts:
    callers = [e for e in pod.edges if names.target_id(e) == id_]
    clash = [c for c in pod.checks if c.id == "port-clash" and ("port", name) in c.parameters]
    return Facts(
        id=id_,
        kind="port",
        title=_("Port"),
        name=f"{container.name} {name}".strip(),
        facts=tuple(facts),
        related=tuple(Link(names.call_id(e), f"{e.source} → {e.target}") for e in callers),
        checks=tuple(clash),
        containers=(container.name,),
        excerpt=excerpt,
    )


def describe_call(pod: Pod, edge: Edge) -> Facts:
    where = edge.path or f"localhost:{edge.port}"
    facts = [
        Fact(_("From"), edge.source),
        Fact(_("To"), edge.target) if edge.target else Fact(_("To"), sentence=Sentence(_nobody(edge))),
        Fact(_("Address"), where),
        Fact(_("Protocol"), edge.protocol),
        Fact(_("Kind"), sentence=Sentence(KINDS[edge.kind])),
        Fact(_("Confidence"), sentence=Sentence(CONFIDENCE[edge.confidence.value])),
    ]
    ends = tuple(name for name in (edge.source, edge.target) if name)
    return Facts(
        id=names.call_id(edge),
        kind="call",
        title=_("Call"),
        name=f"{edge.source} → {edge.target or '?'}",
        facts=tuple(facts),
        evidence=edge.evidence,
        related=tuple(Link(names.container_id(name), name) for name in ends),
        actions=("logs",),
        containers=ends,
    )


def _nobody(edge: Edge) -> str:
    return _("No container is known to listen there.") if edge.path else _("No container declares this port.")


CONFIDENCE = {"high": _("high"), "medium": _("medium"), "low": _("low")}


def describe_calls(pod: Pod, container: Container) -> Facts:
    own = [edge for edge in pod.edges if edge.source == container.name]
    links = tuple(Link(names.call_id(e), f"→ {e.target or '?'} {e.path or f':{e.port}'}") for e in own)
    return Facts(
        names.more_calls_id(container.name), "call", _("Calls"), container.name, (), related=links,
        containers=(container.name,),
    )  # fmt: skip


FLOW_KINDS = {
    "high": _("declared: both ends are written in this pod's configuration"),
    "medium": _("inferred: likely, but not written"),
    "low": _("inferred: likely, but not written"),
}


def describe_flows(pod: Pod) -> Iterator[Facts]:
    """Each flow of files, and the line that stands for several on one tank."""
    hidden = fold(pod)
    for volume, flows in flows_of(pod).items():
        yield from (_flow(pod, flow) for flow in flows)
        rest = [flow for flow in flows if names.flow_id(flow) in hidden]
        if rest:
            links = tuple(Link(names.flow_id(f), f"{f.source} → {f.target} {f.path}") for f in rest)
            yield Facts(names.more_flows_id(volume), "flow", _("Flows of files"), volume, (), related=links)


def _flow(pod: Pod, flow: Flow) -> Facts:
    ends = tuple(dict.fromkeys((flow.source, flow.target)))
    confidence = flow.confidence.value
    return Facts(
        id=names.flow_id(flow),
        kind="flow",
        title=_("Flow of files"),
        name=f"{flow.source} → {flow.target}",
        facts=(
            Fact(_("Writes"), flow.source),
            Fact(_("Reads"), flow.target),
            Fact(_("Path"), flow.path),
            Fact(_("Volume"), flow.volume),
            Fact(_("Kind"), sentence=Sentence(FLOW_KINDS[confidence])),
            Fact(_("Confidence"), sentence=Sentence(CONFIDENCE[confidence])),
        ),
        evidence=flow.evidence,
        related=(
            *(Link(names.container_id(name), name) for name in ends),
            Link(names.volume_id(flow.volume), flow.volume),
        ),
        actions=("logs",),
        containers=ends,
    )


def describe_service(service: Service) -> Facts:
    facts = [Fact(_("Type"), service.type_name)]
    facts += [Fact(_("Cluster IP"), service.cluster_ip)] if service.cluster_ip else []
    links = []
    for port in service.ports:
        if port.container:
            facts.append(
                Fact(_("Port"), f"{port.port} → {port.container} :{port.container_port}/{port.protocol}")
            )
            links.append(Link(names.container_id(port.container), port.container))
        else:
            missing = Sentence(
                _("%(port)s leads to %(target)s, which no container declares."),
                {"port": port.port, "target": port.target},
            )
            facts.append(Fact(_("Port"), sentence=missing))
    return Facts(
        names.service_id(service.name), "service", _("Service"), service.name, tuple(facts),
        related=tuple(dict.fromkeys(links)),
    )  # fmt: skip
