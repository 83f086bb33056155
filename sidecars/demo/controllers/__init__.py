"""The controllers of the demo cluster: what kube-controller-manager, scheduler and kubelet do."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from ..store import Store
from .churn import Churn
from .cluster import SimulatedCluster

_clusters: WeakKeyDictionary[Store, SimulatedCluster] = WeakKeyDictionary()


def start(store: Store, tasks: asyncio.TaskGroup, *, speed: float = 1.0, churn_per_s: float = 0.0) -> None:
    """`speed` 20 makes a rollout twenty times as fast, for tests; visitors keep their pace."""
    cluster = _clusters[store] = SimulatedCluster(store, speed)
    cluster.catch_up()
    if churn_per_s > 0:
        Churn(store, cluster.world.clock, churn_per_s)
    tasks.create_task(cluster.follow(), name="demo-follow")
    tasks.create_task(cluster.world.clock.run(), name="demo-clock")


def cluster_of(store: Store) -> SimulatedCluster:
    return _clusters[store]
