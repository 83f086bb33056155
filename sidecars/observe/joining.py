"""What was seen joins what is written: one picture of a pod."""

from collections.abc import Iterable
from dataclasses import replace
from posixpath import basename

from sidecars.observe import contradictions
from sidecars.observe.observation import Basis, Call, Observation
from sidecars.topology import Confidence, Edge, Evidence, Pod

SOURCES = {"tcp": "/proc/net/tcp", "udp": "/proc/net/udp", "unix": "/proc/net/unix"}
BASES = {Basis.UID: " (uid)", Basis.ELIMINATION: " (by elimination)"}


def join(pod: Pod, observation: Observation) -> Pod:
    """Edges that were seen become `observed`, with their old evidence after the new; contradictions
    are added to the checks. Another pod's observation changes nothing."""
    if observation.uid and pod.uid and observation.uid != pod.uid:
        return pod
    checks = tuple(c for c in pod.checks if c.id not in contradictions.IDS)
    return replace(
        pod,
        edges=join_edges(pod.edges, observation.calls),
        checks=(*checks, *contradictions.find(observation, pod)),
    )


def join_edges(edges: tuple[Edge, ...], calls: Iterable[Call]) -> tuple[Edge, ...]:
    """In the order of the written ones; new ones after them.

    A call whose caller was not seen confirms the one edge that leads there. A written edge to
    nobody, or to another than the one who listens, gives way to what was seen.
    """
    left, added = list(edges), list[Edge]()
    for call in calls:
        matches = [edge for edge in left if _is_same(edge, call)]
        if call.source is None and len(matches) != 1:
            continue  # nobody to draw it from
        edge = _seen(call, matches[0] if matches else None)
        if matches:
            left[left.index(matches[0])] = edge
            left = [e for e in left if e is edge or not any(e is m for m in matches)]
        else:
            added.append(edge)
        left = [e for e in left if not _is_reversed(e, call)]
    return (*left, *added)


def _is_reversed(edge: Edge, call: Call) -> bool:
    """The direction of a unix socket is guessed from paths; seen, it is known."""
    return (
        call.protocol == edge.protocol == "unix"
        and edge.kind != "observed"
        and edge.source == call.target
        and basename(edge.path) == basename(call.path)
    )


def _is_same(edge: Edge, call: Call) -> bool:
    if edge.protocol != call.protocol or (call.source and edge.source != call.source):
        return False
    if call.protocol == "unix":
        # Two containers may mount the folder at different paths.
        return basename(edge.path) == basename(call.path) and edge.target in (None, call.target)
    return edge.port == call.port


def _seen(call: Call, written: Edge | None) -> Edge:
    source = call.source or (written.source if written else "")
    sure = call.source_basis is Basis.FILES and call.target_basis in (Basis.FILES, Basis.UNKNOWN)
    return Edge(
        source=source,
        target=call.target if call.target or written is None else written.target,
        port=call.port,
        protocol=call.protocol,
        path=written.path if written and written.path else call.path,
        kind="observed",
        confidence=Confidence.HIGH if sure or written else Confidence.MEDIUM,
        evidence=(_evidence(call), *(written.evidence if written else ())),
    )


def _evidence(call: Call) -> Evidence:
    state = call.state.replace("-", " ")
    times = f" ×{call.count}" if call.count > 1 else ""
    basis = max((call.source_basis, call.target_basis), key=list(Basis).index)
    text = f"{call.example} {state}{times}{BASES.get(basis, '')}"
    return Evidence(SOURCES[call.protocol], f"{call.source or '?'} → {call.target or '?'}", text)
