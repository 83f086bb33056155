"""All controllers together, and which of them a change concerns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .. import discovery
from ..store import Obj, Store
from .clock import Clock
from .deployment import Deployments
from .endpoints import EndpointSlices, selects
from .garbage import GarbageCollector
from .job import Jobs
from .kubelet.agent import Kubelet
from .ordered import DaemonSets, StatefulSets
from .pods import epoch_s
from .replicaset import ReplicaSets
from .traffic import Traffic
from .world import World, controller_of

OWN = {"deployments": "deployment", "replicasets": "replicaset", "jobs": "job", "services": "endpointslice",
       "statefulsets": "statefulset", "daemonsets": "daemonset"}  # fmt: skip
OWNERS = {"Deployment": "deployment", "ReplicaSet": "replicaset", "Job": "job",
          "StatefulSet": "statefulset", "DaemonSet": "daemonset"}  # fmt: skip
QUIET_BEFORE_S = 600.0
SCENES = (*OWN, "pods")  # kinds that begin to live at their creationTimestamp


class SimulatedCluster:
    def __init__(self, store: Store, speed: float) -> None:
        self.store = store
        self._settling = False
        self.world = World(store, Clock(speed))
        self.world.clock.after_each = self.world.settle
        self.world.listeners.append(self._changed)
        self.kubelet = Kubelet(self.world)
        GarbageCollector(self.world)
        Deployments(self.world)
        ReplicaSets(self.world)
        Jobs(self.world)
        StatefulSets(self.world)
        DaemonSets(self.world)
        Traffic(self.world, self.kubelet)
        EndpointSlices(self.world)

    def catch_up(self) -> None:
        """Lets the scenes live from their creation until now."""
        self._feed = self.store.subscribe()
        past: list[tuple[float, str, Obj]] = []
        for kind in discovery.KINDS:
            for obj in self.store.list(kind):
                if kind in SCENES:
                    past.append((epoch_s(obj["metadata"]["creationTimestamp"]), kind, obj))
                else:
                    self.world.notice(kind, obj)
        now = self.world.clock.now()
        began = min((created for created, _, _ in past), default=now)
        for created, kind, obj in past:
            self.world.clock.at(created, self._noticer(kind, obj))
        self.world.clock.fast_forward(began, idle_until_s=now - QUIET_BEFORE_S)
        self.world.settle()

    def _noticer(self, kind: str, obj: Obj) -> Callable[[], None]:
        return lambda: self.world.notice(kind, obj)

    async def follow(self) -> None:
        async for _, kind, obj in self._feed:
            self.world.notice(kind, obj)
            if self.world.has_work and not self._settling:
                self._settling = True
                asyncio.get_running_loop().call_soon(self._settle)

    def _settle(self) -> None:
        self._settling = False
        self.world.settle()

    def _changed(self, kind: str, old: Obj | None, new: Obj | None) -> None:
        obj = new or old
        assert obj is not None
        namespace, name = obj["metadata"].get("namespace", ""), obj["metadata"]["name"]
        if kind in OWN and OWN[kind] in self.world.reconcilers:
            self.world.mark(OWN[kind], namespace, name)
        owner = controller_of(obj)
        if owner and OWNERS.get(owner["kind"]) in self.world.reconcilers:
            self.world.mark(OWNERS[owner["kind"]], namespace, owner["name"])
        if kind == "pods":
            for service in self.store.list("services", namespace):
                if selects(service, obj):
                    self.world.mark("endpointslice", namespace, service["metadata"]["name"])
