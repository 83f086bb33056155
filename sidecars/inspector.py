"""What the panel beside the picture says about one element."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sidecars.connections import (
    describe_call,
    describe_calls,
    describe_flows,
    describe_ports,
    describe_service,
)
from sidecars.diagram import names
from sidecars.diagram.words import Words
from sidecars.excerpts import container_yaml
from sidecars.facts import Fact, Facts, Link
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.storage import describe_mounts, describe_system, describe_volume
from sidecars.topology import Container, Mount, Pod, Port, State, Usage

ENGLISH = Words()
ORIGINS = {
    "template": _("in the workload's template"),
    "attached": _("attached by this dashboard"),
    "injected": _("injected when the pod was made"),
    "debug": _("added for debugging"),
}


def inspect(
    pod: Pod,
    selected: str,
    words: Words = ENGLISH,
    usage: Mapping[str, Usage] | None = None,
    unmeasured: str = "",
) -> Facts | None:
    """None if the pod has no such element (any more).

    `usage` is by container name; `unmeasured` says why there is none.
    """
    for facts in _all(pod, selected, words):
        if facts.id == selected:
            measured = (
                tuple(_measured(facts.name, usage or {}, unmeasured)) if facts.kind == "container" else ()
            )
            return replace(facts, facts=(*facts.facts, *measured))
    return None


def _measured(container: str, usage: Mapping[str, Usage], unmeasured: str) -> Iterator[Fact]:
    found = usage.get(container)
    if found and found.cpu_millicores is not None:
        yield Fact(_("CPU in use"), f"{found.cpu_millicores}m")
    if found and found.memory_bytes is not None:
        yield Fact(_("Memory in use"), f"{round(found.memory_bytes / 2**20)}Mi")
    if found is None and unmeasured:
        yield Fact(_("Usage"), sentence=Sentence(unmeasured))


def _all(pod: Pod, selected: str, words: Words) -> Iterator[Facts]:
    """Only of the kind that the id's first letter names; the rest is not looked at."""
    kind = selected.split("-", 1)[0]
    if kind == "c":
        yield from (_container(pod, container, words) for container in pod.containers)
    elif kind == "v":
        yield from (describe_volume(pod, volume, words) for volume in pod.volumes if not volume.is_system)
        yield from describe_system(pod)
    elif kind == "p":
        yield from describe_ports(pod)
    elif kind == "w":
        yield from (describe_call(pod, edge) for edge in pod.edges)
        yield from (describe_calls(pod, container) for container in pod.containers)
    elif kind == "svc":
        yield from (describe_service(service) for service in pod.services)
    elif kind == "m":
        yield from describe_mounts(pod, words)
    elif kind == "f":
        yield from describe_flows(pod)


def _container(pod: Pod, container: Container, words: Words) -> Facts:
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
        if container.restarts and container.state in (State.FAILED, State.COMPLETED):
            facts.append(
                Fact(_("Restarts"), str(container.restarts), is_code=False)
            )  # the state says its exit
    facts += _program(container)
    facts += _resources(container, words)
    facts += [Fact(_("Port"), _port_text(port)) for port in container.ports]
    facts += [Fact(_("Mount"), _mount_text(mount)) for mount in container.mounts]
    previous = ("previous-logs",) if container.restarts else ()
    actions = ("logs",) if pod.is_template else ("logs", *previous, "exec")
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
        excerpt=container_yaml(container),
        command="" if pod.is_template else _command(pod, container),
    )


def _command(pod: Pod, container: Container) -> str:
    """What can be run in its state: no shell where nothing runs, no logs where nothing ran."""
    never_ran = container.state is State.FAILED and container.exit_code is None and not container.restarts
    if never_ran or container.state in (State.PENDING, State.STARTING, State.UNKNOWN):
        return f"kubectl -n {pod.namespace} describe pod {pod.name}"
    if container.state in (State.FAILED, State.COMPLETED):
        previous = " --previous" if container.restarts else ""
        return f"kubectl -n {pod.namespace} logs {pod.name} -c {container.name}{previous}"
    return f"kubectl -n {pod.namespace} exec -it {pod.name} -c {container.name} -- sh"


def _resources(container: Container, words: Words) -> Iterator[Fact]:
    resources = container.resources
    for label, value, without in (
        (_("CPU request"), resources.cpu_request, "–"),
        (_("CPU limit"), resources.cpu_limit, words.no_limit),
        (_("Memory request"), resources.memory_request, "–"),
        (_("Memory limit"), resources.memory_limit, words.no_limit),
    ):
        yield Fact(label, value or without, is_code=bool(value))
    if resources.storage_limit:
        yield Fact(_("Storage limit"), resources.storage_limit)


def _program(container: Container) -> Iterator[Fact]:
    if container.start_order:
        yield Fact(_("Start order"), str(container.start_order), is_code=False)
    if container.user is not None:
        yield Fact(_("Runs as user"), str(container.user))
    for probe in container.probes:
        where = f":{probe.port if probe.port is not None else probe.port_name or '?'}{probe.path}"
        yield Fact(_("Probe"), f"{probe.kind} {where}")


def _port_text(port: Port) -> str:
    host = f" hostPort {port.host_port}" if port.host_port else ""
    return f"{port.number}/{port.protocol} {port.name}".strip() + host


def _mount_text(mount: Mount) -> str:
    mode = "ro" if mount.read_only else "rw"
    return f"{mode} {mount.path} ← {_inside(mount.alias or mount.volume, mount.sub_path)}"


def _neighbours(pod: Pod, container: str) -> Iterator[Link]:
    for edge in pod.edges:
        if container in (edge.source, edge.target):
            where = names.address(edge)
            yield Link(names.call_id(edge), f"{edge.source} → {edge.target or '?'} {where}")
    for flow in pod.flows:
        if container in (flow.source, flow.target):
            yield Link(names.flow_id(flow), f"{flow.source} → {flow.target} {flow.path}")


def _inside(volume: str, sub_path: str) -> str:
    return f"{volume}/{sub_path}" if sub_path else volume
