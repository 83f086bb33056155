"""Element ids: what `?sel=` holds and `data-rel` lists.

Parts of a name are joined by a dot, which no container, volume or Service name can hold, so
that two elements never share an id. Whatever else a hostile name holds is written as hex.
"""

import hashlib
import re

from sidecars.topology import Edge, Flow

UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
SYSTEM_VOLUMES = "v-system"
LONGEST_PATH = 80  # an address has to hold the id


def _safe(name: str) -> str:
    return UNSAFE.sub(_hex, name)


def _hex(match: re.Match[str]) -> str:
    return f"_{ord(match[0]):x}_"


def _safe_path(path: str) -> str:
    """A long one by its beginning and its hash."""
    written = _safe(path)
    if len(written) <= LONGEST_PATH:
        return written
    digest = hashlib.sha256(path.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{written[: LONGEST_PATH - 17]}.{digest}"


def service_id(name: str) -> str:
    return f"svc-{_safe(name)}"


def container_id(name: str) -> str:
    return f"c-{_safe(name)}"


def volume_id(name: str) -> str:
    """A real volume named "system" keeps apart from the chip of folded ones."""
    return "v-system." if name == "system" else f"v-{_safe(name)}"


def port_id(container: str, port: int, protocol: str = "TCP") -> str:
    suffix = "" if protocol.upper() == "TCP" else f".{_safe(protocol.lower())}"
    return f"p-{_safe(container)}.{port}{suffix}"


def unix_id(container: str, path: str) -> str:
    return f"p-{_safe(container)}.unix.{_safe_path(path)}"


def mount_id(container: str, volume: str, nth: int = 0) -> str:
    """`nth` counts the mounts of one volume in one container from 0."""
    suffix = f".{nth + 1}" if nth else ""
    return f"m-{_safe(container)}.{_safe(volume)}{suffix}"


def call_id(edge: Edge) -> str:
    where = str(edge.port) if edge.port is not None else f"unix.{_safe_path(edge.path)}"
    suffix = "" if edge.protocol in ("tcp", "unix") else f".{_safe(edge.protocol)}"
    target = _safe(edge.target) if edge.target is not None else ""
    return f"w-{_safe(edge.source)}.{target}.{where}{suffix}"


def flow_id(flow: Flow) -> str:
    return f"f-{_safe(flow.source)}.{_safe(flow.target)}.{_safe(flow.volume)}.{_safe_path(flow.path)}"


def more_flows_id(volume: str) -> str:
    return f"f-{_safe(volume)}.more"


def address(edge: Edge) -> str:
    """:8080, :8125/UDP, or the socket's path. TCP goes without saying."""
    return numbered(edge.port, edge.protocol) if edge.port is not None else edge.path


def numbered(port: int, protocol: str) -> str:
    return f":{port}" if protocol.upper() == "TCP" else f":{port}/{protocol.upper()}"


def target_id(edge: Edge) -> str | None:
    """The socket that a call ends in; None if nobody declares it."""
    if edge.target is None:
        return None
    if edge.port is None:
        return unix_id(edge.target, edge.path)
    return port_id(edge.target, edge.port, edge.protocol)


def more_ports_id(container: str) -> str:
    return f"p-{_safe(container)}.more"


def more_calls_id(container: str) -> str:
    return f"w-{_safe(container)}.more"
