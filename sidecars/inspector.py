"""What the panel beside the picture says about one element."""

from collections.abc import Iterator

from sidecars.connections import describe_call, describe_calls, describe_ports, describe_service
from sidecars.diagram import names
from sidecars.diagram.words import Words
from sidecars.facts import Fact, Facts, Link
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.story import users
from sidecars.table import cells_of
from sidecars.topology import Container, Pod, State, Volume

ENGLISH = Words()
ORIGINS = {
    "template": _("in the workload's template"),
    "attached": _("attached by this dashboard"),
    "injected": _("injected when the pod was made"),
    "debug": _("added for debugging"),
}


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
        yield from describe_ports(pod)
    elif kind == "w":
        yield from (describe_call(pod, edge) for edge in pod.edges)
        yield from (describe_calls(pod, container) for container in pod.containers)
    elif kind == "svc":
        yield from (describe_service(service) for service in pod.services)
    elif kind == "m":
        yield from _mounts(pod, words)


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
    facts += _resources(container, words)
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
        command="" if pod.is_template else _command(pod, container),
    )


def _command(pod: Pod, container: Container) -> str:
    """What can be run in its state: nothing is executed in a container that does not run."""
    if container.state in (State.PENDING, State.STARTING, State.UNKNOWN):
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


def _neighbours(pod: Pod, container: str) -> Iterator[Link]:
    for edge in pod.edges:
        if container in (edge.source, edge.target):
            where = names.address(edge)
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
