"""Logs of containers, pods and workloads: followed without loss, merged in the order of time."""

from sidecars.cluster.logs.merged import (
    OF_ALL,
    STREAMS_MOST,
    LogFrame,
    MergedLog,
    StreamState,
    read_merged,
)
from sidecars.cluster.logs.slots import slots
from sidecars.cluster.logs.sources import Found, LogSources
from sidecars.cluster.logs.targets import LogSource, LogStream, LogTarget, LogWish

__all__ = [
    "OF_ALL",
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
