"""Logs of containers, pods and workloads: followed without loss, merged in the order of time."""

from sidecars.cluster.logs.merged import (
    OF_ALL,
    LogFrame,
    MergedLog,
    StreamState,
)
from sidecars.cluster.logs.slots import slots
from sidecars.cluster.logs.sources import Found, LogSources
from sidecars.cluster.logs.targets import (
    CRON_JOBS,
    SELECTOR,
    STREAMS_MOST,
    LogSource,
    LogStream,
    LogTarget,
    LogWish,
)
from sidecars.cluster.logs.whole import read_merged

__all__ = [
    "CRON_JOBS",
    "OF_ALL",
    "SELECTOR",
    "STREAMS_MOST",
    "Found",
    "LogFrame",
    "LogSource",
    "LogSources",
    "LogStream",
    "LogTarget",
    "LogWish",
    "MergedLog",
    "StreamState",
    "read_merged",
    "slots",
]
