"""Runs the script in a pod's containers, twice, and makes the observation from it.

Two samples a few seconds apart: a short call leaves its mark (TIME_WAIT) or is caught in one of them.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sidecars import errors
from sidecars.cluster.cluster import Cluster
from sidecars.cluster.exec import Outcome
from sidecars.fields import Json, items, mapping, text, truth
from sidecars.messages import Sentence
from sidecars.messages import gettext_noop as _
from sidecars.observe.helping import fixed_user, helpers_of
from sidecars.observe.matching import Runner, Sample, Surroundings
from sidecars.observe.observation import ContainerRead, Observation
from sidecars.observe.reading import observe
from sidecars.observe.readout import Readout, read_output
from sidecars.observe.script import COMMAND
from sidecars.observe.tables import Socket
from sidecars.states import read_conditions
from sidecars.topology import Pod

PAUSE_S = 2.0
COMMAND_S = 8.0
AT_ONCE = 4
ROWS_MOST = 100_000  # different ones of all tables together

NO_SHELL = _("It has no shell (sh) in which sockets could be read.")
NOT_RUNNING = _("It does not run.")
SLOW = _("It did not answer within %(seconds)s s.")
REFUSED = _("The cluster refused the command: %(cause)s")
BROKEN = _("The command failed: %(cause)s")
NO_TABLES = _("Its /proc shows no sockets.")


@dataclass(slots=True)
class _Tally:
    samples: list[Sample] = field(default_factory=list)
    failed: dict[str, ContainerRead] = field(default_factory=dict)
    raised: dict[str, errors.SidecarsError] = field(default_factory=dict)
    rows: dict[Socket, Socket] = field(default_factory=dict)

    def add(self, name: str, readout: Readout, attempt: int) -> None:
        """Containers of one network show the same sockets: each is kept once."""
        kept = tuple(
            self.rows.setdefault(socket, socket)
            for socket in readout.sockets
            if socket in self.rows or len(self.rows) < ROWS_MOST
        )
        is_cut = len(kept) < len(readout.sockets)
        readout = replace(readout, sockets=kept, is_complete=readout.is_complete and not is_cut)
        self.samples.append(Sample(name, readout, attempt))


async def observe_pod(cluster: Cluster, manifest: dict[str, Any], pod: Pod) -> Observation:
    """`manifest` and `pod` are the same pod. Takes about three seconds, at most twenty.

    Raises Forbidden without `create` or `get pods/exec`, NotFound when the pod was replaced
    meanwhile, and what came back where no container at all could be asked.
    """
    around = surroundings_of(manifest)
    tally = _Tally(failed=_not_running(manifest, around))
    for attempt in range(2):
        if attempt:
            await asyncio.sleep(PAUSE_S)
        await _sample_all(cluster, pod, around.runners, tally, attempt)
        if attempt == 0 and not tally.samples and tally.raised:
            raise next(iter(tally.raised.values()))
    now = await cluster.get("pods", pod.namespace, pod.name)
    if text(now, "metadata", "uid") != pod.uid:
        raise errors.NotFound(resource="pods", name=pod.name)
    # In a thread: a container may print tables that take seconds to match.
    seen = await asyncio.to_thread(observe, pod, around, tally.samples, tally.failed, time.time())
    ready = _ready(now)
    return replace(seen, settled=tuple(each for each in seen.settled if each in ready))


def _ready(manifest: Json) -> set[tuple[str, int]]:
    """A container that ended during the look had its ports closed."""
    return {(name, now.restarts) for name, now in read_conditions(manifest).items() if now.ready}


def surroundings_of(manifest: Json) -> Surroundings:
    """Who runs in the pod now; of the ephemeral containers only ours."""
    helpers = helpers_of(manifest)
    runners: list[Runner] = []
    for group in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for status in items(manifest, "status", group):
            name = text(status, "name")
            if not mapping(status, "state", "running") or (group.startswith("eph") and name not in helpers):
                continue
            uid, _gid = fixed_user(manifest, name)
            identifier = text(status, "containerID").rpartition("/")[2]
            # Root may become anybody: only another user's sockets are surely of that user.
            runners.append(Runner(name, identifier, uid or None, helpers.get(name, "")))
    spec = mapping(manifest, "spec")
    addresses = [text(each, "ip") for each in items(manifest, "status", "podIPs")]
    return Surroundings(
        runners=tuple(runners),
        host_network=truth(spec, "hostNetwork"),
        shares_processes=truth(spec, "shareProcessNamespace") or truth(spec, "hostPID"),
        pod_ips=tuple({*addresses, text(manifest, "status", "podIP")} - {""}),
    )


def _not_running(manifest: Json, around: Surroundings) -> dict[str, ContainerRead]:
    """Init containers that are done are over; what should run and does not is told."""
    known = {runner.name for runner in around.runners}
    spec = mapping(manifest, "spec")
    names = [text(raw, "name") for raw in items(spec, "containers")]
    names += [
        text(raw, "name") for raw in items(spec, "initContainers") if text(raw, "restartPolicy") == "Always"
    ]
    return {
        name: ContainerRead(name, "not-read", Sentence(NOT_RUNNING), "not-running")
        for name in names
        if name not in known
    }


async def _sample_all(
    cluster: Cluster, pod: Pod, runners: Sequence[Runner], tally: _Tally, attempt: int
) -> None:
    turns = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for runner in runners:
            if runner.name not in tally.failed:
                group.create_task(_sample(cluster, pod, runner.name, tally, attempt, turns))


async def _sample(
    cluster: Cluster, pod: Pod, name: str, tally: _Tally, attempt: int, turns: asyncio.Semaphore
) -> None:
    async with turns:
        try:
            outcome = await cluster.run_command(pod.namespace, pod.name, name, COMMAND, limit_s=COMMAND_S)
        except errors.SidecarsError as error:
            tally.raised[name] = error
            # English, as the cluster's own words are; the sentence around it is translated.
            reason = Sentence(REFUSED, {"cause": str(error)})
            tally.failed[name] = ContainerRead(name, "not-read", reason, "refused")
            return
    readout = read_output(outcome.stdout)
    if readout.has_tables:
        tally.add(name, readout, attempt)
        return
    code, reason = _why(outcome)
    tally.failed[name] = ContainerRead(name, "not-read", reason, code)


def _why(outcome: Outcome) -> tuple[str, Sentence]:
    if outcome.failure == "no-program":
        return "no-shell", Sentence(NO_SHELL)
    if outcome.failure == "not-running":
        return "not-running", Sentence(NOT_RUNNING)
    if outcome.failure == "time":
        return "time", Sentence(SLOW, {"seconds": int(COMMAND_S)})
    if outcome.failure in ("", "size"):
        return "other", Sentence(NO_TABLES)
    return "other", Sentence(BROKEN, {"cause": outcome.cause or outcome.failure})
