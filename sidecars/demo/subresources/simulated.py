"""Logs of simulated pods: made when they are asked for, kept nowhere."""

from __future__ import annotations

import time
import zlib

from ..controllers.kubelet.logfile import Entry
from ..controllers.world import SIMULATED
from ..store import Obj

LINES, PERIOD_S = 50, 7


def is_simulated(pod: Obj) -> bool:
    return str(pod["spec"].get("nodeName", "")).startswith(SIMULATED)


def entries(pod: Obj, container: str) -> list[Entry]:
    """The same line at the same time, however often it is asked for."""
    seed = zlib.crc32(f"{pod['metadata']['uid']}{container}".encode())
    last = int(time.time()) // PERIOD_S * PERIOD_S
    times = range(last - (LINES - 1) * PERIOD_S, last + 1, PERIOD_S)
    return [Entry(each * 10**9 + seed % 10**9, f"tick {each} in {container}") for each in times]
