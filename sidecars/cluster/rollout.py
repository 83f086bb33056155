"""Following a Deployment's rollout: its counts, its pods and what is said about them.

Short polling, not a watch: three small reads a second while somebody waits, for a minute
or two, and nothing to repair after a cut. Source of `done`: kubectl's rollout status.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from sidecars import errors, wire
from sidecars.cluster.cluster import Cluster
from sidecars.cluster.failures import redact
from sidecars.cluster.transport import backoff
from sidecars.messages import gettext_noop as _
from sidecars.rows import ContainerSummary, epoch, pod_row

POLL_S = 0.7
EVENTS_EVERY = 3  # polls
EVENT_LIMIT = 20
EVENT_OBJECTS = 6
OUTAGE_S = 120.0

_REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True, slots=True)
class PodProgress:
    """`is_new`: made from the present template. `message`: why it does not go on, redacted."""

    name: str
    uid: str
    is_new: bool
    status: str
    ready: int
    total: int
    restarts: int
    deleting: bool
    containers: tuple[ContainerSummary, ...]
    message: str = ""


@dataclass(frozen=True, slots=True)
class EventLine:
    time: float  # seconds since the epoch, the cluster's clock
    type: str  # Normal | Warning
    reason: str
    message: str  # redacted
    object: str  # Pod/web-1
    count: int = 1


@dataclass(frozen=True, slots=True)
class RolloutState:
    """`failure`: the ReplicaSet cannot make pods (quota, Pod Security), redacted words.

    `unreadable`: what the identity may not list ("pods", "events", "replicasets").
    """

    generation: int
    observed_generation: int
    desired: int
    updated: int
    ready: int
    available: int
    paused: bool
    deadline_exceeded: bool
    pods: tuple[PodProgress, ...] = ()
    events: tuple[EventLine, ...] = ()
    done: bool = False
    failure: str = ""
    unreadable: tuple[str, ...] = ()
    total: int = 0  # old and new pods together


async def follow_rollout(
    cluster: Cluster, kind: str, namespace: str, name: str, uid: str
) -> AsyncIterator[RolloutState]:
    """The state now, then each time it changes; ends after the state that is done.

    Never gives up by itself while the API server answers: the caller has the deadline.
    Raises NotFound, Stale (another uid has the name), Forbidden, Unreachable after 2 minutes.
    """
    if kind != "deployments":
        raise errors.Unsupported(_("Only Deployments can be followed for now."))
    last: RolloutState | None = None
    events: tuple[EventLine, ...] = ()
    polls = attempt = 0
    loop = asyncio.get_running_loop()
    reached = loop.time()
    while True:
        try:
            state, objects = await _read(cluster, namespace, name, uid)
            if polls % EVENTS_EVERY == 0 or state.done:
                events, unreadable = await _events(cluster, namespace, objects)
                state = replace(state, unreadable=tuple(sorted({*state.unreadable, *unreadable})))
            elif last is not None:
                state = replace(state, unreadable=last.unreadable)
            state = replace(state, events=events)
            reached, attempt, polls = loop.time(), 0, polls + 1
        except (errors.Unreachable, errors.Busy):
            if loop.time() - reached > OUTAGE_S:
                raise
            await asyncio.sleep(backoff(attempt, top_s=5.0))
            attempt += 1
            continue
        if state != last:
            yield state
            last = state
        if state.done:
            return
        await asyncio.sleep(POLL_S)


async def _read(
    cluster: Cluster, namespace: str, name: str, uid: str
) -> tuple[RolloutState, list[tuple[str, str, str]]]:
    deployment = await cluster.get("deployments", namespace, name)
    if deployment["metadata"]["uid"] != uid:
        raise errors.Stale(resource="deployments", name=name)
    selector = selector_text(deployment["spec"].get("selector") or {})
    unreadable: list[str] = []
    sets = await _list_or_note(cluster, "replicasets", namespace, selector, unreadable)
    pods = await _list_or_note(cluster, "pods", namespace, selector, unreadable)
    own = [s for s in sets if _controller(s) == uid]
    revision = _annotation(deployment)
    newest = {s["metadata"]["uid"] for s in own if _annotation(s) == revision}
    mine = {s["metadata"]["uid"] for s in own}
    progress = [_progress(p, newest) for p in pods if not mine or _controller(p) in mine]
    progress.sort(key=lambda p: (not p.is_new, p.name))
    state = replace(_counts(deployment), pods=tuple(progress), unreadable=tuple(unreadable))
    told = [("Pod", p.name, p.uid) for p in progress if p.is_new and p.ready < p.total]
    told += [
        ("ReplicaSet", s["metadata"]["name"], s["metadata"]["uid"])
        for s in own
        if s["metadata"]["uid"] in newest
    ]
    return state, told[-EVENT_OBJECTS:]


def _counts(deployment: dict[str, Any]) -> RolloutState:
    spec, status = deployment["spec"], deployment.get("status") or {}
    conditions = {c.get("type"): c for c in status.get("conditions") or ()}
    failed = conditions.get("ReplicaFailure") or {}
    state = RolloutState(
        generation=int(deployment["metadata"].get("generation") or 0),
        observed_generation=int(status.get("observedGeneration") or 0),
        desired=1 if spec.get("replicas") is None else int(spec["replicas"]),
        updated=int(status.get("updatedReplicas") or 0),
        ready=int(status.get("readyReplicas") or 0),
        available=int(status.get("availableReplicas") or 0),
        paused=bool(spec.get("paused")),
        deadline_exceeded=(conditions.get("Progressing") or {}).get("reason") == "ProgressDeadlineExceeded",
        failure=redact(str(failed.get("message") or "")) if failed.get("status") == "True" else "",
        total=int(status.get("replicas") or 0),
    )
    observed = state.observed_generation >= state.generation
    replaced = state.updated >= state.desired and state.total <= state.updated
    return replace(
        state, done=observed and replaced and state.available >= state.updated and not state.paused
    )


def _progress(pod: dict[str, Any], newest: set[str]) -> PodProgress:
    row = pod_row(msgspec.convert(pod, wire.Pod))
    return PodProgress(
        name=row.name,
        uid=row.uid,
        is_new=_controller(pod) in newest,
        status=row.status,
        ready=row.ready,
        total=row.total,
        restarts=row.restarts,
        deleting=row.deleting,
        containers=row.containers,
        message=_message(pod.get("status") or {}),
    )


def _message(status: dict[str, Any]) -> str:
    """The first words that say why a pod does not go on: a container's, else the scheduler's."""
    for key in ("initContainerStatuses", "containerStatuses"):
        for container in status.get(key) or ():
            state = container.get("state") or {}
            said = (state.get("waiting") or state.get("terminated") or {}).get("message")
            if said:
                return redact(str(said))
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return redact(str(condition.get("message") or ""))
    return ""


async def _list_or_note(
    cluster: Cluster, resource: str, namespace: str, selector: str, unreadable: list[str]
) -> list[dict[str, Any]]:
    try:
        return await cluster.list(resource, namespace, label_selector=selector)
    except errors.Forbidden:
        unreadable.append(resource)
        return []


async def _events(
    cluster: Cluster, namespace: str, objects: list[tuple[str, str, str]]
) -> tuple[tuple[EventLine, ...], tuple[str, ...]]:
    found: list[EventLine] = []
    for kind, name, uid in objects:
        try:
            said = await cluster.list("events", namespace, field_selector=f"involvedObject.uid={uid}")
        except errors.Forbidden:
            return (), ("events",)
        found += [_event(event, f"{kind}/{name}") for event in said]
    found.sort(key=lambda event: event.time)
    return tuple(found[-EVENT_LIMIT:]), ()


def _event(event: dict[str, Any], about: str) -> EventLine:
    series = event.get("series") or {}
    when = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
    return EventLine(
        time=epoch(when or event["metadata"].get("creationTimestamp")),
        type=str(event.get("type") or "Normal"),
        reason=redact(str(event.get("reason") or ""), 63),
        message=redact(str(event.get("message") or "")),
        object=about,
        count=int(series.get("count") or event.get("count") or 1),
    )


def selector_text(selector: dict[str, Any]) -> str:
    """metav1.LabelSelector as the query parameter has it."""
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for requirement in selector.get("matchExpressions") or ():
        key, values = requirement["key"], ",".join(requirement.get("values") or ())
        parts.append(
            {
                "In": f"{key} in ({values})",
                "NotIn": f"{key} notin ({values})",
                "Exists": key,
                "DoesNotExist": f"!{key}",
            }[requirement["operator"]]
        )
    return ",".join(parts)


def _controller(thing: dict[str, Any]) -> str:
    owners = thing["metadata"].get("ownerReferences") or ()
    return next((str(o["uid"]) for o in owners if o.get("controller")), "")


def _annotation(thing: dict[str, Any]) -> str:
    return str((thing["metadata"].get("annotations") or {}).get(_REVISION, ""))
