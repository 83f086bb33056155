"""Which namespaces a viewer can choose, and which one was chosen last."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.contrib.sessions.backends.base import SessionBase

from sidecars import errors
from sidecars.cluster import Cluster

FRESH_S = 30.0
PATIENCE_S = 1.5  # a page does not wait longer for what it only offers
REMEMBERED = 20
CHOSEN_MOST = 20


@dataclass(frozen=True, slots=True)
class Namespaces:
    """`forbidden`: the cluster does not list them, so they are typed."""

    names: tuple[str, ...]
    forbidden: bool = False


_NEVER = (float("-inf"), Namespaces(()))
_known: WeakKeyDictionary[Cluster, tuple[float, Namespaces]] = WeakKeyDictionary()
_reading: WeakKeyDictionary[Cluster, asyncio.Task[None]] = WeakKeyDictionary()


async def known_namespaces(cluster: Cluster) -> Namespaces:
    """As a rule at most half a minute old. A cluster that is slow to answer offers what it last said."""
    at, found = _known.get(cluster, _NEVER)
    if time.monotonic() - at < FRESH_S:
        return found
    task = _reading.get(cluster)
    if task is None or task.done():
        task = _reading[cluster] = asyncio.create_task(_read(cluster), name="namespaces")
    await asyncio.wait({task}, timeout=PATIENCE_S)
    return _known.get(cluster, _NEVER)[1]


async def _read(cluster: Cluster) -> None:
    try:
        objects: list[dict[str, Any]] = await cluster.list("namespaces")
    except errors.Forbidden:
        found = Namespaces((), forbidden=True)
    except errors.SidecarsError:
        return
    else:
        found = Namespaces(tuple(sorted(o["metadata"]["name"] for o in objects)))
    _known[cluster] = (time.monotonic(), found)


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
