"""Flat rows of pods and Deployments, as the list pages show them.

A row is a few hundred bytes where the object has fifteen thousand: ten thousand pods stay
in memory. READY, STATUS and RESTARTS are computed as `kubectl get pods` prints them.
Source: printPod in kubernetes, pkg/printers/internalversion/printers.go.
"""

from collections.abc import Sequence
from datetime import datetime
from sys import intern

import msgspec

from sidecars import wire
from sidecars.topology import State

ATTACHMENT_PREFIX = "attach.sidecar-dash.io/"
MANAGER_PREFIX = "sidecar-dash."


class ContainerSummary(msgspec.Struct, frozen=True, gc=False):
    """`role` is what the manifest says for sure; `state` is a topology.State."""

    name: str
    role: str  # container | native-sidecar | init | ephemeral
    state: str
    reason: str
    ready: bool
    restarts: int
    image: str


class PodRow(msgspec.Struct, frozen=True, gc=False):
    uid: str
    namespace: str
    name: str
    ready: int
    total: int
    status: str  # STATUS of `kubectl get pods`
    reason_container: str  # the container that STATUS speaks of, or ""
    restarts: int
    node: str
    ip: str
    created: float  # seconds since the epoch, by the cluster's clock
    deleting: bool
    labels: tuple[tuple[str, str], ...]
    containers: tuple[ContainerSummary, ...]
    owner_kind: str
    owner_name: str
    resource_version: str
    haystack: str = ""  # lower-case search text, filled in by `query` when first needed


class DeploymentRow(msgspec.Struct, frozen=True, gc=False):
    uid: str
    namespace: str
    name: str
    desired: int
    ready: int
    updated: int
    available: int
    created: float
    labels: tuple[tuple[str, str], ...]
    containers: tuple[str, ...]
    native_sidecars: tuple[str, ...]
    annotations: tuple[tuple[str, str], ...]  # of the template, ours only
    managers: tuple[str, ...]  # field managers, ours only
    resource_version: str
    haystack: str = ""


def pod_row(pod: wire.Pod) -> PodRow:
    metadata, status = pod.metadata, pod.status
    reading = _read_status(pod)
    owner = next((o for o in metadata.owner_references or () if o.controller), wire.OwnerReference())
    return PodRow(
        uid=metadata.uid,
        namespace=intern(metadata.namespace),
        name=metadata.name,
        ready=reading.ready,
        total=reading.total,
        status=intern(reading.status),
        reason_container=reading.container,
        restarts=reading.restarts,
        node=intern(pod.spec.node_name),
        ip=status.pod_ip,
        created=epoch(metadata.creation_timestamp),
        deleting=metadata.deletion_timestamp is not None,
        labels=_labels(metadata.labels),
        containers=_containers(pod),
        owner_kind=intern(owner.kind),
        owner_name=intern(owner.name),
        resource_version=metadata.resource_version,
    )


def deployment_row(deployment: wire.Deployment) -> DeploymentRow:
    metadata, spec, status = deployment.metadata, deployment.spec, deployment.status
    template = spec.template
    annotations = (template.metadata and template.metadata.annotations) or {}
    managers = {m.manager for m in metadata.managed_fields or () if m.manager.startswith(MANAGER_PREFIX)}
    return DeploymentRow(
        uid=metadata.uid,
        namespace=intern(metadata.namespace),
        name=metadata.name,
        desired=1 if spec.replicas is None else spec.replicas,
        ready=status.ready_replicas,
        updated=status.updated_replicas,
        available=status.available_replicas,
        created=epoch(metadata.creation_timestamp),
        labels=_labels(metadata.labels),
        containers=tuple(intern(c.name) for c in template.spec.containers or ()),
        native_sidecars=tuple(
            intern(c.name) for c in template.spec.init_containers or () if c.restart_policy == "Always"
        ),
        annotations=tuple(sorted((k, v) for k, v in annotations.items() if k.startswith(ATTACHMENT_PREFIX))),
        managers=tuple(sorted(managers)),
        resource_version=metadata.resource_version,
    )


def epoch(timestamp: str | None) -> float:
    """Seconds since the epoch of an RFC 3339 time; 0.0 if there is none."""
    if not timestamp:
        return 0.0
    try:
        return datetime.fromisoformat(timestamp).timestamp()
    except ValueError:
        return 0.0


def container_state(status: wire.ContainerStatus, *, deleting: bool) -> tuple[State, str]:
    """What one container is doing now, and the kubelet's reason for it."""
    state = status.state or wire.ContainerState()
    if state.running is not None:
        if deleting:
            return State.TERMINATING, ""
        return (State.STARTING if status.started is False else State.RUNNING), ""
    if state.terminated is not None:
        ended = state.terminated
        return (State.COMPLETED if ended.exit_code == 0 else State.FAILED), ended.reason
    if state.waiting is not None:
        return (State.PENDING if state.waiting.reason in _ORDINARY else State.FAILED), state.waiting.reason
    return State.UNKNOWN, ""


# Waiting with one of these is the ordinary way to a running container.
_ORDINARY = frozenset({"", "ContainerCreating", "PodInitializing"})


class _Reading(msgspec.Struct, gc=False):
    """What printPod keeps while it goes through the containers."""

    status: str
    total: int
    ready: int = 0
    restarts: int = 0
    container: str = ""

    def say(self, status: str, container: str) -> None:
        self.status, self.container = status, container


def _read_status(pod: wire.Pod) -> _Reading:
    status = pod.status
    inits = pod.spec.init_containers or ()
    sidecars = frozenset(c.name for c in inits if c.restart_policy == "Always")
    reading = _Reading(
        status=status.reason or status.phase, total=len(pod.spec.containers or ()) + len(sidecars)
    )
    for condition in status.conditions or ():
        if condition.type == "PodScheduled" and condition.reason == "SchedulingGated":
            reading.status = "SchedulingGated"
    initializing, sidecar_restarts = _read_init(status, sidecars, len(inits), reading)
    if not initializing or _has_condition(status, "Initialized"):
        reading.restarts = sidecar_restarts
        _read_containers(status, reading)
    if pod.metadata.deletion_timestamp is not None:
        if status.reason == "NodeLost":
            reading.say("Unknown", "")
        elif status.phase not in ("Succeeded", "Failed"):
            reading.say("Terminating", "")
    return reading


def _read_init(
    status: wire.PodStatus, sidecars: frozenset[str], total: int, reading: _Reading
) -> tuple[bool, int]:
    """Stops at the first init container that is not done; a started sidecar is passed."""
    sidecar_restarts = 0
    for index, container in enumerate(status.init_container_statuses or ()):
        reading.restarts += container.restart_count
        if container.name in sidecars:
            sidecar_restarts += container.restart_count
        state = container.state or wire.ContainerState()
        if state.terminated and state.terminated.exit_code == 0:
            continue
        if container.name in sidecars and container.started:
            reading.ready += container.ready
            continue
        if state.terminated:
            reading.say(f"Init:{_ended(state.terminated)}", container.name)
        elif state.waiting and state.waiting.reason not in ("", "PodInitializing"):
            reading.say(f"Init:{state.waiting.reason}", container.name)
        else:
            reading.say(f"Init:{index}/{total}", container.name)
        return True, sidecar_restarts
    return False, sidecar_restarts


def _read_containers(status: wire.PodStatus, reading: _Reading) -> None:
    has_running = False
    for container in reversed(status.container_statuses or ()):
        reading.restarts += container.restart_count
        state = container.state or wire.ContainerState()
        if state.waiting and state.waiting.reason:
            reading.say(state.waiting.reason, container.name)
        elif state.terminated:
            reading.say(_ended(state.terminated), container.name)
        elif container.ready and state.running:
            has_running = True
            reading.ready += 1
    if reading.status == "Completed" and has_running:
        reading.say("Running" if _has_condition(status, "Ready") else "NotReady", "")


def _ended(terminated: wire.Terminated) -> str:
    if terminated.reason:
        return terminated.reason
    if terminated.signal:
        return f"Signal:{terminated.signal}"
    return f"ExitCode:{terminated.exit_code}"


def _has_condition(status: wire.PodStatus, kind: str) -> bool:
    return any(c.type == kind and c.status == "True" for c in status.conditions or ())


def _containers(pod: wire.Pod) -> tuple[ContainerSummary, ...]:
    spec, status = pod.spec, pod.status
    found: list[ContainerSummary] = []
    deleting = pod.metadata.deletion_timestamp is not None
    _summarise(found, spec.init_containers, status.init_container_statuses, "init", deleting)
    _summarise(found, spec.containers, status.container_statuses, "container", deleting)
    _summarise(found, spec.ephemeral_containers, status.ephemeral_container_statuses, "ephemeral", deleting)
    return tuple(found)


def _summarise(
    found: list[ContainerSummary],
    containers: Sequence[wire.Container] | None,
    statuses: Sequence[wire.ContainerStatus] | None,
    role: str,
    deleting: bool,
) -> None:
    if not containers:
        return
    by_name = {status.name: status for status in statuses or ()}
    for container in containers:
        is_sidecar = role == "init" and container.restart_policy == "Always"
        status = by_name.get(container.name, _NO_STATUS)
        state, reason = container_state(status, deleting=deleting)
        found.append(
            ContainerSummary(
                name=intern(container.name),
                role="native-sidecar" if is_sidecar else role,
                state=state.value,
                reason=intern(reason),
                ready=status.ready,
                restarts=status.restart_count,
                image=intern(container.image),
            )
        )


_NO_STATUS = wire.ContainerStatus()


def _labels(labels: dict[str, str] | None) -> tuple[tuple[str, str], ...]:
    if not labels:
        return ()
    return tuple(sorted((intern(key), intern(value)) for key, value in labels.items()))
