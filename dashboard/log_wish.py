"""From an address to what is read: lines from where to where, and which container is the main one."""

import time
from collections.abc import Mapping
from typing import Any

from dashboard.chosen_main import choices_of
from dashboard.identity import Identity
from dashboard.log_ask import LogAsk
from dashboard.workload_page import Choices
from sidecars.cluster import Cluster
from sidecars.cluster.logs import LogWish
from sidecars.cluster.logs.sources import MainOf
from sidecars.errors import BadAddress
from sidecars.loglines import SECOND_NS
from sidecars.logplace import Cursor
from sidecars.messages import gettext_noop as _

UNSEEN_S = 60
BACKWARDS = _("The time range ends before it begins.")
FORWARDS = _("“until” in the address must be later than “since”.")


def wish_of(
    ask: LogAsk, cluster: Cluster, cursors: Mapping[str, Cursor] | None = None, *, live: bool = False
) -> LogWish:
    """`live`: it shares its streams with other views, so a later `since` must hold nothing back.

    Our clock knows the cluster's to a second only; what is read once keeps its `since` exactly, and raises
    BadAddress for a range that ends before it begins.
    """
    now_s = time.time() + cluster.clock_offset_s
    since_ns, until_ns, tail = ask.since_ns(now_s), ask.until_ns, ask.tail_lines
    if not live and since_ns is not None and until_ns is not None and until_ns < since_ns:
        raise BadAddress("until", BACKWARDS, advice=FORWARDS)
    if cursors:
        # A stream without a cursor had shown nothing: it is new, or was silent until now. What it wrote
        # while others were shown already, before it was found or by a slower clock, is still to come.
        oldest_ns = min(cursor.time_ns for cursor in cursors.values())
        since_ns, tail = max(since_ns or 0, oldest_ns - UNSEEN_S * SECOND_NS), None
    if live and since_ns is not None:
        since_ns = min(since_ns, int(now_s * SECOND_NS))
    follows = until_ns is None or until_ns > now_s * SECOND_NS
    return LogWish(tail, since_ns, until_ns, ask.is_previous, follows)


async def main_of(identity: Identity, ctx: str, ask: LogAsk) -> MainOf:
    """The viewer's own choices, for the sources that name no container."""
    open_sources = [source for source in ask.sources if not source.containers]
    choices = {
        namespace: await choices_of(identity, ctx, namespace)
        for namespace in {source.namespace for source in open_sources}
    }
    if not any(choices.values()):
        return lambda _pod: ""
    return lambda pod: _choice(choices.get(str(pod["metadata"].get("namespace")), {}), pod)


def _choice(choices: Choices, pod: Mapping[str, Any]) -> str:
    """By the names that its owner's workload, or the pod itself, may be known as."""
    metadata = pod["metadata"]
    names = {str(metadata.get("name", ""))}
    digest = (metadata.get("labels") or {}).get("pod-template-hash", "")
    for owner in metadata.get("ownerReferences") or ():
        names |= {owner.get("name", ""), str(owner.get("name", "")).removesuffix(f"-{digest}")}
    return next((container for (_resource, name), container in choices.items() if name in names), "")
