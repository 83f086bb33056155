"""Looks into pods on request, and keeps what was seen for some minutes: in memory, by who asked.

The tasks are this process's: a browser that leaves cuts nothing in two.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings

from dashboard.clusters import clusters
from dashboard.identity import Identity, local_identity
from dashboard.models import Activity, new_id
from dashboard.observe_record import FIELD_MANAGER, HELPER, OBSERVE, Target, record, target_of, unfinished
from sidecars.cluster import Cluster
from sidecars.cluster.observing import observe_pod
from sidecars.errors import NotFound, OutcomeUnknown, SidecarsError, Stale
from sidecars.fields import items, mapping, text
from sidecars.manifests import read_pod
from sidecars.messages import gettext_noop as _
from sidecars.observe.helping import Helper, helpers_of
from sidecars.observe.observation import Observation

log = logging.getLogger(__name__)

KEPT_S = 600.0
KEPT_MOST = 200
LONGEST_S = 45.0
START_S = 60.0
LOOK_S = 0.5

Phase = Activity.Phase
Key = tuple[str, str, str]  # identity, context, the pod's uid

SLOW = _("The pod did not answer in time.")
STUCK = _("The ephemeral container does not start: %(reason)s.")
STUCK_ADVICE = _("It stays in the pod as it is. Look at the pod's events; another image can be set.")


@dataclass(frozen=True, slots=True)
class PodName:
    context: str
    namespace: str
    name: str
    uid: str


class Observations:
    def __init__(self) -> None:
        self._kept: dict[Key, Observation] = {}
        self._problems: dict[Key, tuple[float, SidecarsError]] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._reconciler: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if not settings.SIDECAR_READ_ONLY:
            self._reconciler = asyncio.create_task(self._reconcile(), name="observations-reconciler")

    async def close(self) -> None:
        tasks = [task for task in (self._reconciler, *self._tasks.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def of(self, identity: Identity, context: str, uid: str) -> Observation | None:
        """What this identity saw in the pod of late; None once it is too old."""
        found = self._kept.get((identity.key, context, uid))
        return found if found and time.time() - found.time_s < KEPT_S else None

    def problem_of(self, identity: Identity, context: str, uid: str) -> SidecarsError | None:
        """Why the last try failed, until the next one."""
        at_s, error = self._problems.get((identity.key, context, uid), (0.0, None))
        return error if time.monotonic() - at_s < KEPT_S else None

    def is_looking(self, identity: Identity, context: str, uid: str) -> bool:
        return (identity.key, context, uid) in self._tasks

    async def observe(self, identity: Identity, pod: PodName, who: Mapping[str, Any], wait_s: float) -> None:
        """Starts to look, unless it looks already, and waits for it. How it ended: `of`, `problem_of`."""
        work = self._observe(identity, pod, who)
        await self._run((identity.key, pod.context, pod.uid), work, wait_s)

    async def add_helper(
        self, identity: Identity, pod: PodName, helper: Helper, who: Mapping[str, Any], wait_s: float
    ) -> None:
        """Adds the ephemeral container, waits until it runs, and looks through it.

        After a look that is under way, since it was confirmed; the same one is not added twice.
        """
        work = self._help(identity, pod, helper, who)
        await self._run((identity.key, pod.context, pod.uid), work, wait_s, adds=helper.name)

    async def _run(self, key: Key, work: Coroutine[Any, Any, None], wait_s: float, adds: str = "") -> None:
        name = adds or "look"
        task = self._tasks.get(key)
        if task is None or (adds and task.get_name() != name):
            task = asyncio.create_task(self._after(task, key, work), name=name)
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        else:
            work.close()
        await asyncio.wait({task}, timeout=wait_s)

    def _forget(self, key: Key, done: asyncio.Task[None]) -> None:
        if self._tasks.get(key) is done:
            del self._tasks[key]

    async def _after(
        self, earlier: asyncio.Task[None] | None, key: Key, work: Coroutine[Any, Any, None]
    ) -> None:
        try:
            if earlier is not None:
                await asyncio.wait({earlier})
            await self._guarded(key, work)
        except asyncio.CancelledError:
            if earlier is not None:
                earlier.cancel()
            raise
        finally:
            work.close()

    async def _guarded(self, key: Key, work: Coroutine[Any, Any, None]) -> None:
        self._problems.pop(key, None)
        try:
            await work
        except SidecarsError as error:
            if len(self._problems) >= KEPT_MOST:
                self._problems.clear()
            self._problems[key] = time.monotonic(), error
        except Exception:
            log.exception("Observing failed.")
            self._problems[key] = time.monotonic(), SidecarsError()

    async def _observe(self, identity: Identity, pod: PodName, who: Mapping[str, Any]) -> None:
        target = Target(identity.key, pod.context, pod.namespace, pod.name, pod.uid, new_id(), who)
        async with clusters.hold(identity, pod.context) as cluster:
            manifest = await _manifest(cluster, pod)
            await sync_to_async(record)(Phase.INTENT, OBSERVE, target)
            try:
                async with asyncio.timeout(LONGEST_S):
                    seen = await observe_pod(cluster, manifest, read_pod(manifest))
            except (SidecarsError, TimeoutError) as error:
                cause = {"cause": str(error)[:256]}
                await sync_to_async(record)(Phase.OUTCOME, OBSERVE, target, outcome="failed", facts=cause)
                raise error if isinstance(error, SidecarsError) else SidecarsError(SLOW) from error
            facts = {"containers": {each.name: each.state for each in seen.containers}}
            await sync_to_async(record)(Phase.OUTCOME, OBSERVE, target, outcome="done", facts=facts)
        self._keep((identity.key, pod.context, pod.uid), seen)

    def _keep(self, key: Key, seen: Observation) -> None:
        oldest = time.time() - KEPT_S
        kept = {k: o for k, o in self._kept.items() if o.time_s > oldest and k != key}
        while len(kept) >= KEPT_MOST:
            kept.pop(next(iter(kept)))
        self._kept = kept | {key: seen}

    async def _help(self, identity: Identity, pod: PodName, helper: Helper, who: Mapping[str, Any]) -> None:
        target = Target(identity.key, pod.context, pod.namespace, pod.name, pod.uid, new_id(), who)
        named = {"container": helper.name, "target": helper.target, "field_manager": FIELD_MANAGER}
        async with clusters.hold(identity, pod.context) as cluster:
            await sync_to_async(record)(Phase.INTENT, HELPER, target, facts=named)
            try:
                audit_id = await _write(cluster, pod, helper)
            except SidecarsError as error:
                facts = named | {"cause": str(error)[:256]}
                await sync_to_async(record)(Phase.OUTCOME, HELPER, target, outcome="failed", facts=facts)
                raise
            facts = named | {"audit_id": audit_id}
            await sync_to_async(record)(Phase.OUTCOME, HELPER, target, outcome="done", facts=facts)
            await _until_running(cluster, pod, helper.name)
        await self._observe(identity, pod, who)

    async def _reconcile(self) -> None:
        """What an earlier process left open: a look is over, a container is there or is not."""
        rows = await sync_to_async(unfinished)()
        for row in rows:
            if row.owner != local_identity().key:
                continue
            try:
                outcome = "stopped" if row.kind == OBSERVE else await _read_back(row)
                await sync_to_async(record)(Phase.OUTCOME, row.kind, target_of(row), outcome=outcome)
            except Exception as error:  # its cluster is away: the next start asks again
                log.warning("The outcome of %s is not known yet: %s", row.operation, error)


async def _manifest(cluster: Cluster, pod: PodName) -> dict[str, Any]:
    """Raises NotFound when another pod has taken the name."""
    manifest = await cluster.get("pods", pod.namespace, pod.name)
    if text(manifest, "metadata", "uid") != pod.uid:
        raise NotFound(resource="pods", name=pod.name)
    return manifest


async def _write(cluster: Cluster, pod: PodName, helper: Helper) -> str:
    """The server's audit id. A lost answer is read back."""
    try:
        written = await cluster.add_ephemeral(
            pod.namespace, pod.name, helper.container, uid=pod.uid, field_manager=FIELD_MANAGER
        )
        return written.audit_id
    except OutcomeUnknown:
        if helper.name in _ephemerals(await _manifest(cluster, pod)):
            return ""
        raise
    except Stale as error:
        raise NotFound(resource="pods", name=pod.name) from error


def _ephemerals(manifest: Mapping[str, Any]) -> set[str]:
    return {text(raw, "name") for raw in items(manifest, "spec", "ephemeralContainers")}


async def _until_running(cluster: Cluster, pod: PodName, name: str) -> None:
    """Raises Rejected with the kubelet's reason when it does not start in time."""
    clock = asyncio.get_running_loop().time
    ends = clock() + START_S
    reason = "ContainerCreating"
    while clock() < ends:
        manifest = await _manifest(cluster, pod)
        if name in helpers_of(manifest):
            return
        for status in items(manifest, "status", "ephemeralContainerStatuses"):
            if text(status, "name") == name:
                state = mapping(status, "state")
                reason = text(state, "waiting", "reason") or text(state, "terminated", "reason") or reason
                if mapping(state, "terminated"):
                    ends = clock()
        await asyncio.sleep(LOOK_S)
    raise SidecarsError(STUCK, advice=STUCK_ADVICE, reason=reason[:100])


async def _read_back(row: Activity) -> str:
    target = target_of(row)
    async with clusters.hold(local_identity(), target.context) as cluster:
        try:
            manifest = await cluster.get("pods", target.namespace, target.pod)
        except NotFound:
            return "failed"
    is_same = text(manifest, "metadata", "uid") == target.uid
    return "done" if is_same and row.record.get("container") in _ephemerals(manifest) else "failed"


observations = Observations()
