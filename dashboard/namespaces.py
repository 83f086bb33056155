"""Which namespaces a viewer can choose, and which one was chosen last."""

import time
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.contrib.sessions.backends.base import SessionBase

from sidecars import errors
from sidecars.cluster import Cluster

FRESH_S = 30.0
REMEMBERED = 20
CHOSEN_MOST = 20


@dataclass(frozen=True, slots=True)
class Namespaces:
    """`forbidden`: the cluster does not list them, so they are typed."""

    names: tuple[str, ...]
    forbidden: bool = False


_known: WeakKeyDictionary[Cluster, tuple[float, Namespaces]] = WeakKeyDictionary()


async def known_namespaces(cluster: Cluster) -> Namespaces:
    """At most half a minute old. A cluster that does not answer has none to offer."""
    at, found = _known.get(cluster, (float("-inf"), Namespaces(())))
    if time.monotonic() - at < FRESH_S:
        return found
    try:
        objects: list[dict[str, Any]] = await cluster.list("namespaces")
    except errors.Forbidden:
        found = Namespaces((), forbidden=True)
    except errors.ClusterError:
        return found
    else:
        found = Namespaces(tuple(sorted(o["metadata"]["name"] for o in objects)))
    _known[cluster] = (time.monotonic(), found)
    return found


def remembered(session: SessionBase, ctx: str) -> tuple[str, ...]:
    """Namespaces that this viewer chose before in this context, the last ones first."""
    return tuple(session.get(f"ns:{ctx}", ()))


def last_choice(session: SessionBase, ctx: str) -> tuple[str, ...]:
    return tuple(session.get(f"ns-last:{ctx}", ()))


def remember(session: SessionBase, ctx: str, namespaces: tuple[str, ...]) -> None:
    if last_choice(session, ctx) == namespaces:
        return
    session[f"ns-last:{ctx}"] = list(namespaces)
    if namespaces:
        kept = [n for n in remembered(session, ctx) if n not in namespaces]
        session[f"ns:{ctx}"] = [*namespaces, *kept][:REMEMBERED]
