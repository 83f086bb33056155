"""Full Kubernetes JSON -> topology. Besides `wire.py`, the only reader of field paths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sidecars import checks, edges, flows, processes, roles
from sidecars.configured import read_configured
from sidecars.edges.files import read_servers
from sidecars.edges.owners import assign_files
from sidecars.exposure import read_services
from sidecars.fields import Json, integer, items, mapping, pairs, text, truth
from sidecars.injection import find_absent
from sidecars.knowledge import recognise
from sidecars.states import Condition, read_conditions
from sidecars.topology import (
    Absent,
    Container,
    Edge,
    Evidence,
    Owner,
    Pod,
    Port,
    Resources,
    Role,
    Volume,
    VolumeKind,
    Written,
)
from sidecars.volumes import Shelf, mounted_configmaps, read_mounts, read_volumes, with_claims
from sidecars.written import find_touched, whole_names

UNREPORTED = Condition()
LISTS = ("initContainers", "containers", "ephemeralContainers")


def read_pod(
    pod: Json,
    *,
    services: Sequence[Json] | None = (),
    configmaps: Mapping[str, Json] | None = None,
    template_names: frozenset[str] | None = None,
    chosen_main: str = "",
    namespace_object: Json | None = None,
) -> Pod:
    """A pod with roles, calls and checks. `services` and `configmaps` are None if unreadable.

    `template_names` are the containers of the owner's template: one that is missing there
    was injected. `configmaps` is by name; one that is absent from it does not exist.
    `namespace_object` may ask an injector for sidecars; None if it was not read.
    """
    metadata, spec = mapping(pod, "metadata"), mapping(pod, "spec")
    namespace = text(metadata, "namespace")
    containers, volumes = _read_parts(pod, configmaps, template_names)
    found = read_services(services or (), namespace, mapping(metadata, "labels"), containers)
    images = {container.name: container.image for container in containers}
    configured = assign_files(read_configured(spec, configmaps), images)
    inferred, cut = edges.infer(configured, containers, dict(pairs(metadata, "annotations")), found)
    calls = tuple(edge for edge in inferred if not edge.is_early)
    early = tuple(edge for edge in inferred if edge.is_early)
    touched = {one.container: find_touched(one) for one in configured}
    containers = tuple(_with_written(c, whole_names(touched.get(c.name, ()))) for c in containers)
    owner = _read_owner(metadata)
    around = roles.read_surroundings(metadata, owner, chosen_main)
    disks = frozenset(volume.name for volume in volumes if volume.kind is VolumeKind.DISK)
    around = replace(around, services=found, edges=calls, disks=disks, read_servers=read_servers(configured))
    absent: tuple[Absent, ...] = ()
    if text(metadata, "uid"):  # a manifest that is in no cluster has met no injector
        names = [container.name for container in containers]
        on_node = truth(spec, "hostNetwork")
        absent = find_absent(pod, namespace_object, names, host_network=on_node)
    result = Pod(
        name=text(metadata, "name"),
        namespace=namespace,
        uid=text(metadata, "uid"),
        ip=text(pod, "status", "podIP"),
        node=text(spec, "nodeName"),
        phase=text(pod, "status", "phase"),
        created=text(metadata, "creationTimestamp"),
        host_network=truth(spec, "hostNetwork"),
        restart_policy=text(spec, "restartPolicy") or "Always",
        fs_group=integer(spec, "securityContext", "fsGroup"),
        memory_limit=text(spec, "resources", "limits", "memory"),
        stops_sidecars=processes.stops_sidecars(pod),
        owner=owner,
        containers=roles.assign_roles(containers, around),
        volumes=volumes,
        edges=calls,
        early_calls=early,
        cut=cut,
        flows=flows.infer(touched, containers, volumes),
        services=found,
        absent=absent,
        unreadable=_unreadable(pod, services, configmaps),
        deleting=bool(text(metadata, "deletionTimestamp")),
        is_fragment=_is_fragment(pod),
    )
    return replace(result, checks=checks.find(result))


def read_template(
    workload: Json,
    *,
    services: Sequence[Json] | None = (),
    configmaps: Mapping[str, Json] | None = None,
    chosen_main: str = "",
    place: Sequence[str] = (),
) -> Pod:
    """The pod that a workload's template makes, under the workload's name; nothing runs.

    Evidence names fields as they stand in the workload; `place` is where a custom resource has its template.
    """
    template = _template(workload)
    metadata = mapping(workload, "metadata")
    owner = {"kind": text(workload, "kind"), "name": text(metadata, "name"), "controller": True}
    pod = {
        "metadata": {
            **mapping(template, "metadata"),
            "name": text(metadata, "name"),
            "namespace": text(metadata, "namespace"),
            "ownerReferences": [owner],
        },
        "spec": with_claims(mapping(template, "spec"), workload),
    }
    read = read_pod(pod, services=services, configmaps=configmaps, chosen_main=chosen_main)
    return replace(_located(read, ".".join(place or _template_place(workload))), is_template=True)


def _located(pod: Pod, place: str) -> Pod:
    """Of a pod's fields, those that belong to its template in the workload."""

    def moved(evidence: Evidence) -> Evidence:
        is_own = evidence.field.startswith(("spec.", "metadata."))
        return replace(evidence, field=f"{place}.{evidence.field}") if is_own else evidence

    def edge(one: Edge) -> Edge:
        return replace(one, evidence=tuple(map(moved, one.evidence)))

    return replace(
        pod,
        edges=tuple(map(edge, pod.edges)),
        early_calls=tuple(map(edge, pod.early_calls)),
        flows=tuple(replace(flow, evidence=tuple(map(moved, flow.evidence))) for flow in pod.flows),
        containers=tuple(
            replace(c, written=tuple(replace(w, evidence=moved(w.evidence)) for w in c.written))
            for c in pod.containers
        ),
    )


def _template_place(workload: Json) -> tuple[str, ...]:
    is_job = bool(mapping(workload, "spec", "jobTemplate", "spec", "template"))
    return ("spec", "jobTemplate", "spec", "template") if is_job else ("spec", "template")


def _is_fragment(pod: Json) -> bool:
    """The API server refuses a container without an image: such a manifest is a patch of another."""
    return not all(text(raw, "image") for raw in items(pod, "spec", "containers"))


def _unreadable(
    pod: Json, services: Sequence[Json] | None, configmaps: Mapping[str, Json] | None
) -> tuple[str, ...]:
    """Only what the pod has: without ConfigMaps in it no call can be missing."""
    missing = ["configmaps"] if configmaps is None and configmap_names(pod) else []
    return (*missing, "services") if services is None else tuple(missing)


def _template(workload: Json) -> Json:
    return mapping(workload, *_template_place(workload))


def configmap_names(pod: Json) -> list[str]:
    """Those mounted or read into the environment, of a pod or a workload, sorted."""
    spec = mapping(pod, "spec")
    spec = mapping(_template(pod), "spec") or spec
    names = {name for _volume, name, _keys in mounted_configmaps(spec)}
    for field in LISTS:
        for raw in items(spec, field):
            for source in items(raw, "envFrom"):
                names.add(text(source, "configMapRef", "name"))
            for variable in items(raw, "env"):
                names.add(text(variable, "valueFrom", "configMapKeyRef", "name"))
    return sorted(names - {""})


def _read_parts(
    pod: Json, configmaps: Mapping[str, Json] | None, template_names: frozenset[str] | None
) -> tuple[tuple[Container, ...], tuple[Volume, ...]]:
    spec = mapping(pod, "spec")
    shelf = read_volumes(spec, configmaps)
    conditions = read_conditions(pod)
    raws = [(field, raw) for field in LISTS for raw in items(spec, field)]
    names = [(text(raw, "name"), text(raw, "image")) for _field, raw in raws]
    annotations = dict(pairs(pod, "metadata", "annotations"))
    origins = roles.find_origins(names, annotations, template_names)
    containers = []
    for order, (field, raw) in enumerate(raws, start=1):
        place = _Place(
            *_fixed_role(field, raw),
            origin=origins[text(raw, "name")] if field != "ephemeralContainers" else "debug",
            start_order=order if field == "initContainers" else None,
            now=conditions.get(text(raw, "name"), UNREPORTED),
            user=processes.read_user(raw, spec),
        )
        containers.append(_read_container(raw, shelf, place))
    return tuple(containers), shelf.volumes


def _with_written(container: Container, written: tuple[Written, ...]) -> Container:
    return replace(container, written=written) if written else container


def _fixed_role(field: str, raw: Json) -> tuple[Role, str]:
    if field == "ephemeralContainers":
        return Role.EPHEMERAL, roles.EPHEMERAL
    if field == "containers":
        return Role.SIDECAR, ""
    # KEP-753: exactly this value makes a sidecar; other values (KEP-5307) do not.
    if text(raw, "restartPolicy") == "Always":
        return Role.NATIVE_SIDECAR, roles.NATIVE
    return Role.INIT, roles.INIT


@dataclass(frozen=True, slots=True)
class _Place:
    """What the pod around it says of a container."""

    role: Role
    reason: str
    origin: str
    start_order: int | None
    now: Condition
    user: int | None


def _read_container(raw: Json, shelf: Shelf, place: _Place) -> Container:
    name, image, now = text(raw, "name"), text(raw, "image"), place.now
    product = recognise(image, name)
    ports = tuple(_read_port(port) for port in items(raw, "ports"))
    return Container(
        name=name,
        image=image,
        role=place.role,
        role_reason=place.reason,
        start_order=place.start_order,
        state=now.state,
        state_reason=now.reason,
        exit_code=now.exit_code,
        last_reason=now.last_reason,
        ready=now.ready,
        restarts=now.restarts,
        ports=ports,
        mounts=read_mounts(raw, shelf),
        resources=_read_resources(raw),
        origin=place.origin,
        product=product.icon if product else "",
        probes=processes.read_probes(raw, ports),
        waits_to_start=processes.waits_to_start(raw),
        user=place.user,
        program=processes.read_program(raw),
        ending=processes.read_ending(raw),
    )


def _read_port(raw: Json) -> Port:
    return Port(
        number=integer(raw, "containerPort") or 0,
        protocol=text(raw, "protocol") or "TCP",
        name=text(raw, "name"),
        host_port=integer(raw, "hostPort"),
    )


def _read_resources(raw: Json) -> Resources:
    requests, limits = mapping(raw, "resources", "requests"), mapping(raw, "resources", "limits")
    return Resources(
        cpu_request=text(requests, "cpu"),
        cpu_limit=text(limits, "cpu"),
        memory_request=text(requests, "memory"),
        memory_limit=text(limits, "memory"),
        storage_limit=text(limits, "ephemeral-storage"),
    )


def _read_owner(metadata: Json) -> Owner | None:
    for raw in items(metadata, "ownerReferences"):
        if truth(raw, "controller"):
            return Owner(kind=text(raw, "kind"), name=text(raw, "name"))
    return None
