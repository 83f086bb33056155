"""What the pod page says of Observe: may it, what was seen, what could not be read and how it could."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dashboard.error_pages import Problem, problem_of, say
from dashboard.identity import identity_of
from dashboard.observing import observations
from dashboard.pod_page import PodReading
from sidecars.cluster import Cluster
from sidecars.errors import SidecarsError
from sidecars.observe.joining import join
from sidecars.observe.observation import Basis, Call, ContainerRead, Listener, Observation
from sidecars.topology import Pod, State

REACHES = {
    "all": _("all addresses"),
    "loopback": _("this pod only"),
    "address": _("one address"),
    "unix": _("shared folders only"),
}
BASES = {
    Basis.FILES: _("an open file of a process"),
    Basis.UID: _("its user id"),
    Basis.ELIMINATION: _("elimination"),
    Basis.UNKNOWN: _("not known"),
}
STATES = {"established": _("open"), "recently-closed": _("recently closed")}
READ_ONLY = _("This dashboard is read-only: no command is run in a pod.")
NOT_RUNNING = _("No container of this pod runs.")
MISSING = _("Not permitted: %(verb)s %(resource)s in %(namespace)s.")
HELPED_FAILURES = ("no-shell",)


@dataclass(frozen=True, slots=True)
class ListenerLine:
    listener: Listener
    reach: str
    basis: str


@dataclass(frozen=True, slots=True)
class CallLine:
    call: Call
    where: str
    state: str
    basis: str


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A container that was not read whole; `link` leads to the offer of an ephemeral container."""

    read: ContainerRead
    reason: str
    link: str


@dataclass(frozen=True, slots=True)
class Seen:
    """`clock`: the time as it stands in the picture, which ages on paper as well."""

    time_s: float
    clock: str
    listeners: tuple[ListenerLine, ...]
    calls: tuple[CallLine, ...]
    unread: tuple[ReadLine, ...]
    count: int
    total: int
    host_network: bool


@dataclass(frozen=True, slots=True)
class Observe:
    """`hindrance` "": the button works."""

    address: str
    hindrance: str
    is_looking: bool
    problem: Problem | None
    seen: Seen | None


def with_observation(request: HttpRequest, ctx: str, reading: PodReading) -> PodReading:
    """What this viewer saw of late joins what is written."""
    observation = observations.of(identity_of(request), ctx, reading.pod.uid)
    return replace(reading, pod=join(reading.pod, observation)) if observation else reading


def seen_at_of(request: HttpRequest, ctx: str, uid: str) -> str:
    observation = observations.of(identity_of(request), ctx, uid)
    return _clock(observation) if observation else ""


def _clock(observation: Observation) -> str:
    return f"{datetime.fromtimestamp(observation.time_s, UTC):%H:%M:%S} UTC"


async def observe_values(request: HttpRequest, ctx: str, pod: Pod, cluster: Cluster) -> Observe:
    """For `pods/_observe.html` and `pods/_observed.html`. Asks for the viewer's rights; no command is run."""
    identity = identity_of(request)
    hindrance = await hindrance_of(cluster, pod)
    # Not registered in read-only mode.
    writable = not settings.SIDECAR_READ_ONLY
    address = reverse("observe", args=[ctx, pod.namespace, pod.name]) if writable else ""
    observation = observations.of(identity, ctx, pod.uid)
    problem = observations.problem_of(identity, ctx, pod.uid)
    return Observe(
        address=address,
        hindrance=hindrance,
        is_looking=observations.is_looking(identity, ctx, pod.uid),
        problem=problem_of(problem) if problem else None,
        seen=_seen(observation, ctx, pod) if observation else None,
    )


async def hindrance_of(cluster: Cluster, pod: Pod) -> str:
    if settings.SIDECAR_READ_ONLY:
        return str(READ_ONLY)
    if pod.is_template or not any(c.state in (State.RUNNING, State.STARTING) for c in pod.containers):
        return str(NOT_RUNNING)
    return await missing_right(cluster, pod.namespace, "exec", ("create", "get"))


async def missing_right(cluster: Cluster, namespace: str, subresource: str, verbs: tuple[str, ...]) -> str:
    """The first of the verbs on pods/<subresource> that the viewer lacks, in words; "" if none.

    A command over a WebSocket needs `get` today, and `create` too from Kubernetes 1.35 on: whoever
    may only read everything by a wildcard was never meant to run commands.
    """
    try:
        allowed = await asyncio.gather(
            *(cluster.may(verb, "pods", namespace, subresource=subresource) for verb in verbs)
        )
    except SidecarsError as error:
        return problem_of(error).sentence
    lacking = [verb for verb, is_allowed in zip(verbs, allowed, strict=True) if not is_allowed]
    if not lacking:
        return ""
    resource = f"pods/{subresource}"
    return str(MISSING) % {"verb": lacking[0], "resource": resource, "namespace": namespace}


def _seen(observation: Observation, ctx: str, pod: Pod) -> Seen:
    reads = observation.containers
    return Seen(
        time_s=observation.time_s,
        clock=_clock(observation),
        listeners=tuple(_listener(each) for each in observation.listeners),
        calls=tuple(_call(each) for each in observation.calls),
        unread=tuple(_unread(each, ctx, pod) for each in observation.unread),
        count=sum(each.state == "read" for each in reads),
        total=len(reads),
        host_network=observation.host_network,
    )


def _listener(listener: Listener) -> ListenerLine:
    return ListenerLine(listener, str(REACHES[listener.reach]), str(BASES[listener.basis]))


def _call(call: Call) -> CallLine:
    where = call.path or f"localhost:{call.port}"
    basis = max((call.source_basis, call.target_basis), key=list(Basis).index)
    return CallLine(call, where, str(STATES[call.state]), str(BASES[basis]))


def _unread(read: ContainerRead, ctx: str, pod: Pod) -> ReadLine:
    reason = say(read.reason.message, read.reason.parameters) if read.reason else ""
    can_help = read.failure in HELPED_FAILURES or (read.state == "partly" and bool(read.hidden))
    link = ""
    if can_help and not settings.SIDECAR_READ_ONLY:
        link = reverse("observe-helper", args=[ctx, pod.namespace, pod.name, read.name])
    return ReadLine(read, reason, link)
