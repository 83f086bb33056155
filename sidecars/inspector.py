"""What the panel beside the picture says about one element."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sidecars.diagram import names
from sidecars.diagram.words import Words
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.story import users
from sidecars.table import cells_of
from sidecars.topology import Check, Container, Edge, Evidence, Pod, Service, Volume

ENGLISH = Words()
ORIGINS = {
    "template": _("in the workload's template"),
    "attached": _("attached by this dashboard"),
    "injected": _("injected when the pod was made"),
    "debug": _("added for debugging"),
}
KINDS = {
    "declared": _("declared: host and port are written in this pod's configuration"),
    "inferred": _("inferred: likely, but not written"),
    "observed": _("observed on the network"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """`label` and, if given, `sentence` are message ids; `value` is data and shown as it is."""

    label: str
    value: str = ""
    sentence: Sentence | None = None
    is_code: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """To another element of the picture."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Facts:
    """`actions`: logs, previous-logs, exec, attach-logs-of; `containers`: whom they concern."""

    id: str
    kind: str  # container | volume | port | call | service | mount | system
    title: str  # message id: "Container", "Volume", …
    name: str
    facts: tuple[Fact, ...]
    evidence: tuple[Evidence, ...] = ()
    related: tuple[Link, ...] = ()
    checks: tuple[Check, ...] = ()
    actions: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    command: str = ""  # the same in kubectl


def inspect(pod: Pod, selected: str, words: Words = ENGLISH) -> Facts | None:
    """None if the pod has no such element (any more)."""
    for facts in _all(pod, selected, words):
        if facts.id == selected:
            return facts
    return None


def _all(pod: Pod, selected: str, words: Words) -> Iterator[Facts]:
    """Only of the kind that the id's first letter names; the rest is not looked at."""
    kind = selected.split("-", 1)[0]
    if kind == "c":
        yield from (_container(pod, container, words) for container in pod.containers)
    elif kind == "v":
        yield from (_volume(pod, volume, words) for volume in pod.volumes if not volume.is_system)
        yield from _system(pod)
    elif kind == "p":
        yield from _ports(pod)
    elif kind == "w":
        yield from (_call(pod, edge) for edge in pod.edges)
        yield from (_folded_calls(pod, container) for container in pod.containers)
    elif kind == "svc":
        yield from (_service(service) for service in pod.services)
    elif kind == "m":
        yield from _mounts(pod, words)


def _container(pod: Pod, container: Container, words: Words) -> Facts:
    resources = container.resources
    facts = [
        Fact(_("Role"), words.role(container.role), is_code=False),
        Fact(_("Why"), sentence=Sentence(container.role_reason, dict(container.role_parameters))),
        Fact(_("Origin"), sentence=Sentence(ORIGINS.get(container.origin, container.origin))),
        Fact(_("Image"), container.image),
    ]
    if not pod.is_template:
        facts.append(
            Fact(_("State"), f"{words.state_of(container)} · {words.remark(container)}", is_code=False)
        )
    for label, value in (
        (_("CPU request"), resources.cpu_request),
        (_("CPU limit"), resources.cpu_limit),
        (_("Memory request"), resources.memory_request),
        (_("Memory limit"), resources.memory_limit),
    ):
        facts.append(
            Fact(label, value)
            if value
            else Fact(label, words.no_limit if "limit" in label else "–", is_code=False)
        )
    for mount in container.mounts:
        mode = "ro" if mount.read_only else "rw"
        facts.append(Fact(_("Mount"), f"{mode} {mount.path} ← {_inside(mount.volume, mount.sub_path)}"))
    actions = () if pod.is_template else ("logs", *(("previous-logs",) if container.restarts else ()), "exec")
    return Facts(
        id=names.container_id(container.name),
        kind="container",
        title=_("Container"),
        name=container.name,
        facts=tuple(facts),
        related=tuple(_neighbours(pod, container.name)),
        checks=tuple(check for check in pod.checks if container.name in check.containers),
        actions=actions,
        containers=(container.name,),
        command=""
        if pod.is_template
        else f"kubectl -n {pod.namespace} exec -it {pod.name} -c {container.name} -- sh",
    )


def _neighbours(pod: Pod, container: str) -> Iterator[Link]:
    for edge in pod.edges:
        if container in (edge.source, edge.target):
            where = edge.path or f":{edge.port}"
            yield Link(names.call_id(edge), f"{edge.source} → {edge.target or '?'} {where}")


def _inside(volume: str, sub_path: str) -> str:
    return f"{volume}/{sub_path}" if sub_path else volume


def _volume(pod: Pod, volume: Volume, words: Words) -> Facts:
    writers, readers = users(pod, volume.name)
    facts = [
        Fact(_("Type"), words.volume_type(volume)),
        Fact(_("Details"), words.volume_detail(volume), is_code=False),
    ]
    facts += [Fact(_("Source"), volume.source_name)] if volume.source_name else []
    facts += [
        Fact(_("Can write"), ", ".join(writers) or "–"),
        Fact(_("Only read"), ", ".join(readers) or "–"),
    ]
    for container in pod.containers:
        for cell in cells_of(container, volume.name):
            shown = f"{container.name} {cell.mode} {cell.path}"
            facts.append(Fact(_("Mount"), shown + (f" (subPath {cell.sub_path})" if cell.sub_path else "")))
    sharers = tuple(dict.fromkeys([*writers, *readers]))
    return Facts(
        id=names.volume_id(volume.name),
        kind="volume",
        title=_("Volume"),
        name=volume.name,
        facts=(*facts, Fact(_("Lifetime"), sentence=Sentence(_lifetime(volume)))),
        related=tuple(Link(names.container_id(name), name) for name in sharers),
        checks=tuple(check for check in pod.checks if ("volume", volume.name) in check.parameters),
        actions=("logs",) if len(sharers) > 1 and not pod.is_template else (),
        containers=sharers,
    )


def _lifetime(volume: Volume) -> str:
    if volume.type_name == "emptyDir":
        return _("Lost with the pod; it survives restarts of containers.")
    if volume.type_name in ("configMap", "secret", "projected", "downwardAPI"):
        return _("Filled by Kubernetes; containers can only read it.")
    if volume.type_name == "hostPath":
        return _("A folder of the node: it stays there, and the pod can reach it.")
    if volume.type_name == "image":
        return _("The content of an image; containers can only read it.")
    return _("Outlives the pod.")


def _system(pod: Pod) -> Iterator[Facts]:
    found = [volume for volume in pod.volumes if volume.is_system]
    facts = []
    for volume in found:
        facts.append(Fact(_("Volume"), volume.name))
        for container in pod.containers:
            facts += [
                Fact(_("Mount"), f"{container.name} {c.mode} {c.path}")
                for c in cells_of(container, volume.name)
            ]
    if found:
        facts.append(
            Fact(_("Purpose"), sentence=Sentence(_("A token with which containers call the API server.")))
        )
        yield Facts(names.SYSTEM_VOLUMES, "system", _("System volumes"), "", tuple(facts))


def _ports(pod: Pod) -> Iterator[Facts]:
    for container in pod.containers:
        seen = set()
        for port in container.ports:
            id_ = names.port_id(container.name, port.number, port.protocol)
            seen.add(id_)
            facts = [
                Fact(_("Declared by"), container.name),
                Fact(_("Port"), f"{port.number}/{port.protocol}"),
            ]
            facts += [Fact(_("Name"), port.name)] if port.name else []
            facts += [Fact(_("Port of the node"), str(port.host_port))] if port.host_port else []
            served = [Fact(_("Service"), f"{s.name}:{p.port}") for s in pod.services for p in s.ports
                      if (p.container, p.container_port, p.protocol) == (container.name, port.number, port.protocol)]  # fmt: skip
            yield _port(pod, id_, container, str(port.number), [*facts, *served])
        for edge in pod.edges:
            target = names.target_id(edge)
            if edge.target == container.name and target and target not in seen:
                seen.add(target)
                where = edge.path or str(edge.port)
                note = Fact(_("Declared"), sentence=Sentence(_("No: only a call speaks of it.")))
                yield _port(pod, target, container, where, [Fact(_("Container"), container.name), note])
        listed = [Fact(_("Port"), f"{p.number}/{p.protocol} {p.name}".strip()) for p in container.ports]
        yield _port(pod, names.more_ports_id(container.name), container, "", listed)


def _port(pod: Pod, id_: str, container: Container, name: str, facts: Sequence[Fact]) -> Facts:
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
    )


def _call(pod: Pod, edge: Edge) -> Facts:
    where = edge.path or f"localhost:{edge.port}"
    facts = [
        Fact(_("From"), edge.source),
        Fact(_("To"), edge.target) if edge.target else Fact(_("To"), sentence=Sentence(NOBODY)),
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
        actions=() if pod.is_template else ("logs",),
        containers=ends,
    )


NOBODY = _("No container declares this port.")
CONFIDENCE = {"high": _("high"), "medium": _("medium"), "low": _("low")}


def _folded_calls(pod: Pod, container: Container) -> Facts:
    own = [edge for edge in pod.edges if edge.source == container.name]
    links = tuple(Link(names.call_id(e), f"→ {e.target or '?'} {e.path or f':{e.port}'}") for e in own)
    return Facts(
        names.more_calls_id(container.name), "call", _("Calls"), container.name, (), related=links,
        containers=(container.name,),
    )  # fmt: skip


def _service(service: Service) -> Facts:
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


def _mounts(pod: Pod, words: Words) -> Iterator[Facts]:
    for container in pod.containers:
        for volume in pod.volumes:
            for cell in cells_of(container, volume.name):
                mode = words.read_only if cell.mode == "ro" else words.read_write
                facts = [Fact(_("Path"), cell.path), Fact(_("Mode"), mode, is_code=False)]
                facts += [Fact(_("Sub-path"), cell.sub_path)] if cell.sub_path else []
                yield Facts(
                    cell.id, "mount", _("Mount"), f"{container.name} ← {volume.name}", tuple(facts),
                    related=(
                        Link(names.container_id(container.name), container.name),
                        Link(names.volume_id(volume.name), volume.name),
                    ),
                    containers=(container.name,),
                )  # fmt: skip
