"""How a download is called: the cluster, the namespace, what, which containers, and when."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from dashboard.log_ask import LogAsk
from dashboard.log_links import ALL
from sidecars.cluster import LogStream

NAMED_MOST = 3
PART_MOST = 53  # all parts and the ending stay below the 255 bytes of a file system
_OTHER = re.compile(r"[^A-Za-z0-9.+-]+")


def file_name(ctx: str, ask: LogAsk, streams: Sequence[LogStream], now_s: float) -> str:
    """Without its ending. A part holds nothing that could end a header or mean something in a path."""
    names = [stream.target.container for stream in streams]
    is_all = all(source.containers == (ALL,) for source in ask.sources) and not (ask.hidden or ask.solo)
    parts = (
        ctx,
        _few([stream.target.namespace for stream in streams], "namespaces"),
        _few([source.name for source in ask.sources], "sources"),
        "all" if is_all else _few(names, "containers"),
        *(("previous",) if ask.is_previous else ()),
        f"{datetime.fromtimestamp(now_s, UTC):%Y%m%dT%H%M%SZ}",
    )
    return "_".join(_OTHER.sub("-", part)[:PART_MOST].strip(".-") or "x" for part in parts)


def _few(names: Sequence[str], noun: str) -> str:
    distinct = list(dict.fromkeys(names))
    return "+".join(distinct) if len(distinct) <= NAMED_MOST else f"{len(distinct)}-{noun}"
