"""The controllers of the demo cluster: what kube-controller-manager, scheduler and kubelet do."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from ..store import Store
from .cluster import SimulatedCluster

_clusters: WeakKeyDictionary[Store, SimulatedCluster] = WeakKeyDictionary()


def start(store: Store, tasks: asyncio.TaskGroup, *, speed: float = 1.0) -> None:
    """`speed` 20 makes a rollout twenty times as fast, for tests."""
    cluster = _clusters[store] = SimulatedCluster(store, speed)
    cluster.catch_up()
    tasks.create_task(cluster.follow(), name="demo-follow")
    tasks.create_task(cluster.world.clock.run(), name="demo-clock")


def cluster_of(store: Store) -> SimulatedCluster:
    return _clusters[store]
