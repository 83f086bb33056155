"""What Observe did, on record: who looked into which pod, and which ephemeral containers it added."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from dashboard import VERSION, audit
from dashboard.models import Activity
from sidecars.errors import NotRecorded
from sidecars.messages import gettext_noop as _

OBSERVE, HELPER = "observe", "helper"
FIELD_MANAGER = "sidecar-dash.observe"


@dataclass(frozen=True, slots=True)
class Target:
    """A pod, and who looks at it. `operation` joins an intent to its outcome."""

    owner: str  # identity key
    context: str
    namespace: str
    pod: str
    uid: str
    operation: str
    who: Mapping[str, Any]


def record(
    phase: Activity.Phase,
    kind: str,
    target: Target,
    *,
    outcome: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """The line first, then the row. Raises NotRecorded; then nothing may be run or written."""
    line = {
        "time": timezone.now().isoformat(),
        "phase": str(phase),
        "kind": kind,
        "operation": target.operation,
        "outcome": outcome,
        "cluster": target.context,
        "gvk": "v1 Pod",
        "resource": "pods/exec" if kind == OBSERVE else "pods/ephemeralcontainers",
        "namespace": target.namespace,
        "name": target.pod,
        "uid": target.uid,
        "program": f"sidecar-dash/{VERSION}",
        **target.who,
        **(facts or {}),
    }
    audit.write_line(line)
    row = Activity(
        phase=phase,
        operation=target.operation,
        kind=kind,
        owner=target.owner,
        actor=str(target.who.get("actor", {}).get("username", "")),
        context=target.context,
        resource="pods",
        namespace=target.namespace,
        name=target.pod,
        outcome=outcome,
        record=line,
    )
    try:
        row.save(force_insert=True)
    except DatabaseError as error:
        raise NotRecorded(cause=_("the database is not writable")) from error


def unfinished() -> list[Activity]:
    """Intents that a process which ended left without an outcome."""
    ended = Activity.objects.filter(phase=Activity.Phase.OUTCOME).values("operation")
    return list(
        Activity.objects.filter(phase=Activity.Phase.INTENT, kind__in=(OBSERVE, HELPER)).exclude(
            operation__in=ended
        )
    )


def target_of(row: Activity) -> Target:
    line = row.record
    who = {key: line[key] for key in ("actor", "session", "client_ip", "request_id") if key in line}
    return Target(
        row.owner, row.context, row.namespace, row.name, str(line.get("uid", "")), row.operation, who
    )
