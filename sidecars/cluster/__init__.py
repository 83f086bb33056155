"""The door: the only folder that speaks HTTP to a cluster."""

from sidecars.cluster.access import WhoAmI
from sidecars.cluster.cluster import Cluster, ProxyAnswer, Written, connect
from sidecars.cluster.connection import ContextEntry, contexts
from sidecars.cluster.exec import Outcome
from sidecars.cluster.logs import LogSource, LogStream, LogTarget
from sidecars.cluster.reflections import Reflection

__all__ = [
    "Cluster",
    "ContextEntry",
    "LogSource",
    "LogStream",
    "LogTarget",
    "Outcome",
    "ProxyAnswer",
    "Reflection",
    "WhoAmI",
    "Written",
    "connect",
    "contexts",
]
